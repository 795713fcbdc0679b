"""Files that somebody sends to have them verified: kept for a quarter of an hour, readable by whoever has their token alone."""

import secrets
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.statements import Database, statement
from resolvers.keys import Keyring
from resolvers.throttle import network_of

KEEP = statement("documents.keep_upload")
TAKE = statement("documents.take_upload")
EMPTY = statement("documents.empty_upload")

LARGEST = 2 << 20
"""Bytes: an attestation has some 70 kB, and 20 more for each year of archive."""

MOST = 60
"""Files of one network in an hour: a recruiter's afternoon, and no load."""

NONCE = bytes(12)
"""Each key is used once."""


async def keep(database: Database, keyring: Keyring, address: str, content: bytes) -> str | None:
    """The token under which the file waits, or None when its network sent too many."""
    token = secrets.token_urlsafe(32)
    sealed = AESGCM(_key(token)).encrypt(NONCE, content, None)
    network = keyring.subject(f"UPLOAD:{network_of(address)}")
    kept = await KEEP.value(database, token_digest=_digest(token), network=network, sealed=sealed, most=MOST)
    return None if kept is None else token


async def take(database: Database, token: str) -> bytes | None:
    """The file of a token, or None when there is none."""
    sealed = await TAKE.value(database, token_digest=_digest(token))
    return None if sealed is None else AESGCM(_key(token)).decrypt(NONCE, sealed, None)


async def empty(database: Database, token: str) -> None:
    """Forgets the content of a file that was more than a process could bear: nobody has it tried again and again."""
    await EMPTY.run(database, token_digest=_digest(token))


def _key(token: str) -> bytes:
    return sha256(b"key" + _bytes(token)).digest()


def _digest(token: str) -> bytes:
    return sha256(b"name" + _bytes(token)).digest()


def _bytes(token: str) -> bytes:
    """A text that is no token may hold what no encoding has: half a surrogate pair."""
    return token.encode(errors="replace")
