"""Verification: requests a second and latency through the whole server, at registers of growing size, in turn."""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from bench.machine import fresh_register, scratch_server
from db.embedded import EmbeddedServer
from db.pool import connect
from graph.control_key import shown
from resolvers.keys import Keyring

SECRET = bytes(range(32))
KEYRING = Keyring.of(SECRET)
CONNECTIONS, SAMPLE, ROUNDS, WARM_UP = 16, 20_000, 5, 1.0
PORT = 18_600
QUERY = """query Verify($key: String!, $name: String!) { verification(key: $key, birthName: $name) { __typename
  ... on VerifiedDiploma { verifiedAt replacedOn diploma { __typename title session mention status academy { name }
    holder { birthName givenNames } } } } }"""


@dataclass
class Register:
    """A register of a size, its server, and what was measured of it."""

    size: int
    port: int
    requests: list[bytes]
    rates: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """The latency that a share of the requests stays under, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[int(share * (len(ordered) - 1))] * 1000


async def measure(given: argparse.Namespace) -> None:
    """Prints a row for each size; the last column is the ratio to the smallest, of medians of rounds in turn."""
    sizes = [10_000, 1_000_000] + ([23_000_000] if given.full else [])
    async with scratch_server() as server:
        registers = [await filled(server, size, PORT + index) for index, size in enumerate(sizes)]
        running = [serving(server.url(f"verify_{register.size}"), register.port) for register in registers]
        try:
            for register in registers:
                await wait_for(register.port)
                await load(register, WARM_UP)
                register.rates.clear()
                register.latencies.clear()
            for _ in range(ROUNDS):
                for register in registers:
                    await load(register, given.seconds)
        finally:
            for process in running:
                process.terminate()
                process.wait()
    least = median(registers[0].rates)
    print(f"{'diplomas':>10} {'requests/s':>11} {'p50 ms':>7} {'p99 ms':>7} {'ratio':>6}")
    for register in registers:
        rate = median(register.rates)
        ratio = least / rate
        print(f"{register.size:>10} {rate:>11.0f} {register.quantile(0.5):>7.2f} {register.quantile(0.99):>7.2f} {ratio:>6.2f}")


async def filled(server: EmbeddedServer, size: int, port: int) -> Register:
    """A register of published diplomas, with requests for a sample of them."""
    began = time.perf_counter()
    url = await fresh_register(server, f"verify_{size}")
    connection = await connect(url)
    session = await connection.fetchval(
        "insert into exam_session (family, academy_code, year, state, published_at, published_count) "
        "values ('bac', '01', 2024, 'PUBLISHED', now(), $1) returning id",
        size,
    )
    await connection.execute("alter table control_key drop constraint control_key_pkey")
    await connection.execute(
        "insert into diploma (session_id, candidate_number) select $1, 'N' || n from generate_series(1, $2::int) n", session, size
    )
    await connection.execute(
        "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, birth_date,"
        " title_code, title, national_level, mention, name_key, details) select id, 1, id, 'VALID', sha256(id::text::bytea),"
        " 'Béraud-Lefèvre', '{Éloïse,Marie}', '2006-03-12', '47010019', 'Baccalauréat général', 4, 'BIEN', 'BERAUDLEFEVRE',"
        ' \'{"specialities":["Mathématiques","Physique-chimie"]}\' from diploma'
    )
    reader = await connect(url)
    keys: list[str] = []
    async with reader.transaction():
        cursor = await reader.cursor("select id from diploma")
        while rows := await cursor.fetch(50_000):
            ids: list[UUID] = [row["id"] for row in rows]
            await connection.copy_records_to_table(
                "control_key", records=[(KEYRING.lookup(id.bytes, 1, 1), id, 1, 1, None) for id in ids]
            )
            keys += [KEYRING.control_key(id, 1, 1) for id in random.sample(ids, min(len(ids), max(1, SAMPLE * len(ids) // size)))]
    await reader.close()
    # a few keys are drawn twice in so many: a release gives the second its next generation, here it stays out
    await connection.execute(
        "delete from control_key where ctid = any(array(select ctid from (select ctid, row_number() over (partition by lookup) as nth "
        "from control_key) k where nth > 1))"
    )
    await connection.execute("alter table control_key add primary key (lookup)")
    await connection.execute("vacuum analyze")
    await connection.close()
    print(f"register of {size} made in {time.perf_counter() - began:.0f} s", flush=True)
    return Register(size, port, [request(key) for key in keys[:SAMPLE]])


def request(key: str) -> bytes:
    """A verification as a browser behind the proxy sends it, from an address of its own."""
    body = json.dumps({"query": QUERY, "variables": {"key": shown(key), "name": "béraud lefèvre"}}).encode()
    address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
    head = f"POST /graphql HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Forwarded-For: {address}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def serving(url: str, port: int) -> "subprocess.Popen[bytes]":
    """The server as production runs it, over a register."""
    environment = os.environ | {"DATABASE_URL": url, "PARCHEMIN_SECRET": SECRET.hex()}
    return subprocess.Popen([sys.executable, "-m", "server.cli", "serve", "--port", str(port)], env=environment)


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


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A kept-alive connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def load(register: Register, seconds: float) -> None:
    """Asks for random diplomas of the sample on some connections at once; each answer must show one."""
    until = time.perf_counter() + seconds
    counts = await asyncio.gather(*(client(register, until) for _ in range(CONNECTIONS)))
    register.rates.append(sum(counts) / seconds)


async def client(register: Register, until: float) -> int:
    """One connection's requests until a time; how many."""
    count = 0
    async with connected(register.port) as (reader, writer):
        while (began := time.perf_counter()) < until:
            writer.write(random.choice(register.requests))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            assert b'"VerifiedDiploma"' in body, body
            register.latencies.append(time.perf_counter() - began)
            count += 1
    return count
