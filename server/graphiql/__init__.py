"""GraphiQL at `/graphiql`. Every file comes from our own origin: it works offline and nobody else learns who looks.

The libraries in `static/` are the published files, unchanged; `static/LICENSES.md` names them with their digests.
An example is one `.graphql` file whose first line is a comment saying what it shows, with its variables in a sibling
`.variables.json`; the files open as tabs, in the order of their names.
"""

import html
from pathlib import Path
from string import Template
from typing import TypedDict

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HERE = Path(__file__).parent

_HEADERS = {
    # Menus and dialogs insert <style> elements whose text depends on the width of the scroll bar: no digest names them.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Kept, but asked about each time: the answer is an empty 304 while the entity tag holds.
    "Cache-Control": "no-cache",
}


class Example(TypedDict):
    """A tab of GraphiQL: what it shows, the operation, and its variables as JSON text (empty when there are none)."""

    name: str
    query: str
    variables: str


def routes(endpoint: str = "/graphql") -> list[BaseRoute]:
    """The page, its files and its examples, asking the graph at the path `endpoint` of the same origin.

    Raises ValueError when an example does not start with its comment.
    """
    page = Template((_HERE / "page.html").read_text("utf-8")).substitute(endpoint=html.escape(endpoint))
    tabs = examples()

    async def graphiql(_request: Request) -> HTMLResponse:
        return HTMLResponse(page)

    async def examples_json(_request: Request) -> JSONResponse:
        return JSONResponse(tabs)

    strict = [Middleware(_OwnOriginOnly)]
    return [
        Route("/graphiql", graphiql, middleware=strict),
        Route("/graphiql/examples.json", examples_json, middleware=strict),
        Mount("/graphiql/static", StaticFiles(directory=_HERE / "static"), middleware=strict),
    ]


def examples() -> list[Example]:
    """The example operations, in the order of their file names.

    Raises ValueError when a file does not start with the comment that names it.
    """
    return [_example(path) for path in sorted((_HERE / "examples").glob("*.graphql"))]


def _example(path: Path) -> Example:
    query = path.read_text("utf-8")
    first, _, _ = query.partition("\n")
    if not first.startswith("# "):
        raise ValueError(f"{path.name} must start with a comment line that says what it shows")
    variables = path.with_suffix(".variables.json")
    return Example(
        name=first.removeprefix("# "),
        query=query,
        variables=variables.read_text("utf-8") if variables.exists() else "",
    )


class _OwnOriginOnly:
    """Adds to each answer the headers that keep the page within its origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_strict)
