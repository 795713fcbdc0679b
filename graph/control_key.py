"""The eight symbols by which a third party finds a diploma: `ABCD-EFGH`."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which eyes and voices confuse."""

LENGTH = 8
SYMBOLS = frozenset(ALPHABET)
IGNORED = str.maketrans("OILoil", "011011", " \t\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014._")


def normalised(text: str) -> str | None:
    """The eight symbols that a person meant, or None when the text cannot be a key.

    Any case; spaces, dashes and dots fall away; O is read as 0, I and L as 1.
    """
    key = text.strip().translate(IGNORED).upper()
    return key if len(key) == LENGTH and SYMBOLS.issuperset(key) else None


DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""Those by which Python reads a number in base 32, in the place of ours."""

PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def spelled(value: int) -> str:
    """The symbols of a number below 2**40."""
    return PAIRS[value >> 30] + PAIRS[value >> 20 & 1023] + PAIRS[value >> 10 & 1023] + PAIRS[value & 1023]


def value_of(key: str) -> int:
    """The number below 2**40 that eight symbols spell."""
    return int(key.translate(DIGITS), 32)


def shown(key: str) -> str:
    """A key as it is printed: `ABCD-EFGH`."""
    return f"{key[:4]}-{key[4:]}"
