"""Verification: requests a second and latency through the whole server, at registers of growing size, in turn."""

import argparse
import random
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

from bench.load import KEYRING, Client, Load, asking, in_turn, operation, report, serving
from bench.machine import fresh_register
from bench.read.register import kept_in, register, running
from db.embedded import EmbeddedServer
from db.pool import connect
from graph.control_key import shown

SAMPLE = 20_000
PORT = 18_600
NAME = "béraud lefèvre"
"""The birth name of everybody in a small register, as somebody types it."""

QUERY = """query Verify($key: String!, $name: String!) { verification(key: $key, birthName: $name) { __typename
  ... on VerifiedDiploma { verifiedAt replacedOn diploma { __typename title session mention status academy { name }
    holder { birthName givenNames } } } } }"""


@dataclass(frozen=True)
class Register:
    """A register of a size, and the keys of some of its diplomas."""

    size: int
    url: str
    keys: dict[UUID, str]


async def measure(given: argparse.Namespace) -> None:
    """Prints a row for each size; the last column is the ratio to the smallest, of medians of rounds in turn."""
    sizes = [10_000, 1_000_000] + ([23_000_000] if given.full else [])
    async with running(kept_in()) as server, AsyncExitStack() as servers:
        loads: list[Load] = []
        for port, size in enumerate(reversed(sizes), PORT):
            kept = await register(server, size)
            await servers.enter_async_context(serving(kept.url, port))
            loads.insert(0, Load(f"{size}", verifying(port, ((KEYRING.shown_key(id, 1, 1), name) for id, name in kept.diplomas))))
        await in_turn(loads, given.seconds)
    report("diplomas", loads)


async def filled(server: EmbeddedServer, size: int) -> Register:
    """A register of published diplomas of three sessions, with the keys of a sample of them."""
    began = time.perf_counter()
    url = await fresh_register(server, f"register_{size}")
    connection = await connect(url)
    sessions = await connection.fetch(
        "insert into exam_session (family, academy_code, year, state, published_at, published_count) "
        "select 'bac', '01', year, 'PUBLISHED', now(), $1 / 3 from generate_series(2022, 2024) as year returning id",
        size,
    )
    await connection.execute("alter table control_key drop constraint control_key_pkey")
    await connection.execute(
        "insert into diploma (session_id, candidate_number) select ($1::uuid[])[1 + n * 3 / ($2 + 1)], 'N' || n "
        "from generate_series(1, $2::int) n",
        [row["id"] for row in sessions],
        size,
    )
    await connection.execute(
        "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, birth_date,"
        " title_code, title, national_level, mention, name_key, details) select id, 1, id, 'VALID', sha256(id::text::bytea),"
        " 'Béraud-Lefèvre', '{Éloïse,Marie}', '2006-03-12', '47010019', 'Baccalauréat général', 4, 'BIEN', 'BERAUDLEFEVRE',"
        ' \'{"specialities":["Mathématiques","Physique-chimie"]}\' from diploma'
    )
    reader = await connect(url)
    keys: dict[UUID, str] = {}
    async with reader.transaction():
        cursor = await reader.cursor("select id from diploma")
        while rows := await cursor.fetch(50_000):
            ids: list[UUID] = [row["id"] for row in rows]
            await connection.copy_records_to_table(
                "control_key", records=[(KEYRING.lookup(id.bytes, 1, 1), id, 1, 1, None) for id in ids]
            )
            drawn = random.sample(ids, min(len(ids), max(1, SAMPLE * len(ids) // size)))
            keys |= {id: KEYRING.control_key(id.bytes, 1, 1) for id in drawn}
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
    return Register(size, url, keys)


def asked_with(keys: Iterable[str]) -> Iterable[tuple[str, str]]:
    """What verifications by these keys of a filled register give."""
    return ((shown(key), NAME) for key in keys)


def verifying(port: int, asked: Iterable[tuple[str, str]]) -> Client:
    """Clients that verify diplomas by these keys and names, in no order; each answer must show one."""
    requests = [verification(key, name) for key, name in asked]
    random.shuffle(requests)
    return asking(port, requests, b'"VerifiedDiploma"')


def verification(key: str, name: str) -> bytes:
    """A verification as a browser behind the proxy sends it, from an address of its own."""
    address = ".".join(str(random.randrange(1, 255)) for _ in range(4))
    return operation(QUERY, {"X-Forwarded-For": address}, key=key, name=name)
