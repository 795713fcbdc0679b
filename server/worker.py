"""The worker: reads uploaded files, releases approved publications when their time comes, sends letters."""

import asyncio
import contextlib
import os
import signal
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from db.pool import connect
from db.statements import Connection, statement
from resolvers.imports import read_upload
from resolvers.keys import Keyring
from resolvers.publication import release_due
from server.mail.postman import deliver
from server.settings import Settings

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
    )
)
"""What is kept for a time only."""

CHANNEL = "parchemin_work"
LONGEST_SLEEP = 30.0
"""Seconds: a notice that got lost delays nothing longer."""

log = structlog.get_logger()


async def work(settings: Settings, url: str, parent: int | None = None) -> None:
    """Works until SIGTERM or SIGINT, or until the process `parent` is gone; what is under way then rolls back."""
    stopped, woken = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    tasks = [asyncio.create_task(_work(settings, url, woken, parent))]
    if settings.sends_mail:
        tasks.append(asyncio.create_task(deliver(settings, url)))
    stop = asyncio.create_task(stopped.wait())
    # the first that ends or fails ends all
    await asyncio.wait({*tasks, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *tasks):
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    log.info("worker_stopped")


async def _work(settings: Settings, url: str, woken: asyncio.Event, parent: int | None) -> None:
    work, monitor = await connect(url), await connect(url)
    keyring, folder = Keyring.of(settings.master_secret), Path(tempfile.gettempdir())
    try:
        await keyring.check(work)

        def wake(*_: object) -> None:
            woken.set()

        await monitor.add_listener(CHANNEL, wake)
        while parent is None or os.getppid() == parent:
            woken.clear()
            released = await release_due(work, monitor, keyring)
            if released or await read_upload(work, monitor, keyring, folder):
                continue
            for forget in FORGET:
                await forget.run(monitor)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), await _until_next(work, parent))
    finally:
        await work.close()
        await monitor.close()


async def _until_next(connection: Connection, parent: int | None) -> float:
    """Seconds to sleep before the next release is due."""
    due: datetime | None = await NEXT_DUE.value(connection)
    longest = LONGEST_SLEEP if parent is None else 1.0
    return longest if due is None else min(longest, max(0.0, (due - datetime.now(UTC)).total_seconds()))
