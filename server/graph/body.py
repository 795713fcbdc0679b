"""The body of a request: bounded in length, and in the time that it takes to arrive."""

import asyncio
from typing import Any

from starlette.types import Receive

from server.graph.refusals import RequestRefused

LONGEST_BODY = 64 * 1024
"""Bytes of a request: documents are short, and files do not come this way."""

LONGEST_WAIT = 10.0
"""Seconds for a body to arrive whole."""

LOOK_SECONDS = 1.0


class Disconnected(Exception):
    """The client left before its request was whole."""


class Bodies:
    """Reads bodies. One timer looks after all that are awaited: one for each would cost a tenth of an answer."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()
        self._looking = False

    async def read(self, receive: Receive, declared: str | None) -> bytes:
        """The body, whose declared length is what the `Content-Length` header says.

        Raises `RequestRefused` (413, 408), or `Disconnected`.
        """
        if declared is not None and (not declared.isdecimal() or int(declared) > LONGEST_BODY):
            raise too_long()
        task = asyncio.current_task()
        assert task is not None
        loop = asyncio.get_running_loop()
        self._since[task] = loop.time()
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK_SECONDS, self._look)
        try:
            return await _whole(receive)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise RequestRefused(
                408,
                "REQUEST_TIMEOUT",
                f"A request arrives within {LONGEST_WAIT:.0f} seconds.",
                headers=((b"connection", b"close"),),
            ) from None
        finally:
            del self._since[task]
            self._late.discard(task)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = loop.time() - LONGEST_WAIT
        for task, since in self._since.items():
            if since < oldest and task not in self._late:
                self._late.add(task)
                task.cancel()
        self._looking = bool(self._since)
        if self._looking:
            loop.call_later(LOOK_SECONDS, self._look)


async def _whole(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > LONGEST_BODY:
            raise too_long()
        return body
    parts, length = list[bytes](), 0
    while True:
        if message["type"] != "http.request":
            raise Disconnected
        part = message.get("body", b"")
        length += len(part)
        if length > LONGEST_BODY:
            raise too_long()
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def too_long() -> RequestRefused:
    """The refusal of a body that is too long. What is left of it is not read: the connection ends."""
    return RequestRefused(
        413, "REQUEST_TOO_LONG", f"A request has at most {LONGEST_BODY} bytes.", headers=((b"connection", b"close"),)
    )
