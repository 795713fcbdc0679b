"""Where a diploma is to be found: in the register, still awaited, on paper at an exam service, or at its establishment."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.input import BadInput
from graph.reading import Parameters
from plugins.contract import AskedAt, Elsewhere, Family
from resolvers.known_families import families_known

if TYPE_CHECKING:
    from resolvers.context import Context

LONGEST_SPAN = 60
"""Years in one answer: with every academy and family, some fifteen thousand rows."""

MOST_ACADEMIES, MOST_MERGED = 45, 5
"""Academies, former ones included; an academy with those that merged into it."""


def most_rows(given: Mapping[str, Any]) -> int:
    """How many rows the arguments of the field `availability` may have for answer."""
    first, last = given.get("from"), given.get("to")
    years = last - first + 1 if isinstance(first, int) and isinstance(last, int) else LONGEST_SPAN
    academies = MOST_MERGED if given.get("academy") else MOST_ACADEMIES
    known = 1 if given.get("family") else len(families_known())
    return min(max(years, 1), LONGEST_SPAN) * academies * known


class SpanRefused(BadInput):
    """The years asked for are too many, or end before they begin."""


def of_span(
    context: "Context | None",  # noqa: ARG001
    from_year: Annotated[int, strawberry.argument(name="from", description="First year")],
    to_year: Annotated[int, strawberry.argument(name="to", description="Last year, at most 59 later")],
    academy: Annotated[
        str | None, strawberry.argument(description="One academy, with those that merged into it, instead of all")
    ] = None,
    family: Annotated[str | None, strawberry.argument(description="One family instead of all")] = None,
    country: Annotated[
        str | None, strawberry.argument(description="For centres abroad: code of the country in the Code officiel géographique")
    ] = None,
) -> Parameters:
    """Each academy (its former ones too, when one is asked for), family and year, in that order.

    Raises `SpanRefused` when the span is longer than `LONGEST_SPAN` years or negative.
    """
    if not 0 <= to_year - from_year < LONGEST_SPAN:
        raise SpanRefused(f"ask for 1 to {LONGEST_SPAN} years")
    known = [one for code, one in families_known().items() if family in (None, code)]
    spans = [(one, *span) for one in known for span in _spans(one, from_year, to_year)]
    elsewhere = [asked if isinstance(asked, Elsewhere) else None for _, asked, _, _ in spans]
    return {
        "academy": academy,
        "country": country,
        "families": [one.code for one, _, _, _ in spans],
        "first_sessions": [one.first_session for one, _, _, _ in spans],
        "last_sessions": [one.last_session for one, _, _, _ in spans],
        "asked": [asked if isinstance(asked, str) else "ELSEWHERE" for _, asked, _, _ in spans],
        "asked_from": [first for _, _, first, _ in spans],
        "asked_to": [last for _, _, _, last in spans],
        "instructions_fr": [one and one.instructions.fr for one in elsewhere],
        "instructions_en": [one and one.instructions.en for one in elsewhere],
        "websites": [one and one.website for one in elsewhere],
        "current_year": date.today().year,
    }


def _spans(family: Family, first: int, last: int) -> Iterator[tuple[AskedAt, int, int]]:
    """Who is asked for the diplomas of a family, from which year to which."""
    if not isinstance(family.asked_at, tuple):
        yield family.asked_at, first, last
        return
    for asked, years in groupby(range(first, last + 1), family.asked):
        listed = list(years)
        yield asked, listed[0], listed[-1]
