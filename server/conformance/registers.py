"""Registers that the kit works on: each a database of its own, on a PostgreSQL of this process or the one that DATABASE_URL names."""

import asyncio
import atexit
import itertools
import os
import secrets
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import asyncpg

from db.throwaway import throwaway
from plugins.contract import Family
from plugins.loading import families
from server.database import prepare

T = TypeVar("T")

NUMBERS = itertools.count(1)
PREFIX = f"parchemin_kit_{secrets.token_hex(4)}"


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work on registers, in a loop of its own that no other knows: a test of the author's may use another."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)


@cache
def _server() -> str:
    """The URL of the server's own database; the server ends with this process, unless it is another's."""
    if given := os.environ.get("DATABASE_URL"):
        atexit.register(lambda: finished(_drop_template()))
        return given
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(throwaway()).url()


async def fresh() -> str:
    """The URL of a new register without a session, in which the families of this deployment have their titles. Raises `Unusable`."""
    template = await _template()
    name = f"{PREFIX}_{next(NUMBERS)}"
    await _executed(f"create database {name} template {template.name} strategy file_copy")
    if template.families is not families():
        await prepare(_url(name))
    return _url(name)


async def drop(url: str) -> None:
    """Ends a register."""
    await _executed(f"drop database if exists {urlsplit(url).path[1:]} with (force)")


@asynccontextmanager
async def register() -> AsyncGenerator[str]:
    """A fresh register for as long as it is needed here."""
    url = await fresh()
    try:
        yield url
    finally:
        await drop(url)


class Unusable(SystemExit):
    """No register can be made on the server; the sentence says what it must allow."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"No register can be made ({type(error).__name__}): DATABASE_URL must name a PostgreSQL 18 server on which its role may create "
            "databases; without it the kit starts one of its own."
        )


class Template(NamedTuple):
    """A database that registers are copied from, with the titles of these families: to migrate takes a second, to copy does not."""

    name: str
    families: Mapping[str, Family]


_made: list[Template] = []


async def _template() -> Template:
    if not _made:
        name = f"{PREFIX}_template"
        await _executed(f"create database {name}")
        await prepare(_url(name))
        _made.append(Template(name, families()))
    return _made[0]


async def _drop_template() -> None:
    for template in _made:
        with suppress(Unusable):  # a server of tests may have ended before us
            await _executed(f"drop database if exists {template.name} with (force)")


async def _executed(command: str) -> None:
    try:
        admin = await asyncpg.connect(_server())
        try:
            await admin.execute(command)
        finally:
            await admin.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise Unusable(error) from error


def _url(database: str) -> str:
    return urlsplit(_server())._replace(path=f"/{database}").geturl()
