"""Our own tables (`data/*.csv`) and weighted draws from them."""

import csv
from bisect import bisect
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

DATA = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The lines of the table `name`, in the order of the file, each by column."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def chance_of(*parts: object) -> Random:
    """A source of chance that depends on `parts` alone, the same on every machine."""
    return Random("/".join(str(part) for part in parts))  # noqa: S311  (invented people, no secret)


class Weighted(Generic[T]):
    """Values with weights, drawn in logarithmic time. Values of weight zero are never drawn."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        kept = [(value, weight) for value, weight in pairs if weight > 0]
        if not kept:
            raise ValueError("nothing to draw from: every weight is zero")
        self.values = [value for value, _ in kept]
        self.bounds = list(accumulate(weight for _, weight in kept))
        self.total = self.bounds.pop()

    def draw(self, chance: Random) -> T:
        """One value, with a probability proportional to its weight."""
        return self.values[bisect(self.bounds, chance.random() * self.total)]
