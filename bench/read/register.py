"""The register that every server reads: as large as asked, filled by `COPY` and a few statements, and kept for the next run."""

import hashlib
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg

from bench.load import KEYRING
from bench.machine import SETTINGS, fresh_register, warm
from db.embedded import EmbeddedServer
from db.pool import connect
from db.statements import Statement, parsed
from plugins.loading import families
from resolvers import callers, web_sessions
from resolvers.names import name_key
from resolvers.people import Person

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FILLING = Path(__file__).with_name("filling.sql")
MOST_HOLDERS = 5_000
PERSON = Person("BÉRAUD-LEFÈVRE", ("Éloïse", "Marie"), "2006-03-12", "F", birth_commune="25056")
FACTS = {"ine": None, "candidate_number": None, "establishment": None}
NAMES = [
    "Béraud-Lefèvre", "Martin", "Lecœur", "Saint-Étienne", "D'Angelo", "Nguyễn", "Petit", "Kowalski",
    "Le Goff", "Diallo", "Muñoz", "Öztürk", "García Marquez", "Roux", "L'Hôpital", "Traoré",
]  # fmt: skip
GIVEN = [
    "Éloïse", "Maël", "Jeanne", "Zoë", "Louis", "Inès", "Noé", "Anaïs", "Théo", "Léa", "Hugo", "Chloé", "Émile", "Lina", "Gaëlle", "Yanis",
]  # fmt: skip
FAMILIES = [
    list(families()),
    [family.first_session for family in families().values()],
    [family.last_session for family in families().values()],
    [family.asked_at == "ESTABLISHMENT" for family in families().values()],
]
"""Codes, first and last sessions, whether establishments answer: what the statement of availability takes."""

GROWN = ("diploma", "diploma_version", "control_key")


@dataclass(frozen=True, repr=False)
class Register:
    """A filled register, and with what its readers come: diplomas with their birth names, secrets of cookies, tokens of agents."""

    size: int
    url: str
    diplomas: list[tuple[UUID, str]]
    cookies: list[str]
    tokens: list[str]


def kept_in() -> Path:
    """The folder of what measurements keep."""
    return Path(os.environ.get("PARCHEMIN_BENCH", ".data")) / "bench"


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[EmbeddedServer]:
    """The server of the kept registers, durable, stopped afterwards; its data stay in the folder."""
    server = EmbeddedServer(folder / "postgresql", settings=SETTINGS | {"max_connections": "300"})
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def register(server: EmbeddedServer, size: int) -> Register:
    """The register of that size: the one that an earlier run filled the same way, or a new one."""
    name = f"read_{size}"
    if await _made_from(server, name) != _fingerprint():
        began = time.perf_counter()
        await _fill(await fresh_register(server, name), size)
        await _note(server, name)
        print(f"register of {size} made in {time.perf_counter() - began:.0f} s", flush=True)
    return await _ready(server.url(name), size)


async def _ready(url: str, size: int) -> Register:
    connection = await connect(url)
    await connection.execute("truncate consultation")
    await _statement("ready").run(connection)
    sample = await connection.fetch("select id, birth_name from bench.sample")
    holders = await connection.fetchval("select count(*) from account")
    agents = await connection.fetch("select name from agent order by name")
    # as finely as a deployment's autovacuum does, which `connect` does not
    await connection.execute("set default_statistics_target to 100")
    await connection.execute("vacuum analyze")
    await connection.close()
    await warm(url)
    return Register(
        size,
        url,
        [(row["id"], row["birth_name"]) for row in sample],
        [_secret("cookie", nth) for nth in range(1, holders + 1)],
        [_secret("token", row["name"]) for row in agents],
    )


