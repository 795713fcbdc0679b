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
from server.conformance.trying import alone

MOST_LINES = 500
"""Of one session: what is not drawn is told from these by chance alone."""

CELLS = ("0", "1", "5", "7,99", "8", "9,99", "10", "12", "20", "40", "60", "100", "120", "180", "700", "1000", "9999")
"""Among them are the lowest and the highest of what readers of numbers take."""


def edge_lines(family: Family, session: Session, *, whole: bool = False) -> Iterator[Results]:
    """Lines of a session, each with every column: nothing read, each edge by itself, then edges together, some of many.

    A `whole` one has a value in each required column, as those have that an import takes; there is none where no value is known.
    """
    choices = [edges(family, column, session, whole=whole) for column in family.columns]
    groups = [group.code for group in family.groups(session.year)] or [None]
    code = code_at(family, session.year)
    if all(choices):
        first = [values[0] for values in choices]
        yield _line(family, first, code if whole else None, groups[0])
        for place, values in enumerate(choices):
            yield from (_line(family, [*first[:place], value, *first[place + 1 :]], code, groups[0]) for value in values)
        yield from (_line(family, values, code, group) for *values, group in _some([*choices, groups]))


def told(line: Results) -> str:
    """What a line has, for a sentence."""
    return ", ".join(f"{name}={value!s:.40}" for name, value in line.items() if value is not None) or "nothing in it"


def edges(family: Family, column: Column, session: Session, *, whole: bool = False) -> list[Value]:
    """None unless it may not be, the example, and for a column of numbers the lowest, the highest and those next to a value of the law."""
    read = kept(alone(column.reader, session).answer or column.read)
    numbers: set[Decimal | int] = set()
    for cell in (*CELLS, *law_cells(family)):
        value = alone(read, cell).answer
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            numbers.add(value)
    example = alone(read, column.example).answer if column.example else None
    nothing = [] if whole and column.required else [None]
    return [*nothing, *([] if example is None else [example]), *sorted(numbers)]


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
