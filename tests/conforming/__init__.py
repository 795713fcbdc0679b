"""A small family of another ministry that conforms, with something of everything: the kit's own tests change one thing of it at a time."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import strawberry

from plugins import (
    NO_MENTION,
    Column,
    Dated,
    Diploma,
    Family,
    Invalid,
    JuryGroup,
    Ladder,
    Line,
    Misfit,
    Outcome,
    Results,
    Sample,
    Session,
    Step,
    Text,
    Value,
    admitted,
    at,
    code_at,
    computed,
    detail,
    mark,
    parts,
    reached,
    refused,
    table,
    text,
    thresholds,
    whole,
)

HERE = Path(__file__).parent
LAW = "arrêté du 1er avril 2020, art. 3"
PASS = (Dated(Decimal(10), LAW),)
MENTIONS = (Dated(NO_MENTION, LAW, last=2021), Dated(thresholds(12, 14, 16), LAW, first=2022))

PORTS = table(HERE / "ports.csv", "ports", Text("Ports", "Ports"), LAW)


@strawberry.type(description="A voyage before the exam.")
class Voyage:
    ship: str = detail("ship", "Name of the ship")
    days: int = detail("days", "Days on board")


def summed(voyages: list[dict[str, int]] | None) -> int:
    """Days on board in all."""
    return sum(one["days"] for one in voyages or ())


@strawberry.type(description="Certificate of a sailor.")
class SailorCertificate(Diploma):
    port: str | None = detail("port", "Code of the port of the exam, when it is told")
    voyages: list[Voyage] = parts("voyages", "Voyages before the exam", most=20)
    days: int = computed((), summed, "Days on board", details=("voyages",))


def voyages(cell: str) -> Value:
    """`Belem:12|Marité:30` as ships with days."""
    days, listed = whole(1, 999), [one.partition(":") for one in cell.split("|")]
    if len(listed) > 20 or not all(ship for ship, _, _ in listed):
        raise Invalid(Text("n'est pas une liste de voyages", "is no list of voyages"), Text("écrire Belem:12", "write Belem:12"))
    return [{"ship": text(50)(ship), "days": days(count)} for ship, _, count in listed]


@cache
def ladder(year: int) -> Ladder:
    """What an average gives at a session."""
    passing, mentions = at(PASS, year), at(MENTIONS, year)
    assert passing is not None and mentions is not None
    return (*admitted(passing, mentions), Step(Decimal(0), refused(passing)))


def decide(results: Results, session: Session) -> Outcome | None:
    """What the average gives."""
    average = results.get("moyenne")
    return None if average is None else reached(ladder(session.year), average)


def check(results: Results, session: Session) -> Misfit | None:
    """Nobody sails for a year before the exam."""
    if summed(results.get("voyages")) <= 365:
        return None
    return Misfit("voyages", Text("dépassent un an", "are longer than a year"), Text("vérifier les jours", "check the days"))


family = Family(
    code="marin",
    label=Text("Brevet de marin", "Sailor's certificate"),
    ministry=Text("Mer", "Sea"),
    legal_basis=(LAW,),
    type=SailorCertificate,
    jury_groups=(
        JuryGroup("JUIN", Text("Juin", "June"), LAW),
        JuryGroup("SEPTEMBRE", Text("Septembre", "September"), LAW, first=2023),
    ),
    columns=(
        Column("moyenne", Text("Moyenne", "Average"), mark(), example="12,5"),
        Column("port", Text("Port", "Port"), text(4), detail="port", example="MRS", at_session=code_at(PORTS)),
        Column("voyages", Text("Voyages", "Voyages"), voyages, required=True, detail="voyages", example="Belem:12|Marité:30"),
    ),
    decide=decide,
    check=check,
    title_kinds=("MARIN",),
    titles=HERE / "titles.csv",
    first_session=2020,
    last_session=2030,
    tables=(PORTS,),
    lines=(Line("days", Text("Jours de mer", "Days at sea"), lambda diploma: str(diploma.days)),),
    cases=HERE / "cases.toml",
    samples=(Sample(HERE / "sample.csv", 2025, "10"),),
)
