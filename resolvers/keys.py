"""Control keys: derived from a secret, found by an HMAC, never stored. A stolen copy of the database opens nothing."""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from asyncpg.cursor import Cursor

from db.statements import Connection, statement
from graph.control_key import spelled

BATCH = 20_000
CURRENT = statement("keys.current")
MAKE_BATCH = statement("keys.make_batch")
INSERT_BATCH = statement("keys.insert_batch")
LEFT_OUT = statement("keys.left_out")
CLEAR_BATCH = statement("keys.clear_batch")
NOTE_GENERATIONS = statement("keys.note_generations")


@dataclass(frozen=True, repr=False)
class Keyring:
    """The secrets of the deployment, each for one purpose, drawn from one master secret of at least 32 bytes."""

    derivation: bytes
    lookup: bytes
    counting: bytes

    @staticmethod
    def of(master: bytes) -> "Keyring":
        """The keyring of a master secret. Raises `ValueError` when it is too short to be one."""
        if len(master) < 32:
            raise ValueError("the master secret needs at least 32 bytes")
        purposes = (b"control-key/derivation/1", b"control-key/lookup/1", b"verification/counting/1")
        return Keyring(*(hmac.digest(master, purpose, "sha256") for purpose in purposes))

    def control_key(self, diploma: UUID, version: int, generation: int) -> str:
        """The eight symbols of a diploma's version: a keyed pseudo-random function cut to 40 bits."""
        message = diploma.bytes + version.to_bytes(2) + generation.to_bytes(2)
        return spelled(int.from_bytes(hmac.digest(self.derivation, message, "sha256")[:5]))

    def lookup_of(self, key: str) -> bytes:
        """What the register holds of a key: 128 bits of an HMAC."""
        return hmac.digest(self.lookup, key.encode(), "sha256")[:16]

    def subject(self, text: str) -> bytes:
        """An address, a name or a key as failures are counted against it."""
        return hmac.digest(self.counting, text.encode(), hashlib.sha256)[:16]


async def give_keys(connection: Connection, keyring: Keyring, versions: "Cursor[asyncpg.Record]") -> None:
    """Gives a control key to each version that the cursor lists (`diploma_id`, `version`), in its transaction.

    Two versions may draw the same key: 40 bits among 23 million make some forty pairs a year. The second one takes its next
    generation.
    """
    await MAKE_BATCH.run(connection)
    while batch := await versions.fetch(BATCH):
        wanted = [(row["diploma_id"], row["version"], 1) for row in batch]
        while wanted:
            await connection.copy_records_to_table(
                "new_key",
                records=[
                    (keyring.lookup_of(keyring.control_key(diploma, version, generation)), diploma, version, generation)
                    for diploma, version, generation in wanted
                ],
            )
            inserted = await INSERT_BATCH.run(connection)
            left_out = await LEFT_OUT.rows(connection) if inserted < len(wanted) else []
            wanted = [(row["diploma_id"], row["version"], row["generation"] + 1) for row in left_out]
            await CLEAR_BATCH.run(connection)
            if wanted:
                diplomas, numbers, generations = (list(values) for values in zip(*wanted, strict=True))
                await NOTE_GENERATIONS.run(connection, diplomas=diplomas, versions=numbers, generations=generations)
