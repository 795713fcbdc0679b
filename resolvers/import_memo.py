"""What a reader makes of the cells of a column, remembered: in a file of a million lines most cells are old acquaintances."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from plugins.contract import Invalid

K = TypeVar("K")
V = TypeVar("V")

MOST = 50_000
"""Cells that a memo remembers: when it is full it forgets them all, so that memory does not grow with the file."""


class Memo(dict[K, V | None]):
    """What a reader makes of each cell; None where it raises `Invalid`. `refuses` once it did."""

    def __init__(self, read: Callable[[K], V]) -> None:
        super().__init__()
        self._read = read
        self.refuses = False

    def of(self, cells: Iterable[K]) -> list[V | None]:
        """What the reader makes of a column."""
        return list(map(self.__getitem__, cells))

    def __missing__(self, cell: K) -> V | None:
        if len(self) >= MOST:
            self.clear()
        self[cell] = read = self._read_or_none(cell)
        return read

    def _read_or_none(self, cell: K) -> V | None:
        try:
            return self._read(cell)
        except (Invalid, UnicodeDecodeError):
            self.refuses = True
            return None


class Unremembered(Memo[K, V]):
    """The same for a column whose cells are all different."""

    def of(self, cells: Iterable[K]) -> list[V | None]:
        """What the reader makes of a column."""
        return list(map(self._read_or_none, cells))
