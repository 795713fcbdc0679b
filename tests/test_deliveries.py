"""What an exam service delivers: sealed by the seal service, the applicant's once it is, known again by the register for ever."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from strawberry.relay.utils import to_base64

from resolvers import accounts, attempts, deliveries, sealing
from resolvers.callers import Caller
from resolvers.people import Person
from resolvers.pieces import remove_next
from resolvers.sealing import Workshop, archive_next, seal_next
from seal.delivered import DeliveredDocument
from seal.filling import fill
from seal.report import Verdict
from seal.sealing import Sealer
from tests.attestations import text_of
from tests.conftest import DatabaseConnection
from tests.delivering import SHAPES, delivered, delivered_page, marks
from tests.issuing import NoTimestamps, authority, trust, verified, workshop
from tests.people import signed_in
from tests.requesting import PERSON, Sides, both_sides, image, pdf
from tests.sealing import violations
from tests.test_sealed_archives import Yesterday
from tests.visitor import SITE, mailbox, with_account

ANSWER = """__typename ... on DeskRequest { state delivery { state document { fileName mediaType size link kind sender } }
  history { kind state actor } } ... on NotAssigned { assignedTo } ... on RequestClosed { state }
  ... on Problem { message }"""
OF_HOLDER = "{ viewer { documentRequests { edges { node { state deliveredDocuments { fileName size link } } } } } }"
VERIFY = "mutation ($document: String!) { verifyDocument(document: $document) { __typename } }"
DIPLOMA = {
    "title": "Baccalauréat de l’enseignement du second degré",
    "series": "S",
    "mention": "ASSEZ_BIEN",
    "awardedOn": "1998-07-04",
}
MARKS = [
    {"subject": "Philosophie", "mark": 8.5, "coefficient": 3}, {"subject": "Latin", "absence": "EXEMPT"},
    {"subject": "Mathématiques", "mark": 190, "outOf": 200, "coefficient": 0.5},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "PATIENCE", 0.05)
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.0)


@pytest.fixture
async def sides(url: str, connection: DatabaseConnection, folder: Path) -> AsyncIterator[Sides]:
    trust(datetime.now(UTC)).write(folder / "trust")
    async with both_sides(url, connection, folder, public_url=SITE) as sides:
        yield sides


@pytest.fixture
async def agent(sides: Sides) -> Caller:
    return await sides.agent()


@pytest.fixture
def sealers(folder: Path) -> Workshop:
    return workshop(folder / "documents")


async def granted(sides: Sides, agent: Caller, kind: str = "ATTESTATION") -> UUID:
    """A request that an agent has accepted."""
    request = await sides.asked(kind, "ACCEPTED")
    year = 1999 - sides.count
    await sides.connection.execute("update document_request set assigned_to = $2, year = $3 where id = $1", request, agent.id, year)
    return request


async def delivers(sides: Sides, agent: Caller, request: UUID, what: str = "Attestation", **values: Any) -> dict[str, Any]:
    given = {"requestId": to_base64("DeskRequest", str(request))} | ({"diploma": DIPLOMA} if what != "Scripts" else {}) | values
    answer = ANSWER if what == "Scripts" else f"{ANSWER} ... on FactsRefused {{ field }}"
    document = f"mutation ($input: Deliver{what}Input!) {{ deliver{what}(input: $input) {{ {answer} }} }}"
    return (await sides.does(agent, document, input=given))[f"deliver{what}"]


async def held(sides: Sides) -> dict[str, Any]:
    """The applicant's only request, as he sees it."""
    [edge] = (await sides.does(sides.applicant, OF_HOLDER))["viewer"]["documentRequests"]["edges"]
    return edge["node"]


async def downloaded(sides: Sides, node: dict[str, Any]) -> bytes:
    """What was delivered on a request, as its applicant gets it."""
    [document] = node["deliveredDocuments"]
    got = await sides.gets(sides.applicant, document["link"].removeprefix(SITE))
    assert got.status_code == 200
    assert len(got.content) == document["size"]
    return got.content


# The page


@pytest.mark.parametrize("shape", SHAPES)
def test_the_page_conforms_to_the_standards_and_says_every_value(shape: str) -> None:
    content = fill(SHAPES[shape], delivered_page()).filled()
    assert violations(content) == set()
    said = text_of(content).replace("- ", "-")
    for value in (SHAPES[shape].service, SHAPES[shape].title, *(each.subject for each in SHAPES[shape].marks)):
        assert value.replace("- ", "-") in said
    assert ("Relevé de notes" if shape in ("mark sheet", "longest") else "Aucun duplicata du diplôme n’est délivré") in said


