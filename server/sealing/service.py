"""The seal service as a process: seals what is asked for, then what is asked for at leisure, then archives and renews."""

import asyncio
import contextlib
from datetime import UTC, datetime
from time import monotonic

import structlog

from db.pool import connect
from db.statements import Connection, statement
from resolvers import known_families
from resolvers.redaction import drop_files
from resolvers.sealing import Workshop, archive_next, seal_next
from server.sealing.configuration import refreshed, workshop_of
from server.settings import Settings, SettingsError
from server.stopping import until_stopped

NEXT_DUE = statement("documents.next_due")
CHANNEL = "parchemin_seal"
LONGEST_SLEEP = 30.0
"""Seconds: a notice that got lost delays nothing longer."""

REFRESH_SECONDS = 3600.0
"""How long a certificate that was revoked may still seal."""

log = structlog.get_logger()


async def seal(settings: Settings, url: str, parent: int | None = None) -> None:
    """Seals until SIGTERM or SIGINT, or until the process `parent` is gone; what is under way then is done by the next one."""
    await until_stopped(parent, _seal(settings, url))
    log.info("sealer_stopped")


async def _seal(settings: Settings, url: str) -> None:
    workshop, woken = await workshop_of(settings), asyncio.Event()
    connection = await connect(url)

    def wake(*_: object) -> None:
        woken.set()

    try:
        await workshop.keyring.check(connection)
        await known_families.begin(connection)
        await connection.add_listener(CHANNEL, wake)
        fresh = monotonic()
        while True:
            woken.clear()
            if monotonic() - fresh > REFRESH_SECONDS:
                workshop, fresh = _refreshed(settings, workshop), monotonic()
            if await seal_next(connection, workshop) or await archive_next(connection, workshop):
                continue
            while await drop_files(connection, workshop.store):
                pass
            with contextlib.suppress(TimeoutError):
                seconds = await _until_next(connection)
                await asyncio.wait_for(woken.wait(), seconds)
    finally:
        await connection.close()


def _refreshed(settings: Settings, workshop: Workshop) -> Workshop:
    """With today's revocation lists; with those it had while the folder cannot be read, perhaps because it is being replaced."""
    try:
        return refreshed(settings, workshop)
    except SettingsError as error:
        log.error("trust_unreadable", file=str(error))
        return workshop


async def _until_next(connection: Connection) -> float:
    """Seconds to sleep before something is due."""
    due: datetime | None = await NEXT_DUE.value(connection)
    return LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, max(0.0, (due - datetime.now(UTC)).total_seconds()))
