"""Where a diploma is to be found: in the register, still awaited, on paper at an exam service, or at its establishment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from db.statements import Database, Row, statement
from graph.input import BadInput
from plugins.contract import Family

AVAILABILITY = statement("reference.availability")

LONGEST_SPAN = 60
"""Years in one answer: with every academy and family, some fifteen thousand rows."""

MOST_ACADEMIES, MOST_MERGED, MOST_FAMILIES = 45, 5, 6
"""Academies, former ones included; an academy with those that merged into it; families, as ours are."""


def most_rows(given: Mapping[str, Any]) -> int:
    """How many rows the arguments of the field `availability` may have for answer."""
    first, last = given.get("from"), given.get("to")
    years = last - first + 1 if isinstance(first, int) and isinstance(last, int) else LONGEST_SPAN
    academies = MOST_MERGED if given.get("academy") else MOST_ACADEMIES
    families = 1 if given.get("family") else MOST_FAMILIES
    return min(max(years, 1), LONGEST_SPAN) * academies * families


class SpanRefused(BadInput):
    """The years asked for are too many, or end before they begin."""


async def available(
    database: Database, known: dict[str, Family], academy: str | None, from_year: int, to_year: int, today: date
) -> list[Row]:
    """A row for each academy (its former ones too, when one is asked for), family and year, in that order.

    Raises `SpanRefused` when the span is longer than `LONGEST_SPAN` years or negative.
    """
    if not 0 <= to_year - from_year < LONGEST_SPAN:
        raise SpanRefused(f"ask for 1 to {LONGEST_SPAN} years")
    return await AVAILABILITY.rows(
        database,
        academy=academy,
        families=list(known),
        first_sessions=[family.first_session for family in known.values()],
        last_sessions=[family.last_session for family in known.values()],
        at_establishment=[family.asked_at == "ESTABLISHMENT" for family in known.values()],
        from_year=from_year,
        to_year=to_year,
        current_year=today.year,
    )
