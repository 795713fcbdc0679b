"""GraphQL over HTTP: the reference audit and clients, and what a request may be."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from resolvers import adding
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from server.app import create_app
from server.graph import body, endpoint
from server.graph.request import DEEPEST_VARIABLES, LONGEST_QUERY_STRING, MOST_VALUES
from server.identity import COOKIE
from tests.browser import served as on_a_port
from tests.client import Client, served, settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.node import installed_packages, output_of
from tests.people import signed_in

RESPONSE = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}
WATCH = "subscription { viewerChanged { kind } }"
MINE = "{ viewer { diplomas { edges { node { diploma { title } } } } } }"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def origin(url: str) -> AsyncIterator[str]:
    app = create_app(settings_of_tests(graphiql=True), url)  # the audit asks for the schema
    async with app.router.lifespan_context(app) as state, on_a_port(with_state(app, dict(state or {}))) as origin:
        yield origin


@pytest.fixture(scope="session")
def clients() -> Path:
    """The folder of the reference clients."""
    return installed_packages(Path(__file__).parent / "graphql_clients")


async def post(client: Client, value: object, accept: str | None = None, **headers: str) -> Response:
    sent = JSON | ({"Accept": accept} if accept else {}) | headers
    return await client.send("POST", "/graphql", content=json.dumps(value), headers=sent)


def refusal(answer: Response) -> tuple[int, str]:
    """The status and the code of an answer that is one error."""
    found = answer.json()
    assert list(found) == ["errors"]
    [error] = found["errors"]
    assert error["message"]
    return answer.status_code, error["extensions"]["code"]


# The reference


async def test_the_reference_audit_finds_nothing_to_say(origin: str, clients: Path) -> None:
    found = json.loads(await output_of(clients, "audit.mjs", [f"{origin}/graphql"]))
    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == 61


@pytest.mark.parametrize("over", ["socket", "events"])
async def test_a_reference_client_asks_and_watches(
    origin: str, clients: Path, over: str, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller,
    second: Caller, folder: Path, keyring: Keyring,
) -> None:  # fmt: skip
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    mine = await signed_in(connection)

    async def add_when_watched() -> None:
        # the notice may come before the subscription: it is repeated until the client has heard one and ended
        await asyncio.sleep(0.5)
        await adding.add(connection, mine.holder, Wanted("bac", 2026, "01"))
        while True:
            await asyncio.sleep(0.2)
            await connection.execute("select pg_notify('parchemin_account', $1)", f"{mine.holder.id} DIPLOMA_CHANGED")

    adding_it = asyncio.create_task(add_when_watched())
    try:
        out = await output_of(clients, "watch.mjs", [over, origin, f"{COOKIE}={mine.secret}", MINE, WATCH])
    finally:
        adding_it.cancel()
    asked, watched = (json.loads(line) for line in out.splitlines())
    assert "errors" not in asked and "edges" in asked["data"]["viewer"]["diplomas"]
    assert watched["data"]["viewerChanged"]["kind"] in ("DIPLOMA_ADDED", "DIPLOMA_CHANGED")


# Media types and statuses


ACCEPTED = {
    "": "application/json", "*/*": "application/json", "application/json": "application/json", "text/html, */*;q=0.1": "application/json",
    RESPONSE: RESPONSE, f"{RESPONSE}, application/json;q=0.9": RESPONSE, f"{RESPONSE};q=0.1, application/json": "application/json",
    f"{RESPONSE}, application/json, text/event-stream, multipart/mixed": RESPONSE,
}  # fmt: skip


async def test_the_answer_has_the_form_that_is_asked_for(client: Client) -> None:
    for accept, media in ACCEPTED.items():
        answer = await post(client, {"query": "{ viewer { __typename } }"}, accept)
        assert answer.headers["content-type"] == f"{media}; charset=utf-8", accept
        assert answer.headers["cache-control"] == "no-store"


async def test_a_form_that_is_not_ours_is_not_acceptable(client: Client) -> None:
    assert refusal(await post(client, {"query": "{ __typename }"}, "text/html")) == (406, "NOT_ACCEPTABLE")


async def test_an_invalid_document_is_a_client_error_to_those_who_read_statuses(client: Client) -> None:
    for document in ("{", "{ nothing }", "query ($x: Int!) { availability(from: $x, to: 2026) { count } }"):
        new, old = await post(client, {"query": document}, RESPONSE), await post(client, {"query": document})
        assert (new.status_code, old.status_code) == (400, 200)
        assert list(new.json()) == list(old.json()) == ["errors"]


async def test_an_error_of_a_field_leaves_the_status_and_the_data(client: Client) -> None:
    answer = await post(client, {"query": "{ examSessions { edges { cursor } } }"}, RESPONSE)
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_answers_are_compact_and_in_utf_8(client: Client) -> None:
    answer = await post(client, {"query": '{ families { label } examSession(family: "é", academy: "01", year: 1) { id } }'})
    assert "Baccalauréat".encode() in (await post(client, {"query": "{ families { label } }"})).content
    assert b'{"data":{"' in (await post(client, {"query": "{ families { label } }"})).content
    assert b": " not in answer.content.split(b'"message":"')[0]


async def test_half_a_character_is_answered(client: Client) -> None:
    answer = await client.send("POST", "/graphql", content=b'{"query": "{ \\ud800 }"}', headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["errors"]


# What a request may be


async def test_lists_of_operations_are_refused(client: Client) -> None:
    assert refusal(await post(client, [{"query": "{ __typename }"}])) == (400, "BATCHING_REFUSED")


NO_REQUESTS: list[tuple[object, str]] = [
    ({"query": 1}, "BAD_REQUEST"), ({}, "BAD_REQUEST"), ("x", "BAD_REQUEST"), ({"query": "{a}", "variables": []}, "BAD_REQUEST"),
    ({"query": "{a}", "operationName": 1}, "BAD_REQUEST"), ({"query": "{a}", "extensions": 1}, "BAD_REQUEST"),
    ({"query": "query A {a}", "operationName": "B"}, "OPERATION_NOT_FOUND"),
    ({"query": "query A {__typename} query B {__typename}"}, "OPERATION_NOT_FOUND"),
    ({"query": "{a}", "documentId": "sha256:00"}, "BAD_REQUEST"), ({"documentId": 1}, "BAD_REQUEST"),
    ({"extensions": {"persistedQuery": {"version": 1}}}, "BAD_REQUEST"),
    ({"query": "{a}", "variables": {"x": list(range(MOST_VALUES))}}, "VARIABLES_TOO_LARGE"),
]  # fmt: skip


async def test_a_request_that_is_none_is_told_what_one_is(client: Client) -> None:
    for value, code in NO_REQUESTS:
        assert refusal(await post(client, value)) == (400, code), value


async def test_variables_are_nested_to_a_depth(client: Client) -> None:
    value: Any = 1
    for _ in range(DEEPEST_VARIABLES - 1):
        value = [value]
    asked = {"query": "{ __typename }", "variables": {"x": value}}
    assert (await post(client, asked)).json() == {"data": {"__typename": "Query"}}
    asked["variables"] = {"x": [value]}
    assert refusal(await post(client, asked)) == (400, "VARIABLES_TOO_DEEP")


async def test_what_is_no_json_is_not_read(client: Client) -> None:
    for kind in ("text/plain", "application/json; charset=utf-16", "application/jsonp", ""):
        answer = await client.send("POST", "/graphql", content=b'{"query": "{ __typename }"}', headers={"Content-Type": kind})
        assert refusal(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    for number in ("NaN", "Infinity", "1" * 5000):
        sent = f'{{"query": "{{ __typename }}", "variables": {{"x": {number}}}}}'
        assert refusal(await client.send("POST", "/graphql", content=sent, headers=JSON)) == (400, "BAD_REQUEST")


async def test_a_body_that_does_not_come_is_awaited_for_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LONGEST_WAIT", 0.1)
    monkeypatch.setattr(body, "LOOK_SECONDS", 0.05)

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.sleep(10)

    slow, quick = await asyncio.gather(
        client.send("POST", "/graphql", content=slowly(), headers=JSON), post(client, {"query": "{ __typename }"})
    )
    assert refusal(slow) == (408, "REQUEST_TIMEOUT")
    assert slow.headers["connection"] == "close"
    assert quick.status_code == 200


async def test_a_subscription_that_nobody_can_stream_is_told_how(client: Client) -> None:
    assert refusal(await post(client, {"query": WATCH}, RESPONSE)) == (400, "STREAM_REQUIRED")


# GET


async def get(client: Client, **parameters: str) -> Response:
    return await client.send("GET", "/graphql", params=parameters)


async def test_what_is_the_same_for_everybody_may_be_asked_by_get(client: Client) -> None:
    answer = await get(client, query="query A($f: String!) { diplomaTitles(family: $f, first: 1) { edges { node { code } } } }",
                       variables='{"f": "bts"}', operationName="A")  # fmt: skip
    assert len(answer.json()["data"]["diplomaTitles"]["edges"]) == 1


OTHERS = (
    "{ viewer { __typename } }", "mutation { closeAccount { __typename } }", WATCH,
    '{ verification(key: "a", birthName: "b") { __typename } }', "{ families { code } viewer { __typename } }",
    "{ ...F } fragment F on Query { ... { viewer { __typename } } }",
)  # fmt: skip


async def test_anything_else_is_asked_by_post(client: Client, connection: DatabaseConnection) -> None:
    mine = await signed_in(connection)
    for document in OTHERS:
        answer = await client.send("GET", "/graphql", params={"query": document}, headers={"Cookie": f"{COOKIE}={mine.secret}"})
        assert refusal(answer) == (405, "POST_REQUIRED")
        assert answer.headers["allow"] == "POST"


async def test_a_query_string_that_is_no_request_is_told_so(client: Client) -> None:
    for query_string in ("variables={&query={a}", "query=%ff", "a", "", "extensions=[]&query={a}", "variables=1&query={a}"):
        assert refusal(await client.send("GET", f"/graphql?{query_string}")) == (400, "BAD_REQUEST"), query_string


async def test_a_query_string_has_a_length(client: Client) -> None:
    assert refusal(await get(client, query="{ __typename }" + " " * LONGEST_QUERY_STRING)) == (414, "REQUEST_TOO_LONG")


async def test_other_methods_are_told_which_there_are(client: Client) -> None:
    answer = await client.send("PUT", "/graphql")
    assert refusal(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, POST"


async def test_what_was_not_foreseen_is_an_identifier_and_says_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret")

    monkeypatch.setattr(endpoint, "signed_in", broken)
    answer = await post(client, {"query": MINE})
    assert refusal(answer) == (500, "INTERNAL_ERROR")
    [identifier] = re.findall(r"\((\w{12})\)", answer.text)
    logged = capsys.readouterr()
    assert identifier in logged.out + logged.err and "RuntimeError" in logged.out + logged.err
    assert "the secret" not in logged.out + logged.err + answer.text


# Who asks


async def test_the_cookie_counts_when_our_own_pages_send_it(client: Client, connection: DatabaseConnection) -> None:
    mine = await signed_in(connection)

    async def seen(**headers: str) -> bool:
        answer = await post(client, {"query": MINE}, Cookie=f"a=b; {COOKIE}={mine.secret}", **headers)
        return answer.json()["data"]["viewer"] is not None

    assert await seen()
    assert await seen(Origin="http://register.test")
    assert await seen(**{"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.test"})
    assert not await seen(Origin="https://elsewhere.test")
    assert not await seen(**{"Sec-Fetch-Site": "cross-site"})
    assert not await seen(Authorization="Bearer nobody")
