"""Where a diploma is to be found: in the register, still awaited, on paper at an exam service, or at its establishment."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from graph.input import BadInput
from graph.reading import Parameters
from resolvers.known_families import families_known

if TYPE_CHECKING:
    from resolvers.context import Context

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
    return {
        "academy": academy,
        "country": country,
        "families": [one.code for one in known],
        "first_sessions": [one.first_session for one in known],
        "last_sessions": [one.last_session for one in known],
        "at_establishment": [one.asked_at == "ESTABLISHMENT" for one in known],
        "from_year": from_year,
        "to_year": to_year,
        "current_year": date.today().year,
    }
