"""The databases of a process that answers requests: the primary, and its replicas where there are some."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID

from db.pool import ACTING_SECONDS, READING_SECONDS, RequestPool, close_pool, open_pool
from db.replicas import Reading, Replica, Watch
from db.statements import Database, statement

ACCOUNT_WROTE = statement("replicas.account_wrote")
AGENT_WROTE = statement("replicas.agent_wrote")

SIZE = 10
"""Connections of one process to one server for one use: more would wait for each other there instead of here."""


class Register:
    """Two pools over the primary, one over each replica.

    `acting` is for what people do who are signed in. `primary` is for what anybody may cause: it has shorter limits, and reads what may
    not be late (who is signed in), or what a reading writes down (a consultation).
    """

    def __init__(self, acting: RequestPool, primary: RequestPool, replicas: Sequence[Replica] = ()) -> None:
        self.acting = acting
        self.primary = primary
        self._replicas = replicas

    def reading(self, position: int | None = None) -> Database:
        """Where to read for one request: the least busy replica that has the log as far as a position, or the primary."""
        fit = [replica for replica in self._replicas if replica.has(position)]
        if not fit:
            return self.primary
        return Reading(min(fit, key=lambda replica: replica.pool.borrowers), self.primary)

    async def wrote(self, *, account: UUID | None = None, agent: UUID | None = None) -> None:
        """Call it after what an account or an agent did is committed, and before he hears so: he then reads what he wrote."""
        if not self._replicas:
            return
        if account is not None:
            await ACCOUNT_WROTE.run(self.primary, id=account)
        if agent is not None:
            await AGENT_WROTE.run(self.primary, id=agent)


@asynccontextmanager
async def opened(url: str, replicas: Sequence[str] = ()) -> AsyncGenerator[Register]:
    """The register of a URL, with its replicas, which may come later. Raises what keeps it from the primary."""
    async with AsyncExitStack() as stack:

        async def pool(url: str, seconds: float = READING_SECONDS, size: int = SIZE, *, at_once: bool = False) -> RequestPool:
            made = await open_pool(url, size, seconds=seconds, at_once=at_once)
            stack.push_async_callback(close_pool, made)
            return made

        acting, primary = await pool(url, ACTING_SECONDS, at_once=True), await pool(url)
        known = [Replica(at, await pool(one), await pool(one, size=1)) for at, one in enumerate(replicas, 1)]
        if known:
            watch = Watch(await pool(url, size=1), known)
            await watch.look()
            await stack.enter_async_context(_running(watch))
        yield Register(acting, primary, known)


@asynccontextmanager
async def _running(watch: Watch) -> AsyncGenerator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
