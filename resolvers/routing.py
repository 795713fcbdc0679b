"""Whom to ask for a diploma that was obtained somewhere, once: the desk of today, its exam service, or the establishment.

`availability` and the form of a request read the same statement here, so that they cannot say two things.
"""

from dataclasses import dataclass

from db.statements import Database, Row, statement
from graph.document_requests import SessionNeverHeld
from graph.reference import Academy, ExamService
from graph.stored import from_row
from graph.text import Text
from resolvers import request_rules
from resolvers.asked_elsewhere import of_family, of_ministry
from resolvers.availability import of_span
from resolvers.known_families import families_known, family_of
from resolvers.request_rules import Answer, Place

AVAILABILITY = statement("reference.availability")
LEVEL = statement("reference.level_of_title")

EARLIEST, LATEST = 1800, 2200
"""Years that a session may be asked about: beyond, it is a mistake of the keyboard."""


@dataclass(frozen=True)
class Obtained:
    """A diploma by where and when it was obtained. `country` is that of a centre abroad, `title_code` its national code, if known."""

    family: str
    year: int
    academy: str
    country: str | None = None
    title_code: str | None = None


@dataclass(frozen=True)
class Route:
    """Where a diploma is asked for: the academy as it was then, and the exam service of today, where one answers."""

    place: Place
    academy: Academy
    service: ExamService | None


async def routes(database: Database, obtained: Obtained) -> list[Route]:
    """Where a diploma is asked for: the academy named, or when it had no such session, those that merged into it and had.

    When none had, the one named, whose place says so; none when no such academy or family is known.
    """
    found = await _rows(database, obtained)
    if not found:
        return []
    elsewhere = await _elsewhere(database, obtained)
    return [_route(row, obtained, elsewhere) for row in _chosen(found, obtained)]


async def route(database: Database, obtained: Obtained) -> Route:
    """Where a diploma is asked for, by the academy as it was called then.

    Raises `SessionNeverHeld`, which says what sessions there are, and what the academy was called in that year.
    """
    found = await _rows(database, obtained)
    if not found:
        raise SessionNeverHeld.refuse(UNKNOWN.format(families=", ".join(families_known())), first_session=None, last_session=None)
    chosen = _chosen(found, obtained)
    [named] = [row for row in found if row["code"] == obtained.academy]
    if not _held(named):
        first, last = _bounds(named, obtained)
        raise SessionNeverHeld.refuse(_never(named, obtained, chosen), first_session=first, last_session=last)
    return _route(named, obtained, await _elsewhere(database, obtained))


async def _rows(database: Database, obtained: Obtained) -> list[Row]:
    if not EARLIEST <= obtained.year <= LATEST:
        return []
    asked = of_span(None, obtained.year, obtained.year, obtained.academy, obtained.family, obtained.country)
    return await AVAILABILITY.rows(database, **asked)


def _chosen(found: list[Row], obtained: Obtained) -> list[Row]:
    named = [row for row in found if row["code"] == obtained.academy]
    return named if _held(named[0]) else [row for row in found if _held(row)] or named


def _held(row: Row) -> bool:
    return row["state"] != "OUT_OF_SCOPE"


def _route(row: Row, obtained: Obtained, elsewhere: Answer | None) -> Route:
    place = Place(
        academy=row["code"], year=obtained.year, online=row["state"] == "AVAILABLE", abroad=row["kind"] == "ABROAD", desk=row["desk"],
        service_known=row["asked_service_code"] is not None, never=None if _held(row) else _never(row, obtained, []),
        elsewhere=elsewhere,
    )  # fmt: skip
    service = from_row(ExamService, row, None, "asked_") if place.service_known and elsewhere is None else None
    return Route(place, from_row(Academy, row), service)


async def _elsewhere(database: Database, obtained: Obtained) -> Answer | None:
    """What is answered where no exam service is: by the ministry of the title, unless the family has it; else by the family."""
    family = family_of(obtained.family)
    if obtained.title_code and (level := await LEVEL.row(database, title=obtained.title_code)):
        told = of_ministry(level["ministry"], obtained.title_code)
        if told is not None and level["kind"] not in family.title_kinds:
            return told
    return of_family(family.asked(obtained.year))


def _bounds(row: Row, obtained: Obtained) -> tuple[int | None, int | None]:
    """The first session of the family in that academy, when it is known, and the last until today; none when there was never one."""
    family = family_of(obtained.family)
    begun, ended = row["valid_from"], row["valid_until"]
    first = max((year for year in (family.first_session, begun and begun.year) if year), default=None)
    last = min(year for year in (family.last_session, ended and ended.year, request_rules.today().year) if year)
    return (None, None) if first is not None and first > last else (first, last)


def _never(row: Row, obtained: Obtained, instead: list[Row]) -> Text:
    first, last = _bounds(row, obtained)
    text = NONE_AT_ALL if last is None else UNTIL if first is None else BETWEEN
    names = ", ".join(f"{one['name']} ({one['code']})" for one in instead if _held(one))
    told = text.format(first=first, last=last)
    return Text(f"{told.fr} {INSTEAD.fr.format(names=names)}", f"{told.en} {INSTEAD.en.format(names=names)}") if names else told


UNKNOWN = Text(
    "Le registre ne connaît pas cette académie, cette année ou cette famille de diplômes. Familles connues : {families}. Pour un autre "
    "diplôme, s'adresser à l'établissement qui l'a délivré.",
    "The register does not know this academy, this year or this family of diplomas. Families known: {families}. For another diploma, ask "
    "the establishment that awarded it.",
)
UNTIL = Text("Il n'y a là de sessions que jusqu'en {last}.", "There are sessions there until {last} only.")
BETWEEN = Text("Il n'y a là de sessions que de {first} à {last}.", "There are sessions there from {first} to {last} only.")
NONE_AT_ALL = Text("Cette famille n'a jamais eu de session là.", "This family never had a session there.")
INSTEAD = Text("Cette année-là, l'académie était : {names}.", "In that year the academy was: {names}.")
