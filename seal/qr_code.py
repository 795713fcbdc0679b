"""A QR code drawn as a path: black modules as rectangles, in a white square with its quiet zone.

A QR code of one size, level and mask is linear in the bits of what it says: Reed-Solomon codes are, and masking adds a constant
(ISO/IEC 18004, 7.5 and 7.8). So the code of a link is that of the part which all links share, changed by a pattern for each bit that
follows: segno draws these once, and a link then costs a twentieth of what drawing it anew does.
"""

import re
from functools import cache, lru_cache

import segno

LEVEL = "m"
MASK = 3
"""One mask for all: readers take any; the best one would only be seen by drawing all eight."""
QUIET = 4
"""Modules of white around the code (ISO/IEC 18004, 6.3.8)."""
BLACK = re.compile("1+")


def path(link: str, side: float) -> bytes:
    """Operators that fill a square of `side` at the origin, whose y goes down, with the code of an ASCII link."""
    data = link.encode("ascii")
    version, modules = _size(len(data))
    shared = max(link.rfind("/"), link.rfind("#")) + 1
    code = _matrix(data[:shared], len(data), version)
    for position in range(shared, len(data)):
        code ^= _change(len(data), version, position, data[position])
    width = -(-modules // 8)
    rows = code.to_bytes(width * modules)
    drawn = b"".join([_run(*divmod(at, width), byte) for at, byte in enumerate(rows) if byte])
    scale = side / (modules + 2 * QUIET)
    return b"1 1 1 scn 0 0 %g %g re f 0 0 0 scn %.6f 0 0 %.6f 0 0 cm\n%bf\n" % (side, side, scale, scale, drawn)


@cache
def _size(length: int) -> tuple[int, int]:
    """The smallest version that holds so many bytes, and its modules on a side."""
    code = segno.make_qr(b"\0" * length, error=LEVEL, mode="byte", boost_error=False)
    return int(code.version), len(code.matrix)


@cache
def _change(length: int, version: int, position: int, byte: int) -> int:
    """The modules that this byte turns over."""
    turned = 0
    for bit in range(8):
        if byte >> bit & 1:
            turned ^= _pattern(length, version, position, bit)
    return turned


@cache
def _pattern(length: int, version: int, position: int, bit: int) -> int:
    """The modules that this bit of this byte turns over."""
    return _matrix(bytes(position) + bytes([1 << bit]), length, version) ^ _matrix(b"", length, version)


@cache
def _run(row: int, column: int, byte: int) -> bytes:
    """The rectangles of eight modules of a row. All are filled as one path, so that those that touch show no seam."""
    bits = f"{byte:08b}"
    return b"".join(
        b"%d %d %d 1 re\n" % (column * 8 + run.start() + QUIET, row + QUIET, run.end() - run.start())
        for run in BLACK.finditer(bits)
    )


@lru_cache(64)
def _matrix(begin: bytes, length: int, version: int) -> int:
    """The modules of the code of these bytes and of zeros up to `length`, as bits, each row filled up to whole bytes."""
    data = begin.ljust(length, b"\0")
    code = segno.make_qr(data, error=LEVEL, version=version, mode="byte", mask=MASK, boost_error=False)
    padding = "0" * (-len(code.matrix) % 8)
    return int("".join("".join(map(str, row)) + padding for row in code.matrix), 2)
