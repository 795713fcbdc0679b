"""A file that waits for its seal: complete but for the moment and the signature."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

MOMENT = "%Y%m%d%H%M%S"


@dataclass(frozen=True, repr=False)
class Prefix:
    """The bytes with which every document of a template begins, and their SHA-256 so far."""

    content: bytes
    state: "Any"

    @staticmethod
    def of(content: bytes) -> "Prefix":
        """The prefix of these bytes."""
        return Prefix(content, sha256(content))


@dataclass(frozen=True, repr=False)
class Draft:
    """A file but for its seal: `prefix`, `head`, a hole of `hole` hexadecimal digits between `<` and `>`, `foot`.

    The byte range of the signature (ISO 32000-1, 12.8.1) is all of it but the hole and its two marks, which neither `head` nor `foot` has.
    `moment` is where in `head` stand the fourteen digits of /M, zeros until the file is sealed.
    """

    prefix: Prefix
    head: bytes
    hole: int
    foot: bytes
    moment: int

    def at(self, moment: datetime) -> "Draft":
        """The same file, said to be sealed at `moment` (to the second, UTC)."""
        digits = moment.astimezone(UTC).strftime(MOMENT).encode()
        head = b"".join((self.head[: self.moment], digits, self.head[self.moment + len(digits) :]))
        return Draft(self.prefix, head, self.hole, self.foot, self.moment)

    def digest(self) -> bytes:
        """The SHA-256 of the byte range."""
        state = self.prefix.state.copy()
        state.update(self.head)
        state.update(self.foot)
        return state.digest()

    def filled(self, contents: bytes = b"") -> bytes:
        """The whole file, with the signature `contents` (DER). Raises `ValueError` when the hole is too small for it."""
        digits = contents.hex().encode()
        if len(digits) > self.hole:
            raise ValueError(f"the signature has {len(digits)} digits, the hole {self.hole}")
        return b"".join((self.prefix.content, self.head, b"<", digits.ljust(self.hole, b"0"), b">", self.foot))
