"""What a family's code does besides computing. A stub: nothing is noted."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def watched() -> Generator[list[str]]:
    """Nothing."""
    yield []
