"""A holder asks an academy for what is not online: the request, its refusals, its messages, its end."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from db.statements import Connection
from graph.document_requests import AlreadyRequested, DocumentRequestKind
from resolvers import accounts, availability, callers, document_requests, request_rules
from resolvers.document_requests import MOST_MESSAGES, MOST_REQUESTS, Asked, NewRequest
from resolvers.request_notices import Writer
from resolvers.routing import Obtained
from tests.client import Client, served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.journey import KEYRING
from tests.people import ELOISE, Browser, signed_in
from tests.visitor import KEYS, SITE

PARIS_1998: dict[str, Any] = {"kind": "ATTESTATION", "family": "bac", "session": 1998, "academy": "01"}
FIELDS = """id reference kind familyCode session academy { code name examService { code } } country examService { code name }
  diploma { title series establishment candidateNumber ine address } represented { familyName givenNames birthDate sex birthCommune }
  state submittedAt dueOn silence acknowledgement waitingSince decidedAt endedAt missingPieces
  messages { author agent body } pieces { kind sender fileName link } deliveredDocuments { kind fileName link }
  history { kind state actor agent piece }"""
MADE = f"""... on DocumentRequest {{ {FIELDS} }} ... on AlreadyRequested {{ reference }}
  ... on NotAskable {{ reason examService {{ code }} }} ... on SessionNeverHeld {{ firstSession lastSession }}"""
ACTED = f"... on DocumentRequest {{ {FIELDS} }} ... on RequestClosed {{ closed: state }}"
CHILD: dict[str, Any] = {
    "representation": "LAW", "familyName": "Lecœur", "givenNames": ["Zoé"], "birthDate": "2011-05-02", "sex": "F", "birthCommune": "25056",
}  # fmt: skip

WRITER = Writer(KEYS, SITE)
SAME = NewRequest(DocumentRequestKind.ATTESTATION, Obtained("bac", 1998, "01"), Asked())


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def eloise(connection: DatabaseConnection, client: Client) -> Browser:
    return await signed_in(connection, client=client)


@pytest.fixture
async def stranger_(connection: DatabaseConnection, client: Client) -> Browser:
    return await signed_in(connection, replace(ELOISE, family_name="Petit"), "petit", client=client)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules see a day in November 2026."""

    class Autumn(date):
        @classmethod
        def today(cls) -> "Autumn":
            return cls(2026, 11, 27)

    monkeypatch.setattr(availability, "date", Autumn)
    monkeypatch.setattr(request_rules, "today", lambda: date(2026, 11, 27))


async def asks(browser: Browser, **changed: Any) -> dict[str, Any]:
    return await browser.does("submitDocumentRequest", "SubmitDocumentRequestInput", MADE, **(PARIS_1998 | changed))


async def withdraws(browser: Browser, request: str) -> dict[str, Any]:
    return await browser.does("withdrawDocumentRequest", "WithdrawDocumentRequestInput", ACTED, requestId=request)


async def replies(browser: Browser, request: str, body: str = "Voici.") -> dict[str, Any]:
    return await browser.does("replyToDocumentRequest", "ReplyToDocumentRequestInput", ACTED, requestId=request, body=body)


async def listed(browser: Browser) -> list[dict[str, Any]]:
    data = await browser.data(f"{{ viewer {{ documentRequests {{ edges {{ node {{ {FIELDS} }} }} }} }} }}")
    return [edge["node"] for edge in data["viewer"]["documentRequests"]["edges"]]


async def put(connection: Connection, request: str, **columns: Any) -> None:
    """What the desk does, by its effects."""
    for name, value in columns.items():
        await connection.execute(f"update document_request set {name} = $2 where id = $1", from_base64(request)[1], value)


async def stands(connection: Connection, request: str, state: str) -> None:
    """Puts a request in a state, with what its table wants of it."""
    await connection.execute(
        """update document_request set state = $2,
             waiting_since = case when $2 = 'INFORMATION_REQUESTED' then now() - interval '5 days' end,
             ended_at = case when $2 in ('REFUSED', 'WITHDRAWN', 'DELIVERED') then now() end where id = $1""",
        from_base64(request)[1], state,
    )  # fmt: skip


