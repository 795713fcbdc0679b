"""Notices of the register: one connection of a process listens, any number of subscribers hear.

To holders who watch their account travel the account and the kind of change, to agents who watch their desk the academy and the request:
a subscriber then reads what he may see, by the same statements as ever. To those who keep what everybody sees travels only that it has
changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
import structlog

from db.pool import connect

CHANNEL = "parchemin_account"
REGISTER_CHANNEL = "parchemin_register"
DESK_CHANNEL = "parchemin_desk"
MOST_WAITING = 16
"""Notices that a slow subscriber may leave waiting; beyond, the oldest ones give way, since one is enough to read again."""

MOST_WATCHING = 20
"""Subscriptions of one account or one agent to one process: his browsers and apps, and what they left behind."""

RECONNECT_SECONDS = 1.0

log = structlog.get_logger()


class TooManyWatching(Exception):
    """An account or an agent has too many subscriptions."""


T = TypeVar("T")


class Subscribers(Generic[T]):
    """The queues of some watchers, by whom they belong to."""

    def __init__(self) -> None:
        self._queues: defaultdict[UUID, set[T]] = defaultdict(set)

    @asynccontextmanager
    async def with_one_more(self, owner: UUID, queue: T) -> AsyncGenerator[T]:
        """The queue, which is among its owner's meanwhile. Raises `TooManyWatching`."""
        if len(self._queues.get(owner, ())) >= MOST_WATCHING:
            raise TooManyWatching
        self._queues[owner].add(queue)
        try:
            yield queue
        finally:
            self._queues[owner].discard(queue)
            if not self._queues[owner]:
                del self._queues[owner]

    def of(self, owner: UUID) -> Iterable[T]:
        """Those of one owner."""
        return self._queues.get(owner, ())

    def all(self) -> Iterable[T]:
        """Those of every owner."""
        return chain.from_iterable(self._queues.values())


@dataclass(frozen=True, eq=False)
class Watch:
    """What an agent watches: the desks of some academies. The requests that changed there wait in `changes`."""

    academies: frozenset[str]
    changes: asyncio.Queue[UUID]


class Notices:
    """The subscribers of one process."""

    def __init__(self) -> None:
        self._accounts = Subscribers[asyncio.Queue[str]]()
        self._desks = Subscribers[Watch]()
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
        async with self._accounts.with_one_more(account, asyncio.Queue(MOST_WAITING)) as queue:
            yield queue

    @asynccontextmanager
    async def at_desk(self, agent: UUID, academies: Iterable[str]) -> AsyncGenerator["asyncio.Queue[UUID]"]:
        """A queue of the requests that change at the desk of an agent's academies, from now on. Raises `TooManyWatching`."""
        async with self._desks.with_one_more(agent, Watch(frozenset(academies), asyncio.Queue(MOST_WAITING))) as watch:
            yield watch.changes

    def on_register_change(self, forget: Callable[[], None]) -> None:
        """Calls `forget` whenever what everybody sees has changed, or may have while nobody listened."""
        self._register_changes.append(forget)

    def hear(self, payload: str) -> None:
        """Passes a notice on: the account and the kind of change, as `accounts.tell` sends them."""
        account, _, kind = payload.partition(" ")
        for queue in self._accounts.of(UUID(account)):
            _put(queue, kind)

    def hear_of_request(self, payload: str) -> None:
        """Passes a notice on: the academy and the request, as the trigger `tell` sends them."""
        academy, _, request = payload.partition(" ")
        for watch in self._desks.all():
            if academy in watch.academies:
                _put(watch.changes, UUID(request))

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.hear(str(payload))

    def _request_changed(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.hear_of_request(str(payload))

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
            await connection.add_listener(DESK_CHANNEL, self._request_changed)
            await connection.add_listener(REGISTER_CHANNEL, self._register_changed)
            self.listens = True
            await over.wait()
        finally:
            self.listens = False
            self._register_changed()
            await connection.close()


def _put(queue: "asyncio.Queue[T]", change: T) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(change)
