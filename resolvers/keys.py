"""Control keys and the secrets of links: derived, found by what a second secret makes of them, never stored.

A stolen copy of the database opens nothing.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b, sha256
from uuid import UUID

import asyncpg
from asyncpg.cursor import Cursor
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from db.statements import Connection, Database, statement
from graph.control_key import shown, spelled, value_of

BATCH = 20_000
BLOCK, DRAWN = 16, 5
"""Bytes of a block of AES, which is also a UUID, and of a control key."""

PADDING = bytes(BLOCK - DRAWN)
NO_KEY = 1 << 40
CURRENT = statement("keys.current")
KEEP_SECRET_CHECK = statement("agents.keep_secret_check")
SECRET_CHECK = statement("agents.secret_check")
MAKE_BATCH = statement("keys.make_batch")
INSERT_BATCH = statement("keys.insert_batch")
LEFT_OUT = statement("keys.left_out")
CLEAR_BATCH = statement("keys.clear_batch")
NOTE_GENERATIONS = statement("keys.note_generations")


class WrongSecret(SystemExit):
    """The master secret is not the one that this register's keys come from."""

    def __init__(self) -> None:
        super().__init__(
            "PARCHEMIN_SECRET is not the secret that the keys of this register come from: restore it, or no key will open anything."
        )


@dataclass(frozen=True, repr=False)
class Keyring:
    """The secrets of the deployment, each for one purpose, drawn from one master secret of at least 32 bytes."""

    derivation: bytes
    finding: bytes
    counting: bytes
    sharing: bytes
    finding_shares: bytes
    rotating: bytes
    journalling: bytes
    sealing: bytes
    salting: bytes
    storing: bytes
    recording: bytes
    archiving: bytes

    @staticmethod
    def of(master: bytes) -> "Keyring":
        """The keyring of a master secret. Raises `ValueError` when it is too short to be one."""
        if len(master) < 32:
            raise ValueError("the master secret needs at least 32 bytes")
        purposes = (
            b"control-key/derivation/2", b"control-key/lookup/2", b"verification/counting/1", b"share/derivation/1", b"share/lookup/1",
            b"app-token/rotation/1", b"consultation/subject/1", b"consultation/sealing/1",
            b"attestation/salt/1", b"document/storage/1",
            b"version/recording/1", b"identity/archiving/1",
        )  # fmt: skip
        return Keyring(*(mac(master, purpose) for purpose in purposes))

    async def check(self, database: Database) -> None:
        """Raises `WrongSecret` when the register's keys were derived from another master secret; the first check decides."""
        value = mac(self.counting, b"secret-check")
        await KEEP_SECRET_CHECK.run(database, value=value)
        if await SECRET_CHECK.value(database) != value:
            raise WrongSecret

    def control_key(self, diploma: bytes, version: int, generation: int) -> str:
        """The eight symbols of a diploma's version."""
        return spelled(int.from_bytes(self._drawn(diploma, version, generation)[:DRAWN]))

    def shown_key(self, diploma: UUID, version: int, generation: int) -> str:
        """The key of a diploma's version as it is printed: `ABCD-EFGH`."""
        return shown(self.control_key(diploma.bytes, version, generation))

    def lookup_of(self, key: str | None) -> bytes:
        """What the register holds of eight symbols: 128 bits. None, which is no key, has some that nothing matches."""
        return self._found((NO_KEY if key is None else value_of(key)).to_bytes(BLOCK))

    def lookup(self, diploma: bytes, version: int, generation: int) -> bytes:
        """What the register holds of the key of a diploma's version."""
        return self.lookups([diploma], version, generation)[0]

    def lookups(self, diplomas: Iterable[bytes], version: int, generation: int) -> list[bytes]:
        """The same of many diplomas, in a fraction of the time."""
        drawn = self._drawn(b"".join(diplomas), version, generation)
        return blocks(self._found(b"".join([PADDING + one[:DRAWN] for one in blocks(drawn)])))

    def share_secret(self, share: UUID) -> str:
        """The secret of a link: 128 bits in 22 characters (base64url, RFC 4648)."""
        return urlsafe_b64encode(self._shared(share)).decode().rstrip("=")

    def share_lookup(self, share: UUID) -> bytes:
        """What the register holds of a link's secret."""
        return mac(self.finding_shares, self._shared(share))[:16]

    def share_lookup_of(self, secret: str) -> bytes | None:
        """What the register would hold of a secret as a reader gives it, or None when it cannot be one."""
        try:
            found = urlsafe_b64decode(secret.strip().encode("ascii") + b"==")
        except (binascii.Error, UnicodeEncodeError):
            return None
        return mac(self.finding_shares, found)[:16] if len(found) == 16 else None

    def document_secret(self, diploma: UUID, version: int, generation: int) -> str:
        """The secret of the link on a printed attestation, in 22 characters as that of a holder's link."""
        return urlsafe_b64encode(self._printed(diploma, version, generation)).decode().rstrip("=")

    def document_lookup(self, diploma: UUID, version: int, generation: int) -> bytes:
        """What the register holds of that secret; `share_lookup_of` makes the same of the secret as a reader gives it."""
        return mac(self.finding_shares, self._printed(diploma, version, generation))[:16]

    def salt(self, diploma: UUID, version: int) -> bytes:
        """The 32 bytes without which the commitment to an attestation says nothing of it."""
        return mac(self.salting, diploma.bytes + version.to_bytes(2))

    def subject(self, text: str) -> bytes:
        """An address, a name or a key as failures are counted against it (keyed BLAKE2b, RFC 7693: a third of the time of HMAC)."""
        return blake2b(text.encode(), key=self.counting, digest_size=16).digest()

    @cached_property
    def site(self) -> bytes:
        """The subject of the whole site, against which each failure counts too."""
        return self.subject("SITE:")

    def next_token(self, token: str) -> str:
        """What follows a random token when it is used: as random to whoever has not both the token and the secret."""
        return urlsafe_b64encode(mac(self.rotating, token.encode())).decode().rstrip("=")

    def _drawn(self, diplomas: bytes, version: int, generation: int) -> bytes:
        """A block of each diploma's id, of which the first 40 bits are its key: AES as a pseudo-random function of blocks."""
        return enciphered(_derived(self.derivation, version, generation), diplomas)

    def _found(self, keys: bytes) -> bytes:
        """The look-ups of keys, each in a block of its own."""
        return enciphered(self.finding, keys)

    def _printed(self, diploma: UUID, version: int, generation: int) -> bytes:
        return mac(self.sharing, b"document" + diploma.bytes + version.to_bytes(2) + generation.to_bytes(2))[:16]

    def _shared(self, share: UUID) -> bytes:
        return mac(self.sharing, share.bytes)[:16]


