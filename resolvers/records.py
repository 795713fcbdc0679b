"""Proofs of what the register wrote: an HMAC of each version, act and stretch of the journal, under keys that the database does not hold.

Who changes a row by hand cannot make its proof anew without the master secret; `resolvers/audit.py` compares. The keys of one publication
or act serve for it alone: they go to PostgreSQL as parameters, which hashes a million rows where they are.
"""

from uuid import UUID

from db.statements import Connection, statement
from resolvers.keys import Keyring, mac

UNPROVEN = statement("records.unproven")
PROVE_PUBLICATION = statement("records.prove_publication")
PROVE_JOURNAL = statement("records.prove_journal")

BLOCK = 64
"""Bytes of a block of SHA-256, to which HMAC fills its key up."""

Pads = tuple[bytes, bytes]
JOURNAL = UUID(int=0)
"""For what the proofs of the journal are made."""


def pads(keyring: Keyring, of: UUID) -> Pads:
    """The two padded keys of HMAC-SHA-256 (RFC 2104) for what one publication or act wrote."""
    key = mac(keyring.recording, of.bytes).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


async def prove_next(connection: Connection, keyring: Keyring) -> bool:
    """Makes the proofs of a publication that has none, and of the journal's lines since the last; whether there was anything to prove."""
    publication = await prove_publication(connection, keyring, None)
    inner_pad, outer_pad = pads(keyring, JOURNAL)
    proven = await PROVE_JOURNAL.run(connection, inner_pad=inner_pad, outer_pad=outer_pad)
    return publication or proven > 0


async def prove_publication(connection: Connection, keyring: Keyring, session: UUID | None) -> bool:
    """Makes the proofs of the earliest publication that has none, of one session if told; whether there was one."""
    publication = await UNPROVEN.row(connection, session=session)
    if publication is None:
        return False
    inner_pad, outer_pad = pads(keyring, publication["id"])
    await PROVE_PUBLICATION.run(connection, publication=publication["id"], inner_pad=inner_pad, outer_pad=outer_pad)
    return True
