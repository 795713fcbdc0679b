"""The holder's journal: who consulted his diplomas. Sealed, so that whoever reads the database alone learns neither whose they are
nor who looked: an operator cannot mine it, nor can a thief of a copy.

An entry stands under an HMAC of its diploma and is encrypted for that place (AES-256-GCM, NIST SP 800-38D): moved or altered, it
does not open.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.statements import Database, Row, statement
from resolvers.keys import Keyring, mac

WRITE = statement("consultations.write")
READ = statement("consultations.read")

NONCE = 12
"""Bytes, drawn at random."""

PADDED = 256
"""Bytes of an entry before it is encrypted, or a multiple: its length tells nothing of the organisation's name."""

log = structlog.get_logger()


@dataclass(frozen=True, repr=False)
class Entry:
    """A consultation: of which version, what came of it, by what, through which link, and who the reader said he was."""

    version: int
    outcome: str
    channel: str
    share: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, repr=False)
class Opened:
    """An entry with its diploma, its id and its time to the minute; None in its place when it does not open."""

    diploma: UUID
    id: UUID
    at: datetime
    entry: Entry | None


async def write(database: Database, keyring: Keyring, diploma: UUID, entry: Entry) -> None:
    """Keeps a consultation of a diploma."""
    subject = subject_of(keyring, diploma)
    text = json.dumps(asdict(entry), ensure_ascii=False).encode()
    nonce = secrets.token_bytes(NONCE)
    sealed = nonce + _cipher(keyring.sealing).encrypt(nonce, text.ljust(-(-len(text) // PADDED) * PADDED), subject)
    await WRITE.value(database, subject=subject, sealed=sealed)


async def read(database: Database, keyring: Keyring, since: Mapping[UUID, datetime], before: str, count: int) -> list[Opened]:
    """The consultations of some diplomas, each since a time, the latest first; what does not open is logged."""
    diplomas = {subject_of(keyring, diploma): diploma for diploma in since}
    found = await READ.rows(
        database,
        subjects=list(diplomas),
        since=[_first_id(since[diploma]) for diploma in diplomas.values()],
        before=before,
        count=count,
    )
    return [Opened(diplomas[row["subject"]], row["id"], row["at"], _entry(keyring, row)) for row in found]


def subject_of(keyring: Keyring, diploma: UUID) -> bytes:
    """Under what the consultations of a diploma stand."""
    return mac(keyring.journalling, diploma.bytes)[:16]


def _first_id(at: datetime) -> UUID:
    """The least id of that millisecond (UUID version 7, RFC 9562)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _entry(keyring: Keyring, row: Row) -> Entry | None:
    try:
        text = _cipher(keyring.sealing).decrypt(row["sealed"][:NONCE], row["sealed"][NONCE:], row["subject"])
    except (InvalidTag, ValueError):  # what is too short to have a nonce is a ValueError
        log.error("consultation_altered", id=str(row["id"]))
        return None
    return Entry(**json.loads(text))


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
