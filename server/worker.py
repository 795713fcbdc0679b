"""The worker: reads uploaded files, releases publications, proves what was written, tries again what requests miss, removes files, sends
letters."""

import asyncio
import contextlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from db.pool import connect
from db.statements import Connection, statement
from resolvers import known_families
from resolvers.desk import run_again
from resolvers.document_store import DocumentStore
from resolvers.imports import read_upload
from resolvers.keys import Keyring
from resolvers.local_keys import LocalKeys
from resolvers.pieces import remove_next
from resolvers.publication import release_due
from resolvers.records import prove_next
from resolvers.request_matching import match_next
from resolvers.request_notices import Writer
from server.mail.postman import deliver
from server.settings import Settings
from server.stopping import until_stopped

NEXT_DUE = statement("publication.next_due")
FORGET = tuple(
    statement(name)
    for name in (
        "verification.forget_failures",
        "agent_links.forget",
        "logout_tokens.forget",
        "web_sessions.forget",
        "app_tokens.forget",
        "app_tokens.forget_codes",
        "documents.empty_uploads",
        "documents.forget_uploads",
    )
)
"""What is kept for a time only."""

CHANNEL = "parchemin_work"
LONGEST_SLEEP = 30.0
"""Seconds: a notice that got lost delays nothing longer."""

log = structlog.get_logger()


async def work(settings: Settings, url: str, parent: int | None = None) -> None:
    """Works until SIGTERM or SIGINT, or until the process `parent` is gone; what is under way then rolls back."""
    await until_stopped(parent, _work(settings, url), *([deliver(settings, url)] if settings.sends_mail else []))
    log.info("worker_stopped")


async def _work(settings: Settings, url: str) -> None:
    work, monitor = await connect(url), await connect(url)
    keyring, folder, woken = Keyring.of(settings.master_secret), Path(tempfile.gettempdir()), asyncio.Event()
    writer = Writer(LocalKeys.of(settings.master_secret), settings.public_url)
    stores = [DocumentStore.of(kept, keyring) for kept in (settings.pieces, settings.documents)]
    try:
        await keyring.check(work)
        await known_families.begin(work)

        def wake(*_: object) -> None:
            woken.set()

        await monitor.add_listener(CHANNEL, wake)
        while True:
            woken.clear()
            released = await release_due(work, monitor, keyring)
            if released or await read_upload(work, monitor, keyring, folder):
                continue
            while await prove_next(work, keyring):
                pass
            if await match_next(work, writer) or await run_again(work) or await remove_next(work, *stores):
                continue
            for forget in FORGET:
                await forget.run(monitor)
            with contextlib.suppress(TimeoutError):
                seconds = await _until_next(work)
                await asyncio.wait_for(woken.wait(), seconds)
    finally:
        await work.close()
        await monitor.close()


async def _until_next(connection: Connection) -> float:
    """Seconds to sleep before the next release is due."""
    due: datetime | None = await NEXT_DUE.value(connection)
    return LONGEST_SLEEP if due is None else min(LONGEST_SLEEP, max(0.0, (due - datetime.now(UTC)).total_seconds()))
