"""Opening a local account: asked for on a page, confirmed by whoever has both the mailed link and the password chosen.

The password is asked for again with the link: somebody who signs up with another's address, in the hope that its owner follows the
link, opens nothing (« pre-hijacked accounts », Sudhodanan and Paverd, USENIX Security 2022).
"""

from dataclasses import asdict, dataclass
from json import dumps, loads
from uuid import UUID, uuid4

from db.statements import Database, Row, statement
from graph.text import Language
from resolvers import accounts, letters
from resolvers.accounts import person_of
from resolvers.attempts import MAIL_EMAIL, MAIL_EMAIL_ALL, MAIL_NETWORK, PASSWORD_AGAIN, Attempt, TooManyAttempts, in_the_same_time
from resolvers.emails import Email
from resolvers.local import PROVIDER, Local, by_email, email_place, of_account
from resolvers.people import Person
from resolvers.single_use import LinkOver, new_token
from resolvers.throttle import network_of
from resolvers.web_sessions import digest

KEEP_SIGN_UP = statement("local_accounts.keep_sign_up")
SIGN_UP = statement("local_accounts.sign_up")
END_SIGN_UP = statement("local_accounts.end_sign_up")
OPEN = statement("local_accounts.open")


class WrongPassword(Exception):
    """The password is not the one."""


@dataclass(frozen=True, repr=False)
class Opened:
    """Whom a browser signs in: the account, and the subject of its identity."""

    account: UUID
    local_account: UUID


async def may_write_to(local: Local, email: Email, kind: str, address: str) -> bool:
    """Whether one more letter of a kind may be caused to an e-mail address from a network. Raises `TooManyAttempts` for the network alone.

    What was asked for an address before must not show: whoever asks is answered as ever, and no letter goes.
    """
    network, to = network_of(address), f"{kind}:{email.key}"
    await Attempt.now(local.keyring, (MAIL_NETWORK, network)).spend(local.pool)
    try:
        await Attempt.now(local.keyring, (MAIL_EMAIL, f"{to}:{network}"), (MAIL_EMAIL_ALL, to)).spend(local.pool)
    except TooManyAttempts:
        return False
    return True


async def sign_up(local: Local, email: Email, password: str, person: Person, language: Language, address: str) -> None:
    """Writes to the address: a link that confirms it, or that it has an account. Returns nothing either way, in the same time.

    Raises `TooManyAttempts` for a network that asks too often, and `Busy`.
    """
    async with in_the_same_time():
        writes = await may_write_to(local, email, "SIGN_UP", address)
        hashed = await local.passwords.hashed(password)
        if not writes:
            return
        known = await by_email(local, email)
        async with local.pool.acquire() as connection, connection.transaction():
            if known is not None:
                await local.write(connection, known.address(local.keys), letters.HAS_ACCOUNT, known.language)
                return
            token = new_token()
            kept = {"email": email.address, "person": asdict(person)}
            await KEEP_SIGN_UP.run(
                connection, digest=digest(token), email_lookup=local.keys.email_lookup(email.key),
                sealed=local.keys.sealed(dumps(kept, ensure_ascii=False), _place(token)), language=language, password=hashed,
                lasts=letters.CONFIRM_LASTS,
            )  # fmt: skip
            await local.write(connection, email.address, letters.CONFIRM, language, f"/account/confirm/{token}")


async def confirm(local: Local, token: str, password: str) -> Opened:
    """Opens the account that was asked for. Of those who confirm one address at once, one opens it.

    Raises `LinkOver`, `WrongPassword` (the link then still serves), `TooManyAttempts` and `Busy`.
    """
    asked = await _asked(local.pool, token)
    attempt = Attempt.now(local.keyring, (PASSWORD_AGAIN, token))
    await attempt.spend(local.pool)
    if not await local.passwords.is_right(password, asked["password"]):
        raise WrongPassword
    await attempt.give_back(local.pool)
    async with local.pool.acquire() as connection, connection.transaction():
        asked = await _asked(connection, token)
        await END_SIGN_UP.run(connection, digest=digest(token))
        kept = loads(local.keys.opened(asked["sealed"], _place(token)))
        new = uuid4()
        account = await accounts.sign_in(connection, PROVIDER, str(new), person_of(kept["person"]), proven=False)
        opened = await OPEN.value(
            connection, id=new, account=account, email_lookup=asked["email_lookup"],
            email=local.keys.sealed(kept["email"], email_place(new)), language=asked["language"], password=asked["password"],
        )  # fmt: skip
        if opened is None:  # another link gave the address its account; the transaction takes this one back
            raise LinkOver
    return Opened(account, new)


async def is_asked(local: Local, token: str) -> bool:
    """Whether a link still confirms an address."""
    return await SIGN_UP.row(local.pool, digest=digest(token)) is not None


async def address_of(local: Local, account: UUID) -> str | None:
    """The e-mail address of an account that is opened by one."""
    found = await of_account(local.pool, account)
    return found.address(local.keys) if found else None


async def _asked(database: Database, token: str) -> Row:
    found = await SIGN_UP.row(database, digest=digest(token))
    if found is None:
        raise LinkOver
    return found


def _place(token: str) -> str:
    return f"sign_up:{digest(token).hex()}"
