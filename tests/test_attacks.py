"""What somebody may send to harm the others: each attack gets its refusal, before it costs anything."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from httpx2 import AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from bench.hostile_documents import DOCUMENTS, document
from resolvers import notices
from server import connections, watchers
from server.graph import body
from server.graph.body import LONGEST_BODY
from server.graph.streaming import MOST_SUBSCRIPTIONS
from server.identity import COOKIE
from server.running import web_server
from tests.client import Client, served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.people import signed_in

WATCH = "subscription { viewerChanged { kind } }"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


async def test_a_hostile_document_is_refused_with_the_code_of_its_excess(client: Client) -> None:
    for name, (*_, code) in DOCUMENTS.items():
        answer = await client.answer(document(name))
        assert code in [error["extensions"]["code"] for error in answer["errors"]], name
        assert answer.get("data") is None


async def test_huge_variables_are_refused_or_ignored(client: Client) -> None:
    ask = "query ($a: String, $b: [Int!]) { availability(from: 2026, to: 2026, academy: $a) { count } }"
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    for variables in ({"b": list(range(9000))}, {"a": deep}, {"b": deep}, {"a": "x" * 60_000}, {"n": 10**4000}):
        answer = await client.send(
            "POST", "/graphql", content=json.dumps({"query": ask, "variables": variables}), headers={"Content-Type": "application/json"}
        )  # fmt: skip
        assert answer.status_code in (200, 400), answer.text
        assert "INTERNAL_ERROR" not in answer.text


# On sockets, as production serves them


@asynccontextmanager
async def listening(url: str) -> AsyncGenerator[int]:
    server = web_server(settings_of_tests(), url, "127.0.0.1", 0)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def ask(port: int) -> int:
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        return (await client.post("/graphql", json={"query": "{ __typename }"})).status_code


async def test_silent_sockets_shut_nobody_out_and_are_closed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_AT_ONCE", 5)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 1.0)
    async with listening(url) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in opened[:25]:
            writer.write(b"POST /graphql HTTP/1.1\r\nHost:")
        assert await ask(port) == 200
        ended = await asyncio.wait_for(asyncio.gather(*(reader.read() for reader, _ in opened), return_exceptions=True), 5)
        assert all(end == b"" or isinstance(end, ConnectionResetError) for end in ended)
        for _, writer in opened:
            writer.close()


async def test_more_connections_than_a_process_holds_are_closed_as_they_come(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    async with listening(url) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        with suppress(ConnectionResetError):
            assert await asyncio.wait_for(opened[2][0].read(), 5) == b""
        for _, writer in opened:
            writer.close()


async def test_requests_beyond_those_of_one_process_are_answered_503(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(url) as port:
        monkeypatch.setattr(connections, "MOST_AT_ONCE", 0)
        assert await ask(port) == 503


async def test_a_slow_body_is_answered_408(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LONGEST_WAIT", 0.3)
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    async with listening(url) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 408 ")
        writer.close()


def watching(port: int, **headers: str) -> Any:
    address = f"ws://127.0.0.1:{port}/graphql"
    return connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], additional_headers=headers)


async def begin(socket: ClientConnection) -> None:
    await socket.send('{"type": "connection_init"}')
    assert json.loads(await socket.recv()) == {"type": "connection_ack"}


async def subscribe(socket: ClientConnection, name: str, text: str) -> None:
    await socket.send(json.dumps({"id": name, "type": "subscribe", "payload": {"query": text}}))


async def heard(socket: ClientConnection) -> dict[str, Any]:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def test_a_socket_hears_why_a_document_is_refused_and_goes_on(url: str) -> None:
    async with listening(url) as port, watching(port) as socket:
        await begin(socket)
        for name, code in (("one field over and over", "TOO_MANY_REPEATS"), ("three hundred levels", "DOCUMENT_TOO_DEEP")):
            await subscribe(socket, name, document(name))
            answer = await heard(socket)
            assert (answer["type"], answer["id"], answer["payload"][0]["extensions"]["code"]) == ("error", name, code)
        await subscribe(socket, "last", "{ __typename }")
        assert (await heard(socket))["payload"] == {"data": {"__typename": "Query"}}


async def test_a_flood_of_subscriptions_ends_at_each_bound(
    url: str, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchers, "MOST_OF_ONE_ADDRESS", 2)
    cookie = {"Cookie": f"{COOKIE}={(await signed_in(connection)).secret}"}
    async with listening(url) as port, watching(port, **cookie) as socket, watching(port, **cookie) as other:
        with pytest.raises(InvalidStatus) as refused:
            await watching(port).__aenter__()
        assert refused.value.response.status_code == 403
        await begin(socket)
        for number in range(MOST_SUBSCRIPTIONS + 1):
            await subscribe(socket, str(number), WATCH)
        answer = await heard(socket)
        assert (answer["type"], answer["id"]) == ("error", str(MOST_SUBSCRIPTIONS))
        assert "Subscription limit reached" in json.dumps(answer)
        monkeypatch.setattr(watchers, "MOST_SOCKETS", 1)
        with pytest.raises(InvalidStatus) as refused:
            await watching(port).__aenter__()
        assert refused.value.response.status_code == 403
        monkeypatch.setattr(notices, "MOST_WATCHING", 1)
        await begin(other)
        await subscribe(other, "another", WATCH)
        assert "TOO_MANY_SUBSCRIPTIONS" in json.dumps(await heard(other))


async def test_a_message_of_a_socket_is_as_long_as_a_body_at_most(url: str) -> None:
    async with listening(url) as port, watching(port) as socket:
        await begin(socket)
        await subscribe(socket, "1", " " * LONGEST_BODY)
        with pytest.raises(ConnectionClosed) as closed:
            await heard(socket)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1009
