"""A QR code drawn as a path: black modules as rectangles, in a white square with its quiet zone.

A QR code of one size, level and mask is linear in the bits of what it says (Reed-Solomon codes are, masking adds a constant: ISO/IEC 18004,
7.5 and 7.8). So the code of a link is the code of zeros, changed by a pattern for each bit that is set: segno draws these patterns once,
and a link then costs a twentieth of what drawing it anew does.
"""

import re
from functools import cache

import segno

LEVEL = "m"
MASK = 3
"""One mask for all: readers take any; the best one would only be seen by drawing all eight."""
QUIET = 4
"""Modules of white around the code (ISO/IEC 18004, 6.3.8)."""
RUN = re.compile("1+")


def path(link: str, side: float) -> bytes:
    """Operators that fill a square of `side` at the origin, whose y goes down, with the code of an ASCII link."""
    data = link.encode("ascii")
    version, modules = _size(len(data))
    code = _zeros(len(data), version)
    for position, byte in enumerate(data):
        for bit in range(7):
            if byte >> bit & 1:
                code ^= _pattern(len(data), version, position, bit)
    bits = f"{code:0{modules * modules}b}"
    whole = modules + 2 * QUIET
    scale = f"{side / whole:.6f}".encode()
    drawn = [
        b"%d %d %d 1 re" % (run.start() + QUIET, row + QUIET, run.end() - run.start())
        for row in range(modules)
        for run in RUN.finditer(bits[row * modules : (row + 1) * modules])
    ]
    return b"1 1 1 scn 0 0 %g %g re f 0 0 0 scn %b 0 0 %b 0 0 cm\n%b\nf\n" % (side, side, scale, scale, b"\n".join(drawn))


@cache
def _size(length: int) -> tuple[int, int]:
    """The smallest version that holds so many bytes, and its modules on a side."""
    code = segno.make_qr(b"\0" * length, error=LEVEL, mode="byte", boost_error=False)
    return int(code.version), len(code.matrix)


@cache
def _zeros(length: int, version: int) -> int:
    return _matrix(bytes(length), version)


@cache
def _pattern(length: int, version: int, position: int, bit: int) -> int:
    """The modules that this bit of this byte turns over."""
    data = bytearray(length)
    data[position] = 1 << bit
    return _matrix(bytes(data), version) ^ _zeros(length, version)


def _matrix(data: bytes, version: int) -> int:
    code = segno.make_qr(data, error=LEVEL, version=version, mode="byte", mask=MASK, boost_error=False)
    return int("".join("1" if module else "0" for row in code.matrix for module in row), 2)
