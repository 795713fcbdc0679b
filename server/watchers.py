"""How many WebSockets are open at once, of one address and of the process: each holds a task and memory while nothing happens."""

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

MOST_OF_ONE_ADDRESS = 50
"""A school or a company is one address."""

MOST_SOCKETS = 500
"""Of one process: half of the requests that it has under way at once."""


class BoundedSockets:
    """Answers 403 to the WebSockets of an address that has too many, and to all when the process has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the socket on, counting it as long as it is open."""
        address = scope["client"][0] if scope.get("client") else ""
        if self._open.total() >= MOST_SOCKETS or self._open[address] >= MOST_OF_ONE_ADDRESS:
            await WebSocket(scope, receive, send).close()
            return
        self._open[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]
