"""The publication gate: every group known, every candidate decided, two agents; never twice, never half, never early."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from db.pool import connect
from graph.control_key import shown
from graph.problems import (
    AlreadyDone,
    ContentChanged,
    GroupUnchanged,
    NotComplete,
    OutOfTime,
    Refused,
    SecondAgentNeeded,
    SessionExists,
    SessionNotHeld,
    WrongState,
)
from resolvers import callers, imports, publication, sessions
from resolvers.callers import Caller, Forbidden
from resolvers.keys import Keyring
from resolvers.verification import Verifier
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, folder)


@pytest.fixture
async def third(connection: DatabaseConnection) -> Caller:
    return await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])


async def complete(journey: Journey) -> None:
    await journey.results(candidate(1), candidate(2))
    await journey.close()


async def test_a_session_is_complete_only_when_nothing_is_missing(journey: Journey, connection: DatabaseConnection) -> None:
    async def missing() -> list[str]:
        return [text.en for text in await publication.blockers(connection, journey.first, journey.session)]

    assert await missing() == ["No results are imported.", "Jury groups to close: PREMIER, SECOND, REMPLACEMENT."]
    await journey.results(candidate(1), candidate(2, decision="SECOND_GROUPE", moyenne="9,00"), candidate(3, moyenne="9,50"))
    await journey.close()
    assert await journey.state() == "OPEN"
    assert await missing() == ["Candidates without a final decision: 1.", "Decisions against the rules, to confirm: 1."]
    with pytest.raises(NotComplete.refusal) as refused:
        await journey.prepare()
    assert [text.en for text in refused.value.values["missing"]] == await missing()
    await sessions.reopen_group(connection, journey.first, journey.session, "SECOND")
    await journey.results(
        candidate(1), candidate(2, groupe="SECOND", moyenne="9,00", moyenne_second_groupe="10,10"), candidate(3, moyenne="9,50")
    )
    await journey.close()
    assert await journey.state() == "OPEN"
    await imports.confirm(connection, journey.first, journey.session, None)
    assert await journey.state() == "COMPLETE"
    assert await missing() == []


async def test_the_last_group_to_close_completes_the_session_and_reopening_one_undoes_it(
    journey: Journey, connection: DatabaseConnection
) -> None:
    await complete(journey)
    assert await journey.state() == "COMPLETE"
    await sessions.reopen_group(connection, journey.first, journey.session, "SECOND")
    assert await journey.state() == "OPEN"


async def test_a_group_closes_once(journey: Journey, connection: DatabaseConnection) -> None:
    await sessions.close_group(connection, journey.first, journey.session, "PREMIER")
    for group in ("PREMIER", "UNKNOWN"):
        with pytest.raises(GroupUnchanged.refusal):
            await sessions.close_group(connection, journey.first, journey.session, group)


@pytest.mark.parametrize(
    ("family", "academy", "year"),
    [("bep", "01", 2022), ("bac", "05", 2020), ("bac", "54", 2026), ("nope", "01", 2026), ("bac", "99", 2026), ("bac", "01", 2099)],
)
async def test_a_session_that_cannot_exist_is_not_opened(
    connection: DatabaseConnection, first: Caller, family: str, academy: str, year: int
) -> None:
    with pytest.raises(SessionNotHeld.refusal):
        await sessions.open_session(connection, first, family, academy, year)


async def test_a_session_opens_once(journey: Journey, connection: DatabaseConnection) -> None:
    with pytest.raises(SessionExists.refusal):
        await sessions.open_session(connection, journey.first, "bac", "01", 2026)


async def test_the_agent_who_prepared_cannot_release_whatever_his_role(journey: Journey, connection: DatabaseConnection) -> None:
    await complete(journey)
    await publication.prepare(connection, journey.second, journey.session)
    with pytest.raises(SecondAgentNeeded.refusal):
        await publication.approve(connection, journey.second, journey.session)
    with pytest.raises(Forbidden):
        await publication.approve(connection, journey.first, journey.session)


async def test_the_table_itself_refuses_one_agent_in_both_roles(journey: Journey, connection: DatabaseConnection) -> None:
    await complete(journey)
    await journey.prepare()
    with pytest.raises(asyncpg.CheckViolationError, match="two_agents_release"):
        await connection.execute("update publication set approved_by = prepared_by")


async def test_nothing_of_a_session_is_stored_as_a_diploma_before_its_release(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session, datetime.now(UTC) + timedelta(hours=1))
    assert await publication.release(connection, journey.monitor, keyring, approved) is None
    for table in ("diploma", "diploma_version", "control_key"):
        assert await connection.fetchval(f"select count(*) from {table}") == 0


async def test_a_release_publishes_the_admitted_alone_with_a_key_each(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.publish(
        keyring, candidate(1), candidate(2, decision="AJOURNE", moyenne="7,00"), candidate(3, decision="ABSENT", moyenne="")
    )
    assert await journey.state() == "PUBLISHED"
    assert await connection.fetchval("select published_count from exam_session") == 1
    rows = await connection.fetch(
        "select d.candidate_number, v.version, k.generation from diploma d join diploma_version v on v.diploma_id = d.id "
        "join control_key k on k.diploma_id = d.id"
    )
    assert [tuple(row) for row in rows] == [("C000001", 1, 1)]


async def test_marks_are_not_part_of_a_published_diploma(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1, moyenne="13,37", mention="AB"))
    row = await connection.fetchrow("select row_to_json(v)::text as text from diploma_version v")
    assert row is not None and "13,37" not in row["text"] and "13.37" not in row["text"] and "moyenne" not in row["text"]


async def test_a_release_for_later_waits_for_its_time(journey: Journey, connection: DatabaseConnection, keyring: Keyring) -> None:
    await complete(journey)
    await journey.prepare()
    await publication.approve(connection, journey.second, journey.session, datetime.now(UTC) + timedelta(seconds=0.4))
    assert await publication.release_due(connection, journey.monitor, keyring) is False
    await asyncio.sleep(0.5)
    assert await publication.release_due(connection, journey.monitor, keyring) is True
    assert await journey.state() == "PUBLISHED"


async def test_a_release_in_the_past_or_in_a_year_is_refused(journey: Journey, connection: DatabaseConnection) -> None:
    await complete(journey)
    await journey.prepare()
    for days in (-1, 365):
        with pytest.raises(OutOfTime.refusal):
            await publication.approve(connection, journey.second, journey.session, datetime.now(UTC) + timedelta(days=days))


async def test_a_preparation_can_be_cancelled_even_when_its_release_is_set(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    await publication.cancel(connection, journey.first, journey.session)
    assert await journey.state() == "COMPLETE"
    assert await publication.release(connection, journey.monitor, keyring, approved) is None
    assert await connection.fetchval("select count(*) from diploma") == 0


async def test_results_changed_by_hand_after_the_preparation_are_not_released(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    await connection.execute("update candidate set content_hash = sha256('forged') where candidate_number = 'C000002'")
    with pytest.raises(ContentChanged.refusal):
        await publication.release(connection, journey.monitor, keyring, approved)
    assert await publication.release_due(connection, journey.monitor, keyring) is True
    assert await journey.state() == "COMPLETE"
    for table in ("diploma", "control_key"):
        assert await connection.fetchval(f"select count(*) from {table}") == 0


async def test_a_key_drawn_twice_goes_to_its_next_generation(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = getattr(Keyring, "_drawn")  # noqa: B009 (the draw itself, which only a test forces)

    def stubborn(self: Keyring, diplomas: bytes, version: int, generation: int) -> bytes:
        return bytes(len(diplomas)) if generation == 1 else drawn(self, diplomas, version, generation)

    monkeypatch.setattr(Keyring, "_drawn", stubborn)
    await journey.publish(keyring, candidate(1), candidate(2), candidate(3))
    generations = await connection.fetch("select generation, count(*) as count from control_key group by 1 order by 1")
    assert [tuple(row) for row in generations] == [(1, 1), (2, 2)]
    verifier = Verifier(keyring)
    for number in (1, 2, 3):
        assert await verifier.verify(connection, await journey.key_of(keyring, number), "Lecoeur", "192.0.2.1") is not None


async def test_a_key_that_another_release_takes_meanwhile_goes_to_its_next_generation(
    journey: Journey, url: str, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    other, worker = await connect(url), await connect(url)
    taking = other.transaction()
    await taking.start()
    taken = "insert into control_key select key_lookup, uuidv7(), 1, 1 from candidate where line = 2"
    await other.execute(taken)
    releasing = asyncio.create_task(publication.release(worker, journey.monitor, keyring, approved))
    waiting = "select count(*) from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'"
    while not await connection.fetchval(waiting, journey.monitor.get_server_pid()):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await taking.commit()
    assert await releasing == 2
    generations = await connection.fetch("select key_generation from diploma order by candidate_number")
    assert sorted(row["key_generation"] for row in generations) == [1, 2]
    assert await connection.fetchval("select count(*) from control_key") == 3
    for closed in (other, worker):
        await closed.close()


async def test_a_withdrawal_takes_two_agents_and_hides_everything(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring, third: Caller
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    verifier = Verifier(keyring)
    assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is not None
    with pytest.raises(WrongState.refusal):
        await publication.withdraw(connection, third, journey.session)
    await publication.request_withdrawal(connection, journey.second, journey.session, "erreur de saisie")
    with pytest.raises(AlreadyDone.refusal):
        await publication.request_withdrawal(connection, third, journey.session, "moi aussi")
    with pytest.raises(SecondAgentNeeded.refusal):
        await publication.withdraw(connection, journey.second, journey.session)
    assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is not None
    await publication.withdraw(connection, third, journey.session)
    assert await journey.state() == "WITHDRAWN"
    assert await connection.fetchval("select published_count from exam_session") == 0
    assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is None


async def test_a_publication_is_not_withdrawn_after_its_window(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    await connection.execute("update publication set released_at = now() - $1::interval", publication.WITHDRAWAL_WINDOW)
    with pytest.raises(OutOfTime.refusal):
        await publication.request_withdrawal(connection, journey.second, journey.session, "trop tard")


async def test_the_next_edition_keeps_unchanged_diplomas_versions_changed_ones_and_revokes_the_missing(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring, third: Caller
) -> None:
    await journey.publish(keyring, candidate(1), candidate(2), candidate(3))
    keys = [await journey.key_of(keyring, number) for number in (1, 2, 3)]
    await publication.request_withdrawal(connection, journey.second, journey.session, "erreur de saisie")
    await publication.withdraw(connection, third, journey.session)
    await sessions.reopen_withdrawn(connection, journey.first, journey.session)
    await journey.results(candidate(1), candidate(2, mention="AB", moyenne="12,00"), candidate(4))
    await journey.close()
    await journey.prepare()
    prepared = await connection.fetchrow("select count, added, changed, revoked from publication where edition = 2")
    assert prepared is not None and tuple(prepared) == (3, 1, 1, 1)
    await journey.release(keyring)
    history = await connection.fetch(
        "select d.candidate_number, v.version, v.status, v.mention from diploma d "
        "join diploma_version v on v.diploma_id = d.id order by 1, 2"
    )
    assert [tuple(row) for row in history] == [
        ("C000001", 1, "VALID", None),
        ("C000002", 1, "VALID", None),
        ("C000002", 2, "VALID", "ASSEZ_BIEN"),
        ("C000003", 1, "VALID", None),
        ("C000003", 2, "REVOKED", None),
        ("C000004", 1, "VALID", None),
    ]
    verifier = Verifier(keyring)
    rows = [await verifier.verify(connection, key, "Lecœur", "192.0.2.1") for key in keys]
    assert [(row["replaced_on"] is not None, row["version"], row["status"]) for row in rows if row] == [
        (False, 1, "VALID"),
        (True, 2, "VALID"),
        (True, 2, "REVOKED"),
    ]


async def test_versions_cannot_be_changed_deleted_or_truncated(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    for act in ("update diploma_version set mention = 'TRES_BIEN'", "delete from diploma_version", "truncate diploma_version"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(act)


async def test_a_stolen_copy_of_the_database_holds_no_key(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    for row in tables:
        dump = await connection.fetchval(f"select coalesce(string_agg(t::text, ''), '') from \"{row['tablename']}\" t")
        assert key not in dump and shown(key) not in dump, row["tablename"]


async def interleaved(url: str, acts: list[Callable[[DatabaseConnection], Awaitable[object]]]) -> list[object]:
    """Runs acts at once, each on its own connection; refusals are results."""
    connections = [await connect(url) for _ in acts]

    async def run(act: Callable[[DatabaseConnection], Awaitable[object]], connection: DatabaseConnection) -> object:
        try:
            return await act(connection)
        except (Refused, Forbidden) as refused:
            return refused

    try:
        return await asyncio.gather(*(run(act, connection) for act, connection in zip(acts, connections, strict=True)))
    finally:
        for connection in connections:
            await connection.close()


async def release_beside(url: str, connection: DatabaseConnection, keyring: Keyring, approved: UUID) -> int | None:
    """A release with a second connection of its own."""
    beside = await connect(url)
    try:
        return await publication.release(connection, beside, keyring, approved)
    finally:
        await beside.close()


async def test_groups_closed_at_once_complete_the_session_once(journey: Journey, url: str) -> None:
    await journey.results(candidate(1))
    groups = ("PREMIER", "SECOND", "REMPLACEMENT") * 3

    def closing(group: str) -> Callable[[DatabaseConnection], Awaitable[object]]:
        return lambda connection: sessions.close_group(connection, journey.first, journey.session, group)

    done = await interleaved(url, [closing(group) for group in groups])
    assert [done.count(None), sum(isinstance(result, GroupUnchanged.refusal) for result in done)] == [3, 6]
    assert await journey.state() == "COMPLETE"


async def test_a_session_prepared_by_many_at_once_is_prepared_once(
    journey: Journey, url: str, connection: DatabaseConnection
) -> None:
    await complete(journey)
    done = await interleaved(
        url, [lambda connection: publication.prepare(connection, journey.first, journey.session) for _ in range(6)]
    )
    assert sum(isinstance(result, UUID) for result in done) == 1
    assert await connection.fetchval("select count(*) from publication") == 1


async def test_a_publication_released_by_many_at_once_is_released_once_and_whole(
    journey: Journey, url: str, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.results(*(candidate(number) for number in range(300)))
    await journey.close()
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    done = await interleaved(url, [lambda connection: release_beside(url, connection, keyring, approved) for _ in range(6)])
    assert sorted(done, key=str) == [300, None, None, None, None, None]
    for table in ("diploma", "diploma_version", "control_key"):
        assert await connection.fetchval(f"select count(*) from {table}") == 300
    assert await connection.fetchval("select count(*) from journal where act = 'RELEASE'") == 1


async def test_a_cancellation_and_a_release_at_once_never_both_happen(
    journey: Journey, url: str, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    for _ in range(5):
        if await journey.state() == "PUBLISHED":
            break
        await journey.prepare()
        approved = await publication.approve(connection, journey.second, journey.session)
        released, cancelled = await interleaved(
            url,
            [
                lambda connection, approved=approved: release_beside(url, connection, keyring, approved),
                lambda connection: publication.cancel(connection, journey.first, journey.session),
            ],
        )
        published = await journey.state() == "PUBLISHED"
        assert published == (released == 2) == isinstance(cancelled, Refused)
        assert await connection.fetchval("select count(*) from diploma") == (2 if published else 0)


async def test_an_import_applied_while_the_last_group_closes_is_seen_or_refused(
    journey: Journey, url: str, connection: DatabaseConnection
) -> None:
    await journey.results(candidate(1))
    for group in ("PREMIER", "REMPLACEMENT"):
        await sessions.close_group(connection, journey.first, journey.session, group)
    staged = await journey.stage(candidate(1), candidate(2, groupe="SECOND", decision="EN_ATTENTE", moyenne=""))
    await interleaved(
        url,
        [
            lambda connection: imports.apply(connection, journey.first, staged),
            lambda connection: sessions.close_group(connection, journey.first, journey.session, "SECOND"),
        ],
    )
    undecided = await connection.fetchval(
        "select count(*) from candidate c join exam_session s on s.import_id = c.import_id where c.decision = 'EN_ATTENTE'"
    )
    assert (await journey.state() == "COMPLETE") == (undecided == 0)


async def test_a_process_killed_while_it_releases_leaves_nothing_and_the_release_goes_on(
    journey: Journey, url: str, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.results(*(candidate(number) for number in range(30_000)))
    await journey.close()
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    worker = await connect(url)
    releasing = asyncio.create_task(publication.release(worker, journey.monitor, keyring, approved))
    watching = "select count(*) from pg_stat_activity where pid = $1 and query like '%insert into%'"
    while not await connection.fetchval(watching, worker.get_server_pid()):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    await connection.execute("select pg_terminate_backend($1)", worker.get_server_pid())
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await releasing
    assert await connection.fetchval("select count(*) from diploma") == 0
    assert await journey.state() == "PREPARED"
    assert await publication.release_due(connection, journey.monitor, keyring) is True
    assert await connection.fetchval("select count(*) from control_key") == 30_000
    assert await journey.state() == "PUBLISHED"


async def test_a_release_that_ended_between_its_keys_and_its_diplomas_goes_on_with_the_keys_that_it_left(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await complete(journey)
    await journey.prepare()
    approved = await publication.approve(connection, journey.second, journey.session)
    left = "insert into control_key select key_lookup, diploma_id, 1, 1 from candidate where decision = 'ADMIS'"
    await connection.execute(left)
    assert await publication.release(connection, journey.monitor, keyring, approved) == 2
    assert await connection.fetchval("select count(*) from control_key where generation = 1") == 2
    assert await connection.fetchval("select count(*) from diploma where key_generation = 1") == 2
