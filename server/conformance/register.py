"""A register for a trial: an embedded PostgreSQL of its own, or a database beside that of DATABASE_URL; both are removed at the end."""

import asyncio
import atexit
import os
import secrets
import shutil
from collections.abc import Coroutine
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from db.embedded import UNDURABLE, EmbeddedServer
from server.database import prepare

T = TypeVar("T")
MEMORY, ROOM = Path("/dev/shm"), 1 << 30  # noqa: S108
"""Where Linux has a file system in memory, and the free bytes without which it is left alone."""

_at_exit = ExitStack()
atexit.register(_at_exit.close)


@cache
def runner() -> asyncio.Runner:
    """The loop of all trials of this process."""
    return _at_exit.enter_context(asyncio.Runner())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives."""
    return runner().run(coroutine)


@cache
def url() -> str:
    """A migrated database with the reference tables and the titles of every family, made once a process."""
    given = os.environ.get("DATABASE_URL")
    made = _embedded() if given is None else _beside(given)
    run(prepare(made))
    return made


def _embedded() -> str:
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(mkdtemp(prefix="parchemin-trial-", dir=MEMORY if roomy else None))
    _at_exit.callback(shutil.rmtree, folder, ignore_errors=True)
    server = EmbeddedServer(folder / "data", settings=UNDURABLE)
    server.start()
    _at_exit.callback(server.stop)
    return server.url()


def _beside(given: str) -> str:
    name = f"parchemin_trial_{secrets.token_hex(6)}"

    async def act(statement: str) -> None:
        admin = await asyncpg.connect(given)
        await admin.execute(statement)
        await admin.close()

    run(act(f"create database {name}"))
    _at_exit.callback(lambda: run(act(f"drop database if exists {name} with (force)")))
    return urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