# Delivering


async def test_an_attestation_is_pending_until_it_is_sealed_and_then_the_applicant_has_it(
    sides: Sides, agent: Caller, sealers: Workshop
) -> None:
    request = await granted(sides, agent)
    asked = await delivers(sides, agent, request)
    assert (asked["state"], asked["delivery"]) == ("ACCEPTED", {"state": "PENDING", "document": None})
    assert (await held(sides))["deliveredDocuments"] == []
    assert await seal_next(sides.connection, sealers) == 1
    node = await held(sides)
    assert node["state"] == "DELIVERED"
    content = await downloaded(sides, node)
    report = await verified(content)
    said = report.attestation
    assert report.verdict is Verdict.GENUINE or report.register.outcome.value == "UNDETERMINED"
    assert isinstance(said, DeliveredDocument)
    assert (said.kind, said.session, said.birth_name, said.given_names) == ("ATTESTATION", 1998, "LECŒUR", ("Éloïse", "Marie"))
    assert (said.birth_place, said.birth_country, said.academy_name, said.mention) == ("Besançon", None, "Paris", "assez bien")
    assert (said.reference, said.title, said.series) == ("ABCD-0001", DIPLOMA["title"], "S")
    assert violations(content) == set()
    assert "Aucun duplicata du diplôme n’est délivré : cette attestation en tient lieu et a la même valeur." in text_of(content)
    [row] = await sides.pieces(request)
    assert (row["kind"], row["file_name"], row["agent_id"]) == ("DELIVERED", "attestation-ABCD-0001.pdf", agent.id)
    assert await sides.history(request) == [("STATE", "DELIVERED", None)]


async def test_a_mark_sheet_says_each_mark_as_the_jury_gave_it(sides: Sides, agent: Caller, sealers: Workshop) -> None:
    request = await granted(sides, agent, "MARK_SHEET")
    await delivers(sides, agent, request, "MarkSheet", marks=MARKS, average=9.25)
    await seal_next(sides.connection, sealers)
    content = await downloaded(sides, await held(sides))
    said = (await verified(content)).attestation
    assert isinstance(said, DeliveredDocument)
    assert [(each.subject, each.mark, each.coefficient) for each in said.marks] == [
        ("Philosophie", "8,5 / 20", "3"), ("Latin", "dispensé", None), ("Mathématiques", "190 / 200", "0,5"),
    ]  # fmt: skip
    assert said.average == "9,25 / 20"
    for text in ("Relevé de notes", "Philosophie", "8,5 / 20", "dispensé", "190 / 200", "9,25 / 20"):
        assert text in text_of(content)


async def test_the_answer_waits_for_the_seal(
    sides: Sides, agent: Caller, sealers: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "PATIENCE", 30.0)
    request = await granted(sides, agent)
    hears = "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
    while not await sides.connection.fetchval(hears):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    asking = asyncio.create_task(delivers(sides, agent, request))
    while not asking.done() and not await seal_next(sides.connection, sealers):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    answer = await asyncio.wait_for(asking, 10)
    assert (answer["state"], answer["delivery"]["state"]) == ("DELIVERED", "READY")
    document = answer["delivery"]["document"]
    assert (document["kind"], document["sender"], document["mediaType"]) == ("DELIVERED", "SERVICE", "application/pdf")
    assert (await sides.gets(agent, document["link"].removeprefix(SITE))).status_code == 200
    compiled = await sides.does(
        agent, f'{{ deskRequest(reference: "ABCD-0001") {{ {ANSWER.partition("... on NotAssigned")[0]} }} }}'
    )
    assert compiled["deskRequest"] == answer


async def test_who_is_represented_stands_on_the_document_and_not_who_asks(sides: Sides, agent: Caller, sealers: Workshop) -> None:
    request = await granted(sides, agent)
    child = PERSON | {
        "family_name": "DIOP", "given_names": ["Awa"], "birth_country": "99341", "birth_commune": None, "declared_birth_date": "1980-00-00",
    }  # fmt: skip
    await sides.connection.execute("update document_request set represented = $2 where id = $1", request, child)
    await delivers(sides, agent, request)
    await seal_next(sides.connection, sealers)
    said = (await verified(await downloaded(sides, await held(sides)))).attestation
    assert said is not None
    assert (said.birth_name, said.birth_date, said.birth_country) == ("DIOP", "1980-00-00", "Sénégal")


