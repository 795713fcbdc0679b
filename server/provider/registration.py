"""The two providers of the demonstration, and how our own client knows them."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2
from starlette.routing import BaseRoute, Route

from resolvers.keys import mac
from server.login.claims import FRANCECONNECT as PIVOT
from server.login.claims import PROCONNECT as OF_AGENTS
from server.login.providers import SCOPES, WELL_KNOWN, Kind, Provider
from server.provider import pages
from server.provider.people import Source, agents, holders
from server.provider.protocol import Client, DemonstrationProvider
from server.provider.rules import FRANCECONNECT, PROCONNECT, Rules

CLIENT = "parchemin"


@dataclass(frozen=True)
class Demonstration:
    """A provider, and its declaration as PARCHEMIN_PROVIDERS would hold it."""

    provider: DemonstrationProvider
    declared: Provider


def demonstrations(
    public_url: str, master_secret: bytes, transport: httpx2.AsyncBaseTransport | None = None
) -> tuple[Demonstration, Demonstration]:
    """FranceConnect's and ProConnect's likeness at an origin. Their subjects are the same at every start, since the secret is."""
    return (
        _made(FRANCECONNECT, Kind.FRANCECONNECT, holders, public_url, master_secret, transport),
        _made(PROCONNECT, Kind.PROCONNECT, agents, public_url, master_secret, transport),
    )


def demonstration_routes(made: Sequence[Demonstration]) -> list[BaseRoute]:
    """The endpoints and pages of the demonstration's providers."""
    return [Route("/demonstration/style.css", pages.style), *(route for one in made for route in one.provider.routes())]


def _made(
    rules: Rules, kind: Kind, people: Source, public_url: str, master_secret: bytes, transport: httpx2.AsyncBaseTransport | None
) -> Demonstration:
    issuer = f"{public_url}{rules.path}"
    login = f"{public_url}/login/{rules.name}"
    secret = mac(master_secret, f"demonstration/client/{rules.name}/1".encode()).hex()
    client = Client(CLIENT, secret, f"{login}/callback", f"{public_url}/logout/done", f"{login}/backchannel-logout")
    signs_agents = kind is Kind.PROCONNECT
    declared = Provider(
        name=rules.name,
        label=rules.label,
        kind=kind,
        discovery=issuer + WELL_KNOWN,
        client_id=CLIENT,
        secret=secret,
        acr_values=("eidas1",),
        scopes=SCOPES[kind],
        claims=OF_AGENTS if signs_agents else PIVOT,
        for_agents=signs_agents,
        proven=not signs_agents,
    )
    subjects = mac(master_secret, f"demonstration/subject/{rules.name}/1".encode())
    return Demonstration(DemonstrationProvider(rules, issuer, client, people, subjects, transport), declared)
