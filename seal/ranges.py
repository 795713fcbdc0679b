"""Which bytes do the signatures of a file cover? Read from the bytes themselves: no PDF parser has a say in it."""

import hashlib
import re
from binascii import unhexlify
from dataclasses import dataclass
from itertools import islice, pairwise

from asn1crypto.parser import peek

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,8})\s+(\d{1,8})\s+(\d{1,8})\s+(\d{1,8})\s*\]")
MOST_SIGNATURES = 64
"""A seal and an archival time stamp a year, for longer than anybody's life at work."""
LONGEST_HOLE = 128 * 1024
END_OF_FILE = re.compile(rb"startxref\r?\n(\d{1,8})\r?\n%%EOF(?:\r\n|\n|\r)?\Z")


class RangeRefused(Exception):
    """A byte range is not that of a signature of ours: what it leaves out is more than one string of hexadecimal digits."""


@dataclass(frozen=True, repr=False)
class SignedRange:
    """A file up to `end`, but for the hole from `start` to `stop`, marks included, in which the signature `contents` (DER) stands."""

    start: int
    stop: int
    end: int
    contents: bytes

    def digest(self, pdf: bytes, algorithm: str) -> bytes:
        """The digest of what is covered (ISO 32000-1, 12.8.1). Raises `ValueError` for an algorithm that is not known."""
        covered = hashlib.new(algorithm, pdf[: self.start])
        covered.update(memoryview(pdf)[self.stop : self.end])
        return covered.digest()


def signed_ranges(pdf: bytes) -> tuple[SignedRange, ...]:
    """The byte ranges of a file in the order of its bytes. Raises `RangeRefused`.

    The first is written inside what it covers, so that nobody can give a sealed file another one: whoever writes a range before it,
    or moves the hole, changes covered bytes. A hole is exactly the string of /Contents: the digits of one DER value, in one case of
    letters, then zeros.
    """
    found = tuple(_range(pdf, match) for match in islice(BYTE_RANGE.finditer(pdf), MOST_SIGNATURES + 1))
    if len(found) > MOST_SIGNATURES:
        raise RangeRefused("too many signatures")
    for earlier, later in pairwise(found):
        if later.end <= earlier.end or later.start < earlier.end:
            raise RangeRefused("a signature does not cover the one before it")
    return found


def _range(pdf: bytes, match: re.Match[bytes]) -> SignedRange:
    first, start, stop, length = (int(number) for number in match.groups())
    end = stop + length
    if (
        first != 0
        or not start + 2 < stop <= start + LONGEST_HOLE
        or end > len(pdf)
        or not (match.end() <= start or stop <= match.start() < end)
    ):
        raise RangeRefused("a byte range is out of place")
    if pdf[start : start + 1] != b"<" or pdf[stop - 1 : stop] != b">" or not END_OF_FILE.search(pdf, max(stop, end - 64), end):
        raise RangeRefused("a byte range does not begin and end where a revision does")
    digits = pdf[start + 1 : stop - 1]
    try:
        padded = unhexlify(digits)
        contents = padded[: peek(padded)]
    except ValueError as error:
        raise RangeRefused("a hole holds no signature") from error
    spelled = contents.hex().encode().ljust(len(digits), b"0")
    if digits not in (spelled, spelled.upper()):
        raise RangeRefused("a hole holds more than a signature")
    return SignedRange(start, stop, end, contents)
