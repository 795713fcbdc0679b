"""Signing in to a local account: an address and a password, then a code when the account has a second factor.

An address without an account and a wrong password are one answer, in the same time.
"""

from dataclasses import dataclass
from datetime import timedelta

from db.statements import statement
from resolvers import letters, second_factor, single_use
from resolvers.accounts import journal
from resolvers.attempts import (
    SECOND_FACTOR,
    SIGN_IN_BROWSER,
    SIGN_IN_EMAIL,
    SIGN_IN_EMAIL_DAY,
    SIGN_IN_NETWORK,
    Attempt,
    TooManyAttempts,
    failing_in_the_same_time,
)
from resolvers.emails import Email
from resolvers.local import Local, LocalAccount, by_email, by_id
from resolvers.local_accounts import Opened, WrongPassword
from resolvers.single_use import LinkOver
from resolvers.throttle import network_of

SEEN = statement("local_accounts.seen")
SET_PASSWORD = statement("local_accounts.set_password")

CODE_LASTS = timedelta(minutes=5)
"""Between the password and the code."""


@dataclass(frozen=True, repr=False)
class CodeNeeded:
    """The password was right; `token` goes with the code that is still missing."""

    token: str


class WrongCode(Exception):
    """The code is none, or was used."""


async def sign_in(local: Local, email: Email, password: str, address: str, mark: str) -> Opened | CodeNeeded:
    """Whom the address and the password sign in, or what the second step needs. `mark` is the browser's (`LocalKeys.device_mark`).

    Raises `WrongPassword`, whatever is wrong, `TooManyAttempts` and `Busy`.
    """
    async with failing_in_the_same_time():
        known = await by_email(local, email)
        device = local.keys.device_of(known.id, mark) if known else None
        await _proved(local, known, email, password, address, device)
    assert known is not None
    if known.has_second_factor:
        return CodeNeeded(await single_use.make(local.pool, known.id, "SECOND_FACTOR", CODE_LASTS))
    await _signed_in(local, known, known_browser=device is not None)
    return Opened(known.account, known.id)


async def _proved(local: Local, known: LocalAccount | None, email: Email, password: str, address: str, device: str | None) -> None:
    """Checks the password of an address, within its limits. Raises `WrongPassword`, `TooManyAttempts`, `Busy`."""
    if device is not None:
        attempt = Attempt.now(local.keyring, (SIGN_IN_BROWSER, device))
    else:
        network = (SIGN_IN_NETWORK, network_of(address))
        attempt = Attempt.now(local.keyring, network, (SIGN_IN_EMAIL, email.key), (SIGN_IN_EMAIL_DAY, email.key))
    try:
        await attempt.spend(local.pool)
    except TooManyAttempts as refused:
        if refused.first and known and refused.allowance in (SIGN_IN_EMAIL, SIGN_IN_EMAIL_DAY):
            async with local.pool.acquire() as connection, connection.transaction():
                await journal(connection, known.account, "MANY_FAILURES")
                await local.write(connection, known.address(local.keys), letters.MANY_FAILURES, known.language)
        raise
    right = await local.passwords.is_right(password, known.password if known else None)
    if not right or known is None:
        raise WrongPassword
    await attempt.give_back(local.pool)
    if local.passwords.is_outdated(known.password):
        await SET_PASSWORD.run(local.pool, id=known.id, password=await local.passwords.hashed(password))


async def give_code(local: Local, token: str, code: str, mark: str) -> Opened:
    """Whom a code signs in after the password: of the second factor, or for its loss.

    Raises `LinkOver` when the password was given too long ago, `WrongCode`, and `TooManyAttempts`.
    """
    known = await by_id(local.pool, await single_use.owner(local.pool, token, "SECOND_FACTOR"))
    if known is None or not known.has_second_factor:
        raise LinkOver
    attempt = Attempt.now(local.keyring, (SECOND_FACTOR, known.subject))
    await attempt.spend(local.pool)
    async with local.pool.acquire() as connection, connection.transaction():
        if not await second_factor.takes(local, connection, known, code):
            raise WrongCode
        await single_use.take(connection, token, "SECOND_FACTOR")
    await attempt.give_back(local.pool)
    await _signed_in(local, known, known_browser=local.keys.device_of(known.id, mark) is not None)
    return Opened(known.account, known.id)


async def _signed_in(local: Local, known: LocalAccount, *, known_browser: bool) -> None:
    """Notes the sign-in, and tells the owner when the browser is new."""
    async with local.pool.acquire() as connection, connection.transaction():
        await SEEN.run(connection, subject=known.subject)
        if not known_browser:
            await journal(connection, known.account, "SIGN_IN_NEW_BROWSER")
            await local.write(connection, known.address(local.keys), letters.NEW_BROWSER, known.language)
