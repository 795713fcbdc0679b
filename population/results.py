"""Which marks lead to which outcome: the rules are asked, not repeated.

`bands` finds by bisection the intervals of marks to which a family's `decide` gives the same outcome; `population.courses` then draws
marks inside the interval of the outcome that the figures call for. No mark here is a pass mark.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import NamedTuple

from graph.enums import Decision, Mention
from plugins import Family, Session, Value
from plugins.mentions import LETTERS

MENTION_CELLS: dict[Mention | None, str] = {None: ""} | {mention: letters for letters, mention in LETTERS.items()}


class Outcome(NamedTuple):
    """What the rules make of a line: the decisions they allow, the expected one first, and the mention."""

    decisions: tuple[Decision, ...]
    mention: Mention | None


@dataclass(frozen=True)
class Scale:
    """Marks from 0 to `top`, in steps of `1 / steps`; `texts` writes each of them with a comma."""

    top: int
    steps: int
    texts: tuple[str, ...]


def scale(top: int, steps: int) -> Scale:
    """The scale whose marks go from 0 to `top` by `1 / steps`."""
    decimals = len(str(steps - 1)) if steps > 2 else 1
    return Scale(top, steps, tuple(f"{index / steps:.{decimals}f}".replace(".", ",") for index in range(top * steps + 1)))


TWENTY = scale(20, 100)
POINTS = {top: scale(top, 2) for top in (400, 800)}


class Band(NamedTuple):
    """Consecutive marks, by their index on the scale, that have the same outcome."""

    outcome: Outcome | None
    low: int
    high: int

    @property
    def middle(self) -> int:
        """The index in the middle of the band."""
        return (self.low + self.high) // 2

    def expects(self, decision: Decision) -> bool:
        """Whether the rules expect this decision of the marks of the band."""
        return self.outcome is not None and self.outcome.decisions[0] is decision


class Mark(NamedTuple):
    """A cell to draw among `texts`: `lean` > 0 prefers high marks, < 0 low ones, 0 neither."""

    column: str
    texts: tuple[str, ...]
    lean: int

    def draw(self, chance: Random) -> str:
        """One mark of the band."""
        place = chance.random()
        if self.lean:
            other = chance.random()
            place = max(place, other) if self.lean > 0 else min(place, other)
        return self.texts[int(place * len(self.texts))]


@dataclass(frozen=True)
class Exam:
    """Where a family keeps its marks: the first mark, one that the rules look at beside it, and that of a second chance.

    `lowest` says that the mark beside is the lowest of those that the first one averages.
    """

    first: str
    beside: str | None = None
    again: str | None = None
    lowest: bool = False
    scale: Scale = TWENTY


class Rules:
    """The rules of a family at one session, asked with the fixed cells of one kind of candidate."""

    def __init__(self, family: Family, session: Session, exam: Exam, cells: Mapping[str, str], code: str) -> None:
        self.family = family
        self.session = session
        self.exam = exam
        self.found: dict[tuple[object, ...], list[Band]] = {}
        readers = {column.name: column.read for column in family.columns}
        read = {name: readers[name](cell) for name, cell in cells.items()}
        self.cells = dict(cells)
        self.given: dict[str, Value] = dict.fromkeys(readers, None) | {"code_diplome": code or None} | read

    def outcome(self, group: str, **marks: Decimal) -> Outcome | None:
        """What `decide` makes of those marks in that jury group."""
        found = self.family.decide(self.given | {"groupe": group} | marks, self.session)
        return None if found is None else Outcome(found.decisions, found.mention)

    def understood(self) -> bool:
        """Whether the session's rules read the first mark of this exam: they say something of the highest."""
        first, beside = self.exam.first, self.exam.beside
        group = self.family.groups(self.session.year)[0].code
        best = {first: self.value(first, len(self.scale(first).texts) - 1)} | ({beside: Decimal(20)} if beside else {})
        return self.outcome(group, **best) is not None

    def scale(self, column: str) -> Scale:
        """The scale of a column of marks."""
        return self.exam.scale if column == self.exam.first else TWENTY

    def value(self, column: str, index: int) -> Decimal:
        """The mark at an index of the column's scale."""
        return Decimal(index) / self.scale(column).steps

    def bands(self, group: str, column: str, **others: Decimal) -> list[Band]:
        """The bands of `column` in order, the other marks being fixed. No band may be narrower than a twentieth of the scale."""

        def ask(index: int) -> Outcome | None:
            return self.outcome(group, **others, **{column: self.value(column, index)})

        asked = (group, column, *sorted(others.items()))
        if asked not in self.found:
            self.found[asked] = list(bands(ask, len(self.scale(column).texts) - 1))
        return self.found[asked]

    def mark(self, column: str, low: int, high: int, lean: int) -> Mark:
        """The cells of a column between two indexes of its scale."""
        return Mark(column, self.scale(column).texts[low : high + 1], lean)


def bands(ask: Callable[[int], Outcome | None], last: int) -> Iterator[Band]:
    """The bands of the indexes 0 to `last`: steps of a twentieth, then bisection between two that differ."""
    step = max(1, last // 20)
    start, current = 0, ask(0)
    position = 0
    while position < last:
        following = min(position + step, last)
        found = ask(following)
        if found != current:
            low, high = position, following
            while high - low > 1:
                middle = (low + high) // 2
                if ask(middle) == current:
                    low = middle
                else:
                    high = middle
            yield Band(current, start, low)
            start, current = high, ask(high)
            position = high
        else:
            position = following
    yield Band(current, start, last)