async def test_scans_are_delivered_together_and_there_must_be_some(sides: Sides, agent: Caller) -> None:
    request = await granted(sides, agent, "SCRIPTS")
    assert (await delivers(sides, agent, request, "Scripts"))["__typename"] == "NotDeliverable"
    for name, content in (("copie-1.pdf", pdf()), ("copie-2.png", image())):
        assert (await sides.sends(agent, request, "DELIVERED", name, content)).status_code == 201
    assert (await held(sides))["deliveredDocuments"] == []
    answer = await delivers(sides, agent, request, "Scripts")
    assert (answer["state"], answer["delivery"]) == ("DELIVERED", None)
    names = [document["fileName"] for document in (await held(sides))["deliveredDocuments"]]
    assert names == ["copie-1.pdf", "copie-2.png"]
    assert (await sides.sends(agent, request, "DELIVERED", "copie-3.png", image(size=(9, 9)))).status_code == 409


async def test_who_has_a_local_account_is_written_that_there_is_news(
    sides: Sides, agent: Caller, sealers: Workshop, connection: DatabaseConnection
) -> None:
    await with_account(sides.client, connection)
    request = await granted(sides, agent)
    await connection.execute(
        "update document_request set account_id = (select account_id from local_account) where id = $1", request
    )
    await connection.execute("delete from mail")
    await delivers(sides, agent, request)
    assert await mailbox(connection) == []
    await seal_next(connection, sealers)
    [letter] = await mailbox(connection)
    assert letter["subject"] == "Du nouveau sur votre demande ABCD-0001"


# What cannot be delivered


@pytest.mark.parametrize("state", ["SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED", "REFUSED", "WITHDRAWN", "DELIVERED"])
async def test_only_an_accepted_request_is_delivered(sides: Sides, agent: Caller, state: str) -> None:
    request = await granted(sides, agent)
    await sides.connection.execute(
        """update document_request set state = $2, waiting_since = case when $2 = 'INFORMATION_REQUESTED' then now() end,
          ended_at = case when $2 in ('REFUSED', 'WITHDRAWN', 'DELIVERED') then now() end where id = $1""",
        request, state,
    )  # fmt: skip
    for what, values in (("Attestation", {}), ("MarkSheet", {"marks": MARKS}), ("Scripts", {})):
        answer = await delivers(sides, agent, request, what, **values)
        assert (answer["__typename"], answer["state"]) == ("RequestClosed", state)


async def test_another_kind_another_agent_or_another_academy_delivers_nothing(sides: Sides, agent: Caller) -> None:
    request = await granted(sides, agent, "MARK_SHEET")
    assert (await delivers(sides, agent, request))["__typename"] == "NotDeliverable"
    colleague = await sides.agent("Dominique")
    answer = await delivers(sides, colleague, request, "MarkSheet", marks=MARKS)
    assert (answer["__typename"], answer["assignedTo"]) == ("NotAssigned", "Claude")
    elsewhere = await sides.agent("Sacha", academies=("10",))
    assert (await delivers(sides, elsewhere, request, "MarkSheet", marks=MARKS))["__typename"] == "NotFound"
    assert await sides.connection.fetchval("select count(*) from document_request_delivery") == 0


async def test_what_is_asked_for_twice_or_by_two_at_once_is_made_once(sides: Sides, agent: Caller, sealers: Workshop) -> None:
    request = await granted(sides, agent)
    answers = await asyncio.gather(*(delivers(sides, agent, request) for _ in range(4)))
    assert sorted(answer["__typename"] for answer in answers) == ["DeskRequest"] + ["NotDeliverable"] * 3
    assert await seal_next(sides.connection, sealers) == 1
    assert (await delivers(sides, agent, request))["__typename"] == "RequestClosed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "diploma.title"), ({"title": "t" * 601}, "diploma.title"), ({"series": "a\u202eb"}, "diploma.series"),
        ({"awardedOn": "1997-07-06"}, "diploma.awarded_on"),
    ],
)  # fmt: skip
async def test_a_value_that_no_document_can_say_is_refused_at_once(
    sides: Sides, agent: Caller, change: dict[str, str], field: str
) -> None:
    answer = await delivers(sides, agent, await granted(sides, agent), diploma=DIPLOMA | change)
    assert (answer["__typename"], answer["field"]) == ("FactsRefused", field)


