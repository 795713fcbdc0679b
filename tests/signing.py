"""A browser, the register and an identity provider that may lie, all in one process and without a socket."""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

import httpx2
from httpx2 import ASGITransport, AsyncClient, Request, Response
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.types import ASGIApp

from db.statements import Database
from server.app import create_app
from server.login.claims import FRANCECONNECT as PIVOT
from server.login.claims import PROCONNECT as OF_AGENTS
from server.login.providers import SCOPES, WELL_KNOWN, Kind, Provider
from server.provider.people import Subject, agents
from server.provider.protocol import Client, DemonstrationProvider, Grant
from server.provider.rules import FRANCECONNECT, PROCONNECT, Rules
from tests.client import settings_of_tests, with_state

US, THEM = "http://register.test", "http://provider.test"
SUBJECT_SECRET = b"subjects"

CLAIRE = {
    "given_name": "Claire Marie-Ève", "given_name_array": ["Claire", "Marie-Ève"], "family_name": "Lecœur", "birthdate": "2001-02-03",
    "idp_birthdate": "2001-02-03", "gender": "female", "birthplace": "25056", "birthcountry": "99100", "email": "claire@exemple.test",
    "preferred_username": "Durand",
}  # fmt: skip
MEHDI = CLAIRE | {
    "given_name": "Mehdi", "given_name_array": ["Mehdi"], "family_name": "Haddad", "birthdate": "1998-01-01",
    "idp_birthdate": "1998-00-00", "gender": "male", "birthplace": "", "birthcountry": "99352", "preferred_username": "",
}  # fmt: skip


async def two_holders(_: Database) -> list[Subject]:
    """Claire, and Mehdi who was born abroad on an unknown day."""
    return [Subject("claire", "Claire Lecœur", "ORDINARY", CLAIRE), Subject("mehdi", "Mehdi Haddad", "ABROAD_PARTIAL", MEHDI)]


def as_it_is(claims: dict[str, Any]) -> dict[str, Any]:
    """No lie."""
    return claims


Lie = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class Liar(DemonstrationProvider):
    """The demonstration's provider, each of whose answers a test may change."""

    in_id_token: Lie = as_it_is
    in_userinfo: Lie = as_it_is
    sign: Callable[[dict[str, Any]], str] | None = None

    def id_claims(self, grant: Grant) -> dict[str, Any]:
        return self.in_id_token(super().id_claims(grant))

    def userinfo_claims(self, grant: Grant) -> dict[str, Any]:
        return self.in_userinfo(super().userinfo_claims(grant))

    def signed(self, claims: dict[str, Any]) -> str:
        return self.sign(claims) if self.sign else super().signed(claims)


class Network(httpx2.AsyncBaseTransport):
    """Leads each host to its application; keeps what went by. A host without one cannot be reached."""

    def __init__(self) -> None:
        self.apps: dict[str, ASGIApp] = {}
        self.answers: list[Response] = []
        self.change: Callable[[Request, Response], Response] | None = None

    async def handle_async_request(self, request: Request) -> Response:
        app = self.apps.get(request.url.host)
        if app is None:
            raise httpx2.ConnectError("no such host", request=request)
        response = await ASGITransport(app).handle_async_request(request)
        await response.aread()
        response.request = request
        if self.change is not None:
            response = self.change(request, response)
        self.answers.append(response)
        return response


@dataclass
class Site:
    """The register with one provider, and a browser on it."""

    network: Network
    provider: Liar
    declared: Provider
    browser: AsyncClient

    @property
    def login(self) -> str:
        """Where a sign-in begins."""
        return f"/login/{self.declared.name}"

    def another_browser(self) -> AsyncClient:
        """A browser without cookies."""
        return AsyncClient(transport=self.network, base_url=self.browser.base_url)

    async def choose(self, choice: str = "claire", *, browser: AsyncClient | None = None, **query: str) -> str:
        """Begins a sign-in and chooses somebody at the provider; the address that the provider sends the browser back to."""
        browser = browser or self.browser
        begun = await browser.get(self.login, params=query)
        assert begun.status_code == 302, begun.text
        page = await browser.get(begun.headers["location"])
        assert page.status_code == 200, page.text
        chosen = await browser.post(page.url, data=hidden(page.text) | {"choose": choice})
        assert chosen.status_code == 303, chosen.text
        return chosen.headers["location"]

    async def sign_in(self, choice: str = "claire", *, browser: AsyncClient | None = None, **query: str) -> Response:
        """The register's answer at the end of a sign-in."""
        return await (browser or self.browser).get(await self.choose(choice, browser=browser, **query))

    async def kind(self, *, browser: AsyncClient | None = None) -> str | None:
        """As what the browser is signed in."""
        return (await (browser or self.browser).get("/session")).json()["kind"]

    async def backchannel(self, token: str) -> Response:
        """The register's answer to a logout token."""
        return await self.another_browser().post(f"{self.login}/backchannel-logout", data={"logout_token": token})


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}


def reference_of(page: str) -> str:
    """The reference that a page shows."""
    [reference] = re.findall(r"<strong>([0-9A-Z]{4}-[0-9A-Z]{4})</strong>", page)
    return reference


def made_provider(network: Network, rules: Rules = FRANCECONNECT, us: str = US) -> Liar:
    """A provider on its own host whose client the register is."""
    login = f"{us}/login/{NAMES[rules.name]}"
    client = Client("parchemin", "client-secret-of-tests", f"{login}/callback", f"{us}/logout/done", f"{login}/backchannel-logout")
    people = agents if rules is PROCONNECT else two_holders
    return Liar(rules, THEM + rules.path, client, people, SUBJECT_SECRET, network)


NAMES = {FRANCECONNECT.name: "fc", PROCONNECT.name: "pc"}


def declared_provider(provider: DemonstrationProvider, kind: Kind, **changed: Any) -> Provider:
    """What PARCHEMIN_PROVIDERS would declare of it."""
    signs_agents = kind is Kind.PROCONNECT
    values: dict[str, Any] = {
        "name": NAMES[provider.rules.name], "label": "Fournisseur", "kind": kind, "discovery": provider.issuer + WELL_KNOWN,
        "client_id": provider.client.id, "secret": provider.client.secret, "acr_values": ("eidas1",), "scopes": SCOPES[kind],
        "claims": OF_AGENTS if signs_agents else PIVOT, "for_agents": signs_agents, "proven": not signs_agents,
    }  # fmt: skip
    return Provider(**(values | changed))


@asynccontextmanager
async def signing(
    url: str, rules: Rules = FRANCECONNECT, kind: Kind = Kind.FRANCECONNECT, us: str = US, more: int = 0, **changed: Any
) -> AsyncGenerator[Site]:
    """The register over a database, with one provider, declared under `more` other names too; `changed` are values of its declaration."""
    network = Network()
    provider = made_provider(network, rules, us)
    declared = declared_provider(provider, kind, **changed)
    others = (replace(declared, name=f"{declared.name}-{number}") for number in range(1, more + 1))
    app = create_app(settings_of_tests(public_url=us, providers=(declared, *others)), url, network)
    theirs = Starlette(routes=provider.routes())
    async with app.router.lifespan_context(app) as state:
        network.apps = {
            "register.test": with_state(app, dict(state or {})),
            "provider.test": with_state(theirs, {"pool": None}),
        }
        async with AsyncClient(transport=network, base_url=us) as browser:
            yield Site(network, provider, declared, browser)


def another_key() -> ECKey:
    """A key that the provider does not publish."""
    return ECKey.generate_key("P-256", {"kid": "another", "use": "sig", "alg": "ES256"})
