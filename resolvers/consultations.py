"""The holder's journal: who consulted his diplomas. Sealed, so that whoever reads the database alone learns neither whose they are
nor who looked: an operator cannot mine it, nor can a thief of a copy.

An entry stands under an HMAC, and is encrypted for that place (AES-256-GCM, NIST SP 800-38D): moved or altered, it does not open. That
of a consultation by key is of the key, so that it can be made before anybody knows to which diploma the key leads, and the one statement
that finds the diploma keeps it; every other is of the diploma.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from secrets import token_bytes
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.statements import Database, Row, statement
from resolvers.keys import Keyring, mac

WRITE = statement("consultations.write")
READ = statement("consultations.read")
KEYS_OF = statement("consultations.keys_of")

MOST_GENERATIONS = 100
"""Keys of one version whose consultations are read: the latest that its holder drew."""

NONCE = 12
"""Bytes, drawn at random."""

PADDED = 256
"""Bytes of an entry before it is encrypted, or a multiple: its length tells nothing of the organisation's name."""

encode = json.JSONEncoder(ensure_ascii=False).encode
log = structlog.get_logger()


@dataclass(frozen=True, repr=False)
class Entry:
    """A consultation: what came of it, by what, through which link, and who the reader said he was."""

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
    await WRITE.value(database, subject=subject, sealed=sealed(keyring, subject, entry))


def sealed(keyring: Keyring, subject: bytes, entry: Entry) -> bytes:
    """A consultation as it is kept under that subject."""
    nonce = token_bytes(NONCE)
    return nonce + _cipher(keyring.sealing).encrypt(nonce, _padded(entry), subject)


def sealed_by_key(keyring: Keyring, subject: bytes, organisation: str | None) -> tuple[bytes, bytes]:
    """A reading by key as it is kept, before it is known what comes of it: as one that shows the diploma, and one by a wrong name."""
    shown, wrong_name = _by_key(organisation)
    drawn, encrypt = token_bytes(2 * NONCE), _cipher(keyring.sealing).encrypt
    first, second = drawn[:NONCE], drawn[NONCE:]
    return first + encrypt(first, shown, subject), second + encrypt(second, wrong_name, subject)


@lru_cache(maxsize=64)
def _by_key(organisation: str | None) -> tuple[bytes, bytes]:
    """Most entries are alike: they name no organisation."""
    shown, wrong_name = (Entry(outcome, "KEY", organisation=organisation) for outcome in ("SHOWN", "WRONG_NAME"))
    return _padded(shown), _padded(wrong_name)


def _padded(entry: Entry) -> bytes:
    text = encode(vars(entry)).encode()
    return text.ljust(-(-len(text) // PADDED) * PADDED)


async def read(database: Database, keyring: Keyring, since: Mapping[UUID, datetime], before: str, count: int) -> list[Opened]:
    """The consultations of some diplomas, each since a time, the latest first; what does not open is logged."""
    places: list[tuple[UUID, bytes, bytes | None]] = [(diploma, subject_of(keyring, diploma), None) for diploma in since]
    for row in await KEYS_OF.rows(database, diplomas=list(since)):
        lookups = _lookups(keyring, row["id"], row["version"], row["key_generation"])
        places += ((row["id"], subject_of_key(keyring, lookup), lookup) for lookup in lookups)
    found = await READ.rows(
        database,
        diplomas=[diploma for diploma, _, _ in places],
        subjects=[subject for _, subject, _ in places],
        lookups=[lookup for _, _, lookup in places],
        since=[_first_id(since[diploma]) for diploma, _, _ in places],
        before=before,
        count=count,
    )
    return [Opened(row["diploma_id"], row["id"], row["at"], _entry(keyring, row)) for row in found]


def subject_of(keyring: Keyring, diploma: UUID) -> bytes:
    """Under what the consultations of a diploma stand."""
    return mac(keyring.journalling, diploma.bytes)[:16]


def subject_of_key(keyring: Keyring, lookup: bytes) -> bytes:
    """Under what the consultations by a key stand, by what the register holds of the key."""
    return mac(keyring.journalling, b"key" + lookup)[:16]


def _lookups(keyring: Keyring, diploma: UUID, version: int, generation: int) -> list[bytes]:
    """What the register may hold of the keys that a diploma ever had."""
    return [
        keyring.lookup(diploma.bytes, older, drawn)
        for older in range(1, version + 1)
        for drawn in range(max(1, generation - MOST_GENERATIONS + 1), generation + 1)
    ]


def _first_id(at: datetime) -> UUID:
    """The least id of that millisecond (UUID version 7, RFC 9562)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _entry(keyring: Keyring, row: Row) -> Entry | None:
    try:
        text = _cipher(keyring.sealing).decrypt(row["sealed"][:NONCE], row["sealed"][NONCE:], row["subject"])
    except (InvalidTag, ValueError):  # what is too short to have a nonce is a ValueError
        log.error("consultation_altered", id=str(row["id"]))
        return None
    kept = json.loads(text)
    return Entry(**{name: kept[name] for name in Entry.__dataclass_fields__})


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
