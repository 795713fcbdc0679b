"""Lines that rules may meet: empty, at the edges of each mark, and those of the worked cases."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from plugins.cases import COMMON
from plugins.contract import Column, Family, Results, Session, Value
from plugins.values import kept
from server.conformance.law import code_at, dated
from server.conformance.trying import tried

MOST_LINES = 500
"""Of one session: what is not drawn is told from these by chance alone."""

CELLS = ("0", "1", "5", "7,99", "8", "9,99", "10", "12", "20", "40", "60", "100", "120", "180", "700", "1000", "9999")
"""Among them are the lowest and the highest of what readers of numbers take."""

def edge_lines(family: Family, session: Session) -> Iterator[Results]:
    """Lines of a session, each with every column: nothing read, each edge by itself, then edges together, some of many."""
    choices = [edges(family, column, session) for column in family.columns]
    groups = [group.code for group in family.groups(session.year)] or [None]
    code = code_at(family, session.year)
    yield _line(family, [None] * len(choices), None, groups[0])
    yield from (_line(family, values, code, groups[0]) for values in _one_at_a_time(choices))
    yield from (_line(family, values, code, group) for *values, group in _some([*choices, groups]))


def told(line: Results) -> str:
    """What a line has, for a sentence."""
    return ", ".join(f"{name}={value!s:.40}" for name, value in line.items() if value is not None) or "nothing in it"


def edges(family: Family, column: Column, session: Session) -> list[Value]:
    """None, the example, and for a column of numbers the lowest, the highest and those next to a value of the law."""
    read = kept(column.reader(session))
    numbers: set[Decimal | int] = set()
    for cell in (*CELLS, *law_cells(family)):
        value = tried(read, cell).answer
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            numbers.add(value)
    example = tried(read, column.example).answer if column.example else None
    found: list[Value] = [None, *([example] if example is not None else [])]
    return [*found, *sorted(numbers)] if numbers else found


def law_cells(family: Family) -> Iterator[str]:
    """Cells at each number of the law that the family's module declares, and a hundredth to either side."""
    for value in dated(family):
        for number in _numbers(value.value):
            for near in (Decimal("-0.01"), Decimal(0), Decimal("0.01")):
                yield f"{number + near:f}".replace(".", ",")


def _numbers(value: object) -> Iterator[Decimal]:
    if isinstance(value, tuple | list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, Decimal | int) and not isinstance(value, bool):
        yield Decimal(value)


def _one_at_a_time(choices: list[list[Value]]) -> Iterator[list[Value]]:
    for place, values in enumerate(choices):
        for value in values:
            yield [value if place == at else None for at in range(len(choices))]


def _some(choices: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Every combination of the edges, or as many drawn always in the same way."""
    count = 1
    for values in choices:
        count *= len(values)
    if count <= MOST_LINES:
        yield from product(*choices)
        return
    random = Random(1)  # noqa: S311
    for _ in range(MOST_LINES):
        yield tuple(random.choice(values) for values in choices)


def _line(family: Family, values: list[Value], code: str | None, group: str | None) -> Results:
    names = (column.name for column in family.columns)
    return dict(zip(names, values, strict=True)) | dict(zip(COMMON, (group, code), strict=True))
