"""Connections of requests: not reset, bounded in time, and nothing of the session left on them."""

import ast
import asyncio
import re
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from db.embedded import EmbeddedServer
from db.pool import DatabaseBusy, check, open_pool
from db.statements import statements
from resolvers import callers, sign_ins, web_sessions
from tests.client import served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.people import signed_in

ROOT = Path(__file__).parent.parent

OF_THE_SESSION = re.compile(
    r"\bpg_(try_)?advisory_(un)?lock(_shared)?\(|\b(un)?listen\b|\bwith hold\b|(^|; ?)(set (?!local\b)|prepare\b|discard\b|load\b|reset\b)"
    r"|\bcreate temp(orary)? table (?!.*on commit drop)|\bset_config\((?!.*true\))"
)
"""What lasts longer than a transaction."""

OF_WORKERS = {"migrations.lock", "migrations.unlock", "imports.let_go", "imports.claim", "imports.start"}
"""Those that run on a connection of their own: `connect`, not a pool."""


def test_only_the_statements_of_workers_leave_something_of_the_session_behind() -> None:
    assert {name for name, one in statements().items() if leaves(one.text)} == OF_WORKERS


def leaves(text: str) -> bool:
    return bool(OF_THE_SESSION.search(" ".join(text.lower().split())))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("set statement_timeout = '1s'", True),
        ("set local statement_timeout = '1s'", False),
        ("update account a set closed_at = now() where id = $1", False),
        ("select pg_advisory_lock($1)", True),
        ("select pg_advisory_xact_lock($1)", False),
        ("select pg_try_advisory_lock($1)", True),
        ("listen parchemin", True),
        ("create temporary table t (a int)", True),
        ("create temporary table t (a int) on commit drop", False),
        ("select set_config('x.y', $1, false)", True),
        ("select set_config('x.y', $1, true)", False),
    ],
)
def test_what_lasts_longer_than_a_transaction_is_recognised(text: str, left: bool) -> None:
    assert leaves(text) == left


def test_what_a_request_calls_runs_none_of_the_statements_of_workers() -> None:
    constants = {
        name
        for path in (ROOT / "resolvers").glob("*.py")
        for name, text in re.findall(r'^([A-Z_]+) = statement\("([a-z_.]+)"\)', path.read_text("utf-8"), re.MULTILINE)
        if text in OF_WORKERS and path.name.startswith("import")
    }
    assert constants == {"LET_GO", "CLAIM", "START"}
    using = {
        function.name
        for path in (ROOT / "resolvers").glob("import*.py")
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.AsyncFunctionDef) and constants & names(function)
    }
    assert using == {"import_path", "read_upload", "carried"}
    calling = {
        str(path.relative_to(ROOT))
        for room in ("server", "resolvers", "graph", "planner")
        for path in (ROOT / room).rglob("*.py")
        if using & names(ast.parse(path.read_text("utf-8")))
    }
    assert calling == {
        "resolvers/imports.py",  # where they are
        "server/acts.py", "server/exam_service.py", "server/worker.py",  # over `connect`
    }  # fmt: skip


