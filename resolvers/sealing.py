"""The seal service: it takes the id of a document that was asked for, reads the register again, and builds and seals the document itself:
the attestation of a diploma, or what an exam service delivers on a request.

It never seals bytes that it is handed. It runs in processes of its own, which alone hold the key; a document that has no trusted time
stamp waits, and is never kept.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from db.statements import Connection, Database, Row, statement
from resolvers.attestations import attestation_of, page_of
from resolvers.delivered_documents import delivered_page, document_of
from resolvers.document_store import DocumentLost, DocumentStore
from resolvers.keys import Keyring
from resolvers.request_notices import Writer
from seal.archiving import Evidence, EvidenceTooOld, NotArchivable, archived, renewal_due
from seal.attestation import Issuer, Malformed
from seal.attested import Attested
from seal.certificates import SealRefused
from seal.delivered import DeliveredDocument
from seal.drawing import LetterOutside
from seal.filling import fill
from seal.fitting import ValueTooLong
from seal.keys import KeyUnavailable
from seal.report import TrustUnreadable
from seal.sealing import Sealer, SealTooLarge
from seal.template import PageFull
from seal.timestamps import CheckedTimeStamper, TimestampUnavailable
from seal.typesetting import Page

CLAIM = statement("documents.claim")
TO_DRAW = statement("documents.to_draw")
TO_DELIVER = statement("deliveries.to_draw")
OVERTAKE = statement("documents.overtake")
REFUSE = statement("documents.refuse")
POSTPONE = statement("documents.postpone")
SEALED = statement("documents.sealed")
DELIVERED = statement("deliveries.sealed")
CLAIM_TO_ARCHIVE = statement("documents.claim_to_archive")
ARCHIVED = statement("documents.archived")

AT_ONCE = 16
"""Documents of one process under way: their time stamps are asked for side by side."""

LEASE = timedelta(minutes=2)
"""How long a process that took a document may be silent before another one takes it."""

ARCHIVE_AFTER = timedelta(days=1)
"""Revocation data must be newer than the time stamp: the authorities publish theirs once a day."""

LONGEST_DELAY = timedelta(hours=1)
UNPRINTABLE = (Malformed, LetterOutside, ValueTooLong, PageFull)
"""What the register says does not go on the page, however often it is tried."""

PASSING = (TimestampUnavailable, SealRefused, KeyUnavailable, SealTooLarge, OSError)
"""What somebody will mend: the document waits. `OSError` is a store that is full or away."""

ARCHIVING = (TimestampUnavailable, NotArchivable, EvidenceTooOld, DocumentLost, TrustUnreadable, OSError)
"""The same of its archive: a trust folder may be read while its revocation lists are replaced."""

log = structlog.get_logger()


@dataclass(frozen=True, repr=False)
class Workshop:
    """What a sealing process works with. `evidence` gets what proves the certificates good today, of the authorities."""

    keyring: Keyring
    store: DocumentStore
    sealer: Sealer
    timestamps: CheckedTimeStamper
    issuer: Issuer
    base: str
    theme: Path | None
    evidence: Callable[[datetime], Evidence]
    writer: Writer

    def attested(self, row: Row) -> tuple[Attested, Page]:
        """What a row of `documents.to_draw` or `deliveries.to_draw` attests, and on which page. Raises `Malformed`."""
        if "facts" in row:
            return document_of(row, self.keyring, self.issuer, self.base), delivered_page(self.theme)
        attestation = attestation_of(row, row["document_generation"], self.keyring, self.issuer, self.base)
        return attestation, page_of(row["family"], self.theme)


async def seal_next(connection: Connection, workshop: Workshop) -> int:
    """Seals the documents that are due, `AT_ONCE` at most; how many it took."""
    claimed = await CLAIM.rows(connection, count=AT_ONCE, lease=LEASE)
    if not claimed:
        return 0
    documents = [row["id"] for row in claimed]
    found = [*await TO_DRAW.rows(connection, documents=documents), *await TO_DELIVER.rows(connection, documents=documents)]
    drawable = {row["document_id"]: row for row in found}
    made = await asyncio.gather(*(_made(workshop, drawable.get(row["id"])) for row in claimed))
    for row, result in zip(claimed, made, strict=True):
        await _keep(connection, workshop, row, result)
    return len(claimed)


@dataclass(frozen=True, repr=False)
class Made:
    """A document, sealed with a time stamp, kept in the store; `commitment` is that of one that is delivered on a request."""

    digest: bytes
    size: int
    sealed_at: datetime
    commitment: bytes | None


async def _made(workshop: Workshop, row: Row | None) -> Made | Exception | None:
    """A document; or why there is none; None when the register would no longer make it."""
    if row is None:
        return None
    try:
        now = datetime.now(UTC)
        attested, page = workshop.attested(row)
        content = await workshop.sealer.timestamped(fill(attested, page, workshop.sealer.room(now)), now, workshop.timestamps)
        commitment = attested.commitment() if isinstance(attested, DeliveredDocument) else None
        return Made(await asyncio.to_thread(workshop.store.put, content), len(content), now, commitment)
    except (*UNPRINTABLE, *PASSING) as error:
        return error


async def _keep(connection: Connection, workshop: Workshop, row: Row, result: Made | Exception | None) -> None:
    document: UUID = row["id"]
    match result:
        case None:
            await OVERTAKE.run(connection, document=document)
        case Made():
            if not await _recorded(connection, workshop, document, result):  # another process took it meanwhile and sealed it
                await asyncio.to_thread(workshop.store.drop, result.digest)
        case _ if isinstance(result, UNPRINTABLE):
            log.error("document_impossible", document=str(document), kind=type(result).__name__)
            await REFUSE.run(connection, document=document, problem=type(result).__name__)
        case _:
            await _postpone(connection, row, result)


async def _recorded(connection: Connection, workshop: Workshop, document: UUID, made: Made) -> bool:
    """Records that a document is sealed, and tells whose it is; False when another one was recorded meanwhile."""
    given = {
        "document": document, "digest": made.digest, "size": made.size, "sealed_at": made.sealed_at,
        "archive_at": made.sealed_at + ARCHIVE_AFTER,
    }  # fmt: skip
    if made.commitment is None:
        return bool(await SEALED.value(connection, **given))
    async with connection.transaction():
        delivered = await DELIVERED.row(connection, commitment=made.commitment, **given)
        if delivered is not None and delivered["told"] is not None:
            await workshop.writer.tell(connection, delivered["told"], delivered["reference"])
    return delivered is not None


async def archive_next(connection: Connection, workshop: Workshop) -> int:
    """Gives a sealed document its proofs, or an archived one its next archive time stamp, if one is due; how many it took."""
    claimed = await CLAIM_TO_ARCHIVE.rows(connection, count=1, lease=LEASE)
    for row in claimed:
        try:
            await _archive(connection, workshop, row)
        except ARCHIVING as error:
            await _postpone(connection, row, error)
    return len(claimed)


async def _archive(connection: Connection, workshop: Workshop, row: Row) -> None:
    now = datetime.now(UTC)
    before = await asyncio.to_thread(workshop.store.get, row["digest"])
    content = await archived(before, workshop.evidence(now), workshop.timestamps, now)
    digest = await asyncio.to_thread(workshop.store.put, content)
    kept = await ARCHIVED.value(
        connection, document=row["id"], before=row["digest"], digest=digest, size=len(content), renew_at=renewal_due(content)
    )
    # a download that began before reads the row again
    await asyncio.to_thread(workshop.store.drop, digest if kept is None else row["digest"])


async def _postpone(connection: Database, row: Mapping[str, Any], error: Exception) -> None:
    """Tries again in 2, 4, 8 … seconds, an hour at most."""
    log.warning(
        "document_postponed", document=str(row["id"]), kind=type(error).__name__, attempts=row["attempts"], reason=str(error)
    )
    delay = min(timedelta(seconds=2 ** min(row["attempts"], 12)), LONGEST_DELAY)
    await POSTPONE.run(connection, document=row["id"], delay=delay, problem=type(error).__name__)
