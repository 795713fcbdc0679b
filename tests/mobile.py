"""An app on a telephone: it opens the browser, listens at its address, and keeps its tokens."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from html import unescape
from re import findall
from typing import Any
from urllib.parse import parse_qsl

from httpx2 import Response

from resolvers.apps import App
from server.identity import COOKIE
from tests.client import Client

ISSUER = "http://register.test"
HOLDERS = App("fr.exemple.diplomes", "Mes diplômes", ("fr.exemple.diplomes:/retour", "http://127.0.0.1/retour"), True, False)
BOTH = App("fr.exemple.agents", "Jury", ("https://jury.exemple.fr/retour",), True, True)
VIEWER = "{ viewer { identity { familyName } sessions { id app device provider current } } }"


@dataclass
class Phone:
    """An app, and the browser of the same telephone with its session's secret."""

    client: Client
    app: App
    cookie: str | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    tokens: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def redirect_uri(self) -> str:
        """The first of its addresses."""
        return self.app.redirect_uris[0]

    @property
    def request(self) -> dict[str, str]:
        """A good authorization request."""
        return request_of(self.app, self.verifier)

    async def opens(self, **changed: str | None) -> Response:
        """What the browser shows; a parameter that is None is left out."""
        return await self._browse("GET", params=_with(self.request, changed))

    async def agrees(self, **changed: str | None) -> Response:
        """What follows when the person goes on."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": ISSUER}
        return await self._browse("POST", headers=headers, data=_with(self.request, changed))

    async def code(self, **changed: str | None) -> str:
        """The code with which the browser comes back."""
        return answer_of(await self.agrees(**changed))["code"]

    async def redeems(self, code: str, **changed: str | None) -> Response:
        """What a code is changed for."""
        fields = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return await self.asks("token", grant_type="authorization_code", **_with(fields, changed))

    async def refreshes(self, token: str | None = None, **changed: str | None) -> Response:
        """What a refresh token is changed for: the latest by default."""
        fields = {"refresh_token": token or self.tokens["refresh_token"]}
        return await self.asks("token", grant_type="refresh_token", **_with(fields, changed))

    async def asks(self, endpoint: str, **fields: str | None) -> Response:
        """What an endpoint answers to the app."""
        body = _with({"client_id": self.app.id}, fields)
        return await self.client.send("POST", f"/oauth/{endpoint}", data=body, headers={"User-Agent": "Diplomes/1.0"})

    async def signs_in(self) -> dict[str, Any]:
        """The whole way, from a browser that is signed in; its tokens, which it keeps."""
        self.tokens = (await self.redeems(await self.code())).json()
        return self.tokens

    async def viewer(self, token: str | None = None) -> dict[str, Any] | None:
        """The holder whom an access token signs in: the latest by default."""
        return (await self.client.data(VIEWER, token=token or self.tokens["access_token"]))["viewer"]

    async def _browse(self, method: str, headers: dict[str, str] | None = None, **options: Any) -> Response:
        cookies = {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        return await self.client.send(method, "/oauth/authorize", headers=cookies | (headers or {}), **options)


def _with(fields: dict[str, str], changed: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


def request_of(app: App, verifier: str) -> dict[str, str]:
    """A good authorization request of an app."""
    return {
        "response_type": "code", "client_id": app.id, "redirect_uri": app.redirect_uris[0], "state": "état 1",
        "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
    }  # fmt: skip


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, §4.2), by our own hand."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def answer_of(response: Response, redirect_uri: str | None = None) -> dict[str, str]:
    """What the app hears at its address, which is `redirect_uri` if that is given."""
    assert response.status_code == 303, response.text
    address, _, query = response.headers["location"].partition("?")
    if redirect_uri is not None:
        assert address == redirect_uri
    return dict(parse_qsl(query, strict_parsing=True))


def error_of(response: Response) -> str:
    """The error that an endpoint answers an app."""
    assert response.status_code in (400, 401), response.text
    assert response.headers["cache-control"] == "no-store"
    return response.json()["error"]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}
