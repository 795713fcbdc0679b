"""The application as a client on the network meets it: HTTP over its own routes, its lifespan run, no socket."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.app import create_app
from server.identity import COOKIE
from server.settings import Settings

SECRET = b"a master secret of the tests, 32+"
"""That of the `keyring` fixture: the application finds the keys that the tests derive."""

VERIFICATION = """
query ($key: String!, $birthName: String!) {
  verification(key: $key, birthName: $birthName) {
    __typename
    ... on VerificationRefused { message }
    ... on VerifiedDiploma { replacedOn diploma { __typename version status mention holder { birthName } } }
  }
}
"""


def settings_of_tests(**changed: Any) -> Settings:
    """Settings of a development server, unless `changed` says otherwise."""
    values: dict[str, Any] = {
        "production": False, "database_url": None, "data": Path("/nonexistent"), "master_secret": SECRET,
        "largest_upload": 1 << 20, "graphiql": False, "trusted_proxies": "", "compile_at": 1,
    }  # fmt: skip
    return Settings(**(values | changed))


class Client:
    """Sends requests to one application, from any address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def send(self, method: str, path: str, address: str = "192.0.2.1", **options: Any) -> Response:
        """The answer to a request from that address."""
        transport = ASGITransport(self._app, client=(address, 40000))
        async with AsyncClient(transport=transport, base_url="http://register.test") as client:
            return await client.request(method, path, **options)

    async def post(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        address: str = "192.0.2.1",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer to an operation, as received."""
        body = json.dumps({"query": document, "variables": dict(variables or {})})
        typed = {"Content-Type": "application/json"} | dict(headers or {})
        answer = await self.send("POST", "/graphql", address, content=body, headers=typed)
        assert answer.status_code == 200, answer.text
        return answer

    async def answer(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        cookie: str | None = None,
        address: str = "192.0.2.1",
        language: str = "fr",
    ) -> dict[str, Any]:
        """The JSON answer to an operation, with its errors if it has any."""
        headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {token}"} if token else {})
        headers |= {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        return (await self.post(document, variables, address=address, headers=headers)).json()

    async def data(self, document: str, variables: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """The data of the answer to an operation that must have no error."""
        answer = await self.answer(document, variables, **options)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(self, document: str, variables: Mapping[str, Any] | None = None, **options: Any) -> str:
        """The code of the only error of the answer to an operation."""
        [error] = (await self.answer(document, variables, **options))["errors"]
        return error["extensions"]["code"]

    async def verified(self, key: str, birth_name: str, **options: Any) -> dict[str, Any]:
        """What the register says of a key and a birth name."""
        return (await self.data(VERIFICATION, {"key": key, "birthName": birth_name}, **options))["verification"]


@asynccontextmanager
async def served(url: str, **changed: Any) -> AsyncGenerator[Client]:
    """A client of the application over a database."""
    app = create_app(settings_of_tests(**changed), url)
    async with app.router.lifespan_context(app) as state:
        yield Client(with_state(app, dict(state or {})))


def with_state(app: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    """An application whose requests have what its lifespan made."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return called
