"""Secrets that serve once: 256 random bits, of which the register keeps a digest."""

import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from db.statements import Database, statement
from resolvers.web_sessions import digest

MAKE = statement("single_use.make")
OWNER = statement("single_use.owner")
TAKE = statement("single_use.take")
END_ALL = statement("single_use.end_all")

Purpose = Literal["RESET", "EMAIL_OLD", "EMAIL_NEW", "SECOND_FACTOR"]


class LinkOver(Exception):
    """A secret serves no more: it was used, is too old, or never was one."""


def new_token() -> str:
    """A secret, as it stands in a link or a cookie (43 characters)."""
    return secrets.token_urlsafe(32)


async def make(database: Database, local_account: UUID, purpose: Purpose, lasts: timedelta) -> str:
    """A new secret of an account, for one purpose."""
    token = new_token()
    await MAKE.run(database, digest=digest(token), local_account=local_account, purpose=purpose, lasts=lasts)
    return token


async def owner(database: Database, token: str, purpose: Purpose) -> UUID:
    """Whose secret it is, without using it up. Raises `LinkOver`."""
    found: UUID | None = await OWNER.value(database, digest=digest(token), purpose=purpose)
    if found is None:
        raise LinkOver
    return found


async def take(database: Database, token: str, purpose: Purpose) -> UUID:
    """Uses a secret up, in the transaction of what it allows; whose it was. Raises `LinkOver`."""
    found: UUID | None = await TAKE.value(database, digest=digest(token), purpose=purpose)
    if found is None:
        raise LinkOver
    return found


async def end_all(database: Database, local_account: UUID, *purposes: Purpose) -> None:
    """Ends the secrets of an account that serve these purposes."""
    await END_ALL.run(database, local_account=local_account, purposes=list(purposes))
