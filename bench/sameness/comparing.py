"""Asks both executors the same, and says where they differ."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
from strawberry.schema.exceptions import CannotGetOperationTypeError

from bench.sameness.documents import Asking, Drawn
from bench.sameness.register import KEYRING
from db.pool import RequestPool
from db.register import Register
from resolvers.context import Context
from resolvers.notices import Notices
from resolvers.schema import Schema, deployed
from resolvers.verification import Verifier
from server.planning import planner

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

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


@dataclass
class Executors:
    """The planner and Strawberry over one register."""

    pool: RequestPool
    schema: Schema = field(default_factory=deployed)
    compared: int = 0
    compiled: int = 0

    def __post_init__(self) -> None:
        self.planner = planner(self.schema, 1)

    @property
    def refusals(self) -> Counter[str]:
        """Hand-overs by reason."""
        return self.planner.refusals.by_reason

    def context(self, asking: Asking) -> Context:
        """The context of a request."""
        register, nobody_told, no_files = Register(self.pool, self.pool), Notices(), cast("Any", None)
        return Context(
            register, Verifier(KEYRING), KEYRING, nobody_told, local=no_files, files=no_files, unplanned={}, who=asking.who,
            address=asking.address, base=lambda: "https://register.test", language=asking.language,
        )  # fmt: skip

    async def compiled_answer(self, drawn: Drawn, asking: Asking) -> bytes | None:
        """The planner's."""
        return await self.planner.answer(drawn.text, drawn.operation, asking.variables, self.context(asking))

    async def strawberry_answer(self, drawn: Drawn, asking: Asking) -> tuple[bytes, Any]:
        """Strawberry's: its bytes, and its data."""
        try:
            result = await self.schema.execute(
                drawn.text,
                variable_values=dict(asking.variables),
                context_value=self.context(asking),
                operation_name=drawn.operation,
            )
        except CannotGetOperationTypeError:
            return b'{"errors":[]}', None
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return encode(answer).encode(errors="surrogatepass"), result.data

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
