"""The diplomas that a holder has: their keys, shown and renewed."""

from uuid import UUID

from db.statements import Connection, Database, Row, statement
from graph.problems import NotFound
from graph.text import Text
from resolvers.accounts import Holder
from resolvers.keys import Keyring

ONE = statement("holdings.one")
RENEW_KEY = statement("holdings.renew_key")
REVOKE_KEY = statement("holdings.revoke_key")
ADD_KEY = statement("holdings.add_key")
NEXT_GENERATION = statement("holdings.next_generation")
CLOSE_LINKS = statement("documents.close_links")


async def held(database: Database, holder: Holder, diploma: UUID) -> Row:
    """A diploma of the holder. Raises `NotFound` when it is not his, or its session is not published."""
    row = await ONE.row(database, account=holder.id, diploma=diploma)
    if row is None:
        raise unknown_diploma()
    return row


async def renew_key(connection: Connection, keyring: Keyring, holder: Holder, diploma: UUID) -> None:
    """Gives a diploma a new control key; those that it had, and the links of its printed attestations, open nothing from then on.

    Raises `NotFound` when the diploma is not the holder's, or is no longer valid.
    """
    async with connection.transaction():
        row = await held(connection, holder, diploma)
        renewed = await RENEW_KEY.row(connection, diploma=diploma, account=holder.id, generation=row["key_generation"])
        if renewed is None:
            raise unknown_diploma()
        version, generation = renewed["version"], renewed["key_generation"]
        await REVOKE_KEY.run(connection, lookup=keyring.lookup(diploma.bytes, version, row["key_generation"]), diploma=diploma)
        await CLOSE_LINKS.run(connection, diploma=diploma)
        generation = await give_key(connection, keyring, diploma, version, generation)
        await holder.journal(connection, "RENEW_KEY", diploma=diploma, version=version, generation=generation)


async def give_key(connection: Connection, keyring: Keyring, diploma: UUID, version: int, generation: int) -> int:
    """Gives a version of a diploma its key; of which generation. Two may draw the same key (40 bits among 23 million): now and then one
    is taken, and the next generation serves."""
    while await _is_taken(connection, keyring, diploma, version, generation):
        generation = await NEXT_GENERATION.value(connection, diploma=diploma)
    return generation


async def _is_taken(connection: Connection, keyring: Keyring, diploma: UUID, version: int, generation: int) -> bool:
    lookup = keyring.lookup(diploma.bytes, version, generation)
    return (await ADD_KEY.value(connection, lookup=lookup, diploma=diploma, version=version, generation=generation)) is None


def unknown_diploma() -> Exception:
    """The refusal of an act on a diploma that is not the holder's."""
    return NotFound.refuse(Text("Ce diplôme n'est pas dans votre compte.", "This diploma is not in your account."))
