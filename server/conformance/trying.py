"""An author's function is called here, and may fail in any way."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Tried(NamedTuple):
    """What a function answered, or what it raised."""

    answer: Any
    error: Exception | None

    @property
    def raised(self) -> str:
        """The exception as a sentence may name it: its kind and its words, cut where they are long."""
        said = " ".join(str(self.error).split())
        return f"{type(self.error).__name__}: {said}"[:200].rstrip(": ")


def tried(call: Callable[..., Any], *given: Any) -> Tried:
    """What a function does with what it is given."""
    try:
        return Tried(call(*given), None)
    except Exception as error:  # another's code runs here: whatever it raises is the finding
        return Tried(None, error)
