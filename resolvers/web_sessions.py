"""Sessions of browsers: an opaque secret in a cookie, everything else in the register. Those of apps begin in `app_tokens`, and end here.

A secret is made at each sign-in and never reused (rotation). A session ends when its owner or the provider says so, after some
idle time, and at the latest at an absolute end.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from db.statements import Connection, Database, Row, statement
from graph.problems import NotFound
from graph.text import Text
from resolvers.accounts import Holder, person_of
from resolvers.callers import Caller

BEGIN = statement("web_sessions.begin")
SIGNED_IN = statement("web_sessions.signed_in")
SEEN = statement("web_sessions.seen")
END = statement("web_sessions.end")
END_ONE = statement("web_sessions.end_one")
END_ALL = statement("web_sessions.end_all")
END_OF_PROVIDER = statement("web_sessions.end_of_provider")

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""FranceConnect ends its own sessions after 30 minutes, ProConnect after 12 hours."""

LONGEST_DEVICE = 200


@dataclass(frozen=True, repr=False)
class ProviderSession:
    """What an identity provider said at a sign-in that is needed to sign out: its name, `sub`, `sid` and the id token."""

    provider: str
    subject: str
    session: str | None = None
    id_token: str | None = None


@dataclass(frozen=True, repr=False)
class SignedIn:
    """Who a request comes from: a holder or an agent.

    `position` is where the primary's log was after what he last wrote: what he reads is at least as new. `session` is that of a browser or
    an app, if he asks in one.
    """

    holder: Holder | None
    agent: Caller | None
    position: int | None = None
    session: UUID | None = None


async def begin(database: Database, owner: UUID | Caller, by: ProviderSession, device: str) -> str:
    """Opens a session of an account (its id) or an agent; returns the secret for the cookie, which is kept nowhere else."""
    secret = secrets.token_urlsafe(32)
    await BEGIN.value(
        database, digest=digest(secret), account=owner if isinstance(owner, UUID) else None,
        agent=owner.id if isinstance(owner, Caller) else None, provider=by.provider, subject=by.subject,
        provider_session=by.session, id_token=by.id_token, device=device[:LONGEST_DEVICE], ends_at=datetime.now(UTC) + LONGEST,
    )  # fmt: skip
    return secret


async def signed_in(database: Database, secret: str) -> SignedIn | None:
    """Whose session a secret opens, or None when it is unknown, idle for too long, or over."""
    return (await all_signed_in(database, [digest(secret)]))[0]


async def all_signed_in(database: Database, digests: Sequence[bytes]) -> list[SignedIn | None]:
    """Whose sessions the secrets of these digests open, each as `signed_in` says it."""
    rows = await SIGNED_IN.rows(database, digests=digests, idle=IDLE)
    await note_seen(database, rows)
    owners = {row["digest"]: owner_of(row) for row in rows}
    return [owners.get(one) for one in digests]


async def note_seen(database: Database, rows: Sequence[Row]) -> None:
    """Writes that the sessions of these rows were seen, if nobody has for a minute."""
    if unseen := [row["session_id"] for row in rows if row["unseen"]]:
        await SEEN.run(database, sessions=unseen)


def owner_of(row: Row) -> SignedIn:
    """Who the owner of a session is."""
    if row["agent_id"] is not None:
        agent = Caller(row["agent_id"], row["name"], row["role"], tuple(row["academies"]))
        return SignedIn(None, agent, row["last_write"], row["session_id"])
    holder = Holder(row["account_id"], person_of(row["person"]), row["proven"], row["session_id"])
    return SignedIn(holder, None, row["last_write"], row["session_id"])


async def end(database: Database, secret: str) -> Row | None:
    """Ends the session of a secret; its provider and id token, for the provider's own logout. None when it was over."""
    return await END.row(database, digest=digest(secret))


async def end_of_provider(database: Database, provider: str, subject: str | None, session: str | None) -> int:
    """Ends what a provider says is over (back-channel logout): its session `sid`, or all of a subject's; how many there were."""
    return len(await END_OF_PROVIDER.rows(database, provider=provider, subject=subject, provider_session=session))


async def end_one(connection: Connection, holder: Holder, session: UUID) -> None:
    """Signs one of the holder's browsers or apps out. Raises `NotFound` when it is not his, or signed out already."""
    async with connection.transaction():
        if await END_ONE.value(connection, session=session, account=holder.id) is None:
            raise NotFound.refuse(
                Text("Cette session n'est pas la vôtre, ou elle est finie.", "This session is not yours, or it is over.")
            )
        await holder.journal(connection, "END_SESSION", session=session)


async def end_others(connection: Connection, holder: Holder) -> None:
    """Signs the holder's browsers and apps out, but the one that asks."""
    async with connection.transaction():
        ended = await END_ALL.rows(connection, account=holder.id, kept=holder.session)
        await holder.journal(connection, "END_OTHER_SESSIONS", count=len(ended))


def digest(secret: str) -> bytes:
    """What the register keeps of a random secret of 256 bits: a plain SHA-256, since nobody can guess it."""
    return hashlib.sha256(secret.encode()).digest()
