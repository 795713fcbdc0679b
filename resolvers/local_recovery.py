"""A forgotten password: a link is mailed, and whoever has it chooses another. The second factor, if there is one, stays."""

from db.statements import Connection, statement
from graph.text import Language
from resolvers import letters, single_use
from resolvers.accounts import journal
from resolvers.attempts import in_the_same_time
from resolvers.emails import Email
from resolvers.local import Local, LocalAccount, by_email, by_id
from resolvers.local_accounts import Opened, may_write_to
from resolvers.passwords import PasswordFault, fault_of
from resolvers.single_use import LinkOver

SET_PASSWORD = statement("local_accounts.set_password")
END_EMAIL_CHANGE = statement("local_accounts.end_email_change")
END_SESSIONS = statement("web_sessions.end_all")


class PasswordRefused(Exception):
    """The password is not one that is taken."""

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(fault.name)
        self.fault = fault


async def ask(local: Local, email: Email, language: Language, address: str) -> None:
    """Writes to the address: a link that gives its account another password, or that it has none. Returns nothing either way.

    Raises `TooManyAttempts` for a network that asks too often.
    """
    async with in_the_same_time():
        if not await may_write_to(local, email, "RESET", address):
            return
        known = await by_email(local, email)
        async with local.pool.acquire() as connection, connection.transaction():
            if known is None:
                await local.write(connection, email.address, letters.NO_ACCOUNT, language)
                return
            token = await single_use.make(connection, known.id, "RESET", letters.RESET_LASTS)
            await local.write(connection, known.address(local.keys), letters.RESET, known.language, f"/account/reset/{token}")
            await journal(connection, known.account, "ASK_PASSWORD_RESET")


async def reset(local: Local, token: str, password: str) -> Opened:
    """Gives the account another password, and ends its sessions and everything that the old one had begun.

    Raises `LinkOver`, `PasswordRefused` (the link then still serves), and `Busy`.
    """
    known = await by_id(local.pool, await single_use.owner(local.pool, token, "RESET"))
    if known is None:
        raise LinkOver
    hashed = await accepted(local, known, password)
    async with local.pool.acquire() as connection, connection.transaction():
        await single_use.take(connection, token, "RESET")
        await replace(local, connection, known, hashed, "RESET_PASSWORD")
    return Opened(known.account, known.id)


async def accepted(local: Local, known: LocalAccount, password: str) -> str:
    """What is kept of a password that the account may have. Raises `PasswordRefused`, `Busy`."""
    if (fault := fault_of(password, known.personal(local.keys))) is not None:
        raise PasswordRefused(fault)
    return await local.passwords.hashed(password)


async def replace(local: Local, connection: Connection, known: LocalAccount, hashed: str, act: str) -> None:
    """Gives an account another password in a transaction: no session, link or change of address from before it is left."""
    await SET_PASSWORD.run(connection, id=known.id, password=hashed)
    await single_use.end_all(connection, known.id, "RESET", "EMAIL_OLD", "EMAIL_NEW", "SECOND_FACTOR")
    await END_EMAIL_CHANGE.run(connection, id=known.id)
    await END_SESSIONS.rows(connection, account=known.account, kept=None)
    await journal(connection, known.account, act)
    await local.write(connection, known.address(local.keys), letters.PASSWORD_CHANGED, known.language)