@pytest.mark.parametrize(
    "values",
    [
        {"marks": []}, {"marks": MARKS[:1] * 31}, {"marks": [{"subject": "Latin"}]}, {"marks": [{"subject": "Latin", "mark": 20.5}]},
        {"marks": [{"subject": "Latin", "mark": 10, "absence": "ABSENT"}]}, {"marks": [{"subject": "Latin", "mark": 10.123}]},
        {"marks": MARKS, "average": 21}, {"marks": MARKS, "diploma": DIPLOMA | {"session": 2100}},
        {"marks": MARKS, "diploma": DIPLOMA | {"awardedOn": "2100-01-01"}}, {"marks": [MARKS[0] | {"coefficient": -1}]},
        {"marks": [MARKS[0] | {"outOf": 0}]},
    ],
)  # fmt: skip
async def test_marks_that_there_cannot_be_are_an_error_of_the_client(sides: Sides, agent: Caller, values: dict[str, Any]) -> None:
    request = await granted(sides, agent, "MARK_SHEET")
    given = {"requestId": to_base64("DeskRequest", str(request)), "diploma": DIPLOMA} | values
    document = "mutation ($input: DeliverMarkSheetInput!) { deliverMarkSheet(input: $input) { __typename } }"
    answer = (await sides.client.post(document, {"input": given}, headers=await sides.headers(agent))).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_does_not_go_on_the_page_is_told_and_can_be_entered_again(
    sides: Sides, agent: Caller, sealers: Workshop
) -> None:
    request = await granted(sides, agent)
    await delivers(sides, agent, request, diploma=DIPLOMA | {"title": "Аттестат о среднем образовании"})
    await seal_next(sides.connection, sealers)
    seen = "query ($id: ID!) { node(id: $id) { ... on DeskRequest { state delivery { state } } } }"
    node = (await sides.does(agent, seen, id=to_base64("DeskRequest", str(request))))["node"]
    assert node == {"state": "ACCEPTED", "delivery": {"state": "IMPOSSIBLE"}}
    again = await delivers(sides, agent, request)
    assert again["delivery"]["state"] == "PENDING"
    await seal_next(sides.connection, sealers)
    said = (await verified(await downloaded(sides, await held(sides)))).attestation
    assert said is not None and said.title == DIPLOMA["title"]


async def test_without_a_time_stamp_nothing_is_delivered_and_it_is_tried_again(
    sides: Sides, agent: Caller, sealers: Workshop
) -> None:
    request = await granted(sides, agent)
    await delivers(sides, agent, request)
    await seal_next(sides.connection, replace(sealers, timestamps=NoTimestamps()))
    assert ((await sides.row(request))["state"], await sides.pieces(request)) == ("ACCEPTED", [])
    await sides.connection.execute("update document set due_at = now()")
    await seal_next(sides.connection, sealers)
    assert (await sides.row(request))["state"] == "DELIVERED"


# Afterwards


async def sent_to_be_verified(sides: Sides, content: bytes) -> dict[str, Any]:
    """What the register says of a file, to anybody."""
    token = (await sides.client.send("POST", "/documents", content=content)).json()["document"]
    return (await sides.client.data(VERIFIED, {"document": token}, language="en"))["verifyDocument"]


VERIFIED = """query ($document: String!) { verifyDocument(document: $document) {
  ... on FileVerification { verdict status registered { __typename } steps { number outcome reason } } } }"""


async def test_the_register_knows_again_what_it_delivered_even_when_the_account_is_closed(
    sides: Sides, agent: Caller, sealers: Workshop
) -> None:
    request = await granted(sides, agent)
    await delivers(sides, agent, request)
    await seal_next(sides.connection, sealers)
    content = await downloaded(sides, await held(sides))
    found = await sent_to_be_verified(sides, content)
    assert (found["verdict"], found["status"], found["registered"]) == ("GENUINE", "DELIVERED", None)
    page = (await sides.client.send("POST", "/v/file", files={"file": ("a.pdf", content)}, headers={"Accept-Language": "en"})).text
    assert "An exam service delivered this document at request" in page
    await accounts.close(sides.connection, sides.applicant.holder, "Lecœur")
    assert (await sent_to_be_verified(sides, content))["status"] == "DELIVERED"


