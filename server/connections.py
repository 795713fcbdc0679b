"""Connections of the web server: how many, and how long they may keep it waiting.

uvicorn counts idle connections among its requests under way, and waits for the first request of a connection for ever: a thousand sockets
that say nothing would shut everybody else out.
"""

import asyncio
import resource
from functools import partial

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.whole import EXTENSION, send_whole

MOST_AT_ONCE = 1000
"""Requests of one process under way; more are answered 503 at once."""

MOST_CONNECTIONS = 8000
"""Of one process, idle ones included; more are closed as they come."""

REQUEST_SECONDS = 10.0
"""For a connection to say the head of its request: the first after it opens, and every other after its first byte."""

FILES = MOST_CONNECTIONS + 1000
"""Descriptors that a process needs: connections, those to the database, files."""


class Connection(HttpToolsProtocol):
    """A connection that must ask something within `REQUEST_SECONDS`."""

    _deadline: asyncio.TimerHandle | None = None
    _awaited = False
    """Whether the head of a request has begun and is not whole."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._asked()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:  # pyright: ignore[reportUnnecessaryComparison] (None at first)
            self._awaited = True
        super().data_received(data)
        # most heads come whole, and need no timer
        if self._awaited and self._deadline is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self._awaited = False
        self._asked()
        # of two counts compared with this limit, that of connections would count idle ones
        self.limit_concurrency = 0 if len(self.tasks) >= MOST_AT_ONCE else None
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.scope["extensions"] = {EXTENSION: {"send": partial(send_whole, cycle)}}
        super()._start_asgi_task(cycle, app)

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _asked(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def allow_files() -> None:
    """Lets this process open as many files as its connections need, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
