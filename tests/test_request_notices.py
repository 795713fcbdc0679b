"""Who hears of a request: its applicant by e-mail and by his subscription, the desk by its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from httpx2 import AsyncClient
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from graph.document_requests import DocumentRequestKind
from resolvers import attempts, callers, desk, document_requests, subscription, web_sessions
from resolvers.accounts import Holder
from resolvers.callers import Caller
from resolvers.document_requests import Asked, NewRequest
from resolvers.notices import MOST_WAITING, MOST_WATCHING, Notices, TooManyWatching
from resolvers.request_notices import Writer
from resolvers.routing import Obtained
from resolvers.web_sessions import ProviderSession
from server.app import create_app
from server.identity import COOKIE
from tests import browser as real
from tests.client import Client, served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.desks import Desk, desk_of, submitted
from tests.people import ELOISE, signed_in
from tests.visitor import EMAIL, KEYS, SITE, mailbox, with_account

DESK = "subscription { deskChanged { request { reference state assignedTo messages { body } } } }"
VIEWER = "subscription { viewerChanged { kind } }"
WRITER = Writer(KEYS, SITE)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come as soon as they are known."""
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.0)


@pytest.fixture
async def client(url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(url, public_url=SITE, data=tmp_path) as client:
        yield client


@pytest.fixture
async def one(client: Client, connection: DatabaseConnection, first: Caller) -> Desk:
    return await desk_of(client, connection, first)


async def local_account(client: Client, connection: DatabaseConnection) -> UUID:
    """The account of somebody whose address is known."""
    await with_account(client, connection)
    return await connection.fetchval("select account_id from local_account")


async def test_each_news_of_a_request_is_a_letter_that_says_only_its_reference_and_where_to_sign_in(
    client: Client, connection: DatabaseConnection, one: Desk
) -> None:
    account = await local_account(client, connection)
    request = await submitted(connection, account, title="Baccalauréat série L")
    await one.takes(request)
    assert await mailbox(connection) == []
    for news in (one.asks(request, "IDENTITY"), one.refuses(request, "OTHER", grounds="Motif très personnel")):
        assert (await news)["__typename"] == "DeskRequest"
        [letter] = await mailbox(connection)
        assert letter["subject"] == "Du nouveau sur votre demande ABCD-EFGH"
        assert f"{SITE}/login/local" in letter["text"]
        for personal in ("LECŒUR", "Lecœur", "Éloïse", "Baccalauréat", "Motif", "Claude", "identité", str(request), EMAIL):
            assert personal not in letter["text"] + letter["subject"]
        await connection.execute("delete from mail")


async def test_a_request_that_was_made_is_a_letter_too(client: Client, connection: DatabaseConnection) -> None:
    account = await local_account(client, connection)
    new = NewRequest(DocumentRequestKind.ATTESTATION, Obtained("bac", 1998, "01"), Asked())
    await document_requests.submit(connection, Holder(account, ELOISE, False, None), WRITER, new)
    [letter] = await mailbox(connection)
    assert letter["subject"].startswith("Du nouveau sur votre demande ")


async def test_a_letter_is_in_the_language_of_its_account(client: Client, connection: DatabaseConnection, one: Desk) -> None:
    account = await local_account(client, connection)
    await connection.execute("update local_account set language = 'en'")
    request = await submitted(connection, account)
    await one.takes(request)
    await one.accepts(request)
    [letter] = await mailbox(connection)
    assert letter["subject"] == "News of your request ABCD-EFGH"


async def test_an_act_that_is_refused_writes_to_nobody(client: Client, connection: DatabaseConnection, one: Desk) -> None:
    request = await submitted(connection, await local_account(client, connection))
    assert (await one.accepts(request))["__typename"] == "NotAssigned"
    assert await mailbox(connection) == []


async def test_who_signs_in_by_a_provider_has_no_address_and_no_letter(
    client: Client, connection: DatabaseConnection, one: Desk
) -> None:
    request = await submitted(connection, (await signed_in(connection)).holder.id)
    await one.takes(request)
    assert (await one.accepts(request))["state"] == "ACCEPTED"
    assert await connection.fetchval("select count(*) from mail") == 0


# Subscriptions


@pytest.fixture
async def origin(url: str) -> AsyncIterator[str]:
    app = create_app(settings_of_tests(), url)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with real.served(with_state) as origin:
            yield origin


def watching(origin: str, **headers: str) -> Any:
    protocols = [Subprotocol("graphql-transport-ws")]
    return connect(origin.replace("http", "ws") + "/graphql", subprotocols=protocols, additional_headers=headers)


async def begin(socket: ClientConnection, document: str = DESK) -> None:
    await socket.send('{"type": "connection_init"}')
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": document}}))


async def heard(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def settled(connection: DatabaseConnection) -> None:
    """Until the server listens and the subscriptions have begun."""
    for _ in range(200):
        if await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
        ):
            await asyncio.sleep(0.3)
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def bearer(connection: DatabaseConnection, agent: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {await callers.new_token(connection, agent, timedelta(minutes=5))}"}


async def test_a_desk_hears_of_its_own_requests_and_of_no_other_desks(
    origin: str, connection: DatabaseConnection, first: Caller, stranger: Caller
) -> None:
    account = (await signed_in(connection)).holder.id
    async with (
        watching(origin, **await bearer(connection, first)) as socket,
        watching(origin, **await bearer(connection, stranger)) as elsewhere,
    ):
        await begin(socket)
        await begin(elsewhere)
        await settled(connection)
        request = await submitted(connection, account)
        change = (await heard(socket))["payload"]["data"]["deskChanged"]["request"]
        assert change == {"reference": "ABCD-EFGH", "state": "SUBMITTED", "assignedTo": None, "messages": []}
        await desk.take(connection, first, request)
        assert (await heard(socket))["payload"]["data"]["deskChanged"]["request"]["assignedTo"] == "Claude"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(elsewhere.recv(), 0.3)


async def test_an_applicant_hears_of_his_own_requests_and_of_nobody_elses(
    origin: str, connection: DatabaseConnection, first: Caller
) -> None:
    mine, other = await signed_in(connection), await signed_in(connection, replace(ELOISE, family_name="Autre"), "other")
    request = await submitted(connection, mine.holder.id)
    cookies = [{"Cookie": f"{COOKIE}={one.secret}"} for one in (mine, other)]
    async with watching(origin, **cookies[0]) as socket, watching(origin, **cookies[1]) as elsewhere:
        await begin(socket, VIEWER)
        await begin(elsewhere, VIEWER)
        await settled(connection)
        await desk.take(connection, first, request)
        assert (await heard(socket))["payload"]["data"]["viewerChanged"] == {"kind": "DOCUMENT_REQUEST_CHANGED"}
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(elsewhere.recv(), 0.3)


async def test_server_sent_events_carry_the_same(origin: str, connection: DatabaseConnection, first: Caller) -> None:
    account = (await signed_in(connection)).holder.id
    headers = {"Accept": "text/event-stream", **await bearer(connection, first)}
    async with (
        AsyncClient(base_url=origin, headers=headers) as client,
        client.stream("POST", "/graphql", json={"query": DESK}) as answer,
    ):
        await settled(connection)
        await submitted(connection, account)
        async for line in answer.aiter_lines():
            if line.startswith("data:") and "deskChanged" in line:
                assert json.loads(line[5:])["data"]["deskChanged"]["request"]["reference"] == "ABCD-EFGH"
                return
    raise AssertionError("nothing was heard")


async def test_who_has_no_right_at_the_desk_hears_so(origin: str, connection: DatabaseConnection) -> None:
    auditor = await callers.add(connection, "Auditor", "AUDITOR", ["01"])
    for headers, code in (({}, "UNAUTHENTICATED"), (await bearer(connection, auditor), "FORBIDDEN")):
        async with watching(origin, **headers) as socket:
            await begin(socket)
            assert code in json.dumps(await heard(socket))


@pytest.mark.parametrize("end", ["token", "session", "role", "agent"])
async def test_a_desk_is_watched_for_as_long_as_its_agent_is_signed_in_and_works_there(
    origin: str, connection: DatabaseConnection, first: Caller, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(subscription, "LOOK_SECONDS", 0.1)
    secret = await web_sessions.begin(connection, first, ProviderSession("proconnect", "claude"), "Firefox")
    headers = {"Cookie": f"{COOKIE}={secret}"} if end == "session" else await bearer(connection, first)
    async with watching(origin, **headers) as socket:
        await begin(socket)
        await settled(connection)
        match end:
            case "token":
                await callers.revoke_tokens(connection, first)
            case "session":
                await connection.execute("update web_session set ended_at = now()")
            case "role":
                await callers.add(connection, first.name, "AUDITOR", list(first.academies))
            case _:
                await callers.retire(connection, first)
        assert (await heard(socket))["type"] == "complete"


async def test_a_slow_desk_keeps_the_latest_changes_and_one_agent_does_not_watch_without_end(first: Caller) -> None:
    notices, requests = Notices(), [UUID(int=number) for number in range(MOST_WAITING + 4)]
    async with notices.at_desk(first.id, first.academies) as changes:
        for request in requests:
            notices.hear_of_request(f"01 {request}")
            notices.hear_of_request(f"10 {request}")
        assert [changes.get_nowait() for _ in range(changes.qsize())] == requests[4:]
        others = [notices.at_desk(first.id, first.academies) for _ in range(MOST_WATCHING)]
        for other in others[1:]:
            await other.__aenter__()
        with pytest.raises(TooManyWatching):
            await others[0].__aenter__()
        for other in others[1:]:
            await other.__aexit__(None, None, None)
    notices.hear_of_request(f"01 {requests[0]}")