async def test_a_holder_asks_for_the_attestation_of_1998_and_the_siec_has_the_request(
    connection: DatabaseConnection, eloise: Browser
) -> None:
    made = await asks(eloise, title="Baccalauréat général ", series="S", establishment="  Lycée  Buffon ", candidateNumber="C12")
    assert made["state"] == "SUBMITTED"
    assert (made["academy"]["code"], made["examService"]["code"], made["silence"]) == ("01", "SIEC", "REFUSAL")
    assert made["diploma"] == {
        "title": "Baccalauréat général", "series": "S", "establishment": "Lycée Buffon", "candidateNumber": "C12", "ine": None,
        "address": None,
    }  # fmt: skip
    assert made["missingPieces"] == []
    assert made["represented"] is None
    assert [(one["kind"], one["state"], one["actor"]) for one in made["history"]] == [("STATE", "SUBMITTED", "APPLICANT")]
    assert made["dueOn"] == (await connection.fetchval("select legal_due(now(), 1)")).isoformat()
    assert made["dueOn"] in made["acknowledgement"]
    assert "CADA" in made["acknowledgement"]
    assert [{"__typename": "DocumentRequest"} | one for one in await listed(eloise)] == [made]
    journal = await connection.fetch("select facts from journal where act = 'ASK_DOCUMENT'")
    assert [row["facts"]["request"] for row in journal] == [from_base64(made["id"])[1]]
    assert "LECŒUR" not in str(journal)


async def test_a_request_of_caen_is_answered_by_normandie(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise, academy="05")
    assert (made["academy"]["name"], made["examService"]["code"]) == ("Caen", "DEC-70")
    assert await connection.fetchval("select academy_code from document_request") == "70"


async def test_abroad_the_country_says_which_desk(connection: DatabaseConnection, eloise: Browser) -> None:
    assert (await asks(eloise, academy="00"))["reason"] == "COUNTRY_NEEDED"
    made = await asks(eloise, academy="00", country="99350")
    assert (made["country"], made["examService"]["code"], made["academy"]["examService"]) == ("99350", "DEC-04", None)
    assert await connection.fetchval("select academy_code from document_request") == "04"


async def test_what_an_establishment_awarded_is_not_taken_and_the_answer_says_whom_to_ask(
    connection: DatabaseConnection, eloise: Browser
) -> None:
    refused = await asks(eloise, family="higher")
    assert (refused["__typename"], refused["reason"]) == ("NotAskable", "ESTABLISHMENT")
    assert "duplicate" in refused["message"]
    assert (await asks(eloise, titleCode="40321005"))["reason"] == "ESTABLISHMENT"
    assert await connection.fetchval("select count(*) from document_request") == 0


async def test_scripts_of_long_ago_are_refused_with_the_day_until_which_there_were(eloise: Browser) -> None:
    refused = await asks(eloise, kind="SCRIPTS", session=2020)
    assert (refused["reason"], refused["examService"]["code"]) == ("TOO_LATE", "SIEC")
    assert "2021-09-30" in refused["message"]
    assert (await asks(eloise, kind="SCRIPTS", session=2026))["state"] == "SUBMITTED"


@pytest.mark.parametrize(
    ("changed", "bounds", "part"),
    [
        ({"family": "bep", "session": 2022}, (None, 2021), "until 2021"),
        ({"family": "dnb", "session": 1980}, (1987, 2026), "from 1987 to 2026"),
        ({"session": 2027}, (None, 2026), "until 2026"),
        ({"academy": "05", "session": 2020}, (None, 2019), "until 2019"),
        ({"academy": "70", "session": 1998}, (2020, 2026), "Caen (05), Rouen (21)"),
        ({"family": "certificat"}, (None, None), "dnb"),
        ({"academy": "98"}, (None, None), "does not know"),
        ({"session": 98}, (None, None), "does not know"),
    ],
)
async def test_a_family_or_session_that_never_existed_is_refused_with_those_that_do(
    eloise: Browser, changed: dict[str, Any], bounds: tuple[int | None, int | None], part: str
) -> None:
    refused = await asks(eloise, **changed)
    assert refused["__typename"] == "SessionNeverHeld"
    assert (refused["firstSession"], refused["lastSession"]) == bounds
    assert part in refused["message"]


async def test_the_same_request_twice_is_refused_with_the_open_one_s_reference(eloise: Browser, stranger_: Browser) -> None:
    made = await asks(eloise)
    again = await asks(eloise, title="other words, same diploma")
    assert (again["__typename"], again["reference"]) == ("AlreadyRequested", made["reference"])
    assert made["reference"] in again["message"]
    assert (await asks(eloise, kind="MARK_SHEET"))["state"] == "SUBMITTED"
    assert (await asks(eloise, represented=CHILD))["state"] == "SUBMITTED"
    assert (await asks(eloise, represented=CHILD))["__typename"] == "AlreadyRequested"
    assert (await asks(stranger_))["state"] == "SUBMITTED"
    await withdraws(eloise, made["id"])
    assert (await asks(eloise))["state"] == "SUBMITTED"


