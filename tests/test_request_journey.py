"""From a request for what is not online to the sealed document, and from a misspelt birth name to one that is nowhere any more."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from strawberry.relay.utils import from_base64

from resolvers import callers, deliveries
from resolvers.people import Person
from resolvers.sealing import seal_next
from seal.delivered import DeliveredDocument
from tests.acting import Desk, living
from tests.attestations import text_of
from tests.conftest import DatabaseConnection
from tests.issuing import SITE, trust, verified, workshop
from tests.people import Browser, signed_in
from tests.requesting import Sides, both_sides, pdf

ANNE = Person("MARTIN", ("Anne", "Zélie"), "1980-05-02", "F", birth_commune="75112")
SIEC = ("01", "24", "25")
OPTIONS = """{ documentRequestOptions(family: "bac", session: 1998, academy: "01") {
  kind state examService { code } delayMonths silence } }"""
SUBMIT = """mutation ($input: SubmitDocumentRequestInput!) { submitDocumentRequest(input: $input) {
  __typename ... on DocumentRequest { id reference state missingPieces } ... on Problem { message } } }"""
OF_HOLDER = """{ viewer { documentRequests { edges { node { reference state missingPieces
  messages { author body } pieces { kind destroyedAt } history { kind state actor } deliveredDocuments { fileName size link } } } } } }"""
QUEUE = "{ deskRequests(states: [SUBMITTED]) { edges { node { id reference familyCode session academyCode } } } }"
DESK = "__typename ... on DeskRequest { state missingPieces } ... on Problem { message }"


@pytest.fixture
async def sides(url: str, connection: DatabaseConnection, folder: Path) -> AsyncIterator[Sides]:
    trust(datetime.now(UTC)).write(folder / "trust")
    async with both_sides(url, connection, folder, public_url=SITE) as sides:
        yield sides


async def at_the_desk(sides: Sides, agent: callers.Caller, mutation: str, given: str, **values: Any) -> dict[str, Any]:
    document = f"mutation ($input: {given}!) {{ {mutation}(input: $input) {{ {DESK} }} }}"
    return (await sides.does(agent, document, input=values))[mutation]


async def request_of(sides: Sides, holder: Browser) -> dict[str, Any]:
    """The holder's only request, as he sees it."""
    [edge] = (await sides.does(holder, OF_HOLDER))["viewer"]["documentRequests"]["edges"]
    return edge["node"]


async def test_a_holder_asks_for_the_attestation_of_a_baccalaureat_of_1998_and_downloads_it_sealed(
    sides: Sides, connection: DatabaseConnection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "PATIENCE", 0.05)
    anne = await signed_in(connection, ANNE, "anne", client=sides.client)
    agent = await sides.agent("Camille Instruisant", academies=SIEC)
    auditor = await sides.agent("Andrea Auditant", "AUDITOR")

    options = (await sides.does(anne, OPTIONS))["documentRequestOptions"]
    [attestation] = [option for option in options if option["kind"] == "ATTESTATION"]
    assert (attestation["state"], attestation["examService"]["code"]) == ("ASK", "SIEC")
    asked = {"kind": "ATTESTATION", "family": "bac", "session": 1998, "academy": "01", "series": "S"}
    made = (await sides.does(anne, SUBMIT, input=asked))["submitDocumentRequest"]
    assert (made["__typename"], made["state"]) == ("DocumentRequest", "SUBMITTED")

    [edge] = (await sides.does(agent, QUEUE))["deskRequests"]["edges"]
    found = edge["node"]
    assert (found["reference"], found["familyCode"], found["session"]) == (made["reference"], "bac", 1998)
    assert (await at_the_desk(sides, agent, "takeDeskRequest", "DeskRequestInput", requestId=found["id"]))["state"] == "IN_REVIEW"
    waits = await at_the_desk(
        sides, agent, "askForInformation", "AskForInformationInput", requestId=found["id"], text="Merci d'envoyer votre pièce.",
        pieces=["IDENTITY"],
    )  # fmt: skip
    assert (waits["state"], waits["missingPieces"]) == ("INFORMATION_REQUESTED", ["IDENTITY"])

    sent = await sides.client.send(
        "POST",
        f"/requests/{made['id']}/pieces?kind=IDENTITY",
        content=pdf("pièce"),
        headers=await sides.headers(anne) | {"X-File-Name": "carte.pdf"},
    )
    assert sent.status_code == 201, sent.text
    assert (await request_of(sides, anne))["state"] == "IN_REVIEW"
    granted = await at_the_desk(sides, agent, "acceptDeskRequest", "AcceptDeskRequestInput", requestId=found["id"])
    assert granted["state"] == "ACCEPTED", granted
    delivered = await at_the_desk(
        sides, agent, "deliverAttestation", "DeliverAttestationInput", requestId=found["id"],
        diploma={"title": "Baccalauréat général", "series": "S", "mention": "BIEN", "awardedOn": "1998-07-06"},
    )  # fmt: skip
    assert delivered["__typename"] == "DeskRequest", delivered
    assert await seal_next(connection, workshop(folder / "documents")) == 1

    held = await request_of(sides, anne)
    assert held["state"] == "DELIVERED"
    assert [entry["state"] for entry in held["history"] if entry["kind"] == "STATE"] == [
        "SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED", "IN_REVIEW", "ACCEPTED", "DELIVERED",
    ]  # fmt: skip
    assert [piece["destroyedAt"] is not None for piece in held["pieces"] if piece["kind"] == "IDENTITY"] == [True]
    [document] = held["deliveredDocuments"]
    got = await sides.gets(anne, document["link"].removeprefix(SITE))
    assert (got.status_code, len(got.content)) == (200, document["size"])
    said = (await verified(got.content)).attestation
    assert isinstance(said, DeliveredDocument)
    assert (said.birth_name, said.session, said.reference) == ("MARTIN", 1998, made["reference"])
    assert "Baccalauréat général" in text_of(got.content)
    for other, status in ((sides.applicant, 404), (auditor, 403), (None, 401)):
        assert (await sides.gets(other, document["link"].removeprefix(SITE))).status_code == status

    await the_auditor_finds(sides, auditor, made["reference"])
    kept = await connection.fetchval("select string_agg(j::text, '') from journal j")
    assert [name for name in ("MARTIN", "Martin", "Anne", "Zélie", "1980", "carte") if name in kept] == []


