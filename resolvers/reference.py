"""Reference tables: `db/reference/*.csv`, and the titles that families bring, are loaded when a file has changed since the last time."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from db.reference import TABLES, rows
from db.statements import Connection, Statement, statement
from plugins.loading import families
from plugins.titles import titles_in

LOADED_FILES = statement("reference.loaded_files")
REMEMBER_FILE = statement("reference.remember_file")
LOAD_TITLES_OF_FAMILY = statement("reference.load_titles_of_family")


async def load(connection: Connection) -> list[str]:
    """Writes what is in files that have changed, in one transaction; returns the names of the tables."""
    loaded = {row["name"]: row["digest"] for row in await LOADED_FILES.rows(connection)}
    written: list[str] = []

    async def write(name: str, content: Sequence[Mapping[str, str | None]], load: Statement, **given: str) -> None:
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        if loaded.get(name) != digest:
            await load.run(connection, rows=content, **given)
            await REMEMBER_FILE.run(connection, name=name, digest=digest)
            written.append(name)

    async with connection.transaction():
        for table in TABLES:
            await write(table, list(rows(table)), statement(f"reference.load_{table}"))
        for family in families().values():
            if family.titles is not None:
                await write(f"titles of {family.code}", list(titles_in(family).values()), LOAD_TITLES_OF_FAMILY, family=family.code)
    return written
