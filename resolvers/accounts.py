"""Accounts of holders: opened at the first sign-in, found again by what the identity provider calls them."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from db.statements import Connection, Database, statement
from graph.input import CallerError
from graph.problems import NotFound
from graph.text import Text
from resolvers import callers, consultations
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.people import Person
from resolvers.reconsidering import reconsider

OF_IDENTITY = statement("accounts.of_identity")
OPEN = statement("accounts.open")
JOURNAL = statement("accounts.journal")
TELL = statement("accounts.tell")
CLOSE = statement("accounts.close")
FORGET_TOKENS = statement("accounts.forget_tokens")
EXPORT = statement("accounts.export")
HELD_SINCE = statement("accounts.held_since")
AGENT_OF_IDENTITY = statement("accounts.agent_of_identity")

LAST, PAGE = "ffffffff-ffff-ffff-ffff-ffffffffffff", 1000
"""Where the latest consultations begin, and how many are read at a time."""


class NotSignedIn(CallerError):
    """The act is a holder's, and no holder is signed in."""


@dataclass(frozen=True, repr=False)
class Holder:
    """A person who is signed in. `proven` when an identity provider vouches for who he is."""

    id: UUID
    person: Person
    proven: bool
    session: UUID | None
    """The session of a browser or an app in which he asks, if it is one."""

    async def journal(self, database: Database, act: str, **facts: Any) -> None:
        """Writes what he did, in the transaction that does it. Facts name no person."""
        await journal(database, self.id, act, **facts)


async def sign_in(connection: Connection, provider: str, subject: str, person: Person, *, proven: bool) -> UUID:
    """The account of a provider's subject, opened when there is none; its identity is from now on the one given.

    One that has changed is compared again with the diplomas that it was given; see `reconsider`.
    """
    person = replace(person, identity="FRANCECONNECT" if proven else "DECLARED")
    given = {"provider": provider, "subject": subject, "person": asdict(person)}
    async with connection.transaction():
        row = await OF_IDENTITY.row(connection, **given)
        if row is not None:
            if row["changed"]:
                doubtful = await reconsider(connection, row["id"], person)
                await journal(connection, row["id"], "IDENTITY_CHANGED", provider=provider, doubtful=doubtful)
            return row["id"]
        opened = await OPEN.value(connection, **given, proven=proven)
        if opened is not None:
            await journal(connection, opened, "OPEN_ACCOUNT", provider=provider)
            return opened
    # somebody signed the same subject in at the same time
    return await sign_in(connection, provider, subject, person, proven=proven)


async def agent_of(database: Database, provider: str, subject: str) -> Caller | None:
    """The active agent whom a provider's subject signs in, or None: role and academies are those of our own table."""
    row = await AGENT_OF_IDENTITY.row(database, provider=provider, subject=subject)
    return callers.caller_of(row) if row else None


async def journal(database: Database, account: UUID, act: str, **facts: Any) -> None:
    """Writes in the journal what a person did with his account."""
    await JOURNAL.run(database, account=account, act=act, facts=facts)


async def tell(database: Database, account: UUID, kind: str) -> None:
    """Tells an account's subscribers, at the commit, that something of it has changed; nothing personal travels."""
    await TELL.run(database, account=account, kind=kind)


def person_of(stored: dict[str, Any]) -> Person:
    """A stored person."""
    names: list[str] = stored["given_names"]
    return Person(given_names=tuple(names), **{name: value for name, value in stored.items() if name != "given_names"})


async def close(connection: Connection, holder: Holder, confirmation: str) -> datetime:
    """Closes the holder's account (RGPD, art. 17): his identities, links, requests and sessions go, and another account of his can add
    his diplomas. What the law keeps, the diplomas themselves, stays. Returns when.

    Raises `NotFound` when the confirmation is not his family name, or the account is closed already.
    """
    if name_key(confirmation) != name_key(holder.person.family_name):
        raise NotFound.refuse(
            Text("Pour fermer le compte, confirmer par son nom de naissance.", "To close the account, confirm by its birth name.")
        )
    async with connection.transaction():
        # before the sessions, in the order in which a refresh locks the two
        await FORGET_TOKENS.run(connection, account=holder.id)
        closed_at = await CLOSE.value(connection, account=holder.id)
        if closed_at is None:
            raise NotFound.refuse(Text("Ce compte est déjà fermé.", "This account is closed already."))
        await holder.journal(connection, "CLOSE_ACCOUNT")
    return closed_at


async def export(database: Database, keyring: Keyring, holder: Holder, email: str | None = None) -> str:
    """All that the register holds on the holder (RGPD, art. 15 and 20), as JSON. `email` is the address of a local account, which
    PostgreSQL cannot read, as it cannot read consultations."""
    stored = json.loads(await EXPORT.value(database, account=holder.id, email=email))
    return json.dumps(stored | {"consultations": await _consultations(database, keyring, holder)}, ensure_ascii=False)


async def _consultations(database: Database, keyring: Keyring, holder: Holder) -> list[dict[str, Any]]:
    """The holder's whole journal, the earliest first. It is not given to PostgreSQL, whose logs may keep what a statement was given."""
    since = {row["diploma_id"]: row["attached_at"] for row in await HELD_SINCE.rows(database, account=holder.id)}
    before, listed = LAST, list[dict[str, Any]]()
    while page := await consultations.read(database, keyring, since, before, PAGE):
        listed += (
            {
                "at": one.at.isoformat(), "channel": one.entry.channel, "outcome": one.entry.outcome,
                "organisation": one.entry.organisation, "diploma": str(one.diploma),
            }
            for one in page if one.entry is not None
        )  # fmt: skip
        before = str(page[-1].id)
    return listed[::-1]
