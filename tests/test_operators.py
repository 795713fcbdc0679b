"""Roles as data, the journal that an auditor reads, and the queues that an operator sees."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from strawberry.relay.utils import to_base64

from db import reference
from db.statements import statement
from graph.holdings import DiplomaNotLinked
from graph.reviews import ReviewDecisionKind
from resolvers import adding, callers, reviews, web_sessions
from resolvers.adding import Wanted
from resolvers.callers import Caller, Forbidden
from resolvers.keys import Keyring
from resolvers.roles import ROLES, Act
from resolvers.web_sessions import ProviderSession
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import ELOISE, signed_in

JOURNAL = """query ($act: String, $agent: String, $session: ID, $reference: String, $from: DateTime, $to: DateTime, $first: Int! = 50,
    $after: String) {
  journal(act: $act, agent: $agent, sessionId: $session, reference: $reference, from: $from, to: $to, first: $first, after: $after) {
    edges { node { id at act agent role academyCode familyCode session reference facts { name value } } }
    pageInfo { hasNextPage endCursor } } }"""
OPERATIONS = """{ operations { importsWaiting importsWaitingSince attestationsWaiting lettersWaiting lettersDueAt publicationsPending
  nextReleaseAt plannerRefusals { reason count } } }"""


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Any, keyring: Keyring
) -> Journey:
    """A session of Paris that was published."""
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Autre"))
    return journey


async def token_of(connection: DatabaseConnection, role: str, *academies: str) -> str:
    agent = await callers.add(connection, f"{role} {' '.join(academies)}", role, list(academies))
    return await callers.new_token(connection, agent, timedelta(minutes=5))


async def journal(client: Client, token: str, **filters: Any) -> list[dict[str, Any]]:
    """The entries of a page."""
    page = (await client.data(JOURNAL, filters, token=token))["journal"]
    return [edge["node"] for edge in page["edges"]]


async def test_files_tables_and_acts_name_the_same_roles_and_rights(connection: DatabaseConnection) -> None:
    kept = await connection.fetch("select role, act from role_right")
    assert {(row["role"], row["act"]) for row in kept} == {(role, act.name) for role, one in ROLES.items() for act in one.acts}
    assert {act for one in ROLES.values() for act in one.acts} == set(Act), "every act is somebody's"
    told = await connection.fetch("select code, label_fr, label_en from role")
    assert {row["code"]: (row["label_fr"], row["label_en"]) for row in told} == {code: one.label for code, one in ROLES.items()}
    assert {row["code"] for row in reference.rows("role")} == ROLES.keys()


async def test_a_right_that_the_file_no_longer_gives_is_nobodys(connection: DatabaseConnection) -> None:
    fewer = [row for row in reference.rows("role_right") if row["act"] != "RELEASE"]
    await statement("reference.load_role_right").run(connection, rows=fewer)
    assert await connection.fetchval("select count(*) from role_right where act = 'RELEASE'") == 0
    assert await connection.fetchval("select count(*) from role_right") == len(fewer)


async def test_an_agent_has_a_role_that_exists(connection: DatabaseConnection) -> None:
    with pytest.raises(Exception, match="agent_role_fkey"):
        await callers.add(connection, "Nobody", "MINISTER", ["01"])


@pytest.mark.parametrize("role", ["AGENT", "HEAD_OF_SERVICE", "RECTOR_DELEGATE", "OPERATOR"])
async def test_whoever_is_no_auditor_reads_no_journal(client: Client, connection: DatabaseConnection, role: str) -> None:
    assert await client.error(JOURNAL, token=await token_of(connection, role, "01")) == "FORBIDDEN"
    assert await client.error(JOURNAL) == "UNAUTHENTICATED"


async def test_an_auditor_reads_what_agents_did_for_his_academies_the_latest_first(
    client: Client, connection: DatabaseConnection, journey: Journey
) -> None:
    entries = await journal(client, await token_of(connection, "AUDITOR", "01"))
    acts = [entry["act"] for entry in entries]
    assert acts[:3] == ["RELEASE", "APPROVE", "PREPARE"]
    assert acts[-1] == "OPEN_SESSION"
    release = entries[0]
    assert (release["agent"], release["role"]) == ("Dominique", "HEAD_OF_SERVICE")
    assert (release["academyCode"], release["familyCode"], release["session"]) == ("01", "bac", 2026)
    publication = await connection.fetchval("select id from publication")
    assert release["facts"] == [{"name": "count", "value": "2"}, {"name": "publication", "value": str(publication)}]


async def test_an_auditor_of_another_academy_reads_nothing_of_it(
    client: Client, connection: DatabaseConnection, journey: Journey, monitor: DatabaseConnection, folder: Any
) -> None:
    assert await journal(client, await token_of(connection, "AUDITOR", "10")) == []
    await Journey.begin(connection, monitor, journey.first, journey.second, folder, "bac", "70", 2026)
    there = await journal(client, await token_of(connection, "AUDITOR", "70"))
    assert [(entry["act"], entry["academyCode"]) for entry in there] == [("OPEN_SESSION", "70")]
    both = await journal(client, await token_of(connection, "AUDITOR", "01", "70"))
    assert {entry["academyCode"] for entry in both} == {"01", "70"}
    assert (both[0]["academyCode"], both[0]["act"]) == ("70", "OPEN_SESSION"), "the latest of all academies comes first"


async def test_pages_of_the_journal_lead_through_it_once(client: Client, connection: DatabaseConnection, journey: Journey) -> None:
    token = await token_of(connection, "AUDITOR", "01")
    everything, after, pages = [], None, 0
    while True:
        page = (await client.data(JOURNAL, {"first": 2, "after": after}, token=token))["journal"]
        everything += [edge["node"]["id"] for edge in page["edges"]]
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert everything == [entry["id"] for entry in await journal(client, token)]
    assert len(set(everything)) == len(everything) > 4
    assert pages == -(-len(everything) // 2)


async def test_the_journal_is_filtered_by_act_agent_session_request_and_time(
    client: Client, connection: DatabaseConnection, journey: Journey, monitor: DatabaseConnection, folder: Any
) -> None:
    other = await Journey.begin(connection, monitor, journey.first, journey.second, folder, "bac", "01", 2025)
    asker = await signed_in(connection, replace(ELOISE, family_name="Nouveau", used_name="Autre"))
    with pytest.raises(DiplomaNotLinked.refusal) as refused:
        await adding.add(connection, asker.holder, Wanted("bac", 2026, "01"))
    claim = await connection.fetchval("select id from claim")
    await reviews.decide(connection, journey.first, claim, ReviewDecisionKind.REFUSE, "Aucun relevé")
    token = await token_of(connection, "AUDITOR", "01")
    everything = await journal(client, token)

    assert [entry["act"] for entry in await journal(client, token, act="RELEASE")] == ["RELEASE"]
    by_head = await journal(client, token, agent="Dominique")
    assert {entry["agent"] for entry in by_head} == {"Dominique"}
    assert by_head == [entry for entry in everything if entry["agent"] == "Dominique"]
    assert await journal(client, token, agent="Personne") == []
    in_2025 = await journal(client, token, session=to_base64("ExamSession", str(other.session)))
    assert [(entry["act"], entry["session"]) for entry in in_2025] == [("OPEN_SESSION", 2025)]
    reference = refused.value.values["reference"]
    asked = await journal(client, token, reference=f" {reference.lower()} ")
    assert [entry["act"] for entry in asked] == ["REFUSE_DIPLOMA", "PREPARE_REVIEW"]
    assert {(entry["reference"], entry["academyCode"]) for entry in asked} == {(reference, "01")}
    middle = everything[3]["at"]
    assert await journal(client, token, **{"from": middle}) == everything[:4]
    assert await journal(client, token, to=middle) == everything[4:]


async def test_what_concerns_no_academy_is_shown_to_the_auditors_of_the_agents_own(
    client: Client, connection: DatabaseConnection, first: Caller
) -> None:
    await web_sessions.begin(connection, first, ProviderSession("proconnect", "claude"), "Firefox")
    assert [entry["act"] for entry in await journal(client, await token_of(connection, "AUDITOR", "70"))] == ["SIGN_IN"]
    assert await journal(client, await token_of(connection, "AUDITOR", "10")) == []


async def test_what_holders_do_is_not_in_the_auditors_journal(
    client: Client, connection: DatabaseConnection, journey: Journey
) -> None:
    browser = await signed_in(connection)
    await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    shown = await journal(client, await token_of(connection, "AUDITOR", "01"))
    assert await connection.fetchval("select count(*) from journal where act = 'ADD_DIPLOMA'") == 1
    assert {entry["act"] for entry in shown} & {"ADD_DIPLOMA", "OPEN_ACCOUNT", "SIGN_IN"} == set()


async def test_the_journal_names_no_person_after_the_everyday_journeys(connection: DatabaseConnection, journey: Journey) -> None:
    browser = await signed_in(connection)
    await adding.add(connection, browser.holder, Wanted("bac", 2026, "01", candidate_number="C000001", establishment="0750001A"))
    with pytest.raises(DiplomaNotLinked.refusal):
        asker = await signed_in(connection, replace(ELOISE, family_name="Nouveau", used_name="Autre"), "autre")
        await adding.add(connection, asker.holder, Wanted("bac", 2026, "01"))
    kept = await connection.fetchval("select string_agg(j::text, '') from journal j")
    assert [name for name in ("LECŒUR", "Lecœur", "Éloïse", "Autre", "2008", "C000001", "0750001A") if name in kept] == []


async def test_the_journal_keeps_the_academy_of_what_was_done_before_it_had_one(
    connection: DatabaseConnection, journey: Journey
) -> None:
    """As the migration finds it, for the rows that an older version wrote."""
    found = await connection.fetch(
        "select academy_code, academy_of_act(session_id, facts) as then from journal where agent_id is not null"
    )
    assert {row["academy_code"] for row in found} == {"01"}
    assert all(row["academy_code"] == row["then"] for row in found)
    diploma = await connection.fetchval("select id from diploma limit 1")
    assert await connection.fetchval("select academy_of_act(null, $1)", {"diploma": str(diploma)}) == "01"
    assert await connection.fetchval("select academy_of_act(null, '{}')") == ""


async def test_an_operator_sees_what_waits_and_since_when(
    client: Client, connection: DatabaseConnection, journey: Journey, monitor: DatabaseConnection, folder: Any
) -> None:
    token = await token_of(connection, "OPERATOR", "01")
    before = (await client.data(OPERATIONS, token=token))["operations"]
    assert (before["importsWaiting"], before["publicationsPending"], before["lettersWaiting"]) == (0, 0, 0)
    assert before["importsWaitingSince"] is before["nextReleaseAt"] is None
    other = await Journey.begin(connection, monitor, journey.first, journey.second, folder, "bac", "01", 2025)
    await other.results(candidate(3))
    await other.close()
    await other.prepare()
    await connection.execute("update import set state = 'WAITING' where session_id = $1", journey.session)
    await connection.execute("insert into mail (id, sealed, expires_at) values (uuidv7(), '', now() + interval '1 day')")
    after = (await client.data(OPERATIONS, token=token))["operations"]
    assert (after["importsWaiting"], after["publicationsPending"], after["lettersWaiting"]) == (1, 1, 1)
    assert None not in (after["importsWaitingSince"], after["lettersDueAt"])
    assert after["nextReleaseAt"] is None, "nobody has approved it"


async def test_an_operator_sees_why_the_planner_left_requests_to_the_other_executor(
    client: Client, connection: DatabaseConnection
) -> None:
    token = await token_of(connection, "OPERATOR", "01")
    for _ in range(3):
        await client.data(OPERATIONS, token=token)
    assert await client.error("mutation { endOtherSignIns { __typename } }", token=token) == "UNAUTHENTICATED"
    answer = await client.data(OPERATIONS, token=token)
    counted = {one["reason"]: one["count"] for one in answer["operations"]["plannerRefusals"]}
    assert counted == {"computed field Query.operations": 4, "no single query": 1}
    assert list(counted.values()) == sorted(counted.values(), reverse=True)


@pytest.mark.parametrize("role", ["AGENT", "HEAD_OF_SERVICE", "RECTOR_DELEGATE", "AUDITOR"])
async def test_whoever_is_no_operator_sees_no_queue(client: Client, connection: DatabaseConnection, role: str) -> None:
    assert await client.error(OPERATIONS, token=await token_of(connection, role, "01")) == "FORBIDDEN"


def test_a_role_carries_its_acts_and_no_other() -> None:
    delegate = Caller(uuid4(), "Noor", "RECTOR_DELEGATE", ("01",))
    delegate.may(Act.SANCTION)
    with pytest.raises(Forbidden):
        delegate.may(Act.IMPORT)
