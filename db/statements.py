"""Named SQL statements: `db/queries/FILE.sql` holds each under a line `-- name: NAME` and a line that says what it returns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy

QUERIES = Path(__file__).parent / "queries"
PARAMETER = re.compile(r"(?<!:):([a-z_]+)")

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Row: TypeAlias = Mapping[str, Any]


class Database(Protocol):
    """What answers statements: a connection, a pool, or a replica with the primary behind it."""

    async def fetch(self, query: str, /, *args: Any) -> Any:
        """Every row of the answer."""
        ...

    async def fetchrow(self, query: str, /, *args: Any) -> Any:
        """The first row, or None."""
        ...

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        """The first column of the first row, or None."""
        ...

    async def execute(self, query: str, /, *args: Any) -> str:
        """The status of the statement."""
        ...


@dataclass(frozen=True)
class Statement:
    """One statement with named parameters. Each method raises `TypeError` when the values given are not the ones it names."""

    name: str
    text: str
    parameters: tuple[str, ...]
    source: str
    """The text with the names of its parameters, to be put into another."""

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the parameters."""
        if set(given) != set(self.parameters):
            raise TypeError(f"{self.name} takes {sorted(self.parameters)}, not {sorted(given)}")
        return [given[name] for name in self.parameters]

    async def rows(self, database: Database, **given: Any) -> list[Row]:
        """Every row of the answer."""
        return cast("list[Row]", await database.fetch(self.text, *self.values(given)))

    async def row(self, database: Database, **given: Any) -> Row | None:
        """The first row, or None."""
        return cast("Row | None", await database.fetchrow(self.text, *self.values(given)))

    async def value(self, database: Database, **given: Any) -> Any:
        """The first column of the first row, or None."""
        return await database.fetchval(self.text, *self.values(given))

    async def run(self, database: Database, **given: Any) -> int:
        """Runs the statement; the number of rows that it touched."""
        status = await database.execute(self.text, *self.values(given))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


@cache
def statements() -> Mapping[str, Statement]:
    """All statements by `file.name`."""
    found: dict[str, Statement] = {}
    for path in sorted(QUERIES.glob("*.sql")):
        for block in path.read_text(encoding="utf-8").split("-- name: ")[1:]:
            name, _, text = block.partition("\n")
            found[f"{path.stem}.{name.strip()}"] = parsed(f"{path.stem}.{name.strip()}", text.strip())
    return found


def parsed(name: str, text: str) -> Statement:
    """A statement whose `:name` parameters have become `$1`, `$2`, … in the order of their first use."""
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return Statement(name, PARAMETER.sub(number, code), tuple(names), code.rstrip().removesuffix(";"))


def statement(name: str) -> Statement:
    """The statement `file.name`. Raises `KeyError` when no file holds it."""
    return statements()[name]