async def the_auditor_finds(sides: Sides, auditor: callers.Caller, reference: str) -> None:
    """What the agent did on a request, in its order, and not what the holder did."""
    document = f'{{ journal(reference: "{reference}") {{ edges {{ node {{ act agent academyCode reference }} }} }} }}'
    entries = [edge["node"] for edge in (await sides.does(auditor, document))["journal"]["edges"]]
    assert {(entry["agent"], entry["academyCode"], entry["reference"]) for entry in entries} == {
        ("Camille Instruisant", "01", reference)
    }
    acts = [entry["act"] for entry in reversed(entries)]
    assert acts[:3] == ["TAKE_REQUEST", "ASK_APPLICANT", "ACCEPT_REQUEST"]


async def test_after_two_agents_corrected_a_birth_name_the_old_one_is_nowhere(
    url: str, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path
) -> None:
    async with living(url, connection, monitor, folder, nom_naissance="Lecœur") as life:
        old_key = await life.key()
        assert (await life.client.verified(old_key, "Lecœur"))["__typename"] == "VerifiedDiploma"
        first, second = await Desk.of(life, life.agents[0]), await Desk.of(life, life.agents[1])
        found = '{ registeredDiploma(family: "bac", academy: "01", year: 2026, candidateNumber: "C000001") { id } }'
        diploma = (await life.client.data(found, token=first.token))["registeredDiploma"]
        assert from_base64(diploma["id"])[1] == str(life.diploma)
        prepared = await first.prepares(life, "IDENTITY_CHANGE", {"nom_naissance": "Durand-Petit"})
        assert prepared["state"] == "PENDING", prepared
        assert (await first.approves(prepared))["__typename"] == "SecondAgentNeeded"
        assert (await second.approves(prepared))["state"] == "APPROVED"

        assert (await life.client.verified(old_key, "Lecœur"))["__typename"] == "VerificationRefused"
        assert (await life.client.verified(await life.key(), "Durand-Petit"))["__typename"] == "VerifiedDiploma"
        dumped = await life.text()
        assert [name for name in ("Lecœur", "LECŒUR", "LECOEUR") if name in dumped] == []
        assert "Durand-Petit" in dumped
        auditor = await callers.add(connection, "Andrea", "AUDITOR", ["01"])
        token = await callers.new_token(connection, auditor, timedelta(minutes=5))
        entries = await life.client.data("{ journal(first: 5) { edges { node { act agent } } } }", token=token)
        acts = [(edge["node"]["act"], edge["node"]["agent"]) for edge in entries["journal"]["edges"]]
        assert ("PREPARE_ACT", "Claude") in acts
        assert "Dominique" in {agent for _, agent in acts}
