"""Rows in the binary format of COPY, which the server reads in three quarters of the time of text, and without an escape.

A field is its length and its bytes, so that fields made once can stand in many rows, joined as they are.
"""

from datetime import date
from struct import Struct

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""Before the first row."""

END = b"\xff\xff"
"""After the last row."""

ABSENT = b"\xff\xff\xff\xff"
"""A field that is null."""

TEXT_TYPE = 25
FIRST_DAY = date(2000, 1, 1).toordinal()

length = Struct(">i").pack
"""Four bytes before a value: how many follow."""

number_field = Struct(">ii").pack
"""`number_field(4, n)` is an integer."""

array_start = Struct(">iii").pack
array_bounds = Struct(">ii").pack

row_start = Struct(">h").pack
"""How many fields a row has."""


def field(value: bytes) -> bytes:
    """A bytea, a uuid, or UTF-8 as a text."""
    return length(len(value)) + value


def text_field(value: str | None) -> bytes:
    """A text."""
    if value is None:
        return ABSENT
    encoded = value.encode()
    return length(len(encoded)) + encoded


def texts_field(values: list[str] | None) -> bytes:
    """An array of texts; None has none."""
    if not values:
        return field(array_start(0, 0, TEXT_TYPE))
    return field(array_start(1, 0, TEXT_TYPE) + array_bounds(len(values), 1) + b"".join(map(text_field, values)))


def day_field(iso: str | None) -> bytes:
    """A date from its ISO 8601 form."""
    return ABSENT if iso is None else number_field(4, date.fromisoformat(iso).toordinal() - FIRST_DAY)


def small_field(value: int | None) -> bytes:
    """A smallint."""
    return ABSENT if value is None else field(value.to_bytes(2, signed=True))


def json_field(text: bytes) -> bytes:
    """A jsonb from its text."""
    return length(len(text) + 1) + b"\x01" + text
