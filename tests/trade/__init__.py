"""A family of another ministry, as another distribution would bring it: titles, a table, nested parts, checks, and who is asked."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import strawberry

from plugins import (
    Column,
    Dated,
    Diploma,
    Elsewhere,
    Family,
    Invalid,
    JuryGroup,
    Misfit,
    Results,
    Session,
    Text,
    Value,
    code_at,
    code_of,
    detail,
    mark,
    parts,
    table,
    text,
)

HERE = Path(__file__).parent
LAW = "arrêté du 1er avril 2020"
PLACES = table(HERE / "places.csv", "places", Text("Lieux", "Places"), LAW)


@strawberry.type(description="A unit of the trade.")
class TradeUnit:
    code: str = detail("code", "Code")
    credits: list[int] | None = detail("credits", "Credits of its semesters")


@strawberry.type(description="Diploma of a trade.")
class Trade(Diploma):
    place: str | None = detail("place", "Code of its place, when it is told")
    units: list[TradeUnit] = parts("units", "Its units", most=20)


def units(cell: str) -> Value:
    """`U1:12,50:3/4|…`: units with their mark, which stays exact, and their credits."""
    made: list[Mapping[str, Value]] = []
    for one in cell.split("|"):
        code, given, credits = one.split(":")
        made.append({"code": code, "mark": mark()(given), "credits": [int(each) for each in credits.split("/")]})
    return made


def check(results: Results, session: Session) -> Misfit | None:
    """A best mark that no unit has."""
    best, listed = results["meilleure_note"], results["unites"]
    if best is None or listed is None or max(unit["mark"] for unit in listed) == best:
        return None
    return Misfit(
        "meilleure_note",
        Text("n'est celle d'aucune unité", "is that of no unit"),
        Text(f"corriger la note de {session.year}", f"correct the mark of {session.year}"),
    )


def remark(cell: str) -> Value:
    """What is kept is much longer than what is written."""
    if cell == "FORBIDDEN":
        raise Invalid(Text("est interdit", "is forbidden"), Text("l'ôter", "remove it"))
    return [cell] * 1000


REGIONAL = Elsewhere(Text("S'adresser à la direction régionale.", "Ask the regional office."), "https://example.fr/region")

FAMILY = Family(
    code="trade",
    label=Text("Métier", "Trade"),
    ministry=Text("Métiers", "Trades"),
    legal_basis=(LAW,),
    type=Trade,
    jury_groups=(JuryGroup("UNIQUE", Text("Groupe unique", "Only group"), LAW),),
    columns=(
        Column("lieu", Text("Lieu", "Place"), code_of(PLACES), detail="place", example="RDZ", at_session=code_at(PLACES)),
        Column("unites", Text("Unités", "Units"), units, detail="units", example="U1:12,50:3/4"),
        Column("meilleure_note", Text("Meilleure note", "Best mark"), mark(), example="12,50"),
        Column("mot", Text("Mot", "Word"), text(10), example="bien"),
        Column("remarque", Text("Remarque", "Remark"), remark, example="x"),
    ),
    decide=lambda results, session: None,
    title_kinds=("TRADE",),
    titles=HERE / "titles.csv",
    check=check,
    asked_at=(
        Dated("EXAM_SERVICE", LAW, last=1999),
        Dated("ESTABLISHMENT", LAW, first=2000, last=2009),
        Dated(REGIONAL, LAW, first=2010),
    ),
    tables=(PLACES,),
)

EXACT = Decimal("12.50")
