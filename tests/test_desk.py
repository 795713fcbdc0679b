"""The desk of an academy: its queue, who has a request, what is asked of its applicant, how it is granted or refused."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from strawberry.relay.utils import to_base64

from graph.desk import NotAssigned
from graph.document_requests import DocumentRequestKind, RequestClosed
from resolvers import callers, desk
from resolvers.callers import Caller
from resolvers.request_notices import Writer
from resolvers.roles import ROLES, Act
from tests.client import Client, served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.desks import Desk, desk_of, submitted
from tests.people import Browser, signed_in
from tests.planned import Planned
from tests.visitor import KEYS, SITE

WRITER = Writer(KEYS, SITE)


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def holder(client: Client, connection: DatabaseConnection) -> Browser:
    return await signed_in(connection, client=client)


@pytest.fixture
async def one(client: Client, connection: DatabaseConnection, first: Caller) -> Desk:
    return await desk_of(client, connection, first)


@pytest.fixture
async def two(client: Client, connection: DatabaseConnection, second: Caller) -> Desk:
    return await desk_of(client, connection, second)


@pytest.fixture
async def elsewhere(client: Client, connection: DatabaseConnection, stranger: Caller) -> Desk:
    return await desk_of(client, connection, stranger)


async def test_an_agent_takes_a_request_and_sees_who_asks_and_for_what(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id, title="Baccalauréat général, série L")
    [seen] = await one.queue()
    assert (seen["state"], seen["assignedTo"], seen["daysLeft"], seen["overdue"]) == ("SUBMITTED", None, 30, False)
    assert seen["applicant"]["familyName"] == "LECŒUR"
    assert seen["diploma"]["title"] == "Baccalauréat général, série L"
    taken = await one.takes(request)
    assert (taken["__typename"], taken["state"], taken["assignedTo"]) == ("DeskRequest", "IN_REVIEW", "Claude")
    assert [(entry["kind"], entry["state"], entry["actor"], entry["agent"]) for entry in taken["history"]] == [
        ("STATE", "SUBMITTED", "APPLICANT", None), ("STATE", "IN_REVIEW", "SERVICE", "Claude"),
    ]  # fmt: skip
    assert await connection.fetchval("select count(*) from journal where act = 'TAKE_REQUEST'") == 1


async def test_of_two_agents_who_take_a_request_at_once_one_has_it_and_the_other_is_told_who(
    connection: DatabaseConnection, pool: DatabasePool, holder: Browser, first: Caller, second: Caller
) -> None:
    request = await submitted(connection, holder.holder.id)

    async def taking(agent: Caller) -> None:
        async with pool.acquire() as own:
            await desk.take(own, agent, request)

    answers = await asyncio.gather(taking(first), taking(second), return_exceptions=True)
    [refused] = [answer for answer in answers if answer is not None]
    assert isinstance(refused, NotAssigned.refusal)
    holds = await connection.fetchval("select g.name from document_request q join agent g on g.id = q.assigned_to")
    assert refused.values["assigned_to"] == holds
    assert await connection.fetchval("select count(*) from document_request_event where state = 'IN_REVIEW'") == 1


async def test_only_the_agent_who_has_a_request_acts_on_it(
    connection: DatabaseConnection, holder: Browser, one: Desk, two: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    nobodys = await one.accepts(request)
    assert (nobodys["__typename"], nobodys["holder"]) == ("NotAssigned", None)
    await one.takes(request)
    for answer in (await two.accepts(request), await two.asks(request), await two.refuses(request), await two.takes(request)):
        assert (answer["__typename"], answer["holder"]) == ("NotAssigned", "Claude")
    assert (await one.accepts(request))["state"] == "ACCEPTED"


async def test_a_request_passes_to_a_colleague_only_from_who_has_it(
    connection: DatabaseConnection, holder: Browser, one: Desk, two: Desk, stranger: Caller
) -> None:
    request = await submitted(connection, holder.holder.id)
    given = await one.does("assignDeskRequest", request, "AssignDeskRequestInput", agent="Dominique")
    assert (given["state"], given["assignedTo"]) == ("IN_REVIEW", "Dominique")
    late = await one.does("assignDeskRequest", request, "AssignDeskRequestInput", agent="Claude")
    assert (late["__typename"], late["holder"]) == ("NotAssigned", "Dominique")
    for name in ("Nobody", stranger.name):
        answer = await one.does("assignDeskRequest", request, "AssignDeskRequestInput", former="Dominique", agent=name)
        assert answer["__typename"] == "NoSuchAgent"
    over = await two.does("assignDeskRequest", request, "AssignDeskRequestInput", former="Dominique", agent="Claude")
    assert over["assignedTo"] == "Claude"
    back = await one.does("assignDeskRequest", request, "AssignDeskRequestInput", former="Claude")
    assert (back["state"], back["assignedTo"]) == ("IN_REVIEW", None)
    assert [entry["kind"] for entry in back["history"]] == ["STATE", "STATE", "ASSIGNMENT", "ASSIGNMENT"]


async def test_an_agent_of_another_academy_finds_nothing_and_changes_nothing(
    client: Client, connection: DatabaseConnection, holder: Browser, one: Desk, elsewhere: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    assert await elsewhere.queue() == []
    assert await elsewhere.queue("(states: [SUBMITTED, REFUSED])") == []
    reference = 'query { deskRequest(reference: "abcd-efgh") { state } }'
    assert (await client.data(reference, token=elsewhere.token))["deskRequest"] is None
    assert (await client.data(reference, token=one.token))["deskRequest"] == {"state": "SUBMITTED"}
    assign = await elsewhere.does("assignDeskRequest", request, "AssignDeskRequestInput", agent="Sacha")
    hand_over = await elsewhere.does("handOverDeskRequest", request)
    write = await elsewhere.does("writeToApplicant", request, "WriteToApplicantInput", text="Bonjour")
    answers = [
        await elsewhere.takes(request), await elsewhere.asks(request), await elsewhere.accepts(request), await elsewhere.refuses(request),
        assign, hand_over, write,
    ]  # fmt: skip
    assert {answer["__typename"] for answer in answers} == {"NotFound"}
    assert await connection.fetchval("select state from document_request") == "SUBMITTED"
    counts = await client.data("{ deskRequestCounts { open byState { count } } }", token=elsewhere.token)
    assert counts["deskRequestCounts"] == {"open": 0, "byState": []}


async def test_who_has_no_right_at_the_desk_is_refused_as_such(client: Client, connection: DatabaseConnection) -> None:
    for name, role in (("Auditor", "AUDITOR"), ("Operator", "OPERATOR"), ("Delegate", "RECTOR_DELEGATE")):
        assert Act.REQUESTS not in ROLES[role].acts
        agent = await desk_of(client, connection, await callers.add(connection, name, role, ["01"]))
        assert await client.error("{ deskRequests { edges { node { id } } } }", token=agent.token) == "FORBIDDEN"
        assert await client.error("{ refusalTemplates { code } }", token=agent.token) == "FORBIDDEN"
    assert await client.error("{ deskRequestCounts { open } }") == "UNAUTHENTICATED"


async def test_the_delay_rests_while_the_applicant_owes_a_piece(connection: DatabaseConnection, holder: Browser, one: Desk) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    asked = await one.asks(request, "IDENTITY", "OTHER", "IDENTITY", text="Merci d'envoyer votre pièce d'identité.")
    assert (asked["state"], asked["missingPieces"]) == ("INFORMATION_REQUESTED", ["IDENTITY", "OTHER"])
    [message] = asked["messages"]
    assert (message["author"], message["agent"]) == ("SERVICE", "Claude")
    assert message["body"].startswith(
        "Merci d'envoyer votre pièce d'identité.\n\nPièces à envoyer : pièce d’identité de la personne"
    )
    assert f"au plus tard le {date.fromisoformat(asked['answerBy']):%d/%m/%Y}" in message["body"]
    assert date.fromisoformat(asked["answerBy"]) - date.fromisoformat(asked["dueOn"]) == timedelta(days=0)
    await connection.execute("update document_request set waiting_since = waiting_since - interval '10 days', due_on = due_on - 10")
    [resting] = await one.queue()
    assert (resting["daysLeft"], resting["overdue"]) == (30, False)


async def test_the_delay_runs_again_when_the_time_to_answer_is_over(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    await one.asks(request, "OTHER", days=5)
    assert await desk.run_again(connection) == 0
    before = await connection.fetchval(
        "update document_request set waiting_since = waiting_since - interval '8 days', answer_by = answer_by - 8, due_on = due_on - 8 "
        "returning due_on"
    )
    assert await desk.run_again(connection) == 1
    [running] = await one.queue()
    # six days rested: the five that he was given, and the one on which he was asked
    legal = await connection.fetchval("select working_day($1::date + 6)", before)
    assert (running["state"], running["dueOn"], running["waitingSince"]) == ("IN_REVIEW", legal.isoformat(), None)
    assert running["history"][-1]["actor"] == "REGISTER"
    assert await desk.run_again(connection) == 0


async def test_a_decision_ends_the_waiting_and_adds_the_days_waited(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    await one.asks(request, "IDENTITY")
    due = await connection.fetchval(
        "update document_request set waiting_since = waiting_since - interval '3 days' returning due_on"
    )
    accepted = await one.accepts(request, text="Le document est en préparation.")
    legal = await connection.fetchval("select working_day($1::date + 3)", due)
    assert (accepted["state"], accepted["dueOn"], accepted["waitingSince"]) == ("ACCEPTED", legal.isoformat(), None)
    assert (accepted["missingPieces"], accepted["decidedBy"], accepted["daysLeft"]) == ([], "Claude", None)
    assert accepted["messages"][-1]["body"] == "Le document est en préparation."


async def test_a_refusal_says_its_grounds_and_how_to_contest_it(connection: DatabaseConnection, holder: Browser, one: Desk) -> None:
    document = await submitted(connection, holder.holder.id)
    paper = await submitted(connection, holder.holder.id, "REISSUE", reference="PAPR-PAPR")
    await one.takes(document)
    await one.takes(paper)
    refused = await one.refuses(document, "NOT_AWARDED", grounds="Le jury vous a ajourné à cette session.")
    assert (refused["state"], refused["refusal"]["template"]) == ("REFUSED", "NOT_AWARDED")
    body = refused["messages"][-1]["body"]
    assert body.index("ne portent pas votre admission") < body.index("Le jury vous a ajourné") < body.index("Voies et délais")
    assert "deux mois" in body and "CADA" in body and "telerecours.fr" in body
    told = (await one.refuses(paper, "NO_DUPLICATE"))["messages"][-1]["body"]
    assert "CADA" not in told and "tribunal administratif" in told and "recteur" in told
    assert await connection.fetchval("select array_agg(facts ->> 'template') from journal where act = 'REFUSE_REQUEST'") == [
        "NOT_AWARDED", "NO_DUPLICATE",
    ]  # fmt: skip


async def test_a_template_that_does_not_fit_refuses_nothing(connection: DatabaseConnection, holder: Browser, one: Desk) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    for template, grounds in (("NO_DUPLICATE", "x"), ("UNKNOWN", "x"), ("OTHER", None)):
        answer = await one.refuses(request, template, grounds=grounds)
        assert answer["__typename"] == "TemplateUnfit", template
    assert (await one.refuses(request, "OTHER", grounds="Motif"))["state"] == "REFUSED"


async def test_what_silence_has_granted_is_no_longer_refused(connection: DatabaseConnection, holder: Browser, one: Desk) -> None:
    granted = await submitted(connection, holder.holder.id, "REISSUE", silence="ACCEPTANCE")
    late = await submitted(connection, holder.holder.id, reference="LATE-LATE")
    await one.takes(granted)
    await one.takes(late)
    await connection.execute("update document_request set due_on = day_in_france(now()) - 1")
    assert (await one.refuses(granted, "OTHER", grounds="Trop tard"))["__typename"] == "OutOfTime"
    assert (await one.accepts(granted))["state"] == "ACCEPTED"
    assert (await one.refuses(late, "OTHER", grounds="Motif"))["state"] == "REFUSED"


async def test_a_closed_request_answers_every_act_with_its_state(
    connection: DatabaseConnection, holder: Browser, one: Desk, second: Caller
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    await one.refuses(request)
    write = await one.does("writeToApplicant", request, "WriteToApplicantInput", text="Bonjour")
    assign = await one.does("assignDeskRequest", request, "AssignDeskRequestInput", former="Claude", agent=second.name)
    answers = [
        await one.takes(request), await one.asks(request), await one.accepts(request), await one.refuses(request), write, assign,
        await one.does("handOverDeskRequest", request),
    ]  # fmt: skip
    assert {(answer["__typename"], answer["stands"]) for answer in answers} == {("RequestClosed", "REFUSED")}


async def test_a_diploma_on_paper_is_handed_over_and_a_document_is_not(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    paper = await submitted(connection, holder.holder.id, "COLLECTION")
    document = await submitted(connection, holder.holder.id, reference="DOCU-MENT")
    for request in (paper, document):
        await one.takes(request)
        early = await one.does("handOverDeskRequest", request)
        assert (early["__typename"], early["stands"]) == ("RequestClosed", "IN_REVIEW")
        await one.accepts(request)
    assert (await one.does("handOverDeskRequest", paper))["state"] == "DELIVERED"
    assert (await one.does("handOverDeskRequest", document))["stands"] == "ACCEPTED"


async def test_the_queue_is_filtered_paged_and_counted(
    client: Client, connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    account = holder.holder.id
    requests = {
        name: await submitted(connection, account, kind, reference=name, family=family, academy=academy, year=year)
        for name, kind, family, academy, year in (
            ("AAAA-AAAA", "ATTESTATION", "bac", "01", 1998), ("BBBB-BBBB", "SCRIPTS", "bac", "70", 2025),
            ("CCCC-CCCC", "ATTESTATION", "cap", "01", 1999), ("DDDD-DDDD", "MARK_SHEET", "bac", "01", 1990),
            ("EEEE-EEEE", "ATTESTATION", "bac", "10", 1998),
        )
    }  # fmt: skip
    await one.takes(requests["BBBB-BBBB"])
    await one.takes(requests["DDDD-DDDD"])
    await one.refuses(requests["DDDD-DDDD"])
    await connection.execute("update document_request set due_on = day_in_france(now()) - 1 where reference = 'CCCC-CCCC'")
    assert await one.references() == ["AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC"]
    tomorrow = (date.today() + timedelta(days=1)).isoformat()
    for arguments, expected in (
        ("kinds: [ATTESTATION]", "A C"), ('families: ["cap"]', "C"), ("assignment: MINE", "B"), ("assignment: NOBODY", "A C"),
        ("assignment: SOMEBODY", "B"), ('assignee: "Claude"', "B"), ('assignee: "Dominique"', ""), ("overdue: true", "C"),
        ("overdue: false", "A B"), (f'dueBefore: "{tomorrow}"', "C"), ("states: [REFUSED]", "D"),
        ("states: [SUBMITTED, REFUSED]", "A C D"), ("states: [SUBMITTED, REFUSED], overdue: true", "C"),
        ("states: [SUBMITTED, REFUSED], assignment: MINE", "D"),
    ):  # fmt: skip
        found = [reference[0] for reference in await one.references(f"({arguments})")]
        assert found == expected.split(), arguments
    page = """query ($after: String) { deskRequests(first: 2, after: $after) {
      edges { node { reference } } pageInfo { hasNextPage endCursor } } }"""
    begun = (await client.data(page, token=one.token))["deskRequests"]
    assert begun["pageInfo"]["hasNextPage"]
    rest = (await client.data(page, {"after": begun["pageInfo"]["endCursor"]}, token=one.token))["deskRequests"]
    assert [edge["node"]["reference"] for edge in rest["edges"]] == ["CCCC-CCCC"]
    counts = await client.data(
        "{ deskRequestCounts { open overdue mine unassigned byState { state kind count } } deskAgents }", token=one.token
    )
    assert counts["deskRequestCounts"] == {
        "open": 3, "overdue": 1, "mine": 1, "unassigned": 2,
        "byState": [{"state": "IN_REVIEW", "kind": "SCRIPTS", "count": 1}, {"state": "SUBMITTED", "kind": "ATTESTATION", "count": 2}],
    }  # fmt: skip
    assert "Claude" in counts["deskAgents"]


async def test_every_kind_of_request_can_be_refused_and_has_one_way_of_appeal(
    client: Client, connection: DatabaseConnection, one: Desk
) -> None:
    for kind in DocumentRequestKind:
        data = await client.data(
            f"{{ refusalTemplates(kind: {kind.name}) {{ code label text source kinds needsGrounds }} }}",
            token=one.token,
            language="en",
        )
        assert {"OTHER", "INCOMPLETE", "NOT_ENTITLED"} <= {template["code"] for template in data["refusalTemplates"]}
        assert all(kind.name in template["kinds"] for template in data["refusalTemplates"])
        assert await connection.fetchval("select count(*) from way_of_appeal where kinds @> array[$1]", kind.name) == 1
    stored = {kind for kinds in await connection.fetch("select unnest(kinds) from refusal_template") for kind in kinds}
    assert stored <= {kind.name for kind in DocumentRequestKind}


async def test_what_is_too_long_or_too_much_is_an_error(
    client: Client, connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    for days in (0, 91):
        with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
            await one.asks(request, days=days)
    with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
        await one.asks(request, "DELIVERED")
    with pytest.raises(AssertionError, match="BAD_USER_INPUT"):
        await one.asks(request, text=" ")
    many = ", ".join('"bac"' for _ in range(51))
    assert (
        await client.error(f"{{ deskRequests(families: [{many}]) {{ edges {{ cursor }} }} }}", token=one.token) == "BAD_USER_INPUT"
    )
    assert await connection.fetchval("select state from document_request") == "IN_REVIEW"


async def test_of_a_decision_and_its_contrary_one_stands(
    connection: DatabaseConnection, pool: DatabasePool, holder: Browser, first: Caller
) -> None:
    request = await submitted(connection, holder.holder.id)
    await desk.take(connection, first, request)

    async def deciding(accepts: bool) -> None:
        async with pool.acquire() as own:
            if accepts:
                await desk.accept(own, first, WRITER, request, None)
            else:
                await desk.refuse(own, first, WRITER, request, "OTHER", "Motif")

    answers = await asyncio.gather(deciding(True), deciding(False), return_exceptions=True)
    [refused] = [answer for answer in answers if answer is not None]
    assert isinstance(refused, RequestClosed.refusal)
    state = await connection.fetchval("select state from document_request")
    assert refused.values["state"].name == state
    decisions = await connection.fetch("select state from document_request_event where state in ('ACCEPTED', 'REFUSED')")
    assert [row["state"] for row in decisions] == [state]


async def test_an_applicant_who_has_withdrawn_is_asked_and_answered_no_more(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    withdrawn = await holder.does(
        "withdrawDocumentRequest", "WithdrawDocumentRequestInput", "... on DocumentRequest { state }",
        requestId=to_base64("DocumentRequest", str(request)),
    )  # fmt: skip
    assert withdrawn["state"] == "WITHDRAWN"
    assert {(await act)["stands"] for act in (one.asks(request), one.accepts(request), one.refuses(request))} == {"WITHDRAWN"}


async def test_an_answer_sets_the_request_back_to_review_and_the_agent_reads_it(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id)
    await one.takes(request)
    await one.asks(request, text="Dans quel lycée ?")
    replied = await holder.does(
        "replyToDocumentRequest", "ReplyToDocumentRequestInput",
        "... on DocumentRequest { state messages { author agent body } history { actor agent } }",
        requestId=to_base64("DocumentRequest", str(request)), body="Au lycée Pasteur.",
    )  # fmt: skip
    assert replied["state"] == "IN_REVIEW"
    # the applicant sees the exam service, never its agents
    assert {entry["agent"] for entry in [*replied["messages"], *replied["history"]]} == {None}
    [seen] = await one.queue()
    assert [(message["author"], message["agent"]) for message in seen["messages"]] == [("SERVICE", "Claude"), ("APPLICANT", None)]
    assert (seen["state"], seen["messages"][-1]["body"]) == ("IN_REVIEW", "Au lycée Pasteur.")


async def test_neither_the_journal_nor_the_history_says_what_was_written_or_of_whom(
    connection: DatabaseConnection, holder: Browser, one: Desk
) -> None:
    request = await submitted(connection, holder.holder.id, title="Baccalauréat série L")
    await one.takes(request)
    await one.asks(request, "IDENTITY", text="Écrit à Éloïse Lecœur")
    await one.refuses(request, "OTHER", grounds="Motif sur Éloïse Lecœur")
    acts = await connection.fetch("select act from journal where agent_id is not null order by id")
    assert [row["act"] for row in acts] == ["TAKE_REQUEST", "ASK_APPLICANT", "REFUSE_REQUEST"]
    written = await connection.fetchval(
        "select string_agg(t, ' ') from (select j::text from journal j union all select e::text from document_request_event e) x (t)"
    )
    assert [word for word in ("Éloïse", "Lecœur", "LECŒUR", "Motif", "Écrit", "Baccalauréat") if word in written] == []


# Compiled


EVERYTHING = """query ($states: [DocumentRequestState!], $kinds: [DocumentRequestKind!], $due: Date, $overdue: Boolean) {
  deskRequests(states: $states, kinds: $kinds, dueBefore: $due, overdue: $overdue, first: 50) {
    edges { cursor node { id reference kind familyCode session academy { code region { name } } country academyCode
      diploma { title series establishment candidateNumber ine address }
      applicant { familyName givenNames birthDate } represented { familyName } state assignedTo submittedAt dueOn daysLeft overdue silence
      waitingSince answerBy missingPieces decidedAt decidedBy refusal { template grounds } endedAt
      messages { writtenAt author agent body } pieces { kind fileName mediaType size sender uploadedAt destroyedAt link }
      history { at kind state actor agent piece } } } pageInfo { hasNextPage } }
  deskRequestCounts { open overdue mine unassigned byState { state kind count } }
  refusalTemplates(kind: SCRIPTS) { code kinds label text needsGrounds source } }"""
STATES = ["SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED", "ACCEPTED", "REFUSED", "WITHDRAWN", "DELIVERED"]


async def test_the_queue_is_one_statement_for_each_root_field_and_says_what_strawberry_says(planned: Planned) -> None:
    for agent in planned.register.people.agents:
        answers = await planned.same(
            planned.drawn(
                EVERYTHING, {}, {"states": STATES}, {"states": STATES, "kinds": ["SCRIPTS", "REISSUE"]}, {"overdue": True},
                {"overdue": False, "due": "2026-09-01"}, who=agent,
            )
        )  # fmt: skip
        assert all(answer is not None for answer in answers), planned.executors.refusals
        assert all(answer is not None and b"deskRequests" in answer for answer in answers)
