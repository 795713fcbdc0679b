"""Empties the outbox for as long as the worker works, beside what else it does: a link of thirty minutes does not wait for an import."""

import asyncio
import contextlib
from datetime import UTC, datetime
from functools import partial

from db.pool import connect
from db.statements import Connection, statement
from resolvers.local_keys import LocalKeys
from resolvers.outbox import Send, send_next
from server.mail import folder, smtp
from server.mail.smtp import SmtpServer
from server.settings import Settings

NEXT_DUE = statement("outbox.next_due")
FORGET = statement("local_accounts.forget")

CHANNEL = "parchemin_mail"
LONGEST_SLEEP = 30.0
"""Seconds: a notice that got lost delays nothing longer."""


async def deliver(settings: Settings, url: str) -> None:
    """Sends letters as they come, until it is cancelled; one that is under way then is sent again."""
    connection = await connect(url)
    keys, send, woken = LocalKeys.of(settings.master_secret), sender(settings), asyncio.Event()

    def wake(*_: object) -> None:
        woken.set()

    try:
        await connection.add_listener(CHANNEL, wake)
        while True:
            woken.clear()
            if await send_next(connection, keys, send):
                continue
            await FORGET.run(connection)
            with contextlib.suppress(TimeoutError):
                seconds = await _until_next(connection)
                await asyncio.wait_for(woken.wait(), seconds)
    finally:
        await connection.close()


def sender(settings: Settings) -> Send:
    """How these settings send: to their SMTP server, or to files beside the data of development."""
    if settings.smtp_url is None:
        return partial(folder.send, folder=settings.data / folder.FOLDER, sender=settings.mail_from)
    return partial(smtp.send, server=SmtpServer.of(settings.smtp_url), sender=settings.mail_from)


async def _until_next(connection: Connection) -> float:
    """Seconds to sleep before the next letter is due."""
    due: datetime | None = await NEXT_DUE.value(connection)
    return LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, max(0.0, (due - datetime.now(UTC)).total_seconds()))