async def test_two_browsers_that_ask_at_once_make_one_request(pool: DatabasePool, eloise: Browser) -> None:
    async with pool.acquire() as one, pool.acquire() as two:
        turn = one.transaction()
        await turn.start()
        await document_requests.submit(one, eloise.holder, WRITER, SAME)
        waiting = asyncio.create_task(document_requests.submit(two, eloise.holder, WRITER, SAME))
        await turn.commit()
        with pytest.raises(AlreadyRequested.refusal):
            await waiting
    assert len(await listed(eloise)) == 1


async def test_too_many_requests_in_a_day_are_refused(eloise: Browser) -> None:
    for number in range(MOST_REQUESTS):
        assert (await asks(eloise, session=1990 + number))["state"] == "SUBMITTED"
    assert (await asks(eloise, session=2008))["__typename"] == "TooManyRequests"


async def test_a_representative_names_the_person_and_owes_a_proof(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise, represented=CHILD, family="dnb", session=2025)
    assert made["represented"] == {
        "familyName": "Lecœur", "givenNames": ["Zoé"], "birthDate": "2011-05-02", "sex": "F", "birthCommune": "25056",
    }  # fmt: skip
    assert made["missingPieces"] == ["IDENTITY", "AUTHORITY"]
    other = await asks(eloise, represented=CHILD | {"representation": "MANDATE"}, session=1999)
    assert other["missingPieces"] == ["IDENTITY", "MANDATE"]
    assert (await connection.fetchval("select person ->> 'family_name' from document_request limit 1")) == "LECŒUR"


async def test_the_longest_names_that_are_taken_are_compared_too(eloise: Browser) -> None:
    long = CHILD | {"familyName": "😀" * 100, "usedName": "😀" * 100, "givenNames": ["😀" * 100] * 10}
    assert (await asks(eloise, represented=long))["state"] == "SUBMITTED"
    assert (await asks(eloise, represented=long))["__typename"] == "AlreadyRequested"


async def test_who_only_declares_himself_owes_an_identity_document(connection: DatabaseConnection, client: Client) -> None:
    declared = await signed_in(connection, replace(ELOISE, given_names=("Zoé",)), "zoe", proven=False, client=client)
    assert (await asks(declared))["missingPieces"] == ["IDENTITY"]
    assert (await asks(declared, kind="REISSUE"))["missingPieces"] == ["CIVIL_STATUS", "IDENTITY"]


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "x" * 201},
        {"address": "x" * 501},
        {"represented": CHILD | {"familyName": " "}},
        {"represented": CHILD | {"givenNames": []}},
        {"represented": CHILD | {"givenNames": ["a"] * 11}},
        {"represented": CHILD | {"birthDate": "2031-01-01"}},
        {"represented": CHILD | {"birthCommune": "Besançon"}},
        {"represented": CHILD | {"birthCommune": None}},
        {"represented": CHILD | {"birthCountry": "99350"}},
        {"represented": CHILD | {"birthCountry": "FR"}},
        {"title": "a\0b"},
    ],
)
async def test_input_out_of_its_bounds_is_refused(client: Client, eloise: Browser, changed: dict[str, Any]) -> None:
    document = "mutation ($input: SubmitDocumentRequestInput!) { submitDocumentRequest(input: $input) { __typename } }"
    assert await client.error(document, {"input": PARIS_1998 | changed}, cookie=eloise.secret) == "BAD_USER_INPUT"


async def test_an_answer_lets_the_review_and_its_delay_go_on(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise)
    await stands(connection, made["id"], "INFORMATION_REQUESTED")
    answered = await replies(eloise, made["id"], " Voici l'adresse.\nMerci. ")
    assert (answered["state"], answered["waitingSince"]) == ("IN_REVIEW", None)
    expected = await connection.fetchval(
        "select legal_due_again($1, now() - interval '5 days', now())", date.fromisoformat(made["dueOn"])
    )
    assert answered["dueOn"] == expected.isoformat() > made["dueOn"]
    assert answered["messages"] == [{"author": "APPLICANT", "agent": None, "body": "Voici l'adresse.\nMerci."}]
    assert [(one["kind"], one["state"]) for one in answered["history"]] == [
        ("STATE", "SUBMITTED"), ("MESSAGE", None), ("STATE", "IN_REVIEW"),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["SUBMITTED", "IN_REVIEW", "ACCEPTED"])
