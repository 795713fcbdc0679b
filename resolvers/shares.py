"""Links by which a holder shows a diploma: made with a scope and an end, opened by whoever has the secret, closed at once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

from db.statements import Connection, Pool, Row, statement
from graph.problems import NotFound
from graph.shares import ShareRefused, ShareScope
from graph.text import Text
from resolvers import consultations
from resolvers.accounts import Holder
from resolvers.consultations import Entry
from resolvers.holdings import held
from resolvers.keys import Keyring
from resolvers.verification import FAILURE_SECONDS

NEW_ID = statement("shares.new_id")
MAKE = statement("shares.make")
REVOKE = statement("shares.revoke")
OPEN = statement("shares.open")
OPEN_PRINTED = statement("documents.open_link")

SHORTEST, USUAL, LONGEST = timedelta(hours=1), timedelta(days=90), timedelta(days=365)
MOST_VIEWS = 10_000
LONGEST_LABEL = 100
NO_SECRET = b""


@dataclass(frozen=True)
class NewShare:
    """A link to make: to which diploma, for what, until when, for how many readings."""

    diploma: UUID
    scope: ShareScope
    label: str
    expires_at: datetime | None
    most_views: int | None


async def make(connection: Connection, keyring: Keyring, holder: Holder, new: NewShare) -> UUID:
    """Makes a link; its id. Raises `ShareRefused` for a bound that it exceeds, `NotFound` when the diploma is not the holder's."""
    expires_at = _checked(new)
    async with connection.transaction():
        share: UUID = await NEW_ID.value(connection)
        await held(connection, holder, new.diploma)
        made = await MAKE.value(
            connection, id=share, lookup=keyring.share_lookup(share), account=holder.id, diploma=new.diploma,
            scope=new.scope.name, label=new.label.strip(), expires_at=expires_at, most_views=new.most_views,
        )  # fmt: skip
        if made is None:
            raise ShareRefused.refuse(
                Text(
                    "Ce diplôme ne peut pas être partagé, ou cent liens sont déjà ouverts : en révoquer d'abord.",
                    "This diploma cannot be shared, or a hundred links are open already: revoke some first.",
                )
            )
        await holder.journal(connection, "SHARE", share=share, diploma=new.diploma, scope=new.scope.name)
    return share


async def revoke(connection: Connection, holder: Holder, share: UUID) -> None:
    """Closes a link: from the commit on it opens nothing. Raises `NotFound` when it is not the holder's, or closed already."""
    async with connection.transaction():
        if await REVOKE.value(connection, share=share, account=holder.id) is None:
            raise NotFound.refuse(
                Text("Ce lien n'est pas dans votre compte, ou il est déjà fermé.", "This link is not yours, or is closed already.")
            )
        await holder.journal(connection, "REVOKE_SHARE", share=share)


async def opened(pool: Pool, keyring: Keyring, secret: str, organisation: str | None) -> Row | None:
    """What a holder's link or a printed one shows, with its `scope`; None after a fixed time when it opens nothing, whatever the cause.

    A secret has 128 bits: guessing needs no limit, unlike that of a control key.
    """
    began = monotonic()
    async with pool.acquire() as connection, connection.transaction():
        lookup = keyring.share_lookup_of(secret[:64]) or NO_SECRET
        row = await OPEN.row(connection, lookup=lookup) or await OPEN_PRINTED.row(connection, lookup=lookup)
        if row is not None:
            share, channel = row["share_id"], "PRINTED_LINK" if row["share_id"] is None else "LINK"
            entry = Entry("SHOWN", channel, share=str(share) if share else None, organisation=organisation)
            await consultations.write(connection, keyring, row["id"], entry)
    if row is None:
        await asyncio.sleep(max(0.0, began + FAILURE_SECONDS - monotonic()))
    return row


def _checked(new: NewShare) -> datetime:
    """The end of a link. Raises `ShareRefused`."""
    now = datetime.now(UTC)
    expires_at = new.expires_at or now + USUAL
    if not now + SHORTEST - timedelta(minutes=1) <= expires_at <= now + LONGEST + timedelta(minutes=1):
        raise ShareRefused.refuse(
            Text("Un lien dure d'une heure à un an.", "A link lasts from one hour to one year."),
        )
    if new.most_views is not None and not 1 <= new.most_views <= MOST_VIEWS:
        raise ShareRefused.refuse(
            Text(
                f"Un lien s'ouvre de 1 à {MOST_VIEWS} fois, ou sans limite.",
                f"A link opens 1 to {MOST_VIEWS} times, or without limit.",
            )
        )
    if not 1 <= len(new.label.strip()) <= LONGEST_LABEL:
        raise ShareRefused.refuse(
            Text(
                f"Nommer le lien, en {LONGEST_LABEL} caractères au plus.", f"Name the link, in at most {LONGEST_LABEL} characters."
            )
        )
    return expires_at
