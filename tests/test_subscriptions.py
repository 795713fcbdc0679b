"""A holder watches his account: over a WebSocket and over server-sent events, for as long as his session is open."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from resolvers import adding, callers, publication, sessions, subscription
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from server.app import create_app
from server.identity import COOKIE
from tests import browser as real
from tests.client import settings_of_tests
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import ELOISE, signed_in

WATCH = "subscription { viewerChanged { kind viewer { diplomas { edges { node { diploma { title } } } } } } }"
PROTOCOL = Subprotocol("graphql-transport-ws")
BAC = Wanted("bac", 2026, "01")


@pytest.fixture
async def origin(url: str) -> AsyncIterator[str]:
    app = create_app(settings_of_tests(), url)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with real.served(with_state) as origin:
            yield origin


@pytest.fixture
async def published(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path, keyring: Keyring
) -> Journey:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    return journey


def watching(origin: str, secret: str | None, **headers: str) -> Any:
    sent = ({"Cookie": f"{COOKIE}={secret}"} if secret else {}) | headers
    return connect(origin.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], additional_headers=sent)


async def begin(socket: ClientConnection) -> None:
    await socket.send('{"type": "connection_init"}')
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH}}))


async def heard(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def settled(connection: DatabaseConnection) -> None:
    """Until the server listens and the subscription has begun."""
    for _ in range(200):
        listening = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
        )
        if listening:
            await asyncio.sleep(0.2)
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def test_a_holder_hears_of_his_own_diploma_and_of_nobody_elses(
    origin: str, connection: DatabaseConnection, published: Journey
) -> None:
    mine, other = await signed_in(connection), await signed_in(connection, ELOISE, "other")
    async with watching(origin, mine.secret) as socket, watching(origin, other.secret) as elsewhere:
        await begin(socket)
        await begin(elsewhere)
        await settled(connection)
        await adding.add(connection, mine.holder, BAC)
        change = (await heard(socket))["payload"]["data"]["viewerChanged"]
        assert change["kind"] == "DIPLOMA_ADDED"
        assert change["viewer"]["diplomas"]["edges"][0]["node"]["diploma"]["title"] == "Baccalauréat général"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(elsewhere.recv(), 0.3)


async def test_server_sent_events_carry_the_same(origin: str, connection: DatabaseConnection, published: Journey) -> None:
    mine = await signed_in(connection)
    headers = {"Accept": "text/event-stream", "Cookie": f"{COOKIE}={mine.secret}"}
    async with (
        AsyncClient(base_url=origin, headers=headers) as client,
        client.stream("POST", "/graphql", json={"query": WATCH}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        await settled(connection)
        await adding.add(connection, mine.holder, BAC)
        async for line in answer.aiter_lines():
            if line.startswith("data:") and "viewerChanged" in line:
                assert json.loads(line[5:])["data"]["viewerChanged"]["kind"] == "DIPLOMA_ADDED"
                return
    raise AssertionError("nothing was heard")


async def test_whoever_is_not_signed_in_hears_that_he_must_be(origin: str, connection: DatabaseConnection) -> None:
    async with watching(origin, None) as socket:
        await begin(socket)
        answer = await heard(socket)
    assert "UNAUTHENTICATED" in json.dumps(answer)


async def test_a_subscription_ends_with_its_session(
    origin: str, connection: DatabaseConnection, published: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "LOOK_SECONDS", 0.1)
    mine = await signed_in(connection)
    async with watching(origin, mine.secret) as socket:
        await begin(socket)
        await settled(connection)
        await connection.execute("update web_session set ended_at = now()")
        assert (await heard(socket))["type"] == "complete"


async def test_an_open_socket_asks_for_nobody_once_its_session_has_ended(origin: str, connection: DatabaseConnection) -> None:
    mine = await signed_in(connection)
    async with watching(origin, mine.secret) as socket:
        await socket.send('{"type": "connection_init"}')
        assert (await heard(socket))["type"] == "connection_ack"

        async def viewer(id_: str) -> Any:
            await socket.send(json.dumps({"id": id_, "type": "subscribe", "payload": {"query": "{ viewer { __typename } }"}}))
            answer, over = await heard(socket), await heard(socket)
            assert over["type"] == "complete"
            return answer["payload"]["data"]["viewer"]

        assert await viewer("1") is not None
        await connection.execute("update web_session set ended_at = now()")
        assert await viewer("2") is None


async def test_a_message_that_is_none_closes_the_socket(origin: str) -> None:
    for message in ("{", "[1]", "1", "[" * 50_000, '{"type": "connection_init", "payload": 1}', "{}"):
        async with watching(origin, None) as socket:
            await socket.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                await heard(socket)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4400, message


async def test_another_site_cannot_open_a_socket_with_the_holders_cookie(origin: str, connection: DatabaseConnection) -> None:
    mine = await signed_in(connection)
    with pytest.raises(InvalidStatus):
        async with watching(origin, mine.secret, Origin="https://elsewhere.test"):
            pass


async def test_notices_are_heard_again_after_the_connection_broke(
    origin: str, connection: DatabaseConnection, published: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.notices.RECONNECT_SECONDS", 0.05)
    mine = await signed_in(connection)
    async with watching(origin, mine.secret) as socket:
        await begin(socket)
        await settled(connection)
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
        )
        await asyncio.sleep(0.2)
        await settled(connection)
        await adding.add(connection, mine.holder, BAC)
        assert (await heard(socket))["payload"]["data"]["viewerChanged"]["kind"] == "DIPLOMA_ADDED"


async def test_a_withdrawn_and_a_corrected_publication_are_heard_by_the_holders_whom_they_concern(
    origin: str, connection: DatabaseConnection, published: Journey, second: Caller, keyring: Keyring
) -> None:
    third = await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    mine = await signed_in(connection)
    await adding.add(connection, mine.holder, BAC)
    async with watching(origin, mine.secret) as socket:
        await begin(socket)
        await settled(connection)
        await publication.request_withdrawal(connection, second, published.session, "Erreur")
        await publication.withdraw(connection, third, published.session)
        assert (await heard(socket))["payload"]["data"]["viewerChanged"]["kind"] == "DIPLOMA_CHANGED"
        await sessions.reopen_withdrawn(connection, published.first, published.session)
        await published.publish(keyring, candidate(1, mention="AB", moyenne="12,5"))
        change = (await heard(socket))["payload"]["data"]["viewerChanged"]
        assert change["kind"] == "DIPLOMA_CHANGED"
        assert len(change["viewer"]["diplomas"]["edges"]) == 1
