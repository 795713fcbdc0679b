"""A PostgreSQL for the whole run, and a fresh migrated database for each test that asks for one."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest

from db.embedded import EmbeddedServer
from db.migrations import migrate
from db.pool import connect, open_pool
from db.throwaway import throwaway
from resolvers import callers, reference
from resolvers.callers import Caller
from resolvers.keys import Keyring
from tests.journey import KEYRING
from tests.planned import Planned, planned_over

DatabaseConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
DatabasePool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

NUMBERS = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rewrite`: see `tests/test_golden.py`."""
    parser.addoption("--rewrite", action="store_true", help="write the answers and the SQL of the golden operations again")


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedServer]:
    with throwaway() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres: EmbeddedServer) -> str:
    """A migrated database with the reference tables, copied for each test."""

    async def make() -> None:
        admin = await asyncpg.connect(postgres.url())
        await admin.execute("create database parchemin_template")
        await admin.close()
        connection = await connect(postgres.url("parchemin_template"))
        await migrate(connection)
        await reference.load(connection)
        await connection.close()

    asyncio.run(make())
    return "parchemin_template"


@pytest.fixture
async def url(postgres: EmbeddedServer, template: str) -> AsyncIterator[str]:
    name = f"test_{next(NUMBERS)}"
    admin = await asyncpg.connect(postgres.url())
    # copied as files: half the time of writing it to the log
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    yield postgres.url(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def connection(url: str) -> AsyncIterator[DatabaseConnection]:
    connection = await connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def monitor(url: str) -> AsyncIterator[DatabaseConnection]:
    connection = await connect(url)
    yield connection
    await connection.close()


@pytest.fixture
async def pool(url: str) -> AsyncIterator[DatabasePool]:
    pool = await open_pool(url)
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
async def planned(postgres: EmbeddedServer, template: str) -> AsyncIterator[Planned]:
    """Both executors over one register."""
    async with planned_over(postgres, template) as made:
        yield made


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return KEYRING


@pytest.fixture
async def first(connection: DatabaseConnection) -> Caller:
    """An agent of Paris and Normandie who prepares."""
    return await callers.add(connection, "Claude", "AGENT", ["01", "70"])


@pytest.fixture
async def second(connection: DatabaseConnection) -> Caller:
    """A head of service of Paris and Normandie who releases."""
    return await callers.add(connection, "Dominique", "HEAD_OF_SERVICE", ["01", "70"])


@pytest.fixture
async def stranger(connection: DatabaseConnection) -> Caller:
    """A head of service of Lyon."""
    return await callers.add(connection, "Sacha", "HEAD_OF_SERVICE", ["10"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
