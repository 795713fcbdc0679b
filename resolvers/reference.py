"""Reference tables: loaded from `db/reference/*.csv` when a file has changed since the last time."""

import hashlib
import json

import asyncpg

from db.reference import TABLES, rows
from db.statements import statement

LOADED_FILES = statement("reference.loaded_files")
REMEMBER_FILE = statement("reference.remember_file")


async def load(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Writes the tables whose files have changed, in one transaction; returns their names."""
    loaded = {row["name"]: row["digest"] for row in await LOADED_FILES.rows(connection)}
    written: list[str] = []
    async with connection.transaction():
        for table in TABLES:
            content = list(rows(table))
            digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
            if loaded.get(table) != digest:
                await statement(f"reference.load_{table}").run(connection, rows=content)
                await REMEMBER_FILE.run(connection, name=table, digest=digest)
                written.append(table)
    return written
