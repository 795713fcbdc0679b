"""The outbox: letters that a transaction causes, sent by a worker once it has committed.

A letter is sent once, or again when a worker dies between sending it and saying so. It is kept sealed and deleted once it is sent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from json import dumps, loads
from uuid import UUID, uuid4

import structlog

from db.statements import Database, Row, statement
from resolvers.letters import Letter
from resolvers.local_keys import LocalKeys

PUT = statement("outbox.put")
CLAIM = statement("outbox.claim")
REMOVE = statement("outbox.remove")
PUT_OFF = statement("outbox.put_off")

KEPT = timedelta(minutes=2)
"""How long a worker may take over one letter before another takes it."""

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 30, 60, 120, 240, 480))
"""Until the next attempt, after each that failed; then the letter is given up."""

log = structlog.get_logger()


class NotSent(Exception):
    """The letter was not sent. `forever` when it never will be; `code` is the server's, or the kind of error, and names nobody."""

    def __init__(self, code: str, *, forever: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.forever = forever


@dataclass(frozen=True, repr=False)
class Mail:
    """A letter to one address. Its id is the same at each attempt."""

    id: UUID
    to: str
    subject: str
    text: str


Send = Callable[[Mail], Awaitable[None]]
"""Sends a mail. Raises `NotSent`."""


async def put(database: Database, keys: LocalKeys, to: str, letter: Letter) -> None:
    """Puts a letter to an address in the outbox, in the transaction that causes it."""
    mail = uuid4()
    content = dumps({"to": to, "subject": letter.subject, "text": letter.text}, ensure_ascii=False)
    await PUT.run(database, id=mail, sealed=keys.sealed(content, _place(mail)), lasts=letter.lasts)


async def send_next(database: Database, keys: LocalKeys, send: Send) -> bool:
    """Sends the letter that has been due for longest; whether there was one. A failure puts the letter off, or ends it."""
    row = await CLAIM.row(database, kept=KEPT)
    if row is None:
        return False
    if row["too_late"]:
        await _end(database, row, "too_late")
        return True
    try:
        await send(Mail(row["id"], **loads(keys.opened(row["sealed"], _place(row["id"])))))
    except NotSent as failure:
        if failure.forever or row["attempts"] > len(DELAYS):
            await _end(database, row, failure.code)
        else:
            log.warning("mail_put_off", code=failure.code, attempts=row["attempts"])
            await PUT_OFF.run(database, id=row["id"], delay=DELAYS[row["attempts"] - 1])
        return True
    await REMOVE.run(database, id=row["id"])
    return True


async def _end(database: Database, row: Row, code: str) -> None:
    log.error("mail_given_up", code=code, attempts=row["attempts"])
    await REMOVE.run(database, id=row["id"])


def _place(mail: UUID) -> str:
    return f"mail:{mail}"
