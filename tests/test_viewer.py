"""The holder's dashboard through the graph: his diplomas, keys, links, journal and browsers, and nobody else's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from db.statements import Statement
from resolvers import adding, documents, web_sessions
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from server.identity import COOKIE
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import ELOISE, Browser, signed_in

DASHBOARD = """query { viewer { identity { familyName givenNames proven }
  diplomas { edges { node { id controlKey addedAt keptUntil diploma { id title session academy { name region { name } } } } } }
  requests { edges { node { id reference state academy { name } } } }
  shares { edges { node { id label secret link state views diploma { title } } } }
  consultations { edges { node { at channel outcome organisation shareLabel diploma { title } } } }
  sessions { id provider device current } } }"""
VERIFY = """query ($key: String!, $name: String!, $organisation: String) {
  verification(key: $key, birthName: $name, organisation: $organisation) { __typename } }"""
PAGES = """query ($after: String) { viewer { consultations(first: 2, after: $after) {
  edges { node { organisation } } pageInfo { endCursor hasNextPage } } } }"""
OPEN = """query ($secret: String!, $organisation: String) { sharedDiploma(secret: $secret, organisation: $organisation) { __typename
  ... on SharedDiploma { diploma { title holder { birthName } } birth { date place country } }
  ... on ExistingDiploma { title session status } ... on VerificationRefused { message } } }"""
SHARE = "... on Share { id secret link scope label state views mostViews expiresAt }"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def published(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path, keyring: Keyring
) -> Journey:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Martin"))
    return journey


@pytest.fixture
async def browser(client: Client, connection: DatabaseConnection, published: Journey) -> Browser:
    """A browser of Éloïse, who has added her diploma."""
    browser = await signed_in(connection, client=client)
    await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    return browser


@pytest.fixture
async def diploma(browser: Browser) -> str:
    """The id of her diploma."""
    return nodes(await browser.data(DASHBOARD), "diplomas")[0]["id"]


def nodes(data: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [edge["node"] for edge in data["viewer"][name]["edges"]]


async def seen(client: Client, secret: str, organisation: str | None = None) -> dict[str, Any]:
    """What the reader of a link sees."""
    return (await client.data(OPEN, {"secret": secret, "organisation": organisation}))["sharedDiploma"]


async def test_nobody_who_is_not_signed_in_has_a_viewer(client: Client) -> None:
    assert await client.data("{ viewer { identity { familyName } } }") == {"viewer": None}


async def test_a_holder_adds_a_diploma_by_the_graph_and_sees_it(
    client: Client, connection: DatabaseConnection, published: Journey, keyring: Keyring
) -> None:
    browser = await signed_in(connection, client=client)
    wanted = {"family": "bac", "session": 2026, "academy": "01"}
    added = await browser.does("addDiploma", "AddDiplomaInput", "... on HeldDiploma { controlKey diploma { title } }", **wanted)
    assert added["__typename"] == "HeldDiploma"
    assert added["controlKey"].replace("-", "") == await published.key_of(keyring, 1)
    data = await browser.data(DASHBOARD)
    [held] = nodes(data, "diplomas")
    assert held["diploma"]["academy"] == {"name": "Paris", "region": {"name": "Île-de-France"}}
    assert held["keptUntil"] == "2076-12-31"
    assert data["viewer"]["identity"] == {"familyName": "LECŒUR", "givenNames": ["Éloïse", "Marie"], "proven": True}
    [request] = nodes(data, "requests")
    assert request["state"] == "ADDED"
    [session] = data["viewer"]["sessions"]
    assert (session["device"], session["current"]) == ("Firefox", True)


async def test_what_is_refused_is_a_problem_with_a_reference_and_the_exam_service(
    client: Client, connection: DatabaseConnection, published: Journey
) -> None:
    browser = await signed_in(connection, replace(ELOISE, family_name="Inconnue"), client=client)
    refused = await browser.does(
        "addDiploma", "AddDiplomaInput", "... on DiplomaNotLinked { reference examService { code name } }",
        family="bac", session=2026, academy="01",
    )  # fmt: skip
    assert refused["__typename"] == "DiplomaNotLinked"
    assert refused["reference"] in refused["message"]
    assert refused["examService"]["code"] == "SIEC"
    [request] = nodes(await browser.data(DASHBOARD), "requests")
    assert request == request | {"reference": refused["reference"], "state": "NOT_LINKED"}


async def test_the_dashboard_takes_as_many_statements_for_ten_diplomas_as_for_one(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring, browser: Browser, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    counts: list[str] = []
    rows = Statement.rows

    async def counted(self: Statement, *arguments: Any, **given: Any) -> Any:
        counts.append(self.name)
        return await rows(self, *arguments, **given)

    async def taken() -> list[str]:
        counts.clear()
        await browser.data(DASHBOARD)
        return sorted(counts)

    with monkeypatch.context() as patched:
        patched.setattr(Statement, "rows", counted)
        one = await taken()
    for year in range(2021, 2026):
        journey = await Journey.begin(connection, monitor, first, second, folder, "bac", "01", year)
        await journey.publish(keyring, candidate(1))
        await adding.add(connection, browser.holder, Wanted("bac", year, "01"))
    with monkeypatch.context() as patched:
        patched.setattr(Statement, "rows", counted)
        many = await taken()
    assert len(nodes(await browser.data(DASHBOARD), "diplomas")) == 6
    assert one == many
    assert len(one) == 10


async def test_the_journal_tells_who_consulted_by_what_and_how_it_ended(client: Client, browser: Browser, diploma: str) -> None:
    key = nodes(await browser.data(DASHBOARD), "diplomas")[0]["controlKey"]
    share = await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="Mon école", scope="STANDARD")
    await client.data(VERIFY, {"key": key, "name": "lecoeur", "organisation": "  École\nde  Nantes "})
    await client.data(VERIFY, {"key": key, "name": "Martin"})
    await seen(client, share["secret"])
    journal = nodes(await browser.data(DASHBOARD), "consultations")
    assert [(entry["channel"], entry["outcome"], entry["organisation"], entry["shareLabel"]) for entry in journal] == [
        ("LINK", "SHOWN", None, "Mon école"), ("KEY", "WRONG_NAME", None, None), ("KEY", "SHOWN", "École de Nantes", None),
    ]  # fmt: skip
    assert all(datetime.fromisoformat(entry["at"]).second == 0 for entry in journal)


async def test_who_reads_the_database_alone_learns_neither_whose_diploma_was_consulted_nor_by_whom(
    client: Client, connection: DatabaseConnection, browser: Browser, diploma: str
) -> None:
    key = nodes(await browser.data(DASHBOARD), "diplomas")[0]["controlKey"]
    for organisation in ("École de Nantes", "A"):
        await client.data(VERIFY, {"key": key, "name": "lecoeur", "organisation": organisation})
    rows = await connection.fetch("select subject, sealed from consultation")
    held = await connection.fetchval("select diploma_id from holding")
    stored = b"".join(row["subject"] + row["sealed"] for row in rows)
    for trace in (held.bytes, str(held).encode(), "École".encode(), b"SHOWN", b"KEY"):
        assert trace not in stored
    assert len({len(row["sealed"]) for row in rows}) == 1


async def test_an_entry_that_was_altered_or_moved_is_not_shown(
    client: Client, connection: DatabaseConnection, browser: Browser, diploma: str
) -> None:
    key = nodes(await browser.data(DASHBOARD), "diplomas")[0]["controlKey"]
    for _ in range(3):
        await client.data(VERIFY, {"key": key, "name": "lecoeur"})
    first, second, _ = [row["id"] for row in await connection.fetch("select id from consultation order by id")]
    await connection.execute("update consultation set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where id = $1", first)
    assert len(nodes(await browser.data(DASHBOARD), "consultations")) == 2
    await connection.execute("update consultation set subject = substr(sha256('another'), 1, 16) where id = $1", second)
    assert len(nodes(await browser.data(DASHBOARD), "consultations")) == 1


async def test_the_journal_begins_when_its_owner_added_the_diploma_and_goes_page_by_page(
    client: Client, connection: DatabaseConnection, published: Journey, keyring: Keyring
) -> None:
    key = await published.key_of(keyring, 1)
    await client.data(VERIFY, {"key": key, "name": "lecoeur", "organisation": "before"})
    browser = await signed_in(connection, client=client)
    await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    for number in range(3):
        await client.data(VERIFY, {"key": key, "name": "lecoeur", "organisation": str(number)})
    first = (await browser.data(PAGES))["viewer"]["consultations"]
    rest = (await browser.data(PAGES, after=first["pageInfo"]["endCursor"]))["viewer"]["consultations"]
    assert [edge["node"]["organisation"] for edge in first["edges"] + rest["edges"]] == ["2", "1", "0"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_renewed_key_opens_the_diploma_and_the_old_one_nothing(client: Client, browser: Browser, diploma: str) -> None:
    old = nodes(await browser.data(DASHBOARD), "diplomas")[0]["controlKey"]
    renewed = await browser.does("renewControlKey", "HeldDiplomaInput", "... on HeldDiploma { controlKey }", diplomaId=diploma)
    assert renewed["controlKey"] != old
    assert (await client.verified(renewed["controlKey"], "Lecœur"))["__typename"] == "VerifiedDiploma"
    assert (await client.verified(old, "Lecœur"))["__typename"] == "VerificationRefused"


@pytest.mark.parametrize(
    ("scope", "shown"),
    [
        ("EXISTS", {"__typename": "ExistingDiploma", "title": "Baccalauréat général", "session": 2026, "status": "VALID"}),
        (
            "STANDARD",
            {
                "__typename": "SharedDiploma",
                "diploma": {"title": "Baccalauréat général", "holder": {"birthName": "Lecœur"}},
                "birth": None,
            },
        ),
        (
            "FULL",
            {
                "__typename": "SharedDiploma",
                "diploma": {"title": "Baccalauréat général", "holder": {"birthName": "Lecœur"}},
                "birth": {"date": "2008-03-12", "place": "Besançon", "country": "99100"},
            },
        ),
    ],
)
async def test_a_link_shows_what_its_scope_says(
    client: Client, browser: Browser, diploma: str, scope: str, shown: dict[str, Any]
) -> None:
    share = await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="x", scope=scope)
    assert len(share["secret"]) == 22
    assert share["link"].endswith(f"/v#{share['secret']}")
    assert await seen(client, share["secret"]) == shown


async def test_a_link_that_is_closed_over_used_up_or_wrong_opens_nothing_and_says_the_same(
    client: Client, connection: DatabaseConnection, browser: Browser, diploma: str
) -> None:
    async def made(**values: Any) -> dict[str, Any]:
        return await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="x", scope="FULL", **values)

    closed, once, over = await made(), await made(mostViews=1), await made()
    await browser.does("revokeShare", "ShareInput", SHARE, shareId=closed["id"])
    await connection.execute(
        "update share set expires_at = now() where lookup = (select lookup from share order by id offset 2 limit 1)"
    )
    assert (await seen(client, once["secret"]))["__typename"] == "SharedDiploma"
    answers = [await seen(client, secret) for secret in (closed["secret"], once["secret"], over["secret"], "x" * 22, "é", "")]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["__typename"] == "VerificationRefused"
    states = [share["state"] for share in nodes(await browser.data(DASHBOARD), "shares")]
    assert states == ["EXPIRED", "USED_UP", "REVOKED"]


@pytest.mark.parametrize(
    "values",
    [
        {"label": " "}, {"label": "x" * 101}, {"label": "x", "mostViews": 0}, {"label": "x", "mostViews": 10_001},
        {"label": "x", "expiresAt": (datetime.now(UTC) + timedelta(days=367)).isoformat()},
        {"label": "x", "expiresAt": datetime.now(UTC).isoformat()},
    ],
)  # fmt: skip
async def test_a_link_out_of_bounds_is_refused(browser: Browser, diploma: str, values: dict[str, Any]) -> None:
    refused = await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, scope="FULL", **values)
    assert refused["__typename"] == "ShareRefused"


async def test_another_holder_reaches_nothing_of_the_first_by_any_id(
    client: Client, connection: DatabaseConnection, browser: Browser, diploma: str
) -> None:
    share = await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="x", scope="FULL")
    data = await browser.data(DASHBOARD)
    ids = [diploma, share["id"], nodes(data, "requests")[0]["id"], data["viewer"]["sessions"][0]["id"]]
    other = await signed_in(connection, replace(ELOISE, family_name="Martin"), "martin", client=client)
    for id_ in ids:
        assert (await other.data("query ($id: ID!) { node(id: $id) { id } }", id=id_))["node"] is None
    assert (await other.does("renewControlKey", "HeldDiplomaInput", "", diplomaId=diploma))["__typename"] == "NotFound"
    assert (await other.does("revokeShare", "ShareInput", "", shareId=share["id"]))["__typename"] == "NotFound"
    assert (await other.does("endSignIn", "SignInInput", "", signInId=ids[3]))["__typename"] == "NotFound"
    shared = await other.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="x", scope="FULL")
    assert shared["__typename"] == "NotFound"
    for id_ in ids[:3]:
        assert (await browser.data("query ($id: ID!) { node(id: $id) { id } }", id=id_))["node"] == {"id": id_}


@pytest.mark.parametrize(
    ("mutation", "kind", "values"),
    [
        ("addDiploma", "AddDiplomaInput", {"family": "bac", "session": 2026, "academy": "01"}),
        ("renewControlKey", "HeldDiplomaInput", {"diplomaId": to_base64("HeldDiploma", "00000000-0000-0000-0000-000000000000")}),
        ("closeAccount", "CloseAccountInput", {"confirmation": "x"}),
    ],
)
async def test_who_is_not_signed_in_does_nothing(client: Client, mutation: str, kind: str, values: dict[str, Any]) -> None:
    document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    assert await client.error(document, {"input": values}) == "UNAUTHENTICATED"


async def test_a_cookie_counts_for_nothing_when_another_site_sends_the_request(client: Client, browser: Browser) -> None:
    async def viewer(**headers: str) -> Any:
        sent = {"Cookie": f"{COOKIE}={browser.secret}"} | headers
        return (await client.post("{ viewer { identity { familyName } } }", headers=sent)).json()["data"]["viewer"]

    assert await viewer() is not None
    assert await viewer(**{"Sec-Fetch-Site": "same-origin"}) is not None
    assert await viewer(Origin="http://register.test") is not None
    assert await viewer(**{"Sec-Fetch-Site": "cross-site"}) is None
    assert await viewer(**{"Sec-Fetch-Site": "same-site"}) is None
    assert await viewer(Origin="https://elsewhere.test") is None


async def test_a_session_ends_when_it_is_idle_over_or_signed_out(client: Client, connection: DatabaseConnection) -> None:
    for change in ("seen_at = now() - interval '31 minutes'", "ends_at = now()", "ended_at = now()"):
        browser = await signed_in(connection, client=client)
        assert (await browser.data(DASHBOARD))["viewer"] is not None
        await connection.execute(f"update web_session set {change}")
        assert (await browser.data("{ viewer { identity { familyName } } }"))["viewer"] is None


async def test_a_holder_signs_his_other_browsers_out(client: Client, connection: DatabaseConnection) -> None:
    first, second = await signed_in(connection, client=client), await signed_in(connection, client=client)
    third = await signed_in(connection, client=client)
    sessions = (await first.data(DASHBOARD))["viewer"]["sessions"]
    assert [session["current"] for session in sessions] == [False, False, True]
    answer = await first.does("endSignIn", "SignInInput", "... on Viewer { sessions { id } }", signInId=sessions[0]["id"])
    assert len(answer["sessions"]) == 2
    assert await web_sessions.signed_in(connection, third.secret) is None
    await first.data("mutation { endOtherSignIns { sessions { id } } }")
    assert await web_sessions.signed_in(connection, second.secret) is None
    assert await web_sessions.signed_in(connection, first.secret) is not None


async def test_a_closed_account_leaves_no_trace_of_who_it_was(
    client: Client, connection: DatabaseConnection, browser: Browser, diploma: str
) -> None:
    share = await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="Chez Zoé", scope="FULL")
    wrong = await browser.does("closeAccount", "CloseAccountInput", "", confirmation="Martin")
    assert wrong["__typename"] == "NotFound"
    closed = await browser.does("closeAccount", "CloseAccountInput", "... on AccountClosed { closedAt }", confirmation="lecoeur")
    assert closed["__typename"] == "AccountClosed"
    assert (await browser.data("{ viewer { identity { familyName } } }"))["viewer"] is None
    assert (await seen(client, share["secret"]))["__typename"] == "VerificationRefused"
    for table in ("identity", "holding", "claim", "claim_candidate", "share", "web_session", "journal"):
        stored = str(await connection.fetch(f"select * from {table}"))
        for trace in ("LECŒUR", "Éloïse", "eloise", "Zoé", "Firefox"):
            assert trace not in stored, table
    again = await signed_in(connection, client=client)
    assert again.holder.id != browser.holder.id
    assert await adding.add(connection, again.holder, Wanted("bac", 2026, "01"))


async def test_the_viewer_exports_all_that_is_held_on_him(
    client: Client, browser: Browser, diploma: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.does("createShare", "CreateShareInput", SHARE, diplomaId=diploma, label="Mon école", scope="FULL")
    monkeypatch.setattr(documents, "PATIENCE", 0.01)  # nobody seals here
    await browser.does("issueAttestation", "HeldDiplomaInput", "__typename", diplomaId=diploma)
    answer = await client.send("GET", "/account/export.json", headers={"Cookie": f"{COOKIE}={browser.secret}"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith("attachment")
    found = answer.json()
    assert found["identities"][0]["person"]["family_name"] == "LECŒUR"
    assert found["diplomas"][0]["candidateNumber"] == "C000001"
    assert [len(found[name]) for name in ("sessions", "requests", "attestations", "shares", "consultations")] == [1, 1, 1, 1, 0]
    assert [entry["act"] for entry in found["journal"]] == ["OPEN_ACCOUNT", "SIGN_IN", "ADD_DIPLOMA", "SHARE", "ISSUE_ATTESTATION"]
    assert (await client.send("GET", "/account/export.json")).status_code == 401
