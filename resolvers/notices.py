"""Notices of the register: one connection of a process listens, any number of subscribers hear.

To holders who watch their account travel the account and the kind of change: a subscriber then reads what he may see, by the same
statements as ever. To those who keep what everybody sees travels only that it has changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg
import structlog

from db.pool import connect

CHANNEL = "parchemin_account"
REGISTER_CHANNEL = "parchemin_register"
MOST_WAITING = 16
"""Notices that a slow subscriber may leave waiting; beyond, the oldest ones give way, since one is enough to read again."""

MOST_WATCHING = 20
"""Subscriptions of one account to one process: his browsers and apps, and what they left behind."""

RECONNECT_SECONDS = 1.0

log = structlog.get_logger()


class TooManyWatching(Exception):
    """An account has too many subscriptions."""


class Notices:
    """The subscribers of one process."""

    def __init__(self) -> None:
        self._subscribers: defaultdict[UUID, set[asyncio.Queue[str]]] = defaultdict(set)
        self._register_changes: list[Callable[[], None]] = []
        self.listens = False
        """Whether a change would be heard now."""

    @asynccontextmanager
    async def listening(self, url: str) -> AsyncGenerator[None]:
        """Hears the register's notices meanwhile, on a connection of its own that is opened again when it breaks."""
        task = asyncio.create_task(self._listen(url))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def of(self, account: UUID) -> AsyncGenerator["asyncio.Queue[str]"]:
        """A queue of the kinds of changes of an account, from now on. Raises `TooManyWatching`."""
        if len(self._subscribers.get(account, ())) >= MOST_WATCHING:
            raise TooManyWatching
        queue: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._subscribers[account].add(queue)
        try:
            yield queue
        finally:
            self._subscribers[account].discard(queue)
            if not self._subscribers[account]:
                del self._subscribers[account]

    def on_register_change(self, forget: Callable[[], None]) -> None:
        """Calls `forget` whenever what everybody sees has changed, or may have while nobody listened."""
        self._register_changes.append(forget)

    def hear(self, payload: str) -> None:
        """Passes a notice on: the account and the kind of change, as `accounts.tell` sends them."""
        account, _, kind = payload.partition(" ")
        for queue in self._subscribers.get(UUID(account), ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(kind)

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.hear(str(payload))

    def _register_changed(self, *_: object) -> None:
        for forget in self._register_changes:
            forget()

    async def _listen(self, url: str) -> None:
        while True:
            try:
                await self._listen_once(url)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notices_interrupted", kind=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self, url: str) -> None:
        connection, over = await connect(url), asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: over.set())
            await connection.add_listener(CHANNEL, self._heard)
            await connection.add_listener(REGISTER_CHANNEL, self._register_changed)
            self.listens = True
            await over.wait()
        finally:
            self.listens = False
            self._register_changed()
            await connection.close()
