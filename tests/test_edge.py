"""What the edge takes and turns away; the settings; the embedded server."""

import asyncio
import os
import signal
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bench.sameness.family import installed
from db.embedded import EmbeddedError, EmbeddedServer
from resolvers.schema import published
from server.graph.body import LONGEST_BODY
from server.settings import Settings, SettingsError, read_settings
from tests.client import Client, served

SECRET = "ab" * 32


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


# Settings


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"DATABASE_READ_URLS": "postgresql://replica/x"}, "need DATABASE_URL"),
        ({"DATABASE_URL": "mysql://u:hidden@x/y"}, "each of DATABASE_READ_URLS are"),
        ({"DATABASE_URL": "postgresql://x", "DATABASE_READ_URLS": "replica"}, "each of DATABASE_READ_URLS are"),
        ({"PARCHEMIN_ENV": "production", "PARCHEMIN_SECRET": SECRET}, "needs DATABASE_URL"),
        ({"PARCHEMIN_ENV": "production", "PARCHEMIN_SECRET": SECRET, "DATABASE_URL": ""}, "needs DATABASE_URL"),
        ({"PARCHEMIN_ENV": "production", "DATABASE_URL": "postgresql://x"}, "needs PARCHEMIN_SECRET"),
        ({"PARCHEMIN_SECRET": "ab" * 31}, "64 hexadecimal digits"),
        ({"PARCHEMIN_SECRET": ""}, "64 hexadecimal digits"),
        ({"PARCHEMIN_SECRET": "z" * 64}, "64 hexadecimal digits"),
        ({"PARCHEMIN_SECRET": SECRET, "PARCHEMIN_LARGEST_UPLOAD_MB": "much"}, "whole number"),
    ],
)
def test_an_environment_that_cannot_be_used_stops_the_start_with_its_variable(
    environment: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=words) as stopped:
        read_settings({"PARCHEMIN_DATA": str(tmp_path)} | environment)
    assert SECRET not in str(stopped.value)


def test_production_shows_no_graphiql_unless_told() -> None:
    environment = {"PARCHEMIN_ENV": "production", "PARCHEMIN_SECRET": SECRET, "DATABASE_URL": "postgresql://x"}
    assert not read_settings(environment).graphiql
    assert read_settings(environment | {"PARCHEMIN_GRAPHIQL": "1"}).graphiql


def test_development_keeps_a_secret_of_its_own_that_nobody_else_reads(tmp_path: Path) -> None:
    environment = {"PARCHEMIN_DATA": str(tmp_path / "data")}
    once = read_settings(environment)
    assert len(once.master_secret) == 32
    assert read_settings(environment) == once
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
    assert once.graphiql and not once.production


def test_settings_are_never_printed_with_their_secret() -> None:
    settings = read_settings({"PARCHEMIN_SECRET": SECRET, "DATABASE_URL": "postgresql://u:password@x"})
    assert isinstance(settings, Settings)
    assert "password" not in repr(settings) and SECRET not in repr(settings) and str(settings.master_secret) not in repr(settings)


# HTTP


async def test_a_long_body_is_refused_whether_or_not_it_says_so(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    body = b'{"query": "{ families { code } }", "x": "' + b"x" * LONGEST_BODY + b'"}'

    async def in_parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    declared = await client.send("POST", "/graphql", content=body, headers=headers)
    assert "content-length" in declared.request.headers
    undeclared = await client.send("POST", "/graphql", content=in_parts(), headers=headers)
    assert "content-length" not in undeclared.request.headers
    for answer in (declared, undeclared):
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["message"]) == (413, f"A request has at most {LONGEST_BODY} bytes.")
    lying = await client.send("POST", "/graphql", content=body, headers=headers | {"Content-Length": "-1"})
    assert lying.status_code == 413


