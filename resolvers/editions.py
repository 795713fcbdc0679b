"""What a release writes: the diplomas, versions and keys of a session's first edition, or how its next one differs."""

from uuid import UUID

import asyncpg

from db.statements import Connection, Row, statement
from resolvers.keys import Keyring, give_keys

CONTENTS = statement("publication.contents")
KEEP_DIPLOMAS = statement("publication.keep_diplomas")
CHANGE_DIPLOMAS = statement("publication.change_diplomas")
REVOKE_DIPLOMAS = statement("publication.revoke_diplomas")
NEW_DIPLOMAS = statement("publication.new_diplomas")
NEXT_DIPLOMAS = statement("publication.next_diplomas")
FIRST_KEYS = statement("publication.first_keys")
FIRST_VERSIONS = statement("publication.first_versions")
NEXT_VERSIONS = statement("publication.next_versions")
FIRST_VERSIONS_WITHOUT_KEY = statement("publication.first_versions_without_key")
VERSIONS_WITHOUT_KEY = statement("publication.versions_without_key")


async def write_first_edition(
    connection: Connection, keyring: Keyring, session: UUID, import_id: UUID, publication: UUID, count: int
) -> bytes:
    """Everything that a first edition publishes was made ready by the import: three statements write it. Returns the hash of it all."""
    of = {"session": session, "import_id": import_id}
    await NEW_DIPLOMAS.run(connection, **of)
    written: bytes = await FIRST_VERSIONS.value(connection, **of, publication=publication)
    if await _write_first_keys(connection, of) < count:
        taken = await connection.cursor(FIRST_VERSIONS_WITHOUT_KEY.text, *FIRST_VERSIONS_WITHOUT_KEY.values(of))
        await give_keys(connection, keyring, taken, first=2)
    return written


async def _write_first_keys(connection: Connection, of: Row) -> int:
    """How many first keys were free."""
    while True:
        try:
            async with connection.transaction():
                return await FIRST_KEYS.run(connection, **of)
        except asyncpg.UniqueViolationError:
            # another release took one since this statement began, and has ended: the next attempt sees its keys
            continue


async def write_next_edition(
    connection: Connection, keyring: Keyring, session: UUID, import_id: UUID, publication: UUID, _: int
) -> bytes:
    """A later edition keeps the diplomas that have not changed, and writes versions of the others. Returns the hash of them all."""
    of = {"session": session, "import_id": import_id}
    contents = await CONTENTS.row(connection, **of)
    assert contents is not None
    await KEEP_DIPLOMAS.run(connection, **of)
    await CHANGE_DIPLOMAS.run(connection, **of)
    await REVOKE_DIPLOMAS.run(connection, **of, publication=publication)
    await NEXT_DIPLOMAS.run(connection, **of)
    await NEXT_VERSIONS.run(connection, **of, publication=publication)
    written = await connection.cursor(VERSIONS_WITHOUT_KEY.text, *VERSIONS_WITHOUT_KEY.values(of | {"publication": publication}))
    await give_keys(connection, keyring, written, first=1)
    return contents["hash"]
