"""An author's function is called here, and may fail in any way."""

from collections.abc import Callable
from typing import Any, NamedTuple

from server.conformance.watching import watched


class ReachesOutside(Exception):
    """The function did something else than computing: it opened a file, a connection, a process."""


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
    """What a call does that ends in an author's code."""
    try:
        return Tried(call(*given), None)
    except Exception as error:  # another's code runs here: whatever it raises is the finding
        return Tried(None, error)


def alone(function: Callable[..., Any], *given: Any) -> Tried:
    """What an author's function does with what it is given. Reaching outside is an error, whatever it answers."""
    with watched() as seen:
        done = tried(function, *given)
    return Tried(None, ReachesOutside(seen[0])) if seen else done
