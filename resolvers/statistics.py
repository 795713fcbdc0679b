"""Counts without persons: what may be told of them, and the statements that count.

A count from 1 to 10 is not told. Neither is one from which such a count could be computed: the number of diplomas of a session is public
(`availability`), so that one hidden mention would be what is missing. docs/operators.md says the rule and why it holds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from db.statements import Database, statement
from graph.document_requests import DocumentRequestKind
from graph.enums import Mention
from graph.input import BadInput
from graph.statistics import MentionCount, RequestStatistics, SessionStatistics

SESSIONS = statement("statistics.sessions")
REQUESTS = statement("statistics.requests")

LEAST = 11
"""The smallest count that is told."""

NONE = "AUCUNE"
"""How the register calls the absence of a mention, in its counts."""

MENTIONS: Mapping[str, Mention | None] = {
    NONE: None,
    **{
        one.name: one
        for one in (Mention.ASSEZ_BIEN, Mention.BIEN, Mention.TRES_BIEN, Mention.TRES_BIEN_FELICITATIONS, Mention.PASSABLE)
    },
}
"""In the order of the answer. The first two are those that nearly every session awards most: they hide the others."""

MOST_YEARS, MOST_QUARTER_YEARS = 10, 2
PARIS = ZoneInfo("Europe/Paris")


class YearsRefused(BadInput):
    """The years asked for are too many, or end before they begin."""


def told(counts: tuple[int, ...]) -> tuple[int | None, ...]:
    """The parts of a total that may be told, of all who know the total; None for the others.

    Parts of a small total are hidden together. A small part is hidden with the first two, whatever these are, and with all when what is
    hidden comes to less than `LEAST`. So each hidden part of a total that is told could have ten values at least.
    """
    if sum(counts) < LEAST:
        return (None,) * len(counts)
    hidden = {place for place, count in enumerate(counts) if 0 < count < LEAST}
    if hidden:
        hidden |= {0, 1}
        if sum(counts[place] for place in hidden) < LEAST:
            hidden = set(range(len(counts)))
    return tuple(None if place in hidden else count for place, count in enumerate(counts))


async def of_sessions(
    database: Database, academies: list[str], first_year: int, last_year: int, family: str | None
) -> list[SessionStatistics]:
    """The published sessions of some years, by year, family and academy. Raises `YearsRefused`."""
    _check(first_year, last_year, MOST_YEARS)
    found = await SESSIONS.rows(database, academies=academies, first_year=first_year, last_year=last_year, family=family)
    return [
        SessionStatistics(
            academy_code=row["academy_code"],
            family_code=row["family"],
            session=row["year"],
            diplomas=_large(row["diplomas"]),
            mentions=_mentions(row["mentions"]) if row["mentions"] is not None else [],
        )
        for row in found
    ]


async def of_requests(database: Database, academies: list[str], first_year: int, last_year: int) -> list[RequestStatistics]:
    """What was asked and answered in the quarters of some years that are over. Raises `YearsRefused`.

    A quarter that is not over would change from one look to the next, by one request: the difference would tell which.
    """
    _check(first_year, last_year, MOST_QUARTER_YEARS)
    since = datetime(first_year, 1, 1, tzinfo=PARIS)
    until = min(datetime(last_year + 1, 1, 1, tzinfo=PARIS), quarter_began(datetime.now(UTC)))
    return [
        RequestStatistics(
            academy_code=row["academy_code"],
            year=row["year"],
            quarter=row["quarter"],
            kind=DocumentRequestKind[row["kind"]],
            received=_large(row["received"]),
            delivered=_large(row["delivered"]),
            refused=_large(row["refused"]),
            withdrawn=_large(row["withdrawn"]),
            median_days=row["median_days"] if row["answered"] >= LEAST else None,
        )
        for row in await REQUESTS.rows(database, academies=academies, since=since, until=until)
    ]


def quarter_began(moment: datetime) -> datetime:
    """When the quarter of a moment began, in Paris."""
    there = moment.astimezone(PARIS)
    return datetime(there.year, (there.month - 1) // 3 * 3 + 1, 1, tzinfo=PARIS)


def _mentions(counts: Mapping[str, int]) -> list[MentionCount]:
    shown = told(tuple(counts.get(name, 0) for name in MENTIONS))
    return [MentionCount(mention=mention, count=count) for mention, count in zip(MENTIONS.values(), shown, strict=True)]


def _large(count: int) -> int | None:
    return count if count >= LEAST else None


def _check(first_year: int, last_year: int, most: int) -> None:
    if not (1800 <= first_year <= last_year <= 9000 and last_year - first_year < most):
        raise YearsRefused(f"ask for 1 to {most} years")
