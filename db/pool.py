"""Connections to the register."""

import json
from typing import Any

import asyncpg


def encode_json(value: Any) -> bytes:
    """The binary form of a jsonb value, which COPY needs too."""
    return b"\x01" + json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).encode()


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Reads and writes jsonb as Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=encode_json, decoder=lambda data: json.loads(data[1:])
    )


async def open_pool(url: str, size: int = 10) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool for requests. A statement that takes over ten seconds is cancelled, as is a transaction idle as long."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        init_size=1,
        max_size=size,
        command_timeout=15,
        init=prepare_connection,
        server_settings={
            "application_name": "parchemin",
            "statement_timeout": "10s",
            "idle_in_transaction_session_timeout": "10s",
        },
    )


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection of its own for long work (import, release), with no limit of time."""
    # an import asks for statistics of its table while somebody waits: how large it is matters, not every frequency
    settings = {"application_name": "parchemin-worker", "work_mem": "64MB", "default_statistics_target": "20"}
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url, server_settings=settings)
    await prepare_connection(connection)
    return connection
