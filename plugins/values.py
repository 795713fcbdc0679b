"""What a column of a family holds once read: nothing that a rule could change, exact in JSON, and of a bounded size."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from graph.text import Text
from plugins.contract import Invalid, Reader, Value

LONGEST = 20_000
"""Bytes of one value in JSON: a diploma is read whole by whoever asks for a part of it."""

SHORT = LONGEST // 6
"""Characters of which JSON never makes more bytes than that: a control character takes six."""

NUMBERS = frozenset({bool, int, Decimal})
"""They are as long as their cell."""

TOO_LARGE = (
    Text(f"donne une valeur de plus de {LONGEST // 1000} ko", f"gives a value of more than {LONGEST // 1000} kB"),
    Text("abréger la valeur", "shorten the value"),
)


def kept(read: Reader, most: int | None = None) -> Reader:
    """The same reader, whose lists are tuples and whose documents cannot be changed: a cell is read once for all lines that have it.

    It raises `Invalid` for a value that is too large, too, or a list of more than `most`, and `TypeError` for what is no `Value`.
    """
    longer = Text(f"donne plus de {most} éléments", f"gives more than {most} parts"), Text("en ôter", "remove some")

    def value(cell: str) -> Value:
        found: Any = read(cell)
        kind = type(found)
        # what nearly all are, of which it is known without writing them
        if kind in NUMBERS or (kind is str and len(found) <= SHORT):
            return found
        if kind is list and all(type(one) is str for one in found) and sum(map(len, found)) + len(found) <= SHORT:
            return tuple(found)
        found = _frozen(found)
        if len(written(found).encode()) > LONGEST:
            raise Invalid(*TOO_LARGE)
        if most is not None and isinstance(found, tuple) and len(found) > most:
            raise Invalid(*longer)
        return found

    return value


def _frozen(value: Value) -> Value:
    match value:
        case None | str() | int() | Decimal():
            return value
        case Mapping():
            return MappingProxyType({str(key): _frozen(one) for key, one in value.items()})
        case Sequence():
            return tuple(map(_frozen, value))
        case _:
            raise TypeError(f"{type(value).__name__} is no value of a column")


def _plain(value: object) -> Any:
    # a mark keeps its digits: 12.50 is not 12.5
    return dict[Any, Any](value) if isinstance(value, Mapping) else str(value)


written = json.JSONEncoder(ensure_ascii=False, default=_plain).encode
"""A value in JSON: decimals are texts with the digits that were given."""
