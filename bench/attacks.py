"""Attacks: how long each takes to be refused, and the p99 of other people's requests beside it against their p99 without, in turn."""

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.hostile_documents import DOCUMENTS, document
from bench.load import Connection, Load, asking, connected, in_turn, operation, request, serving
from bench.machine import scratch_server
from bench.verifying import asked_with, filled, verifying
from resolvers.schema import deployed
from server.connections import allow_files

PORT = 18_930
SIZE = 10_000
EVERY = 0.05
"""Seconds between two refusals of one attacker: more is for the proxy to limit."""

USERS = 2
IDLE = 2000
SETTLING = 1.0
DISTINCT = 10_000
FAMILIES = "{ families { code label } }"

Attack = Callable[["Measured"], AbstractAsyncContextManager[None]]


@dataclass
class Measured:
    """An attack, what it took to refuse it, and what others waited beside it and without it."""

    name: str
    attack: Attack
    refusals: list[float] = field(default_factory=list[float])
    alone: list[float] = field(default_factory=list[float])
    beside: list[float] = field(default_factory=list[float])


async def measure(given: argparse.Namespace) -> None:
    """Prints a row for each attack."""
    allow_files()
    judging()
    async with scratch_server() as server:
        register = await filled(server, SIZE)
        async with serving(register.url, PORT) as process:
            keys = list(register.keys.values())
            loads = [
                Load("verification", verifying(PORT, asked_with(keys)), USERS),
                Load("families", asking(PORT, [operation(FAMILIES, {})], b'"families"'), USERS),
            ]
            await in_turn(loads, 1.0)
            print(f"{'attack':>34} {'refusals':>8} {'p50 ms':>7} {'max ms':>7} {'p99 alone':>9} {'beside':>7} {'ratio':>6}")
            for one in attacks():
                for _ in range(given.rounds):
                    one.alone += await latencies(loads, given.seconds)
                    async with one.attack(one):
                        one.beside += await latencies(loads, given.seconds)
                show(one)
            before = await memory(process)
            async with connected(PORT) as connection:
                for sent in distinct():
                    await refused(connection, sent, "families")
            print(f"{DISTINCT} distinct documents: memory from {before:.0f} to {await memory(process):.0f} MB")


async def latencies(loads: list[Load], seconds: float) -> list[float]:
    """What the loads wait, all at once, in seconds."""
    for load in loads:
        load.latencies.clear()
    await asyncio.gather(*(load.run(seconds) for load in loads))
    return [latency for load in loads for latency in load.latencies]


def show(one: Measured) -> None:
    alone, beside = (sorted(found)[int(0.99 * (len(found) - 1))] * 1000 for found in (one.alone, one.beside))
    refused = [1000 * each for each in one.refusals] or [0.0]
    times = f"{len(one.refusals):>8} {median(refused):>7.1f} {max(refused):>7.1f}"
    print(f"{one.name:>34} {times} {alone:>9.1f} {beside:>7.1f} {beside / alone:>6.2f}", flush=True)


def attacks() -> list[Measured]:
    """Every attack: the documents, then what is done with connections."""
    documents = [Measured(name, sending([body(document(name))], code)) for name, (*_, code) in DOCUMENTS.items()]
    deep = json.dumps({"query": "query ($a: [Int]) { __typename }", "variables": {"a": list(range(9000))}}).encode()
    return [
        Measured("nothing", _nothing),
        *documents,
        Measured("huge variables", sending([deep], "VARIABLES_TOO_LARGE")),
        Measured("distinct documents", sending(distinct(), "families")),
        Measured("slow bodies", slow_bodies),
        Measured("idle sockets", idle_sockets),
        Measured("silent WebSockets", silent_websockets),
    ]


def judging() -> None:
    """Prints what refusing each document takes of the processor, in this process: waiting for others is not in it."""
    admission = deployed(introspection=False).admission
    for name in DOCUMENTS:
        text, taken = document(name), list[float]()
        for number in range(15):  # each another text: none is remembered
            began = time.process_time()
            admission.refusal(admission.judged(f"{text} #{number}"), None, {})
            taken.append(1000 * (time.process_time() - began))
        print(f"{name:>34} {median(taken):>7.1f} ms of processor, {max(taken):.1f} at most")


def distinct() -> list[bytes]:
    """Documents that differ and are all admitted."""
    return [body(f"query Q{number} {{ families {{ code }} __typename }}") for number in range(DISTINCT)]


async def memory(process: int) -> float:
    """The resident memory of a process, in MB."""
    asked = await asyncio.create_subprocess_exec("ps", "-o", "rss=", "-p", str(process), stdout=asyncio.subprocess.PIPE)
    told, _ = await asked.communicate()
    return int(told) / 1024


def body(text: str) -> bytes:
    return json.dumps({"query": text}).encode()


@asynccontextmanager
async def _nothing(_: Measured) -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Does something meanwhile."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def sending(bodies: list[bytes], expected: str) -> Attack:
    """Sends these again and again; each answer must hold what is expected."""
    turn = itertools.cycle(bodies)

    async def send(one: Measured) -> None:
        async with connected(PORT) as connection:
            while True:
                one.refusals.append(await refused(connection, next(turn), expected))
                await asyncio.sleep(EVERY)

    return lambda one: meanwhile(send(one))


async def refused(connection: Connection, sent: bytes, expected: str) -> float:
    """How long a body took to be answered, in seconds."""
    whole = request("/graphql", {"Content-Type": "application/json"}, sent)
    began = time.perf_counter()
    _, answer = await connection.answer(whole)
    assert expected.encode() in answer, answer
    return time.perf_counter() - began


@asynccontextmanager
async def holding(count: int, said: bytes) -> AsyncGenerator[None]:
    """Connections that say this and nothing more."""
    opened = [await asyncio.open_connection("127.0.0.1", PORT) for _ in range(count)]
    for _, writer in opened:
        writer.write(said)
    # what they hold is measured, not their arrival
    await asyncio.sleep(SETTLING)
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()


def slow_bodies(_: Measured) -> AbstractAsyncContextManager[None]:
    """Bodies that stop after their first byte."""
    return holding(400, request("/graphql", {"Content-Type": "application/json"}, b" " * 1000)[:-999])


def idle_sockets(_: Measured) -> AbstractAsyncContextManager[None]:
    """Connections that ask nothing."""
    return holding(IDLE, b"")


def silent_websockets(_: Measured) -> AbstractAsyncContextManager[None]:
    """WebSockets of one address that never begin, beyond what it may have."""
    head = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol": "graphql-transport-ws",
    }  # fmt: skip
    return holding(200, request("/graphql", head))