async def test_a_message_to_an_open_request_changes_neither_state_nor_delay(
    connection: DatabaseConnection, eloise: Browser, state: str
) -> None:
    made = await asks(eloise)
    await stands(connection, made["id"], state)
    answered = await replies(eloise, made["id"])
    assert (answered["state"], answered["dueOn"]) == (state, made["dueOn"])
    assert [one["kind"] for one in answered["history"]] == ["STATE", "MESSAGE"]


@pytest.mark.parametrize("state", ["REFUSED", "WITHDRAWN", "DELIVERED"])
async def test_a_closed_request_takes_neither_message_nor_withdrawal(
    connection: DatabaseConnection, eloise: Browser, state: str
) -> None:
    made = await asks(eloise)
    await stands(connection, made["id"], state)
    for refused in (await replies(eloise, made["id"]), await withdraws(eloise, made["id"])):
        assert (refused["__typename"], refused["closed"]) == ("RequestClosed", state)
    assert await connection.fetchval("select count(*) from document_request_message") == 0


@pytest.mark.parametrize("state", ["SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED"])
async def test_a_request_is_taken_back_until_it_is_decided(connection: DatabaseConnection, eloise: Browser, state: str) -> None:
    made = await asks(eloise)
    await stands(connection, made["id"], state)
    withdrawn = await withdraws(eloise, made["id"])
    assert (withdrawn["state"], withdrawn["waitingSince"]) == ("WITHDRAWN", None)
    assert withdrawn["endedAt"] is not None
    assert withdrawn["history"][-1]["state"] == "WITHDRAWN"
    assert await connection.fetchval("select count(*) from journal where act = 'WITHDRAW_DOCUMENT_REQUEST'") == 1


async def test_an_accepted_request_is_not_taken_back(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise)
    await stands(connection, made["id"], "ACCEPTED")
    assert (await withdraws(eloise, made["id"]))["closed"] == "ACCEPTED"
    assert [one["state"] for one in await listed(eloise)] == ["ACCEPTED"]


async def test_too_many_messages_in_a_day_are_refused(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise)
    for _ in range(MOST_MESSAGES):
        assert (await replies(eloise, made["id"]))["__typename"] == "DocumentRequest"
    assert (await replies(eloise, made["id"]))["__typename"] == "TooManyRequests"
    assert await connection.fetchval("select count(*) from document_request_message") == MOST_MESSAGES


async def test_nobody_else_sees_a_request_or_acts_on_it(client: Client, eloise: Browser, stranger_: Browser) -> None:
    made = await asks(eloise)
    assert await listed(stranger_) == []
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await stranger_.data(node, id=made["id"]))["node"] is None
    assert (await eloise.data(node, id=made["id"]))["node"] == {"id": made["id"]}
    assert (await client.data(node, {"id": made["id"]}))["node"] is None
    for refused in (await replies(stranger_, made["id"]), await withdraws(stranger_, made["id"])):
        assert refused["__typename"] == "NotFound"
    assert (await withdraws(eloise, to_base64("DiplomaRequest", from_base64(made["id"])[1])))["__typename"] == "NotFound"


async def test_an_agent_cannot_ask_and_nobody_can(client: Client, connection: DatabaseConnection) -> None:
    agent = await callers.add(connection, "Claude", "AGENT", ["01"])
    token = await callers.new_token(connection, agent, timedelta(minutes=5))
    document = "mutation ($input: SubmitDocumentRequestInput!) { submitDocumentRequest(input: $input) { __typename } }"
    assert await client.error(document, {"input": PARIS_1998}, token=token) == "UNAUTHENTICATED"
    assert await client.error(document, {"input": PARIS_1998}) == "UNAUTHENTICATED"


async def test_the_applicant_sees_the_exam_service_and_not_its_agents(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise)
    agent = await callers.add(connection, "Claude", "AGENT", ["01"])
    key = from_base64(made["id"])[1]
    await connection.execute(
        "insert into document_request_message (request_id, agent_id, body) values ($1, $2, $3)", key, agent.id, "Quelle série ?"
    )
    await connection.execute(
        "insert into document_request_event (request_id, kind, state, agent_id) values ($1, 'STATE', 'IN_REVIEW', $2)",
        key,
        agent.id,
    )
    await connection.execute("insert into document_request_event (request_id, kind, state) values ($1, 'STATE', 'DELIVERED')", key)
    [found] = await listed(eloise)
    assert found["messages"] == [{"author": "SERVICE", "agent": None, "body": "Quelle série ?"}]
    assert [(one["actor"], one["agent"]) for one in found["history"]] == [
        ("APPLICANT", None),
        ("SERVICE", None),
        ("REGISTER", None),
    ]


