"""What lines of a file amount to, in their order: how many were taken, whether each candidate stands once, what a release would publish.

All of it is known while the lines are read, so that nothing of it needs a second look at a million rows.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from hashlib import sha256
from operator import lt
from typing import NamedTuple

DIGEST = 32
"""Bytes of a content hash (SHA-256)."""


class Portion(NamedTuple):
    """Lines that follow each other.

    `first` and `last` are the candidate numbers at the ends; `ascending` says that each is greater than the one before, and so that none
    stands twice. `published` is the content hashes of those who are admitted, one after the other.
    """

    lines: int
    first: bytes
    last: bytes
    ascending: bool
    published: bytes

    def then(self, next: "Portion") -> "Portion":
        """These lines and those that follow them."""
        if not self.lines or not next.lines:
            return self if self.lines else next
        ascending = self.ascending and next.ascending and self.last < next.first
        return Portion(self.lines + next.lines, self.first, next.last, ascending, self.published + next.published)


NOTHING = Portion(0, b"", b"", ascending=True, published=b"")


class Rows(NamedTuple):
    """Rows for COPY; of each, its line, the field of its candidate number, and the content hash if a release would publish it."""

    content: bytes
    lines: Sequence[int]
    candidates: list[bytes]
    published: list[bytes]

    def joined(self, more: "Rows") -> "Rows":
        """These rows and more: their content as it comes, the rest in the order of lines."""
        if not more.lines:
            return self
        mine, others = (zip(*rows[1:], strict=True) for rows in (self, more))
        lines, candidates, published = zip(*sorted([*mine, *others]), strict=True)
        return Rows(self.content + more.content, lines, list(candidates), list(published))

    def portion(self) -> Portion:
        """What they amount to."""
        if not self.lines:
            return NOTHING
        ascending = all(map(lt, self.candidates, self.candidates[1:]))
        return Portion(len(self.lines), self.candidates[0], self.candidates[-1], ascending, b"".join(self.published))


class Contents(NamedTuple):
    """What a staged import holds: how many lines, how many diplomas a release would publish, and the hash of these."""

    accepted: int
    admitted: int
    hash: bytes


class Sum:
    """What the portions of a file amount to so far, in memory that does not grow with it."""

    def __init__(self) -> None:
        self._whole, self._admitted, self._hash = NOTHING, 0, sha256()

    def add(self, portion: Portion) -> None:
        """The portion that follows."""
        self._admitted += len(portion.published) // DIGEST
        self._hash.update(portion.published)
        self._whole = self._whole.then(portion._replace(published=b""))

    def contents(self) -> Contents | None:
        """What the whole file holds, or None when a candidate may stand on several lines."""
        whole = self._whole
        return Contents(whole.lines, self._admitted, self._hash.digest()) if whole.ascending else None


NO_ROWS = Rows(b"", (), [], [])


def followed(portions: Iterable[Portion]) -> Portion:
    """Portions one after the other."""
    return reduce(Portion.then, portions, NOTHING)
