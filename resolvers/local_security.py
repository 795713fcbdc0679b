"""What the owner of a local account changes when he is signed in: his password, his address, whether it is open at all."""

from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError

from db.statements import Database, statement
from resolvers import accounts, letters, single_use
from resolvers.accounts import Holder, NotSignedIn, journal
from resolvers.attempts import MAIL_EMAIL, MAIL_EMAIL_ALL, PASSWORD_AGAIN, Attempt, TooManyAttempts, in_the_same_time
from resolvers.emails import Email
from resolvers.local import Local, LocalAccount, by_id, email_place, of_account
from resolvers.local_accounts import WrongPassword
from resolvers.local_recovery import accepted, replace
from resolvers.single_use import LinkOver, Purpose

EMAIL_IS_TAKEN = statement("local_accounts.email_is_taken")
ASK_EMAIL_CHANGE = statement("local_accounts.ask_email_change")
CONFIRM_EMAIL_CHANGE = statement("local_accounts.confirm_email_change")
END_EMAIL_CHANGE = statement("local_accounts.end_email_change")
SET_EMAIL = statement("local_accounts.set_email")
END_SESSIONS = statement("web_sessions.end_all")


async def own(local: Local, holder: Holder) -> LocalAccount:
    """The holder's local account. Raises `NotSignedIn` when his account is not opened by a password."""
    found = await of_account(local.pool, holder.id)
    if found is None:
        raise NotSignedIn
    return found


async def prove(local: Local, known: LocalAccount, password: str) -> None:
    """Whether who is signed in is the owner: an open browser is not enough for what changes how the account opens.

    Raises `WrongPassword`, `TooManyAttempts`, `Busy`.
    """
    attempt = Attempt.now(local.keyring, (PASSWORD_AGAIN, known.subject))
    await attempt.spend(local.pool)
    if not await local.passwords.is_right(password, known.password):
        raise WrongPassword
    await attempt.give_back(local.pool)


async def change_password(local: Local, known: LocalAccount, new: str) -> None:
    """Gives the account another password and ends all its sessions, the one that asks too: it begins anew.

    Raises `PasswordRefused`, `Busy`.
    """
    hashed = await accepted(local, known, new)
    async with local.pool.acquire() as connection, connection.transaction():
        await replace(local, connection, known, hashed, "CHANGE_PASSWORD")


async def ask_email_change(local: Local, known: LocalAccount, email: Email) -> None:
    """Writes to both addresses; the change is made once both links were followed. An address that has an account is told so, and
    nobody else is: returns nothing either way, in the same time."""
    async with in_the_same_time():
        new_lookup = local.keys.email_lookup(email.key)
        try:
            to, by = f"CHANGE:{email.key}:{known.id}", f"CHANGE:{known.id}"
            await Attempt.now(local.keyring, (MAIL_EMAIL, to), (MAIL_EMAIL_ALL, by)).spend(local.pool)
        except TooManyAttempts:
            return
        async with local.pool.acquire() as connection, connection.transaction():
            await single_use.end_all(connection, known.id, "EMAIL_OLD", "EMAIL_NEW")
            sealed = local.keys.sealed(email.address, _place(known.id))
            await ASK_EMAIL_CHANGE.run(connection, id=known.id, email_lookup=new_lookup, email=sealed, lasts=letters.CONFIRM_LASTS)
            old = await single_use.make(connection, known.id, "EMAIL_OLD", letters.CONFIRM_LASTS)
            new = await single_use.make(connection, known.id, "EMAIL_NEW", letters.CONFIRM_LASTS)
            await journal(connection, known.account, "ASK_EMAIL_CHANGE")
            await local.write(
                connection, known.address(local.keys), letters.EMAIL_OLD, known.language, f"/account/old-address/{old}"
            )
            taken = await EMAIL_IS_TAKEN.value(connection, email_lookup=new_lookup)
            template, path = (letters.EMAIL_TAKEN, "") if taken else (letters.EMAIL_NEW, f"/account/new-address/{new}")
            await local.write(connection, email.address, template, known.language, path)


async def confirm_email_change(local: Local, token: str, purpose: Purpose) -> bool:
    """Notes what one address confirms; whether the change is made, since the other did before. Raises `LinkOver`."""
    async with local.pool.acquire() as connection:
        try:
            async with connection.transaction():
                known = await by_id(connection, await single_use.take(connection, token, purpose))
                assert known is not None
                change = await CONFIRM_EMAIL_CHANGE.row(connection, id=known.id, purpose=purpose)
                if change is None:
                    raise LinkOver
                if change["agreed"]:
                    await _change(local, connection, known, change)
                return change["agreed"]
        except UniqueViolationError:  # the address got an account meanwhile
            raise LinkOver from None


async def _change(local: Local, connection: Database, known: LocalAccount, change: Any) -> None:
    new = local.keys.opened(change["email"], _place(known.id))
    sealed = local.keys.sealed(new, email_place(known.id))
    await SET_EMAIL.run(connection, id=known.id, email_lookup=change["email_lookup"], email=sealed)
    await END_EMAIL_CHANGE.run(connection, id=known.id)
    await END_SESSIONS.rows(connection, account=known.account, kept=None)
    await journal(connection, known.account, "CHANGE_EMAIL")
    for address in (known.address(local.keys), new):
        await local.write(connection, address, letters.EMAIL_CHANGED, known.language)


async def close(local: Local, holder: Holder, confirmation: str) -> datetime:
    """Closes the holder's account, and tells the address that it had. Returns when. Raises `NotFound` (`accounts.close`)."""
    async with local.pool.acquire() as connection, connection.transaction():
        known = await of_account(connection, holder.id)
        closed_at = await accounts.close(connection, holder, confirmation)
        if known is not None:
            await local.write(connection, known.address(local.keys), letters.ACCOUNT_CLOSED, known.language)
    return closed_at


async def is_open(local: Local, token: str, purpose: Purpose) -> bool:
    """Whether a link still serves."""
    try:
        await single_use.owner(local.pool, token, purpose)
    except LinkOver:
        return False
    return True


def _place(local_account: UUID) -> str:
    return f"email_change.email:{local_account}"
