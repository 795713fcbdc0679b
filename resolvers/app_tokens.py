"""How an installed app is signed in: a code from the browser, then short access tokens and refresh tokens that are used once.

Authlib's own grants (`authlib.oauth2.rfc6749`) find clients and keep tokens by calls that cannot wait, so that on asyncpg each would need
a thread; and they check, then act, where one conditional statement does both. What we take of Authlib is PKCE.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NoReturn

import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from db.statements import Database, statement
from resolvers import web_sessions
from resolvers.apps import App
from resolvers.keys import Keyring
from resolvers.web_sessions import LONGEST_DEVICE, SignedIn, digest

ADD_CODE = statement("app_tokens.add_code")
REDEEM = statement("app_tokens.redeem")
ROTATE = statement("app_tokens.rotate")
REPEAT = statement("app_tokens.repeat")
END_OF_REUSED = statement("app_tokens.end_of_reused")
SIGNED_IN = statement("app_tokens.signed_in")
OWNER = statement("app_tokens.owner")
END = statement("app_tokens.end")

CODE_LASTS = timedelta(seconds=60)
ACCESS_LASTS = timedelta(minutes=10)
IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
"""Of the sign-in of an app: after that a person says again who he is."""

GRACE = timedelta(seconds=10)
"""For an answer that was lost on its way to a telephone, and for an app that refreshes twice at once: a token that was just used is
answered once more with the same tokens, until these are used to refresh. A thief who comes within that time learns what he would have
learnt by coming first, and is found out at the next refresh, when one of the two comes second."""

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, §4.1."""

log = structlog.get_logger()


class Kind(Enum):
    """What a secret is. It begins with that, so that whoever finds one in a file or a log knows what to revoke."""

    CODE = "parchemin_ac_"
    ACCESS = "parchemin_at_"
    REFRESH = "parchemin_rt_"


class GrantRefused(Exception):
    """A code or token is unknown, used, too old or another's (`invalid_grant`: RFC 6749, §5.2)."""


@dataclass(frozen=True, repr=False)
class Tokens:
    """What an app receives. They are kept nowhere else."""

    access: str
    refresh: str
    access_expires_at: datetime

    @property
    def expires_in(self) -> int:
        """Seconds for which the access token is good."""
        return max(0, round((self.access_expires_at - datetime.now(UTC)).total_seconds()))


async def give_code(database: Database, app: App, browser: str, redirect_uri: str, challenge: str) -> str | None:
    """A code by which an app signs in whom a browser's secret signs in (RFC 6749, §4.1.2). None when that session is over."""
    code = _new(Kind.CODE)
    made = await ADD_CODE.value(
        database, code=digest(code), app=app.id, redirect_uri=redirect_uri, challenge=challenge, browser=digest(browser), lasts=CODE_LASTS
    )  # fmt: skip
    return code if made else None


async def redeem(database: Database, app: App, code: str, redirect_uri: str, verifier: str, device: str) -> Tokens:
    """Signs an app in with its code (RFC 6749, §4.1.3; RFC 7636, §4.6).

    Raises `GrantRefused`. A code that was used before ends the session that it began (RFC 6749, §4.1.2).
    """
    if not app.may_redirect_to(redirect_uri):
        await _refuse(database, Kind.CODE, code)
    access, refresh = _new(Kind.ACCESS), _new(Kind.REFRESH)
    challenge = create_s256_code_challenge(verifier) if VERIFIER.fullmatch(verifier) else ""
    expires_at = await REDEEM.value(
        database, code=digest(code), app=app.id, redirect_uri=redirect_uri, challenge=challenge, device=device[:LONGEST_DEVICE],
        access=digest(access), refresh=digest(refresh), access_lasts=ACCESS_LASTS, idle=IDLE, longest=LONGEST,
    )  # fmt: skip
    if expires_at is None:
        await _refuse(database, Kind.CODE, code)
    return Tokens(access, refresh, expires_at)


async def refresh(database: Database, keyring: Keyring, app: App, presented: str) -> Tokens:
    """New tokens in place of a refresh token (RFC 6749, §6), which is then used up.

    Raises `GrantRefused`. A token that was used before ends the session (RFC 9700, §4.14.2), but for `GRACE`: of two refreshes at once one
    rotates, and both hear the same answer.
    """
    # drawn from the one presented, so that a repeated answer need not be kept
    access, following = (kind.value + keyring.next_token(kind.value + presented) for kind in (Kind.ACCESS, Kind.REFRESH))
    given = {"app": app.id, "presented": digest(presented), "refresh": digest(following)}
    expires_at = await ROTATE.value(database, **given, access=digest(access), access_lasts=ACCESS_LASTS, idle=IDLE)
    if expires_at is None:
        expires_at = await REPEAT.value(database, **given, grace=GRACE)
    if expires_at is None:
        await _refuse(database, Kind.REFRESH, presented)
    return Tokens(access, following, expires_at)


async def revoke(database: Database, app: App, token: str) -> None:
    """Signs an app out by either of its tokens, even an old one (RFC 7009, §2.1). One that nobody knows is no error (§2.2).

    Raises `GrantRefused` when it is another app's.
    """
    owner = await OWNER.row(database, token=digest(token))
    if owner is None:
        return
    if owner["app_id"] != app.id:
        raise GrantRefused
    await END.value(database, session=owner["session_id"])


async def all_signed_in(database: Database, digests: Sequence[bytes]) -> list[SignedIn | None]:
    """Whom the access tokens of these digests sign in, each None when it is unknown or over."""
    rows = await SIGNED_IN.rows(database, digests=digests)
    await web_sessions.note_seen(database, rows)
    owners = {row["presented"]: web_sessions.owner_of(row) for row in rows}
    return [owners.get(one) for one in digests]


async def _refuse(database: Database, kind: Kind, presented: str) -> NoReturn:
    app = await END_OF_REUSED.value(database, presented=digest(presented))
    if app is not None:
        log.warning("app_token_reused", app=app, kind=kind.name)
    raise GrantRefused


def _new(kind: Kind) -> str:
    return kind.value + secrets.token_urlsafe(32)
