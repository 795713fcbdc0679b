"""Asks both executors the same, and says where they differ."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import asyncpg
from strawberry.schema.exceptions import CannotGetOperationTypeError

from bench.sameness.documents import Asking, Drawn
from bench.sameness.register import KEYRING
from resolvers.keys import Keyring
from server.conformance import executors
from server.conformance.executors import Request

WITHOUT_ERROR = ("computed ", "introspection", "no single query", "scalar ", "list of ", "interface ", "null ")
"""Reasons for which a document is Strawberry's though it may have an answer; for any other, it has an error."""

FORGET_FAILURES = """delete from verification_failure where ctid = any(array(
  select ctid from verification_failure for update skip locked))"""
"""Waits for nobody: comparisons run side by side."""


@dataclass(frozen=True)
class Difference:
    """An asking to which the planner says something else than Strawberry, or hands over without a reason."""

    drawn: Drawn
    asking: Asking
    compiled: bytes | None
    expected: bytes
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        begins = 0
        if self.compiled is not None:
            same = (place for place, (a, b) in enumerate(zip(self.compiled, self.expected, strict=False)) if a != b)
            begins = max(0, next(same, 0) - 100)
        compiled = "handed over" if self.compiled is None else self.compiled[begins : begins + 400]
        return (
            f"{self.drawn.text}\noperation {self.drawn.operation}, variables {self.asking.variables!r}, {self.asking.language},"
            f" {self.asking.who.agent or self.asking.who.holder}, {self.reasons}\n"
            f"planner:    {compiled!r}\nStrawberry: {self.expected[begins : begins + 400]!r}"
        )


def request(drawn: Drawn, asking: Asking) -> Request:
    """A drawn document as one of its callers asks it."""
    return Request(drawn.text, asking.variables, drawn.operation, asking.who, asking.address, asking.language)


@dataclass
class Executors(executors.Executors):
    """The planner and Strawberry over one register, and how many of their answers were compared."""

    keyring: Keyring = KEYRING
    compared: int = 0
    compiled: int = 0

    async def compiled_answer(self, drawn: Drawn, asking: Asking) -> bytes | None:
        """The planner's."""
        return await self.by_planner(request(drawn, asking))

    async def strawberry_answer(self, drawn: Drawn, asking: Asking) -> tuple[bytes, Any]:
        """Strawberry's: its bytes, and its data."""
        try:
            return await self.by_strawberry(request(drawn, asking))
        except CannotGetOperationTypeError:
            return b'{"errors":[]}', None

    async def compare(self, drawn: Drawn) -> tuple[list[Difference], list[Any]]:
        """The differences between the answers to a document, for all who ask it at once, and Strawberry's data."""
        before = Counter(self.refusals)
        compiled = await asyncio.gather(*(self.compiled_answer(drawn, asking) for asking in drawn.askings))
        reasons = tuple(self.refusals - before)
        harmless = any(reason.startswith(WITHOUT_ERROR) for reason in reasons)
        self.compared += len(compiled)
        self.compiled += sum(answer is not None for answer in compiled)
        if harmless and not any(compiled):
            return [], []  # equal by construction
        await self._forget_failures()
        expected = await asyncio.gather(*(self.strawberry_answer(drawn, asking) for asking in drawn.askings))
        await self._forget_failures()
        found: list[Difference] = []
        for asking, ours, (theirs, _) in zip(drawn.askings, compiled, expected, strict=True):
            # what is refused within an object that turns out to be null, or a list that is empty, is no error
            nothing = b":null" in theirs or b":[]" in theirs
            justified = harmless or b'"errors":' in theirs or ("caller" in reasons and nothing)
            if ours != theirs if ours is not None else not justified:
                found.append(Difference(drawn, asking, ours, theirs, reasons))
        return found, [data for _, data in expected]

    async def _forget_failures(self) -> None:
        # each executor begins with limits that nobody has touched
        await self.pool.execute(FORGET_FAILURES)


async def consultations(pool: "asyncpg.Pool[asyncpg.Record]") -> int:
    """How many consultations are journalled."""
    return await pool.fetchval("select count(*) from consultation")
