"""Processes that work until they are told to stop, or until the process that began them is gone."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Coroutine
from typing import Any

ORPHANED_SECONDS = 1.0
"""How often a process looks whether the one that began it is still there."""


async def until_stopped(parent: int | None, *work: Coroutine[Any, Any, None]) -> None:
    """Works until SIGTERM or SIGINT, or until the process `parent` is gone. The first work that ends or fails ends all."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    tasks = [asyncio.create_task(one) for one in work]
    watches: list[asyncio.Task[Any]] = [asyncio.create_task(stopped.wait())]
    if parent is not None:
        watches.append(asyncio.create_task(_until_orphaned(parent)))
    await asyncio.wait({*tasks, *watches}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*watches, *tasks):
        task.cancel()
    for task in (*watches, *tasks):
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _until_orphaned(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 (nothing tells an orphan)
        await asyncio.sleep(ORPHANED_SECONDS)
