"""Read replicas: how far each one is, and reading from one of them."""

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

import asyncpg
import structlog
from asyncpg import Record

from db.pool import RequestPool
from db.statements import statement

PRIMARY = statement("replicas.primary")
REPLICA = statement("replicas.replica")

LOOK_SECONDS = 0.25
"""Between two looks at how far the replicas are."""

ANSWER_SECONDS = 1.0
"""For a server to say how far it is."""

MOST_BEHIND_SECONDS = 5.0
"""A replica that is further behind is left alone."""

BROKEN = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)
"""What a server raises that is away, or going. `TimeoutError` is an `OSError`; asyncpg calls some lost connections its own error."""

FAILURES = (*BROKEN, asyncpg.PostgresError)
"""What else it raises when it is not fit."""

log = structlog.get_logger()


class Replica:
    """One replica, as it was when it was last looked at."""

    def __init__(self, number: int, pool: RequestPool, watched: RequestPool) -> None:
        """`watched` is for looking at it: when all connections of `pool` are in use it must not seem to be away."""
        self.number = number
        self.pool = pool
        self.watched = watched
        self.position = 0
        """How far it has replayed the primary's log, in bytes from the beginning."""
        self._whole_until: float | None = None
        """The moment (`monotonic`) whose register it had: all that was committed before. None when it is left alone."""

    def has(self, position: int | None) -> bool:
        """Whether it may be read by somebody who is to find the log as far as a position."""
        recent = self._whole_until is not None and monotonic() - self._whole_until < MOST_BEHIND_SECONDS
        return recent and self.position >= (position or 0)

    def found(self, position: int, whole_until: float | None) -> None:
        """Notes how far it is; None when it is further behind than is known."""
        self.position = position
        if whole_until is None:
            self.leave("BEHIND")
        elif self._whole_until is None:
            log.info("replica_back", replica=self.number)
        self._whole_until = whole_until

    def leave(self, reason: str) -> None:
        """Leaves it alone until a look finds it fit again."""
        if self._whole_until is not None:
            log.warning("replica_left_alone", replica=self.number, reason=reason)
        self._whole_until = None


class Watch:
    """Looks at the replicas of a primary, all at once, again and again."""

    def __init__(self, primary: RequestPool, replicas: Sequence[Replica]) -> None:
        self._primary = primary
        self._replicas = replicas
        self._passed: deque[tuple[int, float]] = deque(maxlen=round(MOST_BEHIND_SECONDS / LOOK_SECONDS))
        """Where the primary's log was, and when."""

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Looks once."""
        began = monotonic()
        try:
            primary = await _one(self._primary, PRIMARY.text)
        except FAILURES:
            return  # nobody knows how far behind they are: their time runs out by itself
        self._passed.append((primary["position"], began))
        await asyncio.gather(*(self._look_at(replica, primary["system"]) for replica in self._replicas))

    async def _look_at(self, replica: Replica, system: int) -> None:
        try:
            found = await _one(replica.watched, REPLICA.text)
        except FAILURES as error:
            replica.leave(type(error).__name__)
            return
        if found["position"] is None or found["system"] != system:
            replica.leave("NO_REPLICA_OF_OURS")
            return
        whole = (when for position, when in reversed(self._passed) if position <= found["position"])
        replica.found(found["position"], next(whole, None))


class Reading:
    """Where one request reads: a replica, or the primary when that one fails. What writes goes to the primary."""

    def __init__(self, replica: Replica, primary: RequestPool) -> None:
        self._replica = replica
        self._primary = primary

    async def fetch(self, query: str, *values: Any) -> list[Record]:
        """Every row of the answer."""
        try:
            return await self._replica.pool.fetch(query, *values)
        except FAILURES as error:
            self._judge(error)
        return await self._primary.fetch(query, *values)

    async def fetchrow(self, query: str, *values: Any) -> Record | None:
        """The first row, or None."""
        try:
            return await self._replica.pool.fetchrow(query, *values)
        except FAILURES as error:
            self._judge(error)
        return await self._primary.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: Any) -> Any:
        """The first column of the first row, or None."""
        try:
            return await self._replica.pool.fetchval(query, *values)
        except FAILURES as error:
            self._judge(error)
        return await self._primary.fetchval(query, *values)

    async def execute(self, query: str, *values: Any) -> str:
        """The status of a statement that writes."""
        return await self._primary.execute(query, *values)

    def _judge(self, error: Exception) -> None:
        """Raises again what the primary would raise too; else it answers, and a replica that broke is left alone."""
        if isinstance(error, asyncpg.DataError | asyncpg.QueryCanceledError):
            raise error
        # a conflict with the recovery, a table that is not there yet, a statement that writes: nothing is wrong with the server
        if isinstance(
            error, OSError | asyncpg.InterfaceError | asyncpg.PostgresConnectionError | asyncpg.OperatorInterventionError
        ):
            self._replica.leave(type(error).__name__)


async def _one(pool: RequestPool, query: str) -> Record:
    async with asyncio.timeout(ANSWER_SECONDS):
        found = await pool.fetchrow(query)
    assert found is not None
    return found