async def _fill(url: str, size: int) -> None:
    connection = await connect(url)
    await connection.execute("create schema bench")
    for name in ("families", "availability_type", "availability"):
        await _statement(name).run(connection)
    await connection.copy_records_to_table("family", schema_name="bench", records=zip(*FAMILIES, strict=True))
    sessions: list[UUID] = [row["id"] for row in await _statement("sessions").rows(connection)]
    async with _unindexed(connection):
        await _statement("diplomas").run(connection, sessions=sessions, size=size)
        await _statement("versions").run(
            connection, names=NAMES, keys=[name_key(name) for name in NAMES], given=GIVEN
        )  # fmt: skip
        await _give_keys(connection, url)
    await connection.execute("analyze")
    for name in ("counts", "sample"):
        await _statement(name).run(connection)
    await _people(connection, min(MOST_HOLDERS, size // 10))
    await connection.close()


@asynccontextmanager
async def _unindexed(connection: Connection) -> AsyncGenerator[None]:
    """Without the indexes of the tables that grow; they are made anew at the end."""
    constraints = await connection.fetch(
        "select conrelid::regclass::text as of, conname, pg_get_constraintdef(oid) as made from pg_constraint "
        "where conrelid = any($1::text[]::regclass[]) and contype in ('p', 'u')",
        GROWN,
    )
    for row in constraints:
        await connection.execute(f"alter table {row['of']} drop constraint {row['conname']}")
    indexes = await connection.fetch(
        "select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made from pg_index "
        "where indrelid = any($1::text[]::regclass[])",
        GROWN,
    )
    for row in indexes:
        await connection.execute(f"drop index {row['name']}")
    yield
    for row in constraints:
        await connection.execute(f"alter table {row['of']} add constraint {row['conname']} {row['made']}")
    for row in indexes:
        await connection.execute(row["made"])


async def _give_keys(connection: Connection, url: str) -> None:
    reader = await connect(url)
    async with reader.transaction():
        cursor = await reader.cursor("select id from diploma")
        while rows := await cursor.fetch(50_000):
            ids: list[UUID] = [row["id"] for row in rows]
            lookups = KEYRING.lookups([id.bytes for id in ids], 1, 1)
            await connection.copy_records_to_table(
                "control_key", records=[(lookup, id, 1, 1, None) for lookup, id in zip(lookups, ids, strict=True)]
            )
    await reader.close()
    await _statement("keys_drawn_twice").run(connection)


async def _people(connection: Connection, holders: int) -> None:
    """Holders who are signed in, with their diplomas; agents, and the requests that wait for them."""
    person = asdict(PERSON)
    await _statement("accounts").run(connection, holders=holders)
    await _statement("identities").run(connection, person=person)
    await _statement("claims").run(connection, holders=holders, facts=FACTS)
    for name in ("holdings", "failures"):
        await _statement(name).run(connection)
    await _statement("reviews").run(connection, facts=FACTS)
    await _statement("candidates").run(connection)
    agents = await _statement("agents").rows(connection)
    await _statement("decisions").run(connection)
    later = datetime.now(UTC) + timedelta(days=30)
    for row in agents:
        digest = hashlib.sha256(_secret("token", row["name"]).encode()).digest()
        await callers.ADD_TOKEN.run(connection, digest=digest, agent=row["id"], expires_at=later)
    accounts = await connection.fetch("select account_id, subject from identity")
    await connection.copy_records_to_table(
        "web_session",
        columns=["digest", "account_id", "provider", "subject", "device", "ends_at"],
        records=[
            (web_sessions.digest(_secret("cookie", int(row["subject"]))), row["account_id"], "franceconnect", row["subject"], "Firefox",
             later)
            for row in accounts
        ],
    )  # fmt: skip


def _secret(kind: str, of: object) -> str:
    """The secret of a session or a token of the bench: as long as a real one, and made again from its owner by any run."""
    return urlsafe_b64encode(hashlib.sha256(f"{kind} {of}".encode()).digest()).decode().rstrip("=")


def _statement(name: str) -> Statement:
    blocks = FILLING.read_text(encoding="utf-8").split("-- name: ")[1:]
    return next(parsed(name, text) for title, _, text in (block.partition("\n") for block in blocks) if title.strip() == name)


def _fingerprint() -> str:
    """What a register is filled by: another fingerprint is another register."""
    sources = [Path(__file__), FILLING, *sorted(Path("db/migrations").glob("*.sql")), *sorted(Path("db/reference").glob("*.csv"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


async def _made_from(server: EmbeddedServer, name: str) -> str | None:
    connection = await asyncpg.connect(server.url())
    found = await connection.fetchval("select shobj_description(oid, 'pg_database') from pg_database where datname = $1", name)
    await connection.close()
    return found


async def _note(server: EmbeddedServer, name: str) -> None:
    connection = await asyncpg.connect(server.url())
    await connection.execute(f"comment on database {name} is '{_fingerprint()}'")
    await connection.close()
