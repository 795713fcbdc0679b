"""Why a request is left to Strawberry's executor, counted by reason."""

from collections import Counter


class Uncompiled(Exception):
    """A request cannot be answered by a plan; the reason is one of few, and holds nothing of the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refusals:
    """How many requests were left to the other executor, by reason."""

    def __init__(self) -> None:
        self.by_reason: Counter[str] = Counter()

    def count(self, refused: Uncompiled) -> None:
        """Counts one."""
        self.by_reason[refused.reason] += 1
