"""Signing in: whole sign-ins a second, through the demonstration's FranceConnect; how much of it is the provider's, and the database's."""

import argparse
import itertools
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from os import environ
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette

from bench.load import SECRET, Client, Connection, Load, connected, header, in_turn, report, request, serving
from bench.machine import fresh_register, scratch_server
from db.pool import connect, open_pool
from db.statements import Database
from resolvers import accounts, web_sessions
from resolvers.web_sessions import ProviderSession
from server.identity import COOKIE
from server.login.claims import FRANCECONNECT as PIVOT
from server.login.claims import person_of
from server.login.journey import login_routes
from server.login.relying_party import RelyingParty
from server.provider.people import NOBODY, Subject
from server.provider.registration import Demonstration, demonstration_routes, demonstrations

CLIENTS, PEOPLE = 8, 40
PORT = 18_800
ORIGIN = f"http://127.0.0.1:{PORT}"
PERSON = person_of(PIVOT, NOBODY)


async def measure(given: argparse.Namespace) -> None:
    """Prints whole sign-ins beside what the provider alone does of them, then the use cases of a sign-in on the database alone."""
    async with scratch_server() as server:
        url = await fresh_register(server, "login")
        whole = Load("whole sign-in", browsing(sign_in), CLIENTS)
        theirs = Load("the provider's part", browsing(authorize), CLIENTS)
        known = Load("use cases, known account", noting(url, itertools.cycle(range(PEOPLE))), CLIENTS)
        new = Load("use cases, new account", noting(url, itertools.count(PEOPLE)), CLIENTS)
        async with serving(url, PORT, ("bench.signing_in",)):
            await in_turn([whole, theirs, known, new], given.seconds)
    report("", [whole, theirs, known, new])
    print(f"of {1000 / whole.rate:.1f} ms a sign-in, {1000 / theirs.rate:.1f} are the provider's")


def browsing(journey: Callable[[Connection, str], Awaitable[None]]) -> Client:
    """Clients each of whose journeys is that of another person than the last."""
    choices = itertools.cycle(range(PEOPLE))

    @asynccontextmanager
    async def client() -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        async with connected(PORT) as connection:
            yield lambda: journey(connection, str(next(choices)))

    return client


async def sign_in(connection: Connection, choice: str) -> None:
    """From the button of the sign-in page to the cookie of a session, in a browser that has no cookie."""
    head, _ = await connection.answer(request(f"/login/{provider().declared.name}", {}))
    trip = header(head, "set-cookie").partition(";")[0]
    back = await chosen(connection, header(head, "location"), choice)
    head, _ = await connection.answer(request(back, {"Cookie": trip}))
    assert f"set-cookie: {COOKIE}=" in head, head


async def authorize(connection: Connection, choice: str) -> None:
    """What the provider does in a sign-in: its page, the choice, the tokens and the claims."""
    made = provider()
    client = made.provider.client
    query = {
        "response_type": "code", "client_id": client.id, "redirect_uri": client.redirect, "scope": " ".join(made.declared.scopes),
        "acr_values": "eidas1", "state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32),
    }  # fmt: skip
    back = await chosen(connection, f"{made.provider.issuer}/authorize?{urlencode(query)}", choice)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    path = urlsplit(made.provider.issuer).path
    _, body = await connection.answer(
        posted(f"{path}/token", grant_type="authorization_code", code=code, redirect_uri=client.redirect, client_id=client.id,
               client_secret=client.secret)
    )  # fmt: skip
    token = json.loads(body)["access_token"]
    head, _ = await connection.answer(request(f"{path}/userinfo", {"Authorization": f"Bearer {token}"}))
    assert "application/jwt" in head, head


async def chosen(connection: Connection, address: str, choice: str) -> str:
    """Opens the provider's page and chooses somebody; the path that the provider sends the browser back to."""
    parts = urlsplit(address)
    _, page = await connection.answer(request(f"{parts.path}?{parts.query}", {}))
    assert b'name="choose"' in page, page
    head, _ = await connection.answer(posted(parts.path, **dict(parse_qsl(parts.query)), choose=choice))
    back = urlsplit(header(head, "location"))
    return f"{back.path}?{back.query}"


def posted(path: str, **fields: str) -> bytes:
    """A form."""
    return request(path, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(fields).encode())


def noting(url: str, subjects: Iterator[int]) -> Client:
    """Clients that do what the register does at the end of a sign-in, on the database alone, for one subject after the other."""

    @asynccontextmanager
    async def client() -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        database = await connect(url)

        async def note() -> None:
            subject = f"use-cases-{next(subjects)}"
            account = await accounts.sign_in(database, "franceconnect", subject, PERSON, proven=True)
            await web_sessions.begin(database, account, ProviderSession("franceconnect", subject), "Firefox")

        try:
            yield note
        finally:
            await database.close()

    return client


@cache
def provider() -> Demonstration:
    """The demonstration's FranceConnect, where one may be any of a few people."""
    made, _ = demonstrations(ORIGIN, SECRET)
    made.provider.people = crowd
    return made


async def crowd(_: Database) -> list[Subject]:
    """People who differ by their date of birth alone."""
    return [Subject(str(nth), "Maël", "NO_DIPLOMA", NOBODY | {"birthdate": f"19{nth + 50}-05-17"}) for nth in range(PEOPLE)]


def application(url: str) -> Starlette:
    """Signing in, and the provider, over a database: one process has both."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
        async with await open_pool(url) as pool:
            yield {"pool": pool}

    declared = provider().declared
    parties = {declared.name: RelyingParty(declared, ORIGIN)}
    return Starlette(
        routes=[*login_routes(parties, ORIGIN, SECRET, local=False), *demonstration_routes([provider()])], lifespan=lifespan
    )


if __name__ == "__main__":
    uvicorn.run(application(environ["DATABASE_URL"]), port=PORT, log_level="warning", access_log=False)
