"""Answers that are the same for everybody: made once, sent as they were made, and made again when the register changes."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from db.statements import statement
from resolvers import callers, publication
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.notices import Notices
from resolvers.schema import deployed
from server.graph import prepared
from server.graph.answers import Answer, Kept
from server.graph.operations import public_fields
from server.graph.prepared import Key, Prepared
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate

AVAILABILITY = (
    'query A($year: Int!) { availability(academy: "01", from: $year, to: $year) { family state count academy { name } } }'
)
ACADEMIES = "{ academies { code name kind departments } }"
FAMILIES = "{ families { code label } }"


@pytest.fixture
async def client(url: str, connection: DatabaseConnection) -> AsyncIterator[Client]:
    async with served(url) as client:
        await listening(connection, 1)
        yield client


async def listening(connection: DatabaseConnection, count: int) -> None:
    """Until that many processes hear of the register."""
    for _ in range(200):
        heard = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen%parchemin_register%'"
        )
        if heard == count:
            await asyncio.sleep(0.02)
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def get(client: Client, query: str = AVAILABILITY, variables: Any = None, **headers: str) -> Response:
    asked = {"query": query} | ({"variables": json.dumps({"year": 2026} if variables is None else variables)})
    return await client.send("GET", "/graphql", params=asked, headers=headers)


async def bac(client: Client) -> dict[str, Any]:
    answer = (await get(client)).json()["data"]["availability"]
    return next({"state": one["state"], "count": one["count"]} for one in answer if one["family"] == "bac")


async def eventually(client: Client, state: str) -> dict[str, Any]:
    """What is said of the baccalauréat once it is in that state."""
    said = await bac(client)
    for _ in range(100):
        if said["state"] == state:
            break
        await asyncio.sleep(0.02)
        said = await bac(client)
    return said


def test_what_is_public_is_declared_beside_the_fields() -> None:
    introspection = {"__typename", "__schema", "__type"}
    assert public_fields(deployed()) == introspection | {"availability", "families", "academies", "foreignCentres", "diplomaTitles"}


async def test_an_answer_is_sent_again_without_asking_the_register(client: Client, connection: DatabaseConnection) -> None:
    once = await get(client)
    await connection.execute("update academy set name = 'Ailleurs' where code = '01'")
    by_post = await client.post(AVAILABILITY, {"year": 2026})
    assert once.content == (await get(client)).content == by_post.content
    assert once.headers["cache-control"] == by_post.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"
    assert once.headers["etag"] == by_post.headers["etag"]
    for variables in ({"year": 2025}, {"year": 2027}):
        assert (await get(client, variables=variables)).json()["data"]["availability"][0]["academy"]["name"] == "Ailleurs"


async def test_an_answer_is_in_the_language_that_is_asked_for(client: Client) -> None:
    french, english = await get(client, FAMILIES, {}), await get(client, FAMILIES, {}, **{"Accept-Language": "en"})
    assert french.headers["etag"] != english.headers["etag"]
    assert french.json() != english.json()
    assert english.headers["vary"] == "Accept, Accept-Encoding, Accept-Language"


async def test_a_client_that_has_the_answer_is_told_so(client: Client) -> None:
    once = await get(client)
    tag = once.headers["etag"]
    for condition in (tag, f'"other", W/{tag}', "*"):
        again = await get(client, **{"If-None-Match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await get(client, **{"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, once.content)


async def test_an_answer_is_compressed_once_for_who_takes_that(client: Client) -> None:
    whole = await get(client, ACADEMIES, {}, **{"Accept-Encoding": "gzip;q=0, br"})
    small = await get(client, ACADEMIES, {}, **{"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in whole.headers
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(whole.headers["content-length"]) / 2
    assert small.content == whole.content
    assert small.headers["etag"] != whole.headers["etag"]
    again = await get(client, ACADEMIES, {}, **{"If-None-Match": small.headers["etag"], "Accept-Encoding": "gzip"})
    assert again.status_code == 304
    tiny = await get(client, "{ __typename }", {}, **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in tiny.headers


async def test_an_error_is_kept_by_nobody(client: Client) -> None:
    wrong = await get(client, "query A($year: Int!) { availability(from: 1900, to: $year) { count } }")
    assert wrong.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert wrong.headers["cache-control"] == "no-store" and "etag" not in wrong.headers


async def test_a_caller_changes_nothing_of_it(client: Client) -> None:
    signed = await client.send(
        "POST", "/graphql", json={"query": FAMILIES}, headers={"Authorization": "Bearer nobody", "Accept-Language": "fr"}
    )
    assert signed.content == (await get(client, FAMILIES, {})).content
    mixed = await client.post("{ families { code } viewer { __typename } }")
    assert mixed.headers["cache-control"] == "no-store" and "etag" not in mixed.headers


async def test_a_publication_and_its_withdrawal_are_seen_at_once_by_every_process(
    url: str, client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller,
    folder: Path, keyring: Keyring,
) -> None:  # fmt: skip
    third = await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    async with served(url) as other:
        await listening(connection, 2)
        both = (client, other)
        assert [await bac(one) for one in both] == [{"state": "AWAITING_RESULTS", "count": None}] * 2
        journey = await Journey.begin(connection, monitor, first, second, folder)
        await journey.publish(keyring, candidate(1), candidate(2))
        assert [await eventually(one, "AVAILABLE") for one in both] == [{"state": "AVAILABLE", "count": 2}] * 2
        await publication.request_withdrawal(connection, second, journey.session, "erreur")
        await publication.withdraw(connection, third, journey.session)
        assert [await eventually(one, "AWAITING_RESULTS") for one in both] == [{"state": "AWAITING_RESULTS", "count": None}] * 2


async def test_nothing_is_kept_while_nobody_listens(
    client: Client, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.notices.RECONNECT_SECONDS", 0.2)
    before = await get(client)
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'"
    )
    await asyncio.sleep(0.05)
    for name in ("Une", "Deux"):
        await connection.execute("update academy set name = $1 where code = '01'", name)
        assert (await get(client)).json()["data"]["availability"][0]["academy"]["name"] == name
    await listening(connection, 1)
    assert (await get(client)).headers["etag"] != before.headers["etag"]


async def test_counts_are_those_of_publications_and_not_of_a_scan(connection: DatabaseConnection) -> None:
    await connection.execute("set plan_cache_mode = force_generic_plan")
    text = statement("reference.availability").text
    given = (None, None, ["bac"], [1900], [2100], ["EXAM_SERVICE"], [1967], [2026], [None], [None], [None], 2026)
    plan = await connection.fetch(f"explain {text}", *given)
    read = {word for row in plan for word in row[0].replace("(", " ").split()}
    assert "exam_session" in read
    assert not read & {"diploma", "diploma_version", "candidate", "control_key", "publication"}


# What is kept


@pytest.fixture
def keeper() -> Prepared:
    notices = Notices()
    notices.listens = True
    return Prepared(notices)


def key(name: str) -> Key:
    return (name, None, "", "fr")


def making(body: bytes, made: list[bytes], *, meanwhile: Callable[[], None] = lambda: None) -> Callable[[], Any]:
    async def make() -> Answer:
        await asyncio.sleep(0.01)
        meanwhile()
        made.append(body)
        return Answer(body)

    return make


async def test_those_who_ask_at_once_wait_for_one_answer(keeper: Prepared) -> None:
    made: list[bytes] = []
    answers = await asyncio.gather(*(keeper.made(key("a"), making(b"a", made)) for _ in range(20)))
    assert made == [b"a"] and len(set(map(id, answers))) == 1


async def test_who_leaves_does_not_take_the_answer_along(keeper: Prepared) -> None:
    made: list[bytes] = []
    leaving = asyncio.create_task(keeper.made(key("a"), making(b"a", made)))
    staying = asyncio.create_task(keeper.made(key("a"), making(b"a", made)))
    await asyncio.sleep(0)
    leaving.cancel()
    answer = await staying
    assert isinstance(answer, Kept) and answer.body == b"a" and made == [b"a"]


async def test_an_answer_that_read_the_register_before_it_changed_is_not_kept(keeper: Prepared) -> None:
    made: list[bytes] = []
    await keeper.made(key("a"), making(b"old", made, meanwhile=keeper.forget))
    assert keeper.found(key("a")) is None
    await keeper.made(key("a"), making(b"new", made))
    assert (found := keeper.found(key("a"))) and found.body == b"new"


async def test_room_is_bounded_and_the_least_asked_gives_way(keeper: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_BYTES", 2100)
    for name in "ab":
        await keeper.made(key(name), making(name.encode() * 999, []))
    assert keeper.found(key("a"))
    await keeper.made(key("c"), making(b"c" * 999, []))
    assert [bool(keeper.found(key(name))) for name in "abc"] == [True, False, True]
    await keeper.made(key("d"), making(gzip.compress(b"d") * 200, []))
    assert [bool(keeper.found(key(name))) for name in "acd"] == [False, False, False]


async def test_an_answer_is_kept_for_a_time(keeper: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "LASTS_SECONDS", 0.05)
    await keeper.made(key("a"), making(b"a", []))
    assert keeper.found(key("a"))
    await asyncio.sleep(0.06)
    assert keeper.found(key("a")) is None


async def test_an_answer_of_yesterday_is_gone(keeper: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(prepared.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Late":
            return cls(2026, 12, 31, 23, 59, 59, 960_000)

    monkeypatch.setattr(prepared, "datetime", Late)
    await keeper.made(key("a"), making(b"a", []))
    assert keeper.found(key("a"))
    await asyncio.sleep(0.05)
    assert keeper.found(key("a")) is None
