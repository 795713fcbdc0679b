"""Connections of the web server: answers that leave whole, and heads that do not come."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from server import connections
from server.connections import Connection
from server.graph.answers import Answer, send_answer
from server.graph.media import Media
from server.whole import send_whole

BODY = b'{"data":{"__typename":"Query"}}'


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as the graph does; under `/two` as it does on any other server, under `/long` at length."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    if scope["path"] == "/two":
        del scope["extensions"]
    body = BODY * 10_000 if scope["path"] == "/long" else BODY
    await send_answer(scope, send, Answer(body), Media.JSON)


@asynccontextmanager
async def listening() -> AsyncGenerator[int]:
    config = uvicorn.Config(application, port=0, http=Connection, lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with listening() as port:
        yield port


async def answered(port: int, sent: bytes) -> bytes:
    """All that comes until the server closes, without its dates."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    found = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return re.sub(rb"date: [^\r]*\r\n", b"", found)


def request(path: str, method: str = "POST", version: str = "1.1", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: x", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
@pytest.mark.parametrize(("version", "headers"), [("1.1", {"Connection": "close"}), ("1.0", {})])
async def test_an_answer_that_leaves_whole_is_the_one_of_two_messages(
    port: int, method: str, version: str, headers: dict[str, str]
) -> None:
    one, two = [await answered(port, request(path, method, version, **headers)) for path in ("/", "/two")]
    assert one == two
    assert one.endswith(b"connection: close\r\n\r\n" + (b"" if method == "HEAD" else BODY))


async def test_requests_that_are_sent_at_once_are_answered_in_their_order(port: int) -> None:
    found = await answered(port, request("/") + request("/two") + request("/long") + request("/", Connection="close"))
    assert [len(part) for part in re.findall(rb"\r\n\r\n([^H]*)", found)] == [len(BODY)] * 2 + [len(BODY) * 10_000, len(BODY)]


async def test_an_answer_is_one_write(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bool] = []

    def counted(cycle: RequestResponseCycle, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        sent.append(send_whole(cycle, headers, body))
        return sent[-1]

    monkeypatch.setattr(connections, "send_whole", counted)
    await answered(port, request("/") + request("/long") + request("/", "HEAD", Connection="close"))
    assert sent == [True, False, False]


@pytest.mark.parametrize("begun", [b"POST / HT", b"\r\n"])
async def test_a_connection_that_begins_another_head_says_it_in_time(
    port: int, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request("/"))
    await asyncio.wait_for(reader.readuntil(BODY), 5)
    await asyncio.sleep(0.5)  # an idle connection may wait longer than a head
    for piece in (begun, b"\r\n" if begun == b"\r\n" else b"TP", b""):
        writer.write(piece)
        await asyncio.sleep(0.15)
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        await asyncio.wait_for(reader.readexactly(1), 2)
    writer.close()
