"""Where a diploma is to be found: in the register, still awaited, on paper at an exam service, or at its establishment."""

from datetime import date

from db.statements import Database, Row, statement
from graph.input import BadInput
from plugins.contract import Family

AVAILABILITY = statement("reference.availability")

LONGEST_SPAN = 60
"""Years in one answer: with every academy and family, some fifteen thousand rows."""


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