def names(tree: ast.AST) -> set[str]:
    """Every name that a piece of code uses, also after a dot."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return used | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.fixture
def anywhere(postgres: EmbeddedServer) -> str:
    """A database without a schema: making one for each test would take longer than the test."""
    return postgres.url()


async def test_a_connection_comes_back_as_it_was_left(anywhere: str) -> None:
    pool = await open_pool(anywhere, size=1)
    await pool.execute("set application_name = 'left behind'")
    assert await pool.fetchval("show application_name") == "left behind"
    await pool.close()


async def test_an_open_transaction_does_not_come_back(anywhere: str) -> None:
    pool = await open_pool(anywhere, size=1)
    async with pool.acquire() as connection:
        await connection.execute("begin; create table half_done (a int)")
    assert await pool.fetchval("select to_regclass('half_done')") is None
    await pool.close()


async def test_a_statement_that_takes_too_long_is_cancelled_by_the_server(anywhere: str) -> None:
    pool = await open_pool(anywhere, size=1, seconds=0.05)
    with pytest.raises(asyncpg.QueryCanceledError):
        await pool.fetchval("select pg_sleep(5)")
    assert await pool.fetchval("select 1") == 1
    await pool.close()


async def test_who_finds_no_connection_in_time_hears_that_the_register_is_busy(
    anywhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.pool.WAIT_SECONDS", 0.05)
    pool = await open_pool(anywhere, size=1)
    async with pool.acquire():
        with pytest.raises(DatabaseBusy):
            await pool.fetchval("select 1")
    assert await pool.fetchval("select 1") == 1
    assert pool.borrowers == 0
    await pool.close()


async def test_a_caller_who_goes_away_while_he_waits_is_counted_no_longer(anywhere: str) -> None:
    pool = await open_pool(anywhere, size=1)
    async with pool.acquire():
        waiting = asyncio.create_task(pool.fetchval("select 1"))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert pool.borrowers == 1
    assert pool.borrowers == 0
    await pool.close()


async def test_a_long_statement_is_prepared_once(anywhere: str) -> None:
    pool = await open_pool(anywhere, size=1)
    text = "select " + " || ".join(f"'{'x' * 90}{at}'" for at in range(330))
    assert len(text) > 30_000
    for _ in range(3):
        await pool.fetchval(text)
    assert await pool.fetchval("select count(*) from pg_prepared_statements where length(statement) > 30000") == 1
    await pool.close()


async def test_nothing_is_prepared_for_a_pooler_that_cannot_keep_it(anywhere: str) -> None:
    pool = await open_pool(f"{anywhere}?statement_cache_size=0", size=1)
    assert await pool.fetchval("select $1::jsonb", {"a": 1}) == {"a": 1}
    assert await pool.fetchval("select count(*) from pg_prepared_statements where name like '\\_\\_asyncpg%'") == 0
    await pool.close()


@pytest.mark.parametrize("url", ["mysql://u@h/d", "postgresql://u@h/d?statement_cache_size=many", "parchemin"])
def test_a_url_that_leads_to_no_register_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"PostgreSQL|invalid literal"):
        check(url)


async def test_people_who_sign_in_at_once_are_looked_up_together_and_each_is_himself(
    connection: DatabaseConnection, pool: DatabasePool
) -> None:
    first = await signed_in(connection, subject="first")
    second = await signed_in(connection, subject="second")
    agent = await callers.add(connection, "Claude", "AGENT", ["01"])
    token = await callers.new_token(connection, agent, timedelta(days=1))
    looked = sign_ins.SignIns(pool)
    found = await asyncio.gather(
        looked.by_cookie(first.secret), looked.by_cookie("unknown"), looked.by_cookie(second.secret), looked.by_cookie(first.secret),
        looked.by_token(token), looked.by_token("unknown"), looked.by_token("parchemin_at_unknown"),
    )  # fmt: skip
    assert [one.holder.id if one and one.holder else None for one in found[:4]] == [
        first.holder.id, None, second.holder.id, first.holder.id,
    ]  # fmt: skip
    assert found[4] is not None and found[4].agent == agent
    assert found[5:] == [None, None]


async def test_a_look_up_is_planned_once_for_all_calls(connection: DatabaseConnection, url: str) -> None:
    browser = await signed_in(connection)
    pool = await open_pool(url, size=1)
    for _ in range(8):
        assert await web_sessions.signed_in(pool, browser.secret) is not None
    planned = "select generic_plans, custom_plans from pg_prepared_statements where starts_with(statement, 'select o.*')"
    assert tuple(await pool.fetchrow(planned) or ()) == (8, 0)
    await pool.close()


async def test_a_session_is_seen_once_a_minute_and_nobody_waits_for_another_who_notes_it(
    connection: DatabaseConnection, pool: DatabasePool
) -> None:
    browser = await signed_in(connection)
    assert await seconds_since(connection) < 5
    await connection.execute("update web_session set seen_at = now() - interval '50 seconds'")
    await web_sessions.signed_in(pool, browser.secret)
    assert await seconds_since(connection) > 45
    await connection.execute("update web_session set seen_at = now() - interval '2 minutes'")
    async with pool.acquire() as other, other.transaction():
        await other.execute("select from web_session for update")
        assert await web_sessions.signed_in(pool, browser.secret) is not None
    assert await seconds_since(connection) > 100
    await web_sessions.signed_in(pool, browser.secret)
    assert await seconds_since(connection) < 5


async def seconds_since(connection: DatabaseConnection) -> float:
    return float(await connection.fetchval("select extract(epoch from now() - seen_at) from web_session"))


async def test_a_query_that_takes_too_long_or_finds_no_connection_says_so_by_a_code(
    url: str, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.register.SIZE", 1)
    monkeypatch.setattr("db.register.READING_SECONDS", 0.4)
    monkeypatch.setattr("db.pool.WAIT_SECONDS", 0.1)
    async with served(url) as client, connection.transaction():
        await connection.execute("lock table academy")
        codes = await asyncio.gather(*(client.error(f"{{ academies {{ {name} }} }}") for name in ("code", "name")))
    assert sorted(codes) == ["BUSY", "TIMEOUT"]
