"""Readers of cells that several families share. Each turns a non-empty cell into a value or raises `Invalid`."""

import re
from collections.abc import Callable
from decimal import Decimal

from graph.text import Text
from plugins.contract import Invalid, Value

LONGEST_NUMBER = 18
"""Digits of a whole number, which the register and its clients hold exactly."""

NUMBER = re.compile(r"\d{1,4}(?:[.,]\d{1,3})?")


def mark(highest: int = 20) -> Callable[[str], Value]:
    """A reader of marks from 0 to `highest`, with a comma or a point and at most three decimals: `12,5` is Decimal("12.5")."""
    wrong = Text(
        f"n'est pas une note de 0 à {highest}",
        f"is not a mark from 0 to {highest}",
    )
    remedy = Text(
        f"donner un nombre de 0 à {highest}, trois décimales au plus, par exemple 12,5",
        f"give a number from 0 to {highest} with three decimals at most, for example 12,5",
    )

    def read(cell: str) -> Value:
        if NUMBER.fullmatch(cell) is None:
            raise Invalid(wrong, remedy)
        value = Decimal(cell.replace(",", "."))
        if value > highest:
            raise Invalid(wrong, remedy)
        return value

    return read


def one_of(*allowed: str) -> Callable[[str], Value]:
    """A reader of one word of a closed list, in any case."""

    def read(cell: str) -> Value:
        word = cell.upper()
        if word not in allowed:
            listed = ", ".join(allowed)
            raise Invalid(
                Text("n'est pas une valeur admise", "is not an allowed value"),
                Text(f"employer l'une de : {listed}", f"use one of: {listed}"),
            )
        return word

    return read


def several_of(*allowed: str) -> Callable[[str], Value]:
    """A reader of a list of words of a closed list, separated by `|`."""
    word = one_of(*allowed)
    return lambda cell: [str(word(part.strip())) for part in cell.split("|") if part.strip()]


def text(longest: int) -> Callable[[str], Value]:
    """A reader of free text of at most `longest` characters."""

    def read(cell: str) -> Value:
        if len(cell) > longest:
            raise Invalid(
                Text(f"dépasse {longest} caractères", f"is longer than {longest} characters"),
                Text("abréger la valeur", "shorten the value"),
            )
        return cell

    return read


def texts(longest: int) -> Callable[[str], Value]:
    """A reader of a list of free texts separated by `|`, each of at most `longest` characters."""
    one = text(longest)
    return lambda cell: [str(one(part.strip())) for part in cell.split("|") if part.strip()]


def whole(lowest: int, highest: int) -> Callable[[str], Value]:
    """A reader of whole numbers from `lowest` to `highest`."""

    def read(cell: str) -> Value:
        # Python refuses to read thousands of digits
        if not (cell.isascii() and cell.isdigit() and len(cell) <= LONGEST_NUMBER and lowest <= int(cell) <= highest):
            raise Invalid(
                Text(f"n'est pas un entier de {lowest} à {highest}", f"is not a whole number from {lowest} to {highest}"),
                Text("corriger le nombre", "correct the number"),
            )
        return int(cell)

    return read
