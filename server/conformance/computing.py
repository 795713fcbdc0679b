"""What a family's Python makes of a published diploma: computed fields, and the lines of its attestation."""

from collections.abc import Iterator

from db.statements import Row
from plugins.contract import Family
from resolvers import rows
from resolvers.attestations import lines_of
from server.conformance.publishing import Published
from server.conformance.trying import alone, tried


def impure(family: Family, of: Published) -> Iterator[str]:
    """Diplomas whose fields or lines cannot be computed, come out otherwise the second time, or reach outside."""
    if not of.diplomas:
        yield from of.faults
    for row in of.diplomas:
        said = f"the diploma of candidate {row['candidate_number']} in {row['session_year']}"
        first, again = tried(_computed, family, row), alone(_computed, family, row)
        if (failed := first if first.error is not None else again).error is not None:
            yield f"{said}: its fields or lines cannot be computed, {failed.raised}"
        elif first.answer != again.answer:
            yield f"{said}: its fields or lines are not the same when they are computed again"


def _computed(family: Family, row: Row) -> tuple[object, ...]:
    diploma = rows.diploma(row)
    return diploma, lines_of(family, diploma)
