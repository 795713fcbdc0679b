"""The contract that clients see: its text, its descriptions, its errors, its nodes and pages, its number of statements."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_scalar_type,
    parse,
    validate,
)
from strawberry.relay.utils import to_base64

from db.statements import Statement
from graph.pages import cursor_of
from resolvers import callers, sessions
from resolvers.callers import Caller
from resolvers.schema import deployed, exported
from server.graphiql import Example, examples
from tests.client import Client, served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.journey import Journey, candidate

ROOT = Path(__file__).parent.parent


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


async def token_of(connection: DatabaseConnection, agent: Caller) -> str:
    return await callers.new_token(connection, agent, timedelta(minutes=5))


@pytest.fixture
async def token(connection: DatabaseConnection, first: Caller) -> str:
    """Of an agent of Paris and Normandie who cannot release."""
    return await token_of(connection, first)


@pytest.fixture
async def paris(connection: DatabaseConnection, first: Caller) -> str:
    """The global id of an open session of Paris."""
    return to_base64("ExamSession", str(await sessions.open_session(connection, first, "bac", "01", 2026)))


# What is written


def test_the_committed_schema_is_the_one_that_our_families_make() -> None:
    committed = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert committed == exported(), "write it again: ./dev parchemin schema --write"


def schema() -> GraphQLSchema:
    return build_schema(deployed().as_str())


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for name, type_ in schema.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(type_):
            continue
        if not type_.description:
            yield name
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                if not field.description:
                    yield f"{name}.{field_name}"
                yield from (f"{name}.{field_name}({one})" for one, given in field.args.items() if not given.description)
        elif isinstance(type_, GraphQLInputObjectType):
            yield from (f"{name}.{one}" for one, field in type_.fields.items() if not field.description)
        elif isinstance(type_, GraphQLEnumType):
            yield from (f"{name}.{one}" for one, value in type_.values.items() if not value.description)


def test_every_type_field_argument_and_value_has_a_description() -> None:
    assert list(undescribed(schema())) == []


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["name"])
def test_an_example_of_graphiql_is_valid_against_the_schema(example: Example) -> None:
    assert validate(schema(), parse(example["query"])) == []


def test_a_family_adds_types_and_no_root_field() -> None:
    query_type = schema().query_type
    assert query_type is not None
    assert sorted(query_type.fields) == [
        "academies", "availability", "deskAgents", "deskRequest", "deskRequestCounts", "deskRequests", "diplomaActs",
        "diplomaReview", "diplomaReviews", "diplomaTitles", "documentRequestOptions", "examSession", "examSessions", "families",
        "foreignCentres", "journal", "node", "operations", "refusalTemplates", "registeredDiploma", "requestStatistics",
        "sessionStatistics", "sharedDiploma", "verification", "verifyDocument", "viewer",
    ]  # fmt: skip


# Errors


async def test_an_agents_field_asks_an_anonymous_caller_to_sign_in(client: Client) -> None:
    assert await client.error("{ examSessions { edges { node { id } } } }") == "UNAUTHENTICATED"
    assert await client.error("{ examSessions { edges { node { id } } } }", token="of-nobody") == "UNAUTHENTICATED"


async def test_a_revoked_or_expired_token_signs_nobody_in(
    client: Client, connection: DatabaseConnection, first: Caller, token: str
) -> None:
    document = "{ examSessions { edges { node { id } } } }"
    await client.data(document, token=token)
    await connection.execute("update agent_token set revoked_at = now()")
    assert await client.error(document, token=token) == "UNAUTHENTICATED"
    expired = await callers.new_token(connection, first, timedelta(seconds=-1))
    assert await client.error(document, token=expired) == "UNAUTHENTICATED"


async def test_a_role_that_does_not_carry_the_act_is_forbidden(client: Client, token: str, paris: str) -> None:
    document = "mutation ($id: ID!) { approvePublication(input: {sessionId: $id}) { __typename } }"
    assert await client.error(document, {"id": paris}, token=token) == "FORBIDDEN"


@pytest.mark.parametrize(
    "field",
    [
        'diplomaTitles(family: "bts", first: 0) { edges { cursor } }',
        'diplomaTitles(family: "bts", first: 51) { edges { cursor } }',
        'diplomaTitles(family: "bts", after: "é") { edges { cursor } }',
        'diplomaTitles(family: "bts", after: "AAAA") { edges { cursor } }',
        f'diplomaTitles(family: "bts", after: "{cursor_of(2026, "bac", "01")}") {{ edges {{ cursor }} }}',
        f'examSessions(after: "{cursor_of("32020009")}") {{ edges {{ cursor }} }}',
        f'examSessions(after: "{cursor_of(1 << 31, "bac", "01")}") {{ edges {{ cursor }} }}',
        "examSessions(first: -1) { edges { cursor } }",
        'availability(from: 2026, to: 2020, academy: "01") { count }',
        'availability(from: 2020, to: 2026, academy: "\\u0000") { count }',
        'examSession(family: "bac\\u0000", academy: "01", year: 2026) { id }',
        f'diplomaTitles(family: "bts", after: "{cursor_of(chr(0))}") {{ edges {{ cursor }} }}',
    ],
)
async def test_an_argument_out_of_its_bounds_is_bad_input(client: Client, token: str, field: str) -> None:
    assert await client.error(f"{{ {field} }}", token=token) == "BAD_USER_INPUT"


async def test_half_a_pair_of_surrogates_is_bad_input(client: Client) -> None:
    document = "query ($academy: String) { availability(from: 2026, to: 2026, academy: $academy) { count } }"
    assert await client.error(document, {"academy": "\ud800"}) == "BAD_USER_INPUT"


async def test_a_year_that_cannot_be_has_no_session(client: Client, token: str) -> None:
    found = await client.data('{ examSession(family: "bac", academy: "01", year: 2000000000) { id } }', token=token)
    assert found == {"examSession": None}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("query { families { code } ", "Syntax Error"),
        ("{ diplomas { id } }", "Cannot query field"),
    ],
)
async def test_a_document_that_is_not_valid_is_refused_before_it_runs(client: Client, document: str, sentence: str) -> None:
    answer = await client.answer(document)
    assert any(sentence in error["message"] for error in answer["errors"]), answer["errors"]
    assert not answer.get("data")


async def test_the_deepest_document_of_an_agents_page_is_allowed(client: Client) -> None:
    document = '{ node(id: "x") { ... on ExamSession { imports { refusals { edges { node { id line } } } } } } }'
    assert await client.data(document) == {"node": None}


async def test_an_internal_error_is_masked_under_an_identifier_that_the_log_has(
    client: Client, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise RuntimeError("no such diploma of Lecœur")

    monkeypatch.setattr(Statement, "row", broken)
    document = "query ($id: ID!) { node(id: $id) { id } }"
    with structlog.testing.capture_logs() as logs:
        answer = await client.answer(document, {"id": to_base64("Academy", "SECRET")})
    [error] = answer["errors"]
    [entry] = [entry for entry in logs if entry["event"] == "internal_error"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR"}
    assert entry["identifier"] in error["message"] and len(entry["identifier"]) == 12
    assert (entry["kind"], entry["path"]) == ("RuntimeError", ["node"])
    printed = capfd.readouterr()
    written = json.dumps(logs, default=str) + printed.out + printed.err
    for private in ("Lecœur", "no such diploma", "SECRET"):
        assert private not in written and private not in json.dumps(answer, ensure_ascii=False)


async def test_a_problem_speaks_french_or_english_by_accept_language(client: Client, token: str) -> None:
    document = """mutation { openSession(input: {family: "bep", academy: "01", year: 2026}) { ... on Problem { message } } }"""
    for language, words in (
        ("", "n'a pas de session"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "n'a pas de session"),
        ("en-GB,en;q=0.9,fr;q=0.8", "has no session"),
        ("fr;q=0.3, en;q=0.7", "has no session"),
        ("de, en", "has no session"),
        ("de", "n'a pas de session"),
        ("en;q=0", "n'a pas de session"),
    ):
        answer = await client.data(document, token=token, language=language)
        assert words in answer["openSession"]["message"], language


# Nodes

NODE = """query ($id: ID!) { node(id: $id) { __typename id ... on Academy { name } ... on DiplomaTitle { label }
  ... on DiplomaFamily { code } ... on ExamSession { year } } }"""


@pytest.mark.parametrize(
    ("type_name", "key", "field", "value"),
    [
        ("Academy", "05", "name", "Caen"),
        ("DiplomaTitle", "26031403", "label", "Diplôme de comptabilité et de gestion (DCG)"),
        ("DiplomaFamily", "bts", "code", "bts"),
    ],
)
async def test_a_public_object_is_found_again_by_its_id(client: Client, type_name: str, key: str, field: str, value: str) -> None:
    id_ = to_base64(type_name, key)
    found = (await client.data(NODE, {"id": id_}))["node"]
    assert (found["__typename"], found["id"], found[field]) == (type_name, id_, value)


async def test_a_session_is_found_by_its_own_academys_agent_alone(
    client: Client, connection: DatabaseConnection, token: str, paris: str, stranger: Caller
) -> None:
    found = (await client.data(NODE, {"id": paris}, token=token))["node"]
    assert (found["id"], found["year"]) == (paris, 2026)
    for other in (None, await token_of(connection, stranger)):
        assert await client.data(NODE, {"id": paris}, token=other) == {"node": None}


async def test_imports_and_publications_of_others_are_not_found(
    client: Client,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    first: Caller,
    second: Caller,
    stranger: Caller,
    folder: Path,
    token: str,
) -> None:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    imported = await journey.results(candidate(1))
    await journey.close()
    prepared = await journey.prepare()
    foreign = await token_of(connection, stranger)
    for id_ in (to_base64("Import", str(imported)), to_base64("Publication", str(prepared))):
        assert (await client.data(NODE, {"id": id_}, token=token))["node"]["id"] == id_
        for other in (None, foreign):
            assert await client.data(NODE, {"id": id_}, token=other) == {"node": None}


@pytest.mark.parametrize(
    "id_",
    [
        to_base64("Academy", "99"),
        to_base64("ExamSession", str(UUID(int=4))),
        to_base64("ExamSession", "not-a-uuid"),
        to_base64("Nothing", "1"),
        to_base64("Refusal", "1/2/3"),
        "rubbish",
        "é",
        "",
        "QWNhZGVteQ==",
        "//79",
    ],
)
async def test_an_id_of_nothing_is_null(client: Client, token: str, id_: str) -> None:
    assert await client.data(NODE, {"id": id_}, token=token) == {"node": None}


async def test_no_diploma_is_read_by_its_id(
    client: Client,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    first: Caller,
    second: Caller,
    folder: Path,
    token: str,
    keyring: Any,
) -> None:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    diploma = await connection.fetchval("select id from diploma")
    for name in ("Diploma", "Baccalaureat"):
        for caller in (None, token):
            assert await client.data(NODE, {"id": to_base64(name, str(diploma))}, token=caller) == {"node": None}


# Pages


async def test_pages_of_titles_walk_every_title_once(client: Client, connection: DatabaseConnection) -> None:
    document = """query ($after: String) { diplomaTitles(family: "dnb", first: 3, after: $after) {
      edges { cursor node { code } } pageInfo { hasNextPage endCursor startCursor } } }"""
    walked: list[str] = []
    after: str | None = None
    while True:
        page = (await client.data(document, {"after": after}))["diplomaTitles"]
        edges, info = page["edges"], page["pageInfo"]
        assert 0 < len(edges) <= 3
        assert (info["startCursor"], info["endCursor"]) == (edges[0]["cursor"], edges[-1]["cursor"])
        walked += [edge["node"]["code"] for edge in edges]
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
    stored = await connection.fetch("select code from diploma_title where kind = 'DNB' order by code")
    assert walked == [row["code"] for row in stored] and len(walked) > 3


async def test_the_titles_of_a_session_are_those_that_it_may_award(client: Client) -> None:
    async def codes(arguments: str) -> list[str]:
        page = await client.data(f"{{ diplomaTitles({arguments}) {{ edges {{ node {{ code }} }} }} }}")
        return [edge["node"]["code"] for edge in page["diplomaTitles"]["edges"]]

    assert "67110001" in await codes('family: "dnb", session: 2012')
    assert "67110001" not in await codes('family: "dnb", session: 2013')
    assert await codes('family: "bep", session: 2026') == []
    assert await codes('family: "nothing"') == []


async def test_pages_of_sessions_walk_them_latest_first(
    client: Client, connection: DatabaseConnection, first: Caller, token: str
) -> None:
    opened = [(family, academy, year) for family in ("bac", "dnb") for academy in ("01", "70") for year in (2024, 2025, 2026)]
    for family, academy, year in opened:
        await sessions.open_session(connection, first, family, academy, year)
    document = """query ($after: String) { examSessions(first: 5, after: $after) {
      edges { node { family academyCode year } } pageInfo { hasNextPage endCursor } } }"""
    walked: list[tuple[str, str, int]] = []
    page: dict[str, Any] = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await client.data(document, {"after": page["pageInfo"]["endCursor"]}, token=token))["examSessions"]
        walked += [(edge["node"]["family"], edge["node"]["academyCode"], edge["node"]["year"]) for edge in page["edges"]]
    assert walked == sorted(opened, key=lambda one: (one[2], one[0], one[1]), reverse=True)


# Statements


async def test_sessions_with_all_that_belongs_to_them_take_the_same_statements_however_many(
    client: Client,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    first: Caller,
    second: Caller,
    folder: Path,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = """{ examSessions(first: 50) { edges { node { id state undecided missing juryGroups { code closedBy }
      imports { id difference { added } } publications { id preparedBy warnings } } } } }"""
    ran: list[str] = []
    values = Statement.values

    def counted(self: Statement, given: Any) -> list[Any]:
        ran.append(self.name)
        return values(self, given)

    async def statements_for(sessions: int) -> list[str]:
        ran.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Statement, "values", counted)
            found = await client.data(document, token=token)
        assert len(found["examSessions"]["edges"]) == sessions
        return sorted(ran)

    async def prepared(year: int) -> None:
        journey = await Journey.begin(connection, monitor, first, second, folder, year=year)
        await journey.results(candidate(1))
        await journey.close()
        await journey.prepare()

    await prepared(2024)
    alone = await statements_for(1)
    await prepared(2025)
    await prepared(2026)
    assert await statements_for(3) == alone
    assert len(alone) <= 10


async def test_concurrent_requests_share_the_pool(client: Client, pool: DatabasePool) -> None:
    answers = await asyncio.gather(*(client.data("{ academies { code } }") for _ in range(30)))
    assert {len(answer["academies"]) for answer in answers} == {await pool.fetchval("select count(*) from academy")}
