"""After a change of identity the old spelling is in no row; at the end of retention nothing of anybody is."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag
from structlog.testing import capture_logs

from graph.acts import ActNotPossible, DiplomaActKind
from graph.holdings import DiplomaNotLinked
from resolvers import accounts, adding, redaction, retention
from resolvers.callers import Forbidden
from resolvers.document_store import DocumentLost, DocumentStore
from resolvers.local import email_place
from resolvers.names import name_key
from resolvers.people import Person
from tests.acting import MEANS, WANTED, Life, living
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, candidate
from tests.people import ELOISE, signed_in

Kind = DiplomaActKind
OLD = ("lecœur", "lecoeur", "éloïse")


@pytest.fixture
async def life(url: str, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path) -> AsyncIterator[Life]:
    async with living(url, connection, monitor, folder, candidate(2, nom_naissance="Autre", prenoms="Zoé", sexe="M")) as life:
        yield life


async def asked_for(life: Life) -> None:
    """The holder also asks his academy for a document, and an import had a line of his that was refused."""
    person = json.dumps(asdict(ELOISE))
    account = life.browser.holder.id
    await life.connection.execute(
        """insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, represented,
          due_on, silence)
        select 'ABCD-EFGH', $1, 'REISSUE', 'bac', 2026, '01', '01', '{}', $2, $2, current_date, 'REFUSAL'""",
        account, json.loads(person),
    )  # fmt: skip
    await life.connection.execute(
        """with asked as (insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked,
            person, due_on, silence, state, ended_at)
          select 'JKMN-PQRS', $1, 'MARK_SHEET', 'bac', 1998, '01', '01', '{}', $2, current_date, 'REFUSAL', 'DELIVERED', now()
          returning id),
        piece as (insert into document_request_piece (request_id, kind, file_name, media_type, size, digest)
          select id, 'DELIVERED', 'releve.pdf', 'application/pdf', 1, sha256('x') from asked returning id, request_id)
        insert into document_request_delivery (request_id, facts, agent_id, piece_id)
        select request_id, jsonb_build_object('birth_name', 'Lecœur'), (select min(id::text)::uuid from agent), id from piece""",
        account, json.loads(person),
    )  # fmt: skip
    await life.connection.execute(
        """insert into import_refusal (import_id, line, position, column_name, value, reason_fr, reason_en, remedy_fr, remedy_en, raw)
        select id, 99, 1, 'nom_naissance', 'Lecœur', '', '', '', '', 'C000001;x;Lecœur' from import limit 1"""
    )


async def test_after_a_change_of_identity_the_old_spelling_is_in_no_row_of_any_table(life: Life) -> None:
    await asked_for(life)
    before = (await life.text()).lower()
    assert all(name in before for name in OLD)
    with capture_logs() as logged:
        await life.acts(Kind.IDENTITY_CHANGE)
    after = (await life.text()).lower()
    assert [name for name in OLD if name in after or name in str(logged).lower()] == []
    assert all(name in after for name in ("durand-petit", "élio"))


async def test_the_archive_alone_has_the_old_names_and_opens_for_its_place_alone(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    kept = await life.connection.fetch("select diploma_id, place, sealed from identity_archive order by place")
    assert [row["place"].partition("/")[0] for row in kept] == ["candidate", "version"]
    candidates, version = kept
    text = redaction.opened(KEYRING, version["sealed"], redaction.archived_at(life.diploma, "version/1"))
    assert json.loads(text)[2] == "Lecœur"
    for place in ("version/2", candidates["place"]):
        with pytest.raises(InvalidTag):
            redaction.opened(KEYRING, version["sealed"], redaction.archived_at(life.diploma, place))


async def test_the_trigger_allows_that_redaction_and_nothing_else(life: Life) -> None:
    await life.acts(Kind.MATERIAL_CORRECTION)
    act = await life.acts(Kind.IDENTITY_CHANGE)
    other = await life.connection.fetchval("select id from diploma where candidate_number = 'C000002'")
    emptied = """content_hash = ''::bytea, ine = null, birth_name = '', used_name = null, given_names = '{}', sex = null, birth_date = null,
      birth_commune = null, birth_place = null, birth_country = null, name_key = ''"""
    for change, diploma, version in (
        ("birth_name = 'X'", life.diploma, 3), (f"redacted_by = $1, {emptied}", life.diploma, 3),
        (f"redacted_by = $1, {emptied}", other, 1),
        (f"redacted_by = gen_random_uuid(), {emptied}", life.diploma, 1), ("redacted_by = null", life.diploma, 1),
        ("birth_name = 'Lecœur', redacted_by = null", life.diploma, 1), ("mention = 'BIEN'", life.diploma, 1),
    ):  # fmt: skip
        given = [act] if "$1" in change else []
        with pytest.raises(asyncpg.RestrictViolationError):
            await life.connection.execute(
                f"update diploma_version set {change} where diploma_id = '{diploma}' and version = {version}", *given
            )
    for table in ("diploma_version", "identity_archive", "diploma_act", "publication_proof"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await life.connection.execute(f"delete from {table}")
        with pytest.raises(asyncpg.PostgresError):
            await life.connection.execute(f"truncate {table}")
    with pytest.raises(asyncpg.RestrictViolationError):
        await life.connection.execute("update diploma_act set reason = 'x'")


async def test_a_file_that_brings_the_old_name_back_is_read_without_it(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    before = dict(await life.row())
    await life.published_again(
        candidate(2, nom_naissance="Autre", prenoms="Zoé", sexe="M"), candidate(1, mention="AB", moyenne="12,50")
    )
    after = (await life.text()).lower()
    assert [name for name in OLD if name in after] == []
    assert dict(await life.row()) == before


async def test_the_files_of_the_old_attestations_leave_the_store_and_a_crash_before_it_is_made_good(life: Life) -> None:
    store = DocumentStore.of(life.registered.folder / "documents", KEYRING)
    digest = await life.connection.fetchval("select digest from document")
    assert store.get(digest)
    await life.acts(Kind.IDENTITY_CHANGE)
    assert store.get(digest)  # the transaction is committed; the process that drops files may have died here
    assert await redaction.drop_files(life.connection, store) == 1
    with pytest.raises(DocumentLost):
        store.get(digest)
    assert await redaction.drop_files(life.connection, store) == 0


async def test_the_holder_is_called_by_his_new_name_and_finds_his_diploma_by_it_alone(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    data = await life.browser.data(
        "{ viewer { identity { familyName givenNames } diplomas { edges { node { diploma { version } } } } } }"
    )
    assert data["viewer"]["identity"] == {"familyName": "Durand-Petit", "givenNames": ["Élio"]}
    assert len(data["viewer"]["diplomas"]["edges"]) == 1
    other = await signed_in(life.connection, ELOISE, "somebody")
    with pytest.raises(DiplomaNotLinked.refusal):
        await adding.add(life.connection, other.holder, WANTED)
    assert await life.connection.fetchval("select count(*) from claim_candidate where diploma_id = $1", life.diploma) == 1


async def test_an_account_of_another_name_keeps_it() -> None:
    before = {"birth_name": "Lecœur", "used_name": None}
    other = asdict(Person("Martin", ("Zoé",), "2001-01-02", "F"))
    assert redaction.renamed(other, before, {"birth_name": "Durand"}) == other
    mine = redaction.renamed(asdict(ELOISE), before, {"birth_name": "Durand", "sex": "M"})
    assert (mine["family_name"], mine["given_names"], mine["sex"]) == ("Durand", ELOISE.given_names, "M")
    assert name_key(mine["family_name"]) == "DURAND"


async def test_a_second_change_archives_the_first_new_name_too(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    await life.acts(Kind.IDENTITY_CHANGE, nom_naissance="Moreau")
    after = (await life.text()).lower()
    assert "durand-petit" not in after and "moreau" in after
    assert await life.connection.fetchval("select count(*) from identity_archive where place like 'version/%'") == 2


@pytest.fixture
async def kept_long(url: str, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path) -> AsyncIterator[Life]:
    other = candidate(
        2, nom_naissance="Autre", prenoms="Zoé", sexe="M", date_jury="05/07/2026", date_naissance="01/01/2007",
        commune_naissance="75056",
    )  # fmt: skip
    async with living(url, connection, monitor, folder, other, date_jury="05/07/1970") as life:
        yield life


async def test_an_erased_diploma_leaves_its_id_its_title_and_its_dates(kept_long: Life) -> None:
    life = kept_long
    await life.acts(Kind.IDENTITY_CHANGE)
    await life.acts(Kind.ERASURE)
    await accounts.close(
        life.connection, replace(life.browser.holder, person=replace(ELOISE, family_name="Durand-Petit")), "Durand-Petit"
    )
    after = (await life.text()).lower()
    traces = (*OLD, "durand-petit", "élio", "2008-03-12", "25056", "000000001ab")
    assert [trace for trace in traces if trace in after] == []
    row, [first, second] = await life.row(), await life.versions()
    assert (row["status"], first["title"], second["title"]) == ("ERASED", first["title"], first["title"])
    for table in ("identity_archive", "holding", "share", "control_key"):
        assert await life.connection.fetchval(f"select count(*) from {table} where diploma_id = $1", life.diploma) == 0


async def test_a_diploma_is_not_erased_before_its_day(life: Life) -> None:
    with pytest.raises(ActNotPossible.refusal, match="kept until 2076-12-31"):
        await life.prepares(Kind.ERASURE)


async def test_the_end_of_retention_takes_an_agent_who_prepares_and_a_delegate_who_releases(kept_long: Life) -> None:
    life, session = kept_long, kept_long.journey.session
    with pytest.raises(Forbidden):
        await retention.prepare_due(life.connection, life.delegates[0], session)
    assert await retention.prepare_due(life.connection, life.agents[0], session) == 1
    assert await retention.prepare_due(life.connection, life.agents[0], session) == 0
    with pytest.raises(Forbidden):
        await retention.release_due(life.connection, MEANS, life.agents[1], session)
    assert await retention.release_due(life.connection, MEANS, life.delegates[0], session) == 1
    statuses = await life.connection.fetch("select status from diploma order by candidate_number")
    assert [row["status"] for row in statuses] == ["ERASED", "VALID"]


async def test_the_holder_of_a_local_account_is_written_to_and_the_letter_names_nobody(life: Life) -> None:
    account, local = life.browser.holder.id, uuid4()
    await life.connection.execute(
        "insert into local_account (id, account_id, email_lookup, email, language, password) values ($1, $2, 'x', $3, 'fr', 'x')",
        local, account, MEANS.keys.sealed("eloise@example.org", email_place(local)),
    )  # fmt: skip
    await life.acts(Kind.IDENTITY_CHANGE)
    [row] = await life.connection.fetch("select id, sealed from mail")
    letter = json.loads(MEANS.keys.opened(row["sealed"], f"mail:{row['id']}"))
    assert (letter["to"], letter["subject"]) == ("eloise@example.org", "Un de vos diplômes a changé")
    assert [name for name in (*OLD, "durand", "bac") if name in letter["text"].lower()] == []
