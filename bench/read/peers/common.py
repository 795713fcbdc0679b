"""What the servers in Python share: who asks, the limits and the journal of verifications, the secrets, and their statements."""

import hashlib
import json
import os
import secrets
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from graph.control_key import normalised
from resolvers import consultations
from resolvers.consultations import Entry
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.throttle import HOUR, LIMITS, counted, network_of, subjects, windows

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row: TypeAlias = dict[str, Any]

HERE = Path(__file__).parent
COOKIE = "parchemin"
SITE = next(place for place, limit in enumerate(LIMITS) if limit.scope == "SITE")
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
FIRST = "00000000-0000-0000-0000-000000000000"
TRACKS = {"470": "GENERAL", "430": "TECHNOLOGICAL", "400": "PROFESSIONAL"}
NOTHING_SHOWN = "The register shows nothing for this key and this birth name."


def statements(name: str) -> dict[str, str]:
    """The statements of a file by their names."""
    blocks = (HERE / name).read_text(encoding="utf-8").split("-- name: ")[1:]
    return {title.strip(): text.strip() for title, _, text in (block.partition("\n") for block in blocks)}


SQL = statements("statements.sql")
KEYRING = Keyring.of(bytes.fromhex(os.environ.get("PARCHEMIN_SECRET", "00" * 32)))
CIPHER = AESGCM(KEYRING.sealing)
FAMILIES: list[list[Any]] = json.loads(os.environ.get("BENCH_FAMILIES", "[]"))
"""Codes, first and last sessions, and whether establishments answer: as the statement of availability takes them."""


async def as_json(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Reads jsonb as Python values, as asyncpg's documentation shows."""
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@asynccontextmanager
async def with_pool(_: Starlette) -> AsyncGenerator[dict[str, Any]]:
    """The state of an application: a pool as asyncpg makes it by default, with plans that are made once."""
    # PostgreSQL would plan some of these statements anew each time, for more than it costs to run them
    settings = {"plan_cache_mode": "force_generic_plan"}
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], init=as_json, server_settings=settings) as pool:
        yield {"pool": pool}


async def holder_of(request: HTTPConnection) -> Row | None:
    """The account whose session the cookie opens, with its person, or None."""
    secret = request.cookies.get(COOKIE)
    if secret is None:
        return None
    return await request.state.pool.fetchrow(SQL["session"], hashlib.sha256(secret.encode()).digest())


async def academies_of(request: HTTPConnection) -> list[str]:
    """The academies of the agent whose token the request carries. Raises `PermissionError` when there is none."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    row = await request.state.pool.fetchrow(SQL["agent"], hashlib.sha256(token.encode()).digest())
    if row is None:
        raise PermissionError("Sign in as an agent.")
    return row["academies"]


async def verified(pool: Pool, address: str, key: str, name: str, statement: str = SQL["verify"]) -> Row | None:
    """The diploma of a key and a birth name, which the holder's journal then knows of; None when there is nothing to show."""
    compared, symbols = name_key(name), normalised(key)
    hour, day = windows(datetime.now(UTC))
    limited = (
        [limit.scope for limit in LIMITS],
        subjects(counted(KEYRING, network_of(address), compared, symbols or "--------")),
        [hour if limit.window == HOUR else day for limit in LIMITS],
    )
    row = await pool.fetchrow(statement, *limited, KEYRING.lookup_of(symbols), compared)
    assert row is not None
    if exhausted(row["failures"]) or row["id"] is None:
        if not exhausted(row["failures"]):
            await pool.execute(SQL["count_failure"], *limited)
        return None
    await pool.execute(SQL["consult"], *sealed(row["id"]))
    return dict(row)


def exhausted(failures: list[int]) -> bool:
    """Whether failures reach the limits, which tighten once the whole site is in slow mode."""
    slow = failures[SITE] >= LIMITS[SITE].most
    return any(
        made >= (limit.most_in_slow_mode if slow else limit.most)
        for limit, made in zip(LIMITS, failures, strict=True)
        if limit.scope != "SITE"
    )


def sealed(diploma: UUID) -> tuple[bytes, bytes]:
    """The subject and the sealed entry of a consultation by key."""
    subject = consultations.subject_of(KEYRING, diploma)
    text = json.dumps(asdict(Entry("SHOWN", "KEY")), ensure_ascii=False).encode()
    nonce = secrets.token_bytes(consultations.NONCE)
    return subject, nonce + CIPHER.encrypt(nonce, text.ljust(consultations.PADDED), subject)


def control_key(row: Row) -> str:
    """The key of a diploma as it is printed."""
    return KEYRING.shown_key(row["id"], row["version"], row["key_generation"])


def kept_until(row: Row) -> date:
    """Fifty years after the delivery."""
    delivered = date.fromisoformat(row["delivered_on"])
    return delivered.replace(year=delivered.year + 50, day=28 if (delivered.month, delivered.day) == (2, 29) else delivered.day)


def global_id(type_name: str, key: object) -> str:
    """An id of Relay's."""
    return b64encode(f"{type_name}:{key}".encode()).decode()


def cursor_of(key: object) -> str:
    """The cursor of a row with that key."""
    return urlsafe_b64encode(json.dumps([str(key)]).encode()).decode().rstrip("=")


def key_of(cursor: str | None, first_page: str) -> str:
    """The key of a cursor, or that of the first page."""
    return json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))[0] if cursor else first_page
