"""Connections to the register: pools for requests, and one of its own for long work."""

import asyncio
import json
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Acquired: TypeAlias = PoolAcquireContext[asyncpg.Record]
    Borrowing: TypeAlias = PoolConnectionProxy[asyncpg.Record]
else:  # asyncpg's classes are generic in its stubs alone
    Connection, Pool, Acquired, Borrowing = asyncpg.Connection, asyncpg.Pool, PoolAcquireContext, PoolConnectionProxy

READING_SECONDS, ACTING_SECONDS = 3, 10
"""When the server cancels a statement: what anybody may cause, and what a person does who is signed in."""

MORE_SECONDS = 2
"""After that the client gives up by itself: the network is gone, or a pooler let nobody set the server's limit."""

CONNECT_SECONDS, WAIT_SECONDS = 5, 3
"""For a connection to be made, and for one of those in use to become free."""

MOST_STATEMENTS, LONGEST_STATEMENT = 128, 48 * 1024
"""Kept prepared on one connection, and the bytes of the longest: the least used gives way. PostgreSQL keeps the plan of each in the memory
of the connection, some 80 kB for a named statement, 3.6 MB for a plan of the graph that has 28 kB of text (docs/database.md)."""


ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
DECODE = json.JSONDecoder().raw_decode


class DatabaseBusy(Exception):
    """No connection to the database was to be had in time: there is more to answer than it can, so ask again in a moment."""


class RequestConnection(Connection):
    """A connection that goes back to its pool as it is, but for an open transaction, which is rolled back.

    So whoever borrows it leaves nothing of the session behind: docs/database.md says what that forbids.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing: resetting cost as much as reading."""
        return ""


class RequestPool(Pool):
    """A pool whose connections are waited for a limited time."""

    borrowers = 0
    """Those who have a connection, and those who wait for one."""

    def acquire(self, *, timeout: float | None = None) -> "Borrowed":
        """A connection, for an `async with`. Raises `DatabaseBusy` when there is none in time."""
        return Borrowed(self, timeout)


class Borrowed(Acquired):
    """A connection of a pool, as long as its block runs."""

    def __init__(self, lender: RequestPool, timeout: float | None) -> None:
        super().__init__(lender, timeout)
        self._lender = lender

    async def __aenter__(self) -> Borrowing:
        """Borrows it. Raises `DatabaseBusy`."""
        self._lender.borrowers += 1
        # a limit of time is a task on Python 3.11: only where somebody waits
        if self.timeout is None and self._lender.borrowers > self._lender.get_max_size():
            self.timeout = WAIT_SECONDS
        try:
            return await super().__aenter__()
        except BaseException as error:
            self._lender.borrowers -= 1
            if isinstance(error, TimeoutError):
                raise DatabaseBusy from error
            raise

    async def __aexit__(self, *exc: object) -> None:
        """Gives it back."""
        try:
            await super().__aexit__(*exc)
        finally:
            self._lender.borrowers -= 1


def encode_json(value: Any) -> bytes:
    """The binary form of a jsonb value, which COPY needs too: its version, and the text."""
    return b"\x01" + ENCODE(value).encode()


def decode_json(data: bytes) -> Any:
    """The value of that form, whose text has no space around it."""
    return DECODE(data.decode(), 1)[0]


async def prepare_connection(connection: Connection) -> None:
    """Reads and writes jsonb as Python values."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", format="binary", encoder=encode_json, decoder=decode_json)


async def open_pool(url: str, size: int = 10, *, seconds: float = ACTING_SECONDS, at_once: bool = True) -> RequestPool:
    """A pool for requests. A statement that takes longer is cancelled, as is a transaction that is idle for as long.

    `at_once` opens its first connection now, and raises what keeps it from that.
    """
    url, statements = _read(url)
    limit = f"{round(seconds * 1000)}ms"
    pool = RequestPool(
        url,
        init_size=1 if at_once else 0,
        min_size=0,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        init=prepare_connection,
        loop=None,
        connection_class=RequestConnection,
        record_class=asyncpg.Record,
        timeout=CONNECT_SECONDS,
        command_timeout=seconds + MORE_SECONDS,
        statement_cache_size=statements,
        max_cacheable_statement_size=LONGEST_STATEMENT,
        max_cached_statement_lifetime=0,  # for the life of the connection
        server_settings={
            "application_name": "parchemin",
            "timezone": "UTC",  # in which the planner's statements write times
            # the values of a request hardly change how its rows are best found, and planning for them costs more than reading
            "plan_cache_mode": "force_generic_plan",
            "statement_timeout": limit,
            "idle_in_transaction_session_timeout": limit,
        },
    )
    await pool
    return pool


async def close_pool(pool: RequestPool) -> None:
    """Closes a pool after its statements; one that does not end is cut off."""
    try:
        async with asyncio.timeout(ACTING_SECONDS + MORE_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def connect(url: str) -> Connection:
    """A connection of its own for long work (import, release), with no limit of time."""
    # an import asks for statistics of its table while somebody waits: how large it is matters, not every frequency
    settings = {"application_name": "parchemin-worker", "work_mem": "64MB", "default_statistics_target": "20"}
    connection: Connection = await asyncpg.connect(url, server_settings=settings)
    await prepare_connection(connection)
    return connection


def check(url: str) -> None:
    """Raises `ValueError` when a URL leads to no PostgreSQL."""
    if urlsplit(_read(url)[0]).scheme not in ("postgresql", "postgres"):
        raise ValueError("not a URL of PostgreSQL")


def _read(url: str) -> tuple[str, int]:
    """The URL as asyncpg takes it, and how many statements a connection keeps.

    `?statement_cache_size=0` is for a pooler that shares connections and knows nothing of prepared statements (PgBouncer before 1.21).
    Raises `ValueError` when that is no number.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    size = options.pop("statement_cache_size", str(MOST_STATEMENTS))
    return parts._replace(query=urlencode(options)).geturl(), int(size)
