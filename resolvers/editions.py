"""What a release writes: the diplomas, versions and keys of a session's first edition, or how its next one differs."""

import asyncio
from typing import NamedTuple
from uuid import UUID

import asyncpg

from db.statements import Connection, Row, statement
from graph.problems import ContentChanged
from graph.text import Text
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


class Expected(NamedTuple):
    """What was prepared and approved: how many diplomas, and the hash of them all."""

    diplomas: int
    hash: bytes


async def write_first_edition(
    connection: Connection,
    beside: Connection,
    keyring: Keyring,
    session: UUID,
    import_id: UUID,
    publication: UUID,
    expected: Expected,
) -> None:
    """Everything that a first edition publishes was made ready by the import: three statements write it, one of them beside the others.

    Keys are committed a moment before the diplomas that they lead to: until then they open nothing, and a release that was interrupted
    between the two finds its own. Raises `ContentChanged`, and nothing stays, when what was written is not what is expected.
    """
    of = {"session": session, "import_id": import_id}
    async with beside.transaction():
        keys = asyncio.create_task(_write_first_keys(beside, of))
        try:
            await NEW_DIPLOMAS.run(connection, **of)
            _compare(await FIRST_VERSIONS.value(connection, **of, publication=publication), expected)
            written = await keys
        finally:
            if not keys.done():
                keys.cancel()
                await asyncio.wait([keys])
    if written < expected.diplomas:
        taken = await connection.cursor(FIRST_VERSIONS_WITHOUT_KEY.text, *FIRST_VERSIONS_WITHOUT_KEY.values(of))
        await give_keys(connection, keyring, taken, first=2)


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
    connection: Connection, _: Connection, keyring: Keyring, session: UUID, import_id: UUID, publication: UUID, expected: Expected
) -> None:
    """A later edition keeps the diplomas that have not changed, and writes versions of the others. Raises `ContentChanged`."""
    of = {"session": session, "import_id": import_id}
    contents = await CONTENTS.row(connection, **of)
    assert contents is not None
    _compare(contents["hash"], expected)
    await KEEP_DIPLOMAS.run(connection, **of)
    await CHANGE_DIPLOMAS.run(connection, **of)
    await REVOKE_DIPLOMAS.run(connection, **of, publication=publication)
    await NEXT_DIPLOMAS.run(connection, **of)
    await NEXT_VERSIONS.run(connection, **of, publication=publication)
    written = await connection.cursor(VERSIONS_WITHOUT_KEY.text, *VERSIONS_WITHOUT_KEY.values(of | {"publication": publication}))
    await give_keys(connection, keyring, written, first=1)


def _compare(written: bytes, expected: Expected) -> None:
    if written != expected.hash:
        raise ContentChanged.refuse(
            Text("Les résultats ne sont plus ceux qui ont été préparés.", "The results are no longer those prepared.")
        )
