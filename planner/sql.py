"""Text of an answer as SQL: constants and expressions put side by side.

Two characters that JSON never contains raw (RFC 8259 §7 has them escaped) carry what SQL cannot say itself: a hole is `␁number:[values]␂`,
which Python fills, and `␃` stands where the answer has an error, so that the other executor gives it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

HOLE_BEGINS, HOLE_ENDS, REFUSED = "\x01", "\x02", "\x03"


@dataclass(frozen=True)
class Constant:
    """A part of the answer that is the same for every row."""

    text: str


Piece: TypeAlias = Constant | str
"""A constant, or an SQL expression of type text that is never null."""

REFUSAL = Constant(REFUSED)


def literal(text: str) -> str:
    """A text as an SQL literal, whatever it contains."""
    quoted = text.replace("'", "''")
    if any(mark in quoted for mark in ("\\", HOLE_BEGINS, HOLE_ENDS, REFUSED, "\n")):
        escaped = quoted.replace("\\", "\\\\").replace("\n", "\\n")
        for mark in (HOLE_BEGINS, HOLE_ENDS, REFUSED):
            escaped = escaped.replace(mark, f"\\x0{ord(mark)}")
        return f"E'{escaped}'"
    return f"'{quoted}'"


def joined(pieces: Iterable[Piece]) -> str:
    """The pieces one after the other, as one SQL expression; constants that touch become one."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Constant) and merged and isinstance(merged[-1], Constant):
            merged[-1] = Constant(merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return " || ".join(literal(piece.text) if isinstance(piece, Constant) else piece for piece in merged) or "''"


def separated(items: Iterable[list[Piece]], separator: str = ",") -> list[Piece]:
    """The items with a separator between them."""
    pieces: list[Piece] = []
    for item in items:
        pieces += ([Constant(separator)] if pieces else []) + item
    return pieces


def array_literal(values: Iterable[object]) -> str:
    """An array of texts, numbers, booleans or nulls as PostgreSQL writes it (documentation, 8.15.6)."""

    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
