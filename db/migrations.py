"""Brings a database to today's schema: numbered SQL files, applied once each, in order, under a lock.

A migration runs before the old code stops, so each must suit both: additive, and short of locks.
"""

import hashlib
from pathlib import Path

import asyncpg

from db.statements import statement

FILES = Path(__file__).parent / "migrations"
KEY = 0x70617263
"""Of the advisory lock."""

LOCK = statement("migrations.lock")
UNLOCK = statement("migrations.unlock")
MAKE_TABLE = statement("migrations.make_table")
APPLIED = statement("migrations.applied")
WAIT_LITTLE = statement("migrations.wait_little")
NOTE = statement("migrations.note")


class MigrationError(SystemExit):
    """The database is not one that this version can serve; the sentence says why."""


async def migrate(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Applies what is missing; returns the names applied.

    Raises `MigrationError` when an applied file has changed since, when the database knows a newer one, or when the server is
    older than PostgreSQL 18 (`uuidv7()`).
    """
    if connection.get_server_version().major < 18:
        raise MigrationError("PostgreSQL 18 or newer is needed: this server is older.")
    await LOCK.value(connection, key=KEY)
    try:
        await MAKE_TABLE.run(connection)
        applied = {row["name"]: row["checksum"] for row in await APPLIED.rows(connection)}
        files = {path.name: path.read_text(encoding="utf-8") for path in sorted(FILES.glob("*.sql"))}
        if unknown := sorted(applied.keys() - files.keys()):
            raise MigrationError(f"The database is newer than this version: it has had {', '.join(unknown)}.")
        return [name for name, text in files.items() if await _apply(connection, name, text, applied.get(name))]
    finally:
        await UNLOCK.value(connection, key=KEY)


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", name: str, text: str, before: str | None) -> bool:
    checksum = hashlib.sha256(text.encode()).hexdigest()
    if before == checksum:
        return False
    if before is not None:
        raise MigrationError(f"The migration {name} was changed after it was applied: write a new one instead.")
    async with connection.transaction():
        await WAIT_LITTLE.run(connection)
        await connection.execute(text)
        await NOTE.run(connection, name=name, checksum=checksum)
    return True
