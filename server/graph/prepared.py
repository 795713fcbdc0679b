"""Answers that are the same for everybody, kept as the bytes that are sent, until the register changes.

What changes them is told by the transaction that does: the publication and the withdrawal of a session, and the loading of reference
tables, each notify at their commit. Nothing is kept while nobody listens, and nothing longer than `LASTS_SECONDS` or past midnight, since
where a diploma is to be found depends on the year.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from time import monotonic

from resolvers.notices import Notices
from server.graph.answers import Answer, Kept

MOST_BYTES = 32 << 20
LASTS_SECONDS = 300.0
WORTH_COMPRESSING = 1000
"""Bytes below which an answer travels in one packet anyway."""

Key = tuple[str, str | None, str, str]
"""Document, operation, variables as JSON, language."""


class Prepared:
    """The answers of one process, the least asked ones forgotten first."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._making: dict[tuple[int, Key], asyncio.Task[Kept | Answer]] = {}
        self._edition = 0
        notices.on_register_change(self.forget)

    def found(self, key: Key) -> Kept | None:
        """The answer of a key, if it is kept."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until < monotonic():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept

    async def made(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Kept | Answer:
        """The answer of a key that is not kept. Those who ask while it is made wait for the same one; one with errors is not kept."""
        now = self._edition, key
        task = self._making.get(now)
        if task is None:
            task = self._making[now] = asyncio.create_task(self._make(key, make))
            task.add_done_callback(lambda _: self._making.pop(now))
        # a client who leaves does not take the answer away from the others
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Forgets every answer, also those that are being made: they may have read what has changed."""
        self._edition += 1
        self._kept.clear()
        self._size = 0

    async def _make(self, key: Key, make: Callable[[], Awaitable[Answer]]) -> Kept | Answer:
        edition, until = self._edition, _until()
        answer = await make()
        if answer.failed:
            return answer
        body = answer.body
        # zlib leaves the other requests their processor meanwhile
        smaller = await asyncio.to_thread(gzip.compress, body, 9, mtime=0) if len(body) > WORTH_COMPRESSING else None
        kept = Kept(body, smaller, until)
        if edition == self._edition and self._notices.listens:
            self._keep(key, kept)
        return kept

    def _keep(self, key: Key, kept: Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self._size += _size(key, kept)
        while self._size > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= _size(key, kept)


def _size(key: Key, kept: Kept) -> int:
    return len(key[0]) + len(key[2]) + len(kept.body) + len(kept.compressed or b"")


def _until() -> float:
    """When, of the monotonic clock, an answer of now is too old."""
    now = datetime.now()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
    return monotonic() + min(LASTS_SECONDS, (midnight - now).total_seconds())