async def test_a_closed_account_takes_the_file_and_its_facts_with_it_even_while_they_are_being_sealed(
    sides: Sides, agent: Caller, sealers: Workshop, folder: Path
) -> None:
    await delivers(sides, agent, await granted(sides, agent))
    await seal_next(sides.connection, sealers)
    waiting = await granted(sides, agent)
    await delivers(sides, agent, waiting)
    await accounts.close(sides.connection, sides.applicant.holder, "Lecœur")
    await seal_next(sides.connection, sealers)
    assert [row["digest"] for request in (waiting,) for row in await sides.pieces(request)] == []
    assert await sides.connection.fetchval("select count(*) from document where digest is null and state = 'OVERTAKEN'") == 2
    assert await sides.connection.fetchval("select count(*) from document_request_delivery where facts <> '{}'") == 0
    while await remove_next(sides.connection, sides.store, sealers.store):
        pass
    assert [path for path in (folder / "documents").rglob("*") if path.is_file()] == []


async def test_a_file_that_was_sealed_by_us_and_never_recorded_is_not_genuine(sides: Sides, sealers: Workshop) -> None:
    sealer: Sealer = sealers.sealer
    now = datetime.now(UTC)
    forged = delivered(issuer=sealers.issuer)
    content = await sealer.timestamped(fill(forged, delivered_page(), sealer.room(now)), now, sealers.timestamps)
    found = await sent_to_be_verified(sides, content)
    assert (found["verdict"], found["status"]) == ("NOT_GENUINE", None)


async def test_archiving_renews_the_file_that_the_applicant_gets(
    sides: Sides, agent: Caller, sealers: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delivers(sides, agent, await granted(sides, agent))
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "datetime", Yesterday)
        await seal_next(sides.connection, replace(sealers, timestamps=authority().timestamps(Yesterday.now())))
    before = await downloaded(sides, await held(sides))
    await sides.connection.execute("update document set due_at = now()")
    assert await archive_next(sides.connection, sealers) == 1
    after = await downloaded(sides, await held(sides))
    assert len(after) > len(before) and after.startswith(before)


async def test_a_lost_file_is_sealed_again_with_the_same_words_and_nobody_is_told_twice(
    sides: Sides, agent: Caller, sealers: Workshop, folder: Path
) -> None:
    request = await granted(sides, agent)
    await delivers(sides, agent, request)
    await seal_next(sides.connection, sealers)
    node = await held(sides)
    before = (await verified(await downloaded(sides, node))).attestation
    for file in (folder / "documents").rglob("*"):
        if file.is_file():
            file.unlink()
    link = node["deliveredDocuments"][0]["link"].removeprefix(SITE)
    assert (await sides.gets(sides.applicant, link)).status_code == 503
    assert await seal_next(sides.connection, sealers) == 1
    assert (await verified(await downloaded(sides, await held(sides)))).attestation == before
    assert await sides.history(request) == [("STATE", "DELIVERED", None)]


async def test_the_file_carries_its_data_once_and_the_journal_names_nobody(sides: Sides, agent: Caller, sealers: Workshop) -> None:
    await delivers(sides, agent, await granted(sides, agent))
    await seal_next(sides.connection, sealers)
    with pikepdf.open(io.BytesIO(await downloaded(sides, await held(sides)))) as document:
        said = json.loads(document.attachments["attestation.json"].get_file().read_bytes())
    assert said["@type"] == "urn:fr:document-delivre:1"
    facts = await sides.connection.fetchval("select facts from journal where act = 'DELIVER_ATTESTATION'")
    assert set(facts) == {"request", "delivery"}


def test_marks_and_kind_agree() -> None:
    with pytest.raises(ValueError, match="marks"):
        delivered(marks=marks(3))
    with pytest.raises(ValueError, match="marks"):
        delivered(kind="MARK_SHEET")


async def test_nobody_else_gets_what_was_delivered(sides: Sides, agent: Caller, sealers: Workshop) -> None:
    await delivers(sides, agent, await granted(sides, agent))
    await seal_next(sides.connection, sealers)
    link = (await held(sides))["deliveredDocuments"][0]["link"].removeprefix(SITE)
    other = await signed_in(sides.connection, Person("PETIT", ("Jo",), "1980-01-01", "M"), "petit", client=sides.client)
    assert [(await sides.gets(who, link)).status_code for who in (other, None)] == [404, 401]
    assert timedelta(0) < datetime.now(UTC) - (await sides.pieces(await _only(sides)))[0]["uploaded_at"] < timedelta(minutes=5)


async def _only(sides: Sides) -> UUID:
    return await sides.connection.fetchval("select id from document_request")
