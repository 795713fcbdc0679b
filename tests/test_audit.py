"""The audit: silent on a register that lived, and not on one row that somebody changed by hand."""

import argparse
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from db.embedded import EmbeddedServer
from db.pool import connect
from db.statements import Connection
from graph.acts import DiplomaActKind
from graph.problems import NotFound
from resolvers import audit as audits
from resolvers import holdings
from resolvers.audit import Finding, audit
from resolvers.keys import Keyring
from resolvers.records import prove_next
from server.audit_act import audit_register
from tests.acting import living
from tests.client import settings_of_tests
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, candidate

Kind = DiplomaActKind
OTHER = {"nom_naissance": "Autre", "prenoms": "Zoé", "sexe": "M", "date_jury": ""}
LIVED = "parchemin_lived"
NUMBERS = count()


def unwatched(done: int, total: int) -> None:
    assert 0 <= done <= total


async def found(connection: Connection, keyring: Keyring = KEYRING) -> list[Finding]:
    return [finding async for finding in audit(connection, keyring, None, unwatched)]


@pytest.fixture(scope="module")
async def lived(postgres: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A register in which much has happened: acts of most kinds, a key renewed, the session published again, all of it proven."""
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"create database {LIVED} template {template} strategy file_copy")
    url, folder = postgres.url(LIVED), tmp_path_factory.mktemp("lived")
    connection, monitor = await connect(url), await connect(url)
    more = (
        candidate(2, **OTHER),
        candidate(3, **OTHER, ine=""),
        candidate(4, **OTHER),
        candidate(5, **OTHER | {"date_jury": "05/07/1970"}),
    )
    async with living(url, connection, monitor, folder, *more, date_jury="") as life:
        of = {row["candidate_number"]: row["id"] for row in await connection.fetch("select id, candidate_number from diploma")}
        await holdings.renew_key(connection, KEYRING, life.browser.holder, life.diploma)
        await life.acts(Kind.MATERIAL_CORRECTION)
        await life.acts(Kind.IDENTITY_CHANGE)
        await life.acts(Kind.WITHDRAWAL, of["C000002"])
        await life.acts(Kind.REINSTATEMENT, of["C000002"])
        await life.acts(Kind.SUSPENSION, of["C000003"])
        await life.acts(Kind.ERASURE, of["C000005"])
        await connection.execute("select pg_sleep(1.1)")
        while await prove_next(connection, KEYRING):
            pass
        await life.published_again(candidate(1), candidate(2, **OTHER), candidate(3, **OTHER, ine=""), candidate(6, **OTHER))
        await life.acts(Kind.JURY_REVISION)
        await connection.execute("with made as (insert into account default values returning id) select id from made")
        await connection.execute("select pg_sleep(1.1)")
        while await prove_next(connection, KEYRING):
            pass
    await connection.close()
    await monitor.close()
    await admin.close()
    return LIVED


@pytest.fixture
async def register(postgres: EmbeddedServer, lived: str) -> AsyncIterator[str]:
    """A copy of it, to be changed by hand."""
    name = f"lived_{next(NUMBERS)}"
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"create database {name} template {lived} strategy file_copy")
    yield postgres.url(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def hand(register: str) -> AsyncIterator[DatabaseConnection]:
    """Somebody with SQL."""
    connection = await connect(register)
    yield connection
    await connection.close()


async def test_a_register_that_lived_is_as_it_was_written(hand: DatabaseConnection) -> None:
    assert await found(hand) == []


CHANGES = {
    "exam_session count": "update exam_session set published_count = 99",
    "exam_session year": "update exam_session set year = 2025",
    "exam_session state": "update exam_session set state = 'WITHDRAWN', published_count = 0",
    "publication": "update publication set approved_by = (select id from agent where name = 'Alix') where released_at is not null",
    "publication count": "update publication set count = count + 1",
    "diploma status": "update diploma set status = 'VALID' where candidate_number = 'C000003'",
    "diploma version": "update diploma set version = 1 where candidate_number = 'C000001'",
    "diploma number": "update diploma set candidate_number = 'C000009' where candidate_number = 'C000006'",
    "diploma key": "update diploma set key_generation = 7 where candidate_number = 'C000002'",
    "diploma gone": "delete from diploma where candidate_number = 'C000006'",
    "diploma added": "insert into diploma (session_id, candidate_number) select session_id, 'C000042' from diploma limit 1",
    "diploma_version": "update diploma_version set mention = 'TRES_BIEN' where birth_name = 'Autre' and version = 1",
    "diploma_version name": "update diploma_version set name_key = 'X' where cause = 'IDENTITY_CHANGE'",
    "diploma_version redacted": "update diploma_version set title = 'X' where redacted_by is not null and version = 1",
    "diploma_version gone": "delete from diploma_version where version = 2",
    "diploma_version added": """insert into diploma_version select w.* from diploma d join diploma_version v on v.diploma_id = d.id,
      jsonb_populate_record(v, '{"version": 2, "mention": "TRES_BIEN"}') w where d.candidate_number = 'C000006'""",
    "candidate": "update candidate set mention = 'TRES_BIEN' where candidate_number = 'C000006'",
    "import": "update candidate set content_hash = sha256('x') where candidate_number = 'C000002'",
    "control_key": """update control_key k set diploma_id = (select id from diploma where candidate_number = 'C000001') from diploma d
      where d.id = k.diploma_id and d.candidate_number = 'C000006'""",
    "control_key gone": "delete from control_key k using diploma d where d.id = k.diploma_id and d.candidate_number = 'C000006'",
    "control_key revoked": """update control_key k set revoked_at = now() from diploma d
      where d.id = k.diploma_id and d.candidate_number = 'C000006'""",
    "document": "update document set link_lookup = 'x' where version = 1",
    "document opened": "update document set link_closed_at = null where version = 1",
    "diploma_act": "update diploma_act set reference = 'Décision n° 13' where kind = 'SUSPENSION'",
    "diploma_act approver": "update diploma_act set approved_by = (select id from agent where name = 'Alix') where kind = 'ERASURE'",
    "diploma_act gone": "delete from diploma_act where kind = 'SUSPENSION'",
    "identity_archive": "update identity_archive set sealed = substr(sealed, 1, 20) || '\\x00' where place = 'version/1'",
    "identity_archive gone": "delete from identity_archive where place = 'version/1'",
    "publication_proof": "update publication_proof set proofs = proofs[2:]",
    "journal": "update journal set agent_id = (select id from agent where name = 'Alix') where act = 'APPROVE'",
    "journal gone": "delete from journal where act = 'RELEASE'",
    "journal_proof": "update journal_proof set proofs = proofs[2:]",
    "journal_proof gone": "delete from journal_proof where first_id = 1",
    "journal_proof all gone": "with gone as (delete from journal_proof) update journal set at = at - interval '2 hours'",
    "holding": "update holding set account_id = (select id from account order by id desc limit 1)",
    "share": "update share set scope = 'FULL'",
    "share lookup": "update share set lookup = 'x'",
}


async def changed(connection: Connection, change: str) -> None:
    """Changes rows by hand, past every trigger."""
    of_triggers = "select distinct tgrelid::regclass::text as name from pg_trigger where not tgisinternal"
    tables = [row["name"] for row in await connection.fetch(of_triggers)]
    for table in tables:
        await connection.execute(f"alter table {table} disable trigger user")
    assert not (await connection.execute(change)).endswith(" 0"), "nothing is changed"
    for table in tables:
        await connection.execute(f"alter table {table} enable trigger user")


@pytest.mark.parametrize("name", CHANGES)
async def test_a_row_changed_by_hand_is_found(hand: DatabaseConnection, name: str) -> None:
    await changed(hand, CHANGES[name])
    differs = await found(hand)
    assert SHOWN.get(name, {name.split()[0]}) <= {finding.table for finding in differs}
    assert [trace for trace in ("Lecœur", "Durand", "Autre") if trace in str(differs)] == []


SHOWN = {
    "exam_session year": {"publication"}, "diploma gone": {"diploma_version", "control_key"}, "diploma_version gone": {"publication_proof"},
    "control_key gone": {"diploma"}, "diploma_act gone": {"diploma"}, "identity_archive gone": {"diploma_version"},
    "publication_proof": {"diploma_version"}, "journal gone": {"journal_proof"}, "journal_proof all gone": {"journal"},
}  # fmt: skip
"""Where another table than the one that was changed shows it."""


async def test_what_differs_is_named_by_its_column(hand: DatabaseConnection) -> None:
    await changed(hand, "update diploma_version set mention = 'BIEN' where ine = '000000006AB'")
    assert [(one.table, one.what.en) for one in await found(hand)] == [
        ("diploma_version", "differs: mention"), ("candidate", audits.CHANGED.en),
    ]  # fmt: skip


@pytest.mark.parametrize("guard", sorted(audits.GUARDED))
async def test_a_guard_that_was_taken_away_is_found(url: str, connection: DatabaseConnection, guard: str) -> None:
    table, _, name = guard.partition(".")
    kind = "trigger" if name.startswith("append_only") else "constraint"
    assert [finding async for finding in audit(connection, KEYRING, None, unwatched)] == []
    await connection.execute(
        f"drop trigger {name} on {table}" if kind == "trigger" else f"alter table {table} drop constraint {name}"
    )
    assert [finding.row async for finding in audit(connection, KEYRING, None, unwatched)] == [guard]


async def test_a_register_that_no_worker_proved_yet_says_so(
    url: str, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path
) -> None:
    async with living(url, connection, monitor, folder) as life:
        assert [(one.table, one.what) for one in await found(life.connection)] == [("publication", audits.UNPROVEN)]


async def test_proofs_cannot_be_made_without_the_secret(hand: DatabaseConnection) -> None:
    other = Keyring.of(b"another master secret, of 32 bytes or more")
    assert {"publication", "diploma_act", "control_key", "journal", "identity_archive"} <= {
        one.table for one in await found(hand, other)
    }


async def test_the_command_prints_what_differs_and_ends_with_one(
    register: str, hand: DatabaseConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of_tests(database_url=register)
    assert await audit_register(settings, argparse.Namespace(session=None)) == 0
    assert "Tout est tel que le registre l'a écrit." in capsys.readouterr().out
    await hand.execute("update diploma set status = 'REVOKED' where candidate_number = 'C000006'")
    assert await audit_register(settings, argparse.Namespace(session="bac/01/2026")) == 1
    assert "diffère : status" in capsys.readouterr().out
    with pytest.raises(NotFound.refusal):
        await audit_register(settings, argparse.Namespace(session="bac/01/1998"))