async def test_a_body_within_the_limit_is_answered_whole_or_in_parts(client: Client) -> None:
    body = b'{"query": "{ families { code } }", "x": "' + b"x" * (LONGEST_BODY - 100) + b'"}'

    async def in_parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    for content in (body, in_parts()):
        answer = await client.send("POST", "/graphql", content=content, headers={"Content-Type": "application/json"})
        assert [family["code"] for family in answer.json()["data"]["families"]] == ["dnb", "cap", "bep", "bac", "bts", "higher"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"[1]", b'"x"', b"null", b"1", b'{"query": 1}', b"{}", b"\xff\xfe", b"[" * 50_000,
        b'{"query": "{ families { code } }", "variables": 1}', b'{"query": "{ families { code } }", "operationName": 1}',
        b'{"query": "{ families { code } }", "operationName": "Other"}', b'{"query": "\xff"}',
    ],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_a_client_error(client: Client, body: bytes) -> None:
    answer = await client.send("POST", "/graphql", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500


async def test_the_graph_is_asked_in_json_alone(client: Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):  # what a page of another site may send unasked
        answer = await client.send(
            "POST", "/graphql", content=b'{"query": "{ families { code } }"}', headers={"Content-Type": kind}
        )
        assert 400 <= answer.status_code < 500


async def test_health_says_that_the_database_answers(client: Client) -> None:
    answer = await client.send("GET", "/health")
    assert (answer.status_code, answer.json(), answer.headers["cache-control"]) == (200, {"status": "ok"}, "no-store")


async def test_the_deployments_schema_is_served_as_text(client: Client) -> None:
    answer = await client.send("GET", "/schema.graphql")
    assert answer.text == published()
    assert "type Baccalaureat implements Diploma & Node" in answer.text
    assert answer.headers["cache-control"] == "public, no-cache"


async def test_whoever_has_the_schema_already_is_told_that_it_holds(client: Client) -> None:
    tag = (await client.send("GET", "/schema.graphql")).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await client.send("GET", "/schema.graphql", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await client.send("GET", "/schema.graphql", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_a_deployment_with_a_family_of_another_ministry_serves_it_in_its_schema(url: str, client: Client) -> None:
    ours = await client.send("GET", "/schema.graphql")
    with installed():
        async with served(url) as deployment:
            theirs = await deployment.send("GET", "/schema.graphql")
        published.cache_clear()
        again = published()
    assert "type Belted implements Diploma & Node" in theirs.text
    assert theirs.text == again
    assert theirs.headers["etag"] != ours.headers["etag"]


async def test_graphiql_is_there_only_when_the_settings_say_so(url: str, client: Client) -> None:
    assert (await client.send("GET", "/graphiql")).status_code == 404
    async with served(url, graphiql=True) as other:
        assert (await other.send("GET", "/graphiql")).status_code == 200


# The embedded server


def test_two_programs_on_one_directory_share_the_server(postgres: EmbeddedServer) -> None:
    other = EmbeddedServer(postgres.data)
    assert other.start() == postgres.url()
    assert other.pid() == postgres.pid() is not None


async def test_a_killed_server_keeps_every_acknowledged_row(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "data")
    connection = await asyncpg.connect(server.start())
    await connection.execute("create table kept (number int)")
    acknowledged = 0
    for number in range(200):
        await connection.execute("insert into kept values ($1)", number)
        acknowledged += 1
    killed = server.pid()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
        while True:
            await connection.execute("insert into kept values (-1)")
            acknowledged += 1
    while server.pid() == killed:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        again = await asyncpg.connect(server.start())
        assert server.pid() != killed
        assert await again.fetchval("select count(*) from kept") in (acknowledged, acknowledged + 1)
        assert await again.fetchval("select count(distinct number) from kept where number >= 0") == 200
        await again.close()
    finally:
        server.stop()
    assert server.pid() is None


def test_a_directory_of_another_major_version_is_left_alone_with_what_to_do(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 16, this is 18: dump it"):
        EmbeddedServer(data).start()
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_directory_whose_making_was_interrupted_is_made_anew(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "half").write_text("")
    server = EmbeddedServer(data, settings={"fsync": "off"})
    try:
        assert server.start().startswith("postgresql://postgres:")
        assert not (data / "half").exists()
    finally:
        server.stop()


def test_a_server_that_does_not_run_has_no_url(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="does not run"):
        EmbeddedServer(tmp_path / "data").url()


def test_a_server_that_is_reaped_while_it_is_looked_at_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EmbeddedServer(tmp_path / "data")
    server.data.mkdir()
    lines = [str(os.getpid()), *["x"] * 6, "ready"]
    (server.data / "postmaster.pid").write_text("\n".join(lines))
    assert server.pid() == os.getpid()
    read = Path.read_text

    def reaped(path: Path, *given: Any, **named: Any) -> str:
        if path.is_relative_to("/proc"):
            raise ProcessLookupError
        return read(path, *given, **named)

    monkeypatch.setattr(Path, "read_text", reaped)
    assert server.pid() is None
