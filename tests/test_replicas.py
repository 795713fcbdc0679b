"""Queries go to replicas, whoever writes reads what he wrote, and a replica that fails is missed by nobody."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from db import register
from db.embedded import EmbeddedServer
from db.register import Register
from resolvers import callers, web_sessions
from resolvers.callers import Caller
from server.app import create_app
from tests.client import Client, served, settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.people import signed_in

WHERE = "select pg_is_in_recovery()"
MANY = "select count(*) from share_of_test"


@dataclass
class Replicated:
    """A register with one replica, and the replica's own server."""

    register: Register
    server: EmbeddedServer
    other: DatabaseConnection
    """A connection to the replica, for what its administrator does."""

    async def on_replica(self, position: int | None = None) -> bool:
        return bool(await self.register.reading(position).fetchval(WHERE))

    async def follows(self, position: int | None = None) -> None:
        """Waits until reads go to the replica."""
        await until(lambda: self.on_replica(position))


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def replica(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    made = postgres.replica(tmp_path_factory.mktemp("replica") / "data")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        made.settings["port"] = str(probe.getsockname()[1])  # the same one when it comes back
    made.start()
    yield made
    made.stop()


def url_of(server: EmbeddedServer, url: str) -> str:
    """The same database on another server."""
    return server.url(Path(urlsplit(url).path).name)


@asynccontextmanager
async def replicated(url: str, server: EmbeddedServer) -> AsyncGenerator[Replicated]:
    async def is_there() -> bool:
        try:
            await (await asyncpg.connect(url_of(server, url))).close()
        except asyncpg.InvalidCatalogNameError:
            return False
        return True

    await until(is_there)
    async with register.opened(url, [url_of(server, url)]) as opened:
        other = await asyncpg.connect(url_of(server, url))
        yield Replicated(opened, server, other)
        await other.close()


@pytest.fixture
async def pair(
    url: str, connection: DatabaseConnection, replica: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Replicated]:
    monkeypatch.setattr("db.replicas.MOST_BEHIND_SECONDS", 60)  # a paused replica stays fit for as long as a slow machine needs
    await connection.execute("create table share_of_test (n int)")
    async with replicated(url, replica) as made:
        await made.follows()
        yield made
        if not made.other.is_closed():
            await made.other.execute("select pg_wal_replay_resume()")


async def test_who_wrote_reads_what_he_wrote_and_others_go_on_reading_from_the_replica(
    pair: Replicated, connection: DatabaseConnection
) -> None:
    writer, stranger = await signed_in(connection, subject="writer"), await signed_in(connection, subject="stranger")
    await until(lambda: pair.other.fetchval("select to_regclass('share_of_test') is not null"))
    await pair.other.execute("select pg_wal_replay_pause()")

    await pair.register.acting.execute("insert into share_of_test values (1)")
    await pair.register.wrote(account=writer.holder.id)
    found = await web_sessions.signed_in(pair.register.primary, writer.secret)
    other = await web_sessions.signed_in(pair.register.primary, stranger.secret)
    assert found is not None and other is not None
    assert found.position is not None and other.position is None

    assert not await pair.on_replica(found.position)
    assert await pair.register.reading(found.position).fetchval(MANY) == 1
    assert await pair.on_replica(other.position)
    assert await pair.register.reading(other.position).fetchval(MANY) == 0

    await pair.other.execute("select pg_wal_replay_resume()")
    await pair.follows(found.position)
    assert await pair.register.reading(found.position).fetchval(MANY) == 1


async def test_a_replica_far_behind_is_left_alone_until_it_has_come_up(
    pair: Replicated, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.replicas.MOST_BEHIND_SECONDS", 0.6)
    await pair.other.execute("select pg_wal_replay_pause()")
    await connection.execute("insert into share_of_test values (1)")

    async def is_left() -> bool:
        return not await pair.on_replica()

    await until(is_left)
    assert await pair.register.reading().fetchval(MANY) == 1
    await pair.other.execute("select pg_wal_replay_resume()")
    await pair.follows()


async def test_a_replica_that_nothing_is_written_to_is_not_behind(pair: Replicated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.replicas.MOST_BEHIND_SECONDS", 0.5)
    await asyncio.sleep(0.7)
    assert await pair.on_replica()


async def test_a_replica_that_stops_costs_nobody_his_answer_and_is_read_again_when_it_is_back(pair: Replicated) -> None:
    reads = [asyncio.create_task(read_for(pair.register, 1.5)) for _ in range(4)]
    await asyncio.sleep(0.2)
    await pair.other.close()
    await asyncio.to_thread(pair.server.stop)
    answers = [answer for read in await asyncio.gather(*reads) for answer in read]
    assert True in answers and False in answers
    assert not await pair.on_replica()
    await asyncio.to_thread(pair.server.start)
    await pair.follows()


async def read_for(databases: Register, seconds: float) -> list[bool]:
    """Whether each of the reads of some time was answered by the replica."""
    answers: list[bool] = []
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        answers.append(await databases.reading().fetchval(WHERE))
        await asyncio.sleep(0.002)
    return answers


async def test_what_writes_is_done_once_and_on_the_primary(pair: Replicated, connection: DatabaseConnection) -> None:
    reading = pair.register.reading()
    assert await reading.fetchval("insert into share_of_test values (1) returning n") == 1
    assert await reading.execute("insert into share_of_test values (2)") == "INSERT 0 1"
    assert await connection.fetchval(MANY) == 2
    assert await pair.on_replica()


async def test_a_statement_that_the_replica_cannot_have_yet_is_answered_by_the_primary(
    pair: Replicated, connection: DatabaseConnection
) -> None:
    await pair.other.execute("select pg_wal_replay_pause()")
    await connection.execute("create table of_tomorrow as select 7 as n")
    assert await pair.register.reading().fetchval("select n from of_tomorrow") == 7
    assert await pair.on_replica()


async def test_a_wrong_value_is_an_error_and_no_reason_to_leave_a_replica(pair: Replicated) -> None:
    with pytest.raises(asyncpg.DataError):
        await pair.register.reading().fetchval("select 1 / $1::int", 0)
    with pytest.raises(asyncpg.DataError):
        await pair.register.reading().fetchval("select $1::int", "one")
    assert await pair.on_replica()


async def test_a_server_that_replays_nothing_or_another_register_is_never_read(url: str) -> None:
    async with register.opened(url, [url, "postgresql://nobody@127.0.0.1:1/none"]) as opened:
        assert opened.reading() is opened.primary
        await asyncio.sleep(0.6)
        assert opened.reading() is opened.primary


OPEN = """mutation ($input: OpenSessionInput!) { openSession(input: $input) { ... on ExamSession { year } } }"""
LIST = "{ examSessions { nodes: edges { node { year } } } }"


async def test_an_agent_who_opens_a_session_lists_it_at_once_and_his_colleague_when_the_replica_has_it(
    pair: Replicated, url: str, connection: DatabaseConnection, first: Caller, second: Caller
) -> None:
    tokens = [await callers.new_token(connection, agent, timedelta(days=1)) for agent in (first, second)]
    await until(lambda: pair.other.fetchval("select count(*) = 2 from agent_token"))
    app = create_app(settings_of_tests(read_urls=(url_of(pair.server, url),)), url)
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        client, databases = Client(with_state(app, dict(state))), state["register"]
        await until(lambda: databases.reading().fetchval(WHERE))

        async def listed(token: str) -> int:
            return len((await client.data(LIST, token=token))["examSessions"]["nodes"])

        await pair.other.execute("select pg_wal_replay_pause()")
        opened = await client.data(OPEN, {"input": {"family": "bac", "academy": "01", "year": 2026}}, token=tokens[0])
        assert opened["openSession"]["year"] == 2026
        assert await listed(tokens[0]) == 1
        assert await listed(tokens[1]) == 0
        await pair.other.execute("select pg_wal_replay_resume()")

        async def colleague_sees_it() -> bool:
            return await listed(tokens[1]) == 1

        await until(colleague_sees_it)


async def test_the_application_serves_with_a_replica_that_is_away(url: str) -> None:
    async with served(url, read_urls=("postgresql://nobody@127.0.0.1:1/none",)) as client:
        assert (await client.send("GET", "/health")).status_code == 200
        assert await client.data("{ academies { code } }")
