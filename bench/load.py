"""A load on a server as production runs it: clients that ask at once, each of whose answers is checked; loads in turn within rounds."""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from types import MappingProxyType
from typing import Any

from resolvers.keys import Keyring

SECRET = bytes(range(32))
KEYRING = Keyring.of(SECRET)
ROUNDS, WARM_UP = 5, 1.0
SERVE = ("server", "serve", "--port")

Client = Callable[[], AbstractAsyncContextManager[Callable[[], Awaitable[None]]]]
"""Connects, and gives what it does again and again."""


@dataclass
class Load:
    """What some clients do at once, and what was measured of it."""

    name: str
    client: Client
    clients: int = 16
    rates: list[float] = field(default_factory=list[float])
    latencies: list[float] = field(default_factory=list[float])

    async def run(self, seconds: float) -> None:
        """One round."""
        began, before = time.perf_counter(), len(self.latencies)
        await asyncio.gather(*(self._work(began + seconds) for _ in range(self.clients)))
        self.rates.append((len(self.latencies) - before) / (time.perf_counter() - began))

    async def _work(self, until: float) -> None:
        async with self.client() as act:
            while (began := time.perf_counter()) < until:
                await act()
                self.latencies.append(time.perf_counter() - began)

    @property
    def rate(self) -> float:
        """Acts a second, the median of the rounds."""
        return median(self.rates)

    def quantile(self, share: float) -> float:
        """The latency that a share of the acts stays under, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[int(share * (len(ordered) - 1))] * 1000


async def in_turn(loads: Sequence[Load], seconds: float) -> None:
    """Runs the loads one after the other, some rounds of so many seconds each, after a warm-up that does not count."""
    for load in loads:
        await load.run(WARM_UP)
        load.rates.clear()
        load.latencies.clear()
    for _ in range(ROUNDS):
        for load in loads:
            await load.run(seconds)


def report(what: str, loads: Sequence[Load]) -> None:
    """Prints a row for each load; the last column is how many times as much it costs as the first."""
    print(f"{what:>28} {'per second':>11} {'p50 ms':>7} {'p99 ms':>7} {'ratio':>6}")
    for load in loads:
        ratio = loads[0].rate / load.rate
        print(f"{load.name:>28} {load.rate:>11.0f} {load.quantile(0.5):>7.2f} {load.quantile(0.99):>7.2f} {ratio:>6.2f}")


@asynccontextmanager
async def serving(
    url: str, port: int, command: Sequence[str] = SERVE, environment: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[int]:
    """A server over a register, as production runs it unless the command (a module and its arguments) says otherwise; its process."""
    environment = {**os.environ, "DATABASE_URL": url, "PARCHEMIN_SECRET": SECRET.hex(), **environment}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, str(port), env=environment)
    try:
        await wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def wait_for(port: int) -> None:
    """Waits until the server answers."""
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the server did not start")


@dataclass(frozen=True)
class Connection:
    """A kept-alive connection to a server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self, request: bytes) -> tuple[str, bytes]:
        """The head and the body of the answer to a request."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        return head, await self.reader.readexactly(int(header(head, "content-length")))


def header(head: str, name: str) -> str:
    """A header of an answer."""
    return next(line for line in head.split("\r\n") if line.lower().startswith(f"{name}:")).partition(": ")[2]


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[Connection]:
    """A connection, closed afterwards."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def asking(port: int, requests: Iterable[bytes], expected: bytes, times: int = 1) -> Client:
    """Clients that send these requests in their order, over and over; each answer must hold what is expected so many times."""
    turn = itertools.cycle(requests)

    @asynccontextmanager
    async def client() -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        async with connected(port) as connection:

            async def ask() -> None:
                _, body = await connection.answer(next(turn))
                assert body.count(expected) == times, body

            yield ask

    return client


def request(path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """A request as it travels: by POST if it has a body."""
    lines = [
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1",
        "Host: bench",
        *(f"{name}: {headers[name]}" for name in headers),
    ]
    length = [] if body is None else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *length, "\r\n"]).encode() + (body or b"")


def operation(document: str, headers: Mapping[str, str], **variables: Any) -> bytes:
    """A request of the graph."""
    body = json.dumps({"query": document, "variables": variables}).encode()
    return request("/graphql", {"Content-Type": "application/json", **headers}, body)
