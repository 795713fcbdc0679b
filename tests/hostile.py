"""What files could make their readers do. Imported by the processes of the tests: it imports nothing but what they have."""

import os
import time
from pathlib import Path

from resolvers import file_process
from resolvers.file_process import Found

HOSTILE = b"hostile"
VERIFIED = file_process.verified
"""The true one: each of these takes its place in the parent alone."""


def endless(pdf: bytes, trust: Path) -> Found:
    """Works for ever on a hostile file."""
    while pdf == HOSTILE:
        pass
    return VERIFIED(pdf, trust)


def greedy(pdf: bytes, trust: Path) -> Found:
    """Wants all the memory there is for a hostile file."""
    return VERIFIED(bytes(1 << 40) if pdf == HOSTILE else pdf, trust)


def asleep(pdf: bytes, trust: Path) -> Found:
    """Does nothing about a hostile file, for long."""
    time.sleep(600 if pdf == HOSTILE else 0)
    return VERIFIED(pdf, trust)


def dead(pdf: bytes, trust: Path) -> Found:
    """Falls on a hostile file."""
    return os._exit(1) if pdf == HOSTILE else VERIFIED(pdf, trust)


def holding(pdf: bytes, trust: Path) -> Found:
    """Says which sockets the process holds that its server did not make."""
    held = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.exists()]
    trust.joinpath("held").write_text("\n".join(held))
    return VERIFIED(pdf, trust)
