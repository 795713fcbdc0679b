"""What an approved act does: to the version, the key, the documents, the links, the counts, and what its holder hears.

docs/life.md has the whole of it in one table, which `tests/test_life_cells.py` reads cell by cell.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.statements import Connection, Row, statement
from graph.acts import DiplomaActKind
from graph.text import Text
from resolvers import outbox, redaction
from resolvers.accounts import tell
from resolvers.act_rules import RULES
from resolvers.holdings import give_key
from resolvers.keys import Keyring
from resolvers.letters import Template
from resolvers.local import email_place
from resolvers.local_keys import LocalKeys

WRITE_VERSION = statement("acts.write_version")
DOCUMENTS_OF = statement("acts.documents_of")
ASK_AGAIN = statement("documents.preseal")
ANNOUNCE = statement("documents.announce")
CLOSE_SHARES = statement("acts.close_shares")
COUNT_PUBLISHED = statement("acts.count_published")
HOLDER_OF = statement("acts.holder_of")

CHANGED = Template(
    Text("Un de vos diplômes a changé", "One of your diplomas has changed"),
    Text(
        "Le registre ne dit plus la même chose d’un de vos diplômes. Pour voir ce qu’il dit, et demander une nouvelle attestation si "
        "l’ancienne est remplacée, connectez-vous : {site}",
        "The register no longer says the same of one of your diplomas. To see what it says, and to ask for a new attestation if the old "
        "one is replaced, sign in: {site}",
    ),
)


@dataclass(frozen=True, repr=False)
class Means:
    """What an act works with: the secrets, and the site that letters lead to."""

    keyring: Keyring
    keys: LocalKeys
    site: str


async def take_effect(
    connection: Connection, means: Means, act: UUID, kind: DiplomaActKind, before: Row, after: Row, changes: dict[str, Any]
) -> None:
    """Does what an act does, in the transaction that approves it. `before` is the diploma as it was, `after` its new state."""
    rule, diploma, version = RULES[kind], after["id"], after["version"]
    holder = await HOLDER_OF.row(connection, diploma=diploma)
    if rule.writes:
        await WRITE_VERSION.run(
            connection, diploma=diploma, version=version, act=act, kind=kind.name, changes=changes, renames=rule.renames,
            status="REVOKED" if after["status"] == "REVOKED" else "VALID",
        )  # fmt: skip
    if rule.writes and after["status"] != "REVOKED":
        await give_key(connection, means.keyring, diploma, version, after["key_generation"])
    if rule.renames:
        await CLOSE_SHARES.run(connection, diploma=diploma)
    if kind is DiplomaActKind.IDENTITY_CHANGE:
        await redaction.forget_names(connection, means.keyring, act, diploma, version)
        await redaction.rename_holder(connection, diploma, before, changes)
    elif kind is DiplomaActKind.ERASURE:
        await redaction.erase(connection, means.keyring, act, diploma, version, after["key_generation"])
    if after["status"] == "VALID":
        await _ask_again(connection, means.keyring, diploma)
    more = (after["status"] in STANDS) - (before["status"] in STANDS)
    if more:
        await COUNT_PUBLISHED.value(connection, session=after["session_id"], more=more)
    if holder is not None:
        await _tell(connection, means, holder)


STANDS = frozenset({"VALID", "SUSPENDED"})
"""Statuses of a diploma that is counted among those of its session."""


CURRENT = statement("keys.current")


async def _ask_again(connection: Connection, keyring: Keyring, diploma: UUID) -> None:
    """Asks for the attestation of what the register says now, where there was one before."""
    if not await DOCUMENTS_OF.value(connection, diploma=diploma):
        return
    [row] = await CURRENT.rows(connection, diplomas=[diploma])
    lookup = keyring.document_lookup(diploma, row["version"], row["key_generation"])
    await ASK_AGAIN.run(
        connection, diplomas=[diploma], versions=[row["version"]], generations=[row["key_generation"]], lookups=[lookup]
    )
    await ANNOUNCE.run(connection)


async def _tell(connection: Connection, means: Means, holder: Row) -> None:
    """Tells who holds the diploma: those who watch at once, and by a letter where there is an address."""
    await tell(connection, holder["account_id"], "DIPLOMA_CHANGED")
    if holder["email"] is not None:
        address = means.keys.opened(holder["email"], email_place(holder["local_id"]))
        await outbox.put(connection, means.keys, address, CHANGED.letter(holder["language"], means.site))
