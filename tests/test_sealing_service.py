"""The seal service: what it seals is what the register says, once, with a trusted time stamp, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from db.embedded import EmbeddedServer
from db.pool import connect
from graph.documents import Attestation
from graph.stored import from_row
from resolvers import documents, sealing
from resolvers.attestations import attestation_of
from resolvers.callers import Caller, Forbidden
from resolvers.sealing import AT_ONCE, Workshop
from seal.attestation import Attestation as Attested
from seal.authority import LEAF_LIFE
from seal.filling import fill
from seal.keys import KeyUnavailable
from seal.report import Level, Verdict
from seal.sealing import Sealer
from tests.issuing import BEGAN, DEMONSTRATION, SITE, Desk, NoTimestamps, authority, opened, verified
from tests.journey import KEYRING

TO_DRAW = "select p.* from document o join published_diploma p on p.id = o.diploma_id"
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(postgres: EmbeddedServer, template: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(documents, "PATIENCE", 0.0)
    async with opened(postgres, template, folder) as desk:
        yield desk


# What is sealed


async def test_what_is_sealed_is_what_the_register_says_and_whoever_verifies_it_finds_it_genuine(desk: Desk) -> None:
    await desk.ask()
    await desk.preseal()
    assert await desk.seal() == 3
    rows = {row["diploma_id"]: row for row in await desk.rows()}
    reports = [await verified(desk.file(rows[await desk.diploma(number)])) for number in (1, 2, 3)]
    assert [(report.verdict, report.level) for report in reports] == [(Verdict.GENUINE, Level.B_T)] * 3
    holder, abroad, _ = (report.attestation for report in reports)
    assert isinstance(holder, Attested) and isinstance(abroad, Attested)
    assert (holder.birth_name, holder.used_name, holder.given_names) == ("Lecœur", "Martin", ("Éloïse", "Marie"))
    assert (holder.birth_date, holder.birth_place, holder.birth_country) == ("2008-03-12", "Besançon", None)
    assert {each.name: each.value for each in holder.particulars} == {
        "mention": "très bien", "specialities": "Mathématiques, Physique-chimie", "options": "baccalauréat français international",
        "section_language": "Anglais",
    }  # fmt: skip
    assert (abroad.birth_date, abroad.birth_place, abroad.birth_country_code) == ("2008-00-00", "Berlin", "99109")
    assert abroad.birth_country == "Allemagne" and abroad.particulars == ()
    diploma = await desk.diploma()
    assert holder.control_key == KEYRING.shown_key(diploma, 1, 1)
    assert holder.link == f"{SITE}/v#{KEYRING.document_secret(diploma, 1, 1)}" and holder.site == "diplomes.example/v"
    for row in await desk.connection.fetch(TO_DRAW):
        said = attestation_of(dict(row), 1, KEYRING, DEMONSTRATION, SITE)
        assert said in [report.attestation for report in reports]


async def test_the_same_version_is_drawn_the_same_again_to_the_byte(desk: Desk) -> None:
    drafts: list[bytes] = []
    for _ in range(2):
        await desk.ask()
        [row] = await sealing.TO_DRAW.rows(desk.connection, documents=[(await desk.row())["id"]])
        drafts.append(fill(*desk.workshop.attested(row)).filled(b""))
        await desk.connection.execute("delete from document")
    assert drafts[0] == drafts[1]


async def test_the_service_is_handed_no_bytes_and_the_key_signs_nothing_else_than_what_it_drew() -> None:
    given = [name for name in sealing.seal_next.__annotations__ if name != "return"]
    assert given == ["connection", "workshop"]
    assert not {"content", "draft", "attestation"} & set(Workshop.__dataclass_fields__)


# Once


async def test_two_services_at_once_take_different_documents(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 2)
    await desk.preseal()
    others = [await connect(desk.url) for _ in range(3)]
    taken = await asyncio.gather(*(sealing.seal_next(each, desk.workshop) for each in others))
    for each in others:
        await each.close()
    assert sum(taken) == 3
    assert [row["state"] for row in await desk.rows()] == ["SEALED"] * 3
    assert len(desk.files()) == 3


async def test_a_document_of_a_service_that_died_is_taken_again_after_its_lease_and_not_before(desk: Desk) -> None:
    await desk.ask()
    assert len(await sealing.CLAIM.rows(desk.connection, count=AT_ONCE, lease=sealing.LEASE)) == 1
    assert await desk.seal() == 0
    assert timedelta(seconds=110) < (await desk.row())["due_in"] <= sealing.LEASE
    await desk.due()
    assert await desk.seal() == 1
    assert (await desk.row())["state"] == "SEALED"


async def test_who_seals_after_another_did_keeps_nothing_of_it(desk: Desk) -> None:
    class Slow(NoTimestamps):
        async def token(self, message: bytes) -> bytes:
            await desk.due()
            other = await connect(desk.url)
            await sealing.seal_next(other, desk.workshop)
            await other.close()
            return await desk.workshop.timestamps.token(message)

    await desk.ask()
    assert await desk.seal(timestamps=Slow()) == 1
    row = await desk.row()
    assert [path.name for path in desk.files()] == [row["digest"].hex()]
    assert (await verified(desk.file(row))).verdict is Verdict.GENUINE


# Not at all


async def postponed(desk: Desk, problem: str, **means: Any) -> None:
    """Nothing is sealed with these means, nor kept; the log tells why; it is sealed with the good ones."""
    await desk.ask()
    for attempt, delay in ((1, 2), (2, 4), (3, 8)):
        with capture_logs() as logs:
            assert await desk.seal(**means) == 1
        [told] = [entry for entry in logs if entry["event"] == "document_postponed"]
        assert (told["kind"], told["attempts"], told["log_level"]) == (problem, attempt, "warning")
        assert "Lecœur" not in str(logs)
        row = await desk.row()
        assert (row["state"], row["problem"], row["digest"], row["attempts"]) == ("WAITING", problem, None, attempt)
        assert timedelta(seconds=delay - 1) < row["due_in"] <= timedelta(seconds=delay)
        assert await desk.seal() == 0, "it waits"
        await desk.due()
    assert desk.files() == []
    assert await desk.seal() == 1
    row = await desk.row()
    assert (row["state"], row["problem"], row["attempts"]) == ("SEALED", None, 0)


async def test_without_a_time_stamp_nothing_is_kept_and_it_is_tried_again_later_and_later(desk: Desk) -> None:
    await postponed(desk, "TimestampUnavailable", timestamps=NoTimestamps())


async def test_a_time_stamp_of_an_authority_that_is_not_trusted_counts_for_none(desk: Desk) -> None:
    liar = authority().timestamps()
    liar.roots = ()
    await postponed(desk, "TimestampUnavailable", timestamps=liar)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"begins": BEGAN - LEAF_LIFE, "ends": BEGAN}, "CertificateExpired"),
        ({"revoked_at": BEGAN + HOUR}, "CertificateRevoked"),
        ({"begins": datetime.now(UTC) + HOUR}, "CertificateNotYetValid"),
    ],
)
async def test_a_certificate_that_may_not_seal_now_seals_nothing(desk: Desk, changes: dict[str, Any], problem: str) -> None:
    good = desk.workshop.sealer
    await postponed(desk, problem, sealer=Sealer((replace(good.identities[0], **changes),), good.forms))


async def test_a_security_module_that_does_not_sign_and_a_store_without_room_make_documents_wait(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise KeyUnavailable("the security module did not sign")

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    await desk.ask()
    for where, what, problem in (("Sealer.seal", fails, "KeyUnavailable"), ("DocumentStore.put", full, "OSError")):
        with monkeypatch.context() as patched, capture_logs():
            patched.setattr(f"resolvers.sealing.{where}", what)
            assert await desk.seal() == 1
        assert (await desk.row())["problem"] == problem
        await desk.due()
    assert await desk.seal() == 1 and (await desk.row())["state"] == "SEALED"


async def test_what_does_not_go_on_a_page_is_impossible_and_the_others_are_sealed_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sealing.attestation_of

    def greek(row: Any, *given: Any) -> Any:
        return real({**row, "birth_name": "Παπαδόπουλος"} if row["candidate_number"] == "C000001" else row, *given)

    monkeypatch.setattr(sealing, "attestation_of", greek)
    await desk.ask()
    await desk.preseal()
    with capture_logs() as logs:
        assert await desk.seal() == 3
    assert [row["state"] for row in await desk.rows()] == ["IMPOSSIBLE", "SEALED", "SEALED"]
    assert [(entry["event"], entry["log_level"], entry["kind"]) for entry in logs] == [
        ("document_impossible", "error", "LetterOutside")
    ]
    assert "Παπ" not in str(logs)
    found = await documents.found(desk.pool, desk.holder, await desk.ask())
    shown = from_row(Attestation, found)
    assert (shown.state.value, shown.url) == ("IMPOSSIBLE", None)
    assert await desk.seal() == 0, "it is not tried again"


# At leisure


async def test_an_agent_asks_for_the_attestations_of_a_session_at_leisure_and_those_of_holders_go_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "BATCH", 2)
    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    assert await desk.preseal() == 3
    assert await desk.preseal() == 0, "what is asked for is not asked for again"
    await desk.ask()
    [journalled, again] = await desk.connection.fetch(
        "select agent_id, session_id, facts from journal where act = 'PRESEAL' order by id"
    )
    assert tuple(journalled) == (desk.journey.first.id, desk.journey.session, {"count": 3})
    assert again["facts"] == {"count": 0}
    assert await desk.seal() == 1
    sealed = [row for row in await desk.rows() if row["state"] == "SEALED"]
    assert [(row["diploma_id"], row["urgent"]) for row in sealed] == [(await desk.diploma(), True)]
    assert [await desk.seal() for _ in range(3)] == [1, 1, 0]
    assert await desk.preseal() == 0, "nor what is sealed"
    await desk.connection.execute("update document set state = 'OVERTAKEN' where not urgent")
    assert await desk.preseal() == 2, "but what a withdrawal overtook is"
    assert [await desk.seal() for _ in range(3)] == [1, 1, 0]


async def test_who_may_not_publish_may_not_ask_for_a_session(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.preseal(Caller(desk.journey.first.id, "Nobody", "AUDITOR", ("01",)))
    assert await desk.rows() == []


async def test_what_is_not_published_is_not_asked_for(desk: Desk) -> None:
    await desk.connection.execute("update diploma set status = 'SUSPENDED' where candidate_number = 'C000001'")
    assert await desk.preseal() == 2
    await desk.connection.execute("delete from document")
    await desk.connection.execute("update exam_session set state = 'WITHDRAWN'")
    assert await desk.preseal() == 0
