"""Sealed documents are given their proofs when those can be had, and their archive time stamps again before they end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from db.embedded import EmbeddedServer
from graph.documents import Attestation
from graph.stored import from_row
from resolvers import documents, sealing
from seal.archiving import Evidence
from seal.report import Level, TrustUnreadable, Verdict
from tests.issuing import BEGAN, Desk, NoTimestamps, authority, opened, verified

LONG_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)


@pytest.fixture
async def desk(postgres: EmbeddedServer, template: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """The holder's document was sealed two days ago."""
    monkeypatch.setattr(documents, "PATIENCE", 0.0)
    async with opened(postgres, template, folder) as desk:
        await desk.ask()
        with monkeypatch.context() as patched:
            patched.setattr(sealing, "datetime", Then)
            await desk.seal(timestamps=authority().timestamps(LONG_AGO))
        yield desk


class Then(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return LONG_AGO


async def test_a_document_is_archived_a_day_after_its_seal_and_renewed_within_a_year(desk: Desk) -> None:
    before = await desk.row()
    content = desk.file(before)
    assert (before["state"], before["sealed_at"]) == ("SEALED", LONG_AGO)
    assert timedelta(days=-1, hours=-1) < before["due_in"] <= timedelta(days=-1)
    assert await desk.archive() == 1
    row = await desk.row()
    assert (row["state"], row["problem"], row["attempts"], row["sealed_at"]) == ("ARCHIVED", None, 0, LONG_AGO)
    assert timedelta(days=300) < row["due_in"] <= timedelta(days=365)
    archived = desk.file(row)
    assert archived.startswith(content) and row["size"] == len(archived)
    assert [path.name for path in desk.files()] == [row["digest"].hex()], "the file without its proofs is gone"
    report = await verified(archived)
    assert (report.verdict, report.level) == (Verdict.GENUINE, Level.B_LTA)
    assert await desk.archive() == 0
    assert from_row(Attestation, await documents.found(desk.pool, desk.holder, row["id"])).state.value == "READY"


async def test_an_archived_document_gets_another_time_stamp_when_it_is_due(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "datetime", Yesterday)
        await desk.archive(timestamps=authority().timestamps(Yesterday.now()))
    first = await desk.row()
    content = desk.file(first)
    await desk.due()
    assert await desk.archive() == 1
    row = await desk.row()
    renewed = desk.file(row)
    assert renewed.startswith(content) and len(renewed) > len(content) and len(desk.files()) == 1
    assert row["state"] == "ARCHIVED" and row["due_in"] > timedelta(days=300)
    assert (await verified(renewed)).verdict is Verdict.GENUINE


class Yesterday(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return LONG_AGO + timedelta(days=1)


def old(_: datetime) -> Evidence:
    return Evidence(authority().roots, authority().crls(BEGAN))


def of_nobody(at: datetime) -> Evidence:
    return Evidence((), authority().crls(at))


def unreadable(_: datetime) -> Evidence:
    raise TrustUnreadable("crl")


@pytest.mark.parametrize(
    ("means", "problem"),
    [
        ({"evidence": old}, "EvidenceTooOld"),
        ({"evidence": unreadable}, "TrustUnreadable"),
        ({"timestamps": NoTimestamps()}, "TimestampUnavailable"),
        ({"evidence": of_nobody}, "NotArchivable"),
    ],
)
async def test_what_cannot_be_archived_yet_stays_as_it_is_and_is_tried_again_later(
    desk: Desk, means: dict[str, Any], problem: str
) -> None:
    before = await desk.row()
    with capture_logs() as logs:
        assert await desk.archive(**means) == 1
    row = await desk.row()
    assert [(entry["event"], entry["kind"]) for entry in logs] == [("document_postponed", problem)]
    assert (row["state"], row["digest"], row["problem"], row["attempts"]) == ("SEALED", before["digest"], problem, 1)
    assert timedelta(seconds=1) < row["due_in"] <= timedelta(seconds=2)
    assert len(desk.files()) == 1
    await desk.due()
    await desk.archive()
    assert (await desk.row())["state"] == "ARCHIVED"


async def test_a_lost_file_is_looked_for_again_every_hour_at_most_and_for_ever(desk: Desk) -> None:
    [file] = desk.files()
    kept = file.read_bytes()
    file.unlink()
    await desk.connection.execute("update document set attempts = 32767")
    with capture_logs():
        assert await desk.archive() == 1
    row = await desk.row()
    assert (row["problem"], row["state"]) == ("DocumentLost", "SEALED")
    assert timedelta(minutes=59) < row["due_in"] <= timedelta(hours=1)
    file.write_bytes(kept)
    await desk.due()
    await desk.archive()
    assert (await desk.row())["state"] == "ARCHIVED"


async def test_a_file_that_another_service_replaced_meanwhile_stays_the_only_one(desk: Desk) -> None:
    class Overtaking(NoTimestamps):
        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            await desk.due()
            await desk.archive()
            return await desk.workshop.timestamps.async_timestamp(message_digest, md_algorithm)

    assert await desk.archive(timestamps=Overtaking()) == 1
    row = await desk.row()
    assert row["state"] == "ARCHIVED" and [path.name for path in desk.files()] == [row["digest"].hex()]
    assert (await verified(desk.file(row))).level is Level.B_LTA