@lru_cache(maxsize=1024)
def _derived(key: bytes, version: int, generation: int) -> bytes:
    return mac(key, version.to_bytes(2) + generation.to_bytes(2))


def enciphered(key: bytes, blocks: bytes) -> bytes:
    """Each block by itself under AES-256 (FIPS 197): a pseudo-random function of a block; HMAC takes six times as long."""
    return _cipher(key)(blocks)


@lru_cache(maxsize=64)
def _cipher(key: bytes) -> Callable[[bytes], bytes]:
    """Whole blocks leave nothing behind, so that one context serves all of a key: making it is half of the work."""
    return Cipher(AES(key), ECB()).encryptor().update  # noqa: S305 (nothing is hidden by it: no two blocks are alike)


def blocks(joined: bytes) -> list[bytes]:
    """The blocks of some bytes."""
    return [joined[place : place + BLOCK] for place in range(0, len(joined), BLOCK)]


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    return _hmac(key)(message)


@lru_cache(maxsize=16)
def _hmac(key: bytes) -> Callable[[bytes], bytes]:
    """Keys are few and messages many: each key's padding is hashed once, which makes it four times as fast."""
    block = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
    inner, outer = (sha256(bytes(byte ^ pad for byte in block)).copy for pad in (0x36, 0x5C))

    def digest(message: bytes) -> bytes:
        within, around = inner(), outer()
        within.update(message)
        around.update(within.digest())
        return around.digest()

    return digest


async def give_keys(connection: Connection, keyring: Keyring, versions: "Cursor[asyncpg.Record]", first: int) -> None:
    """Gives a control key, of the generation `first` or a later one, to each version that the cursor lists.

    Two versions may draw the same key: 40 bits among 23 million make some forty pairs a year. The second one takes its next
    generation.
    """
    await MAKE_BATCH.run(connection)
    while batch := await versions.fetch(BATCH):
        generation = first
        wanted = [(row["diploma_id"], row["version"], generation) for row in batch]
        while wanted:
            if generation > 1:
                diplomas, numbers, generations = (list(values) for values in zip(*wanted, strict=True))
                await NOTE_GENERATIONS.run(connection, diplomas=diplomas, versions=numbers, generations=generations)
            await connection.copy_records_to_table(
                "new_key",
                records=[
                    (keyring.lookup(diploma.bytes, version, drawn), diploma, version, drawn) for diploma, version, drawn in wanted
                ],
            )
            inserted = await INSERT_BATCH.run(connection)
            left_out = await LEFT_OUT.rows(connection) if inserted < len(wanted) else []
            wanted = [(row["diploma_id"], row["version"], row["generation"] + 1) for row in left_out]
            generation += 1
            await CLEAR_BATCH.run(connection)