async def test_what_is_delivered_shows_once_the_request_is(connection: DatabaseConnection, eloise: Browser) -> None:
    made = await asks(eloise)
    agent = await callers.add(connection, "Claude", "AGENT", ["01"])
    piece = await connection.fetchval(
        """insert into document_request_piece (request_id, kind, file_name, media_type, size, digest, agent_id)
           values ($1, 'DELIVERED', 'attestation.pdf', 'application/pdf', 10, '\\x00', $2) returning id""",
        from_base64(made["id"])[1], agent.id,
    )  # fmt: skip
    await stands(connection, made["id"], "ACCEPTED")
    [found] = await listed(eloise)
    assert (found["pieces"], found["deliveredDocuments"]) == ([], [])
    await stands(connection, made["id"], "DELIVERED")
    [found] = await listed(eloise)
    link = f"http://register.test/requests/pieces/{to_base64('RequestPiece', str(piece))}"
    assert found["deliveredDocuments"] == [{"kind": "DELIVERED", "fileName": "attestation.pdf", "link": link}]
    assert [one["kind"] for one in found["pieces"]] == ["DELIVERED"]


async def test_requests_are_paged_the_latest_first(eloise: Browser) -> None:
    made = [(await asks(eloise, session=year))["reference"] for year in (1995, 1996, 1997)]
    document = """query ($after: String) { viewer { documentRequests(first: 2, after: $after) {
      edges { node { reference } } pageInfo { hasNextPage endCursor } } } }"""
    page = (await eloise.data(document))["viewer"]["documentRequests"]
    rest = (await eloise.data(document, after=page["pageInfo"]["endCursor"]))["viewer"]["documentRequests"]
    found = [edge["node"]["reference"] for edge in page["edges"] + rest["edges"]]
    assert (found, page["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (made[::-1], True, False)


async def test_the_holder_s_export_has_his_requests(connection: DatabaseConnection, pool: DatabasePool, eloise: Browser) -> None:
    made = await asks(eloise, represented=CHILD, title="Baccalauréat général")
    await replies(eloise, made["id"], "Voici.")
    exported = json.loads(await accounts.export(pool, KEYRING, eloise.holder))
    [found] = exported["documentRequests"]
    assert (found["reference"], found["kind"], found["session"], found["academy"]) == (made["reference"], "ATTESTATION", 1998, "01")
    assert (found["asked"]["title"], found["represented"]["family_name"]) == ("Baccalauréat général", "Lecœur")
    assert [(one["from"], one["body"]) for one in found["messages"]] == [("APPLICANT", "Voici.")]
    assert [one["state"] for one in found["history"] if one["kind"] == "STATE"] == ["SUBMITTED"]


async def test_nothing_of_a_closed_account_s_requests_says_whose_they_were(connection: DatabaseConnection, eloise: Browser) -> None:
    first, second = (
        await asks(eloise, represented=CHILD, establishment="Lycée Buffon", address="1 rue X"),
        await asks(eloise, session=1999),
    )
    await replies(eloise, first["id"], "Je suis Éloïse.")
    await stands(connection, second["id"], "REFUSED")
    await put(connection, second["id"], refusal={"template": "X", "grounds": "Lecœur"})
    await connection.execute(
        """insert into document_request_piece (request_id, kind, file_name, media_type, size, digest)
           values ($1, 'OTHER', 'lecœur.pdf', 'application/pdf', 10, '\\x00')""",
        from_base64(first["id"])[1],
    )
    await accounts.close(connection, eloise.holder, "lecoeur")
    left = await connection.fetch("select * from document_request order by id")
    assert [(row["state"], row["person"], row["asked"], row["represented"]) for row in left] == [
        ("WITHDRAWN", {}, {}, None), ("REFUSED", {}, {}, None),
    ]  # fmt: skip
    text = str(left)
    for table in ("document_request_message", "document_request_piece", "document_request_event"):
        text += str(await connection.fetch(f"select * from {table}"))
    assert [word for word in ("Lec", "lec", "Zoé", "Éloïse", "Buffon", "rue X") if word in text] == []
    assert await connection.fetchval("select count(*) from document_request_piece where digest is not null") == 0
    last = await connection.fetchval("select state from document_request_event order by id desc limit 1")
    assert last == "WITHDRAWN"
