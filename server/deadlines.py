"""How long the body of a request may take."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_SECONDS = 10.0
"""For the whole body of a request of the graph, 64 KiB at most."""


class TimedBody:
    """Answers 408 to a request whose body is not there in time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on; what is received after its body, that the client is gone, may take as long as it likes."""
        until = asyncio.get_running_loop().time() + BODY_SECONDS
        whole = False

        async def timed() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as error:
                raise BodyTooSlow from error
            whole = not message.get("more_body", False)
            return message

        try:
            await self._app(scope, timed, send)
        except ClientDisconnect:
            return  # nobody is there to answer
        except BodyTooSlow:
            answer = PlainTextResponse(
                f"The body of a request takes at most {BODY_SECONDS:.0f} seconds.", 408, {"Connection": "close"}
            )
            await answer(scope, receive, send)


class BodyTooSlow(Exception):
    """A body that was not there in time."""
