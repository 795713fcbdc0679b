"""Names that the register is to forget: taken out of every row, and archived under seal where the law lets them be needed again.

After a change of identity the old names stay in `identity_archive` alone, encrypted (AES-256-GCM) under a key that the register does not
hold, each for its place. At the end of retention not even there.
"""

import asyncio
import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db.statements import Connection, Row, statement
from resolvers.document_store import DocumentStore
from resolvers.keys import Keyring
from resolvers.names import name_key

PERSONS_OF_VERSIONS = statement("redaction.persons_of_versions")
PERSONS_OF_CANDIDATES = statement("redaction.persons_of_candidates")
ARCHIVE = statement("redaction.archive")
REDACT_VERSIONS = statement("redaction.redact_versions")
REDACT_CANDIDATES = statement("redaction.redact_candidates")
HASH_AGAIN = statement("redaction.hash_again")
TO_FORGET_IN_SESSION = statement("redaction.to_forget_in_session")
FORGET_DOCUMENTS = statement("redaction.forget_documents")
TO_DROP = statement("redaction.to_drop")
DROPPED = statement("redaction.dropped")
PERSONS_OF_HOLDER = statement("redaction.persons_of_holder")
RENAME_IDENTITY = statement("redaction.rename_identity")
RENAME_CLAIM = statement("redaction.rename_claim")
RENAME_REQUEST = statement("redaction.rename_request")
FORGET_DELIVERY = statement("redaction.forget_delivery")
ERASE_VERSIONS = statement("redaction.erase_versions")
ERASE_CANDIDATES = statement("redaction.erase_candidates")
ERASE_AROUND = statement("redaction.erase_around")

NONCE = 12
"""Bytes, drawn at random."""

MOST_GENERATIONS = 20
"""Keys of a version that are looked for when they are destroyed, if no more were drawn."""


def sealed(keyring: Keyring, text: str, place: str) -> bytes:
    """A text, encrypted for one place of the register: moved to another it does not open."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(keyring.archiving).encrypt(nonce, text.encode(), place.encode())


def opened(keyring: Keyring, kept: bytes, place: str) -> str:
    """The text that was sealed for that place. Raises `cryptography.exceptions.InvalidTag` when it was not."""
    return AESGCM(keyring.archiving).decrypt(kept[:NONCE], kept[NONCE:], place.encode()).decode()


def archived_at(diploma: UUID, place: str) -> str:
    """For what the seal of an archived text is made."""
    return f"identity_archive:{diploma}:{place}"


async def forget_names(connection: Connection, keyring: Keyring, act: UUID, diploma: UUID, version: int) -> None:
    """Takes the names of a diploma's holder out of its versions before `version`, of its candidate's lines and of its documents."""
    await _archive(connection, keyring, act, diploma, await PERSONS_OF_VERSIONS.rows(connection, diploma=diploma, version=version))
    await REDACT_VERSIONS.run(connection, act=act, diploma=diploma, version=version)
    await _forget_lines(connection, keyring, act, diploma, None)
    await FORGET_DOCUMENTS.run(connection, diploma=diploma, version=version)


async def forget_again(connection: Connection, keyring: Keyring, session: UUID, import_id: UUID) -> bool:
    """Takes names that were forgotten out of the lines of an import that brings them back; whether there were any."""
    found = False
    for row in await TO_FORGET_IN_SESSION.rows(connection, session=session):
        found |= await _forget_lines(connection, keyring, row["act_id"], row["diploma_id"], import_id)
    return found


async def _forget_lines(connection: Connection, keyring: Keyring, act: UUID, diploma: UUID, import_id: UUID | None) -> bool:
    lines = await PERSONS_OF_CANDIDATES.rows(connection, diploma=diploma, import_id=import_id)
    await _archive(connection, keyring, act, diploma, lines)
    await REDACT_CANDIDATES.run(connection, act=act, diploma=diploma, import_id=import_id)
    if import_id is None:
        await HASH_AGAIN.run(connection, imports=[line["import_id"] for line in lines])
    return bool(lines)


async def _archive(connection: Connection, keyring: Keyring, act: UUID, diploma: UUID, persons: Iterable[Row]) -> None:
    texts = {row["place"]: row["person"] for row in persons}
    kept = [sealed(keyring, text, archived_at(diploma, place)) for place, text in texts.items()]
    await ARCHIVE.run(connection, diploma=diploma, act=act, places=list(texts), sealed=kept)


async def rename_holder(connection: Connection, diploma: UUID, before: Row, after: Mapping[str, Any]) -> None:
    """Writes the new names where the account that holds the diploma still bears the old ones: its identities and its requests.

    A document that was delivered to it keeps the old ones in its file, which is the holder's, and nowhere else. What an identity provider
    says at the next sign-in is written then, as ever.
    """
    for row in await PERSONS_OF_HOLDER.rows(connection, diploma=diploma):
        person = renamed(row["person"], before, after)
        match row["kind"]:
            case "identity":
                await RENAME_IDENTITY.run(connection, provider=row["provider"], subject=row["subject"], person=person)
            case "claim":
                await RENAME_CLAIM.run(connection, id=row["id"], person=person)
            case "delivery":
                if person is not row["person"]:
                    await FORGET_DELIVERY.run(connection, id=row["id"])
            case _:
                represented = renamed(row["represented"], before, after) if row["represented"] else None
                await RENAME_REQUEST.run(connection, id=row["id"], person=person, represented=represented)


def renamed(person: dict[str, Any], before: Row, after: Mapping[str, Any]) -> dict[str, Any]:
    """A stored person with the new names, where he bears one of the old ones; the same person when he bears none."""
    old = {name_key(name) for name in (before["birth_name"], before["used_name"]) if name}
    borne = {name_key(person.get(name) or "") for name in ("family_name", "used_name")}
    if not borne & old:
        return person
    names = {"family_name": after.get("birth_name", before["birth_name"]), "used_name": after.get("used_name", before["used_name"])}
    more = {name: after[name] for name in ("given_names", "sex") if name in after}
    return person | names | more


async def drop_files(connection: Connection, store: DocumentStore) -> int:
    """Removes files that no document names any more, a hundred at most; how many. A crash between both leaves the file to the next."""
    digests = [row["digest"] for row in await TO_DROP.rows(connection)]
    for digest in digests:
        await asyncio.to_thread(store.drop, digest)
        await DROPPED.run(connection, digest=digest)
    return len(digests)


async def erase(connection: Connection, keyring: Keyring, act: UUID, diploma: UUID, version: int, generation: int) -> None:
    """Leaves of an erased diploma its id, its title, its dates and its status; its keys, archives, links and documents are destroyed."""
    await REDACT_CANDIDATES.run(connection, act=act, diploma=diploma, import_id=None)
    await ERASE_CANDIDATES.run(connection, diploma=diploma)
    await ERASE_VERSIONS.run(connection, act=act, diploma=diploma)
    await FORGET_DOCUMENTS.run(connection, diploma=diploma, version=version + 1)
    drawn = range(1, max(generation, MOST_GENERATIONS) + 1)
    lookups = [keyring.lookup(diploma.bytes, older, one) for older in range(1, version + 1) for one in drawn]
    await ERASE_AROUND.run(connection, diploma=diploma, lookups=lookups)


def content_of(text: str) -> dict[str, Any]:
    """What an act was to write, of the text that was sealed."""
    content: dict[str, Any] = json.loads(text)
    return content
