"""Every named statement is one that the migrated schema can run."""

import re
from pathlib import Path

import pytest

from db.migrations import FILES, MigrationError, migrate
from db.pool import connect
from db.statements import QUERIES, parsed, statements
from tests.conftest import DatabaseConnection

ROOT = Path(__file__).parent.parent


async def test_every_statement_prepares_on_the_migrated_schema(connection: DatabaseConnection) -> None:
    await connection.execute(
        "create temporary table new_key (lookup bytea, diploma_id uuid, version smallint, generation smallint)"
    )
    for statement in statements().values():
        if statement.name == "imports.analyze":
            continue  # a utility command: nothing to prepare
        await connection.prepare(statement.text)


def test_every_statement_says_what_it_returns() -> None:
    for path in QUERIES.glob("*.sql"):
        for block in path.read_text().split("-- name: ")[1:]:
            name, second, *_ = block.splitlines()
            assert second.startswith("-- ") and len(second) > 20, f"{path.name}: {name}"


def test_a_cast_is_no_parameter_and_a_parameter_used_twice_has_one_number() -> None:
    statement = parsed("x", "select :a::int, :b, (:a)::text")
    assert statement.text == "select $1::int, $2, ($1)::text"
    assert statement.parameters == ("a", "b")


def test_a_statement_refuses_other_parameters_than_its_own() -> None:
    with pytest.raises(TypeError, match="takes"):
        parsed("x", "select :a").values({"b": 1})


def test_no_sql_stands_outside_the_sql_files() -> None:
    pattern = re.compile(r"[\"']\s*(select|insert into|update|delete from)\s", re.IGNORECASE)
    for room in ("graph", "plugins", "db", "resolvers", "server", "population"):
        for path in (ROOT / room).rglob("*.py"):
            assert not pattern.search(path.read_text()), path


async def test_migrating_twice_changes_nothing(connection: DatabaseConnection) -> None:
    assert await migrate(connection) == []


async def test_two_processes_that_start_together_migrate_once(url: str, connection: DatabaseConnection) -> None:
    import asyncio

    await connection.execute("drop schema public cascade; create schema public")
    others = [await connect(url) for _ in range(3)]
    done = await asyncio.gather(*(migrate(other) for other in others))
    for other in others:
        await other.close()
    assert sorted(len(names) for names in done) == [0, 0, len(list(FILES.glob("*.sql")))]


async def test_a_migration_changed_after_it_was_applied_stops_the_start(connection: DatabaseConnection) -> None:
    await connection.execute("update migration set checksum = 'x' where name like '0001%'")
    with pytest.raises(MigrationError, match=r"0001_reference\.sql was changed"):
        await migrate(connection)


async def test_a_database_newer_than_the_program_stops_the_start(connection: DatabaseConnection) -> None:
    await connection.execute("insert into migration (name, checksum) values ('9999_later.sql', '')")
    with pytest.raises(MigrationError, match="9999_later"):
        await migrate(connection)
