"""The database of a process: the one that DATABASE_URL names, or the embedded one beside the development data."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg

from db.embedded import EmbeddedServer
from db.migrations import migrate
from db.pool import connect
from resolvers import known_families, reference
from resolvers.keys import Keyring
from server.settings import Settings


def embedded(settings: Settings) -> EmbeddedServer:
    """The embedded server of these settings."""
    return EmbeddedServer(settings.data / "postgresql", settings={"shared_buffers": "256MB", "max_wal_size": "4GB"})


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncGenerator[str]:
    """The URL of the register. An embedded server that was not running runs for as long as it is needed here."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = embedded(settings)
    was_running = server.pid() is not None
    url = server.start()
    try:
        yield url
    finally:
        if not was_running:
            server.stop()


@asynccontextmanager
async def connections(settings: Settings) -> AsyncGenerator[tuple["asyncpg.Connection[asyncpg.Record]", ...]]:
    """Two connections to the register: one for the work, one on which others see its progress."""
    async with database_url(settings) as url:
        work, monitor = await connect(url), await connect(url)
        try:
            await Keyring.of(settings.master_secret).check(work)
            await known_families.recall(work)
            yield work, monitor
        finally:
            await work.close()
            await monitor.close()


async def prepare(url: str) -> list[str]:
    """Migrates the database, loads the reference tables and remembers the families; returns what was done."""
    connection = await connect(url)
    try:
        done = await migrate(connection) + await reference.load(connection)
        await known_families.remember(connection)
        return done
    finally:
        await connection.close()
