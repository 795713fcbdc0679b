"""A request for a missing diploma is tried again when its session is published, and closes itself when the diploma arrives."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from resolvers import adding, callers, publication
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.request_matching import match_next
from resolvers.request_notices import Writer
from server.worker import work
from tests.client import Client, served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.desks import submitted
from tests.journey import Journey, candidate
from tests.people import ELOISE, Browser, signed_in
from tests.visitor import KEYS, SITE

WRITER = Writer(KEYS, SITE)
HELD = "query { viewer { diplomas { edges { node { diploma { title session } } } } } }"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def holder(client: Client, connection: DatabaseConnection) -> Browser:
    return await signed_in(connection, client=client)


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, folder)


async def missing(connection: DatabaseConnection, browser: Browser, **changed: str) -> UUID:
    """A request for the bac of 2026 in Paris, unless `changed` says otherwise."""
    return await submitted(connection, browser.holder.id, year=2026, **changed)  # pyright: ignore[reportArgumentType]


async def searched(connection: DatabaseConnection) -> int:
    """Tries all that waits; in how many steps."""
    steps = 0
    while await match_next(connection, WRITER):
        steps += 1
    return steps


async def history(connection: DatabaseConnection, request: UUID) -> list[tuple[str, str | None]]:
    """What happened on a request: kinds, states."""
    rows = await connection.fetch(
        "select kind, state, agent_id, account_id from document_request_event where request_id = $1 order by id", request
    )
    assert [row for row in rows[1:] if row["agent_id"] or row["account_id"]] == []
    return [(row["kind"], row["state"]) for row in rows]


async def test_a_diploma_that_arrives_closes_the_request_and_is_its_applicants(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await connection.execute("update document_request set state = 'INFORMATION_REQUESTED', waiting_since = now()")
    assert await searched(connection) == 0
    await journey.publish(keyring, candidate(1))
    assert await searched(connection) == 2
    assert await history(connection, request) == [("STATE", "SUBMITTED"), ("STATE", "DELIVERED")]
    row = await connection.fetchrow("select * from document_request")
    assert row is not None
    assert (row["state"], row["decided_by"], row["waiting_since"]) == ("DELIVERED", None, None)
    assert row["ended_at"] is not None
    [held] = (await holder.data(HELD))["viewer"]["diplomas"]["edges"]
    assert held["node"]["diploma"] == {"title": "Baccalauréat général", "session": 2026}
    acts = await connection.fetch("select act from journal where account_id = $1 order by id", holder.holder.id)
    assert [act["act"] for act in acts][-2:] == ["ADD_DIPLOMA", "REQUEST_ANSWERED"]


async def test_a_record_that_is_not_certainly_the_applicants_leaves_the_request_to_its_agent(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await journey.publish(keyring, candidate(1, prenoms="Marie"))
    await searched(connection)
    assert await history(connection, request) == [("STATE", "SUBMITTED"), ("NOT_LINKED", None)]
    assert await connection.fetchval("select state from document_request") == "SUBMITTED"
    # nobody asked for it now: no claim, and nothing to review
    assert await connection.fetchval("select count(*) from claim") == 0
    assert await searched(connection) == 0


async def test_second_facts_of_the_request_count_as_they_do_when_a_diploma_is_added(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    wrong = await missing(connection, holder, candidate_number="C000009")
    await journey.publish(keyring, candidate(1))
    await searched(connection)
    assert await history(connection, wrong) == [("STATE", "SUBMITTED"), ("NOT_LINKED", None)]


async def test_a_diploma_that_another_account_holds_stays_his(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await journey.publish(keyring, candidate(1))
    other = await signed_in(connection, subject="other", client=client)
    await adding.add(connection, other.holder, Wanted("bac", 2026, "01"))
    await searched(connection)
    assert await history(connection, request) == [("STATE", "SUBMITTED"), ("NOT_LINKED", None)]
    assert await connection.fetchval("select account_id from holding where frozen_at is null") == other.holder.id


async def test_a_diploma_that_the_applicant_has_added_himself_answers_his_request(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await journey.publish(keyring, candidate(1))
    await adding.add(connection, holder.holder, Wanted("bac", 2026, "01"))
    await searched(connection)
    assert (await history(connection, request))[-1] == ("STATE", "DELIVERED")


async def test_only_open_requests_for_that_very_diploma_are_tried(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    await missing(connection, holder, kind="MARK_SHEET", reference="MARK-MARK")
    await missing(connection, holder, family="cap", reference="FAMI-FAMI")
    await missing(connection, holder, academy="10", reference="ACAD-ACAD")
    await submitted(connection, holder.holder.id, reference="YEAR-YEAR")
    represented = replace(ELOISE, given_names=("Zoé",))
    await submitted(connection, holder.holder.id, year=2026, reference="MAND-MAND", represented=represented)
    withdrawn = await missing(connection, holder, reference="GONE-GONE")
    await connection.execute("update document_request set state = 'WITHDRAWN', ended_at = now() where id = $1", withdrawn)
    await journey.publish(keyring, candidate(1))
    assert await searched(connection) == 1
    assert await connection.fetchval("select count(*) from document_request_event") == 6
    assert await connection.fetchval("select count(*) from holding") == 0


async def test_a_diploma_of_a_former_academy_is_found_under_the_one_that_it_became(
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    second: Caller,
    folder: Path,
    keyring: Keyring,
    holder: Browser,
) -> None:
    former, successor = await connection.fetchrow(
        "select code, successor_code from academy where successor_code is not null order by code limit 1"
    ) or ("", "")
    agent = await callers.add(connection, "Alix", "AGENT", [former])
    head = await callers.add(connection, "Ange", "HEAD_OF_SERVICE", [former])
    journey = await Journey.begin(connection, monitor, agent, head, folder, academy=former, year=2018)
    own = await submitted(connection, holder.holder.id, year=2018, academy=former, desk=successor)
    by_successor = await submitted(connection, holder.holder.id, year=2018, academy=successor, reference="SUCC-SUCC")
    await journey.publish(keyring, candidate(1, code_diplome="47011010"))
    await searched(connection)
    for request in (own, by_successor):
        assert (await history(connection, request))[-1] == ("STATE", "DELIVERED")


async def test_a_search_that_was_cut_goes_on_where_it_was_and_answers_once(
    client: Client,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    journey: Journey,
    keyring: Keyring,
    holder: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = await signed_in(connection, replace(ELOISE, family_name="Autre"), "other", client=client)
    requests = [await missing(connection, holder), await missing(connection, other, reference="OTHE-ROTH")]
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Autre"))
    assert await match_next(connection, WRITER)

    async def dies(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(Writer, "tell", dies)
        await match_next(connection, WRITER)
    assert await connection.fetchval("select state from document_request where id = $1", requests[1]) == "SUBMITTED"
    await asyncio.gather(searched(connection), searched(monitor))
    for request in requests:
        assert await history(connection, request) == [("STATE", "SUBMITTED"), ("STATE", "DELIVERED")]


async def test_a_closed_account_is_given_nothing(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await connection.execute("update account set closed_at = now()")
    await journey.publish(keyring, candidate(1))
    await searched(connection)
    assert await history(connection, request) == [("STATE", "SUBMITTED")]
    assert await connection.fetchval("select count(*) from holding") == 0


async def test_the_worker_releases_and_answers_what_waited(
    url: str, connection: DatabaseConnection, journey: Journey, holder: Browser, tmp_path: Path
) -> None:
    await missing(connection, holder)
    await journey.results(candidate(1))
    await journey.close()
    await journey.prepare()
    working = asyncio.create_task(work(settings_of_tests(data=tmp_path), url))
    await publication.approve(connection, journey.second, journey.session)
    for _ in range(500):
        if await connection.fetchval("select state from document_request") == "DELIVERED":
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the request is still open")
    os.kill(os.getpid(), signal.SIGTERM)
    await working


async def test_a_search_and_an_applicant_who_writes_meanwhile_do_not_wait_for_each_other_in_a_circle(
    connection: DatabaseConnection, monitor: DatabaseConnection, journey: Journey, keyring: Keyring, holder: Browser
) -> None:
    request = await missing(connection, holder)
    await journey.publish(keyring, candidate(1))
    async with monitor.transaction():
        await monitor.execute("update document_request set missing_pieces = '{OTHER}' where id = $1", request)
        searching = asyncio.create_task(match_next(connection, WRITER))
        for _ in range(250):
            if await monitor.fetchval("select exists (select from pg_locks where not granted)"):
                break
            await asyncio.sleep(0.02)
        await monitor.execute(
            "insert into document_request_event (request_id, kind, account_id) values ($1, 'MESSAGE', $2)",
            request,
            holder.holder.id,
        )
    await asyncio.wait_for(searching, 5)
    assert await connection.fetchval("select state from document_request") == "DELIVERED"
