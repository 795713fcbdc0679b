"""Processes that read the files of strangers, one for each: a hostile file costs its own process, and nobody's answer."""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import structlog

from resolvers import file_process
from resolvers.file_process import Found
from resolvers.piece_content import Nature
from resolvers.throttle import Turnstile
from seal.report import Report, TrustUnreadable

PROCESSES = 2
MOST_WAITING = 20
"""Files that wait for a process; more are told to come back."""

SECONDS = 5
"""Of processor time, after which the system ends a process: an honest file takes a tenth of one."""

MEMORY = 1 << 30
"""Bytes that a process may hold."""

PATIENCE = 60
"""Seconds after which a process that says nothing is ended, however little it works."""

FORKSERVER = multiprocessing.get_context("forkserver")
"""Forked from this process, they would hold its connections and locks."""

log = structlog.get_logger()


class Busy(Exception):
    """Too many files wait."""


@dataclass(repr=False)
class FileVerifier:
    """The processes of one application. `trust` is the folder of what is trusted, read anew for each file."""

    trust: Path
    _turnstile: Turnstile = field(default_factory=lambda: Turnstile(1))
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(PROCESSES, thread_name_prefix="file"))
    _waiting: int = 0
    _running: set[ForkServerProcess] = field(default_factory=set[ForkServerProcess])
    _closed: bool = False

    def turn(self, network: str) -> AbstractAsyncContextManager[None]:
        """Waits for the turn of a network, which has one file verified at a time: a process is left to the others."""
        return self._turnstile.pass_through(network)

    async def verify(self, pdf: bytes) -> Report | None:
        """What the file is found to be; None when it was more than a process could bear. Raises `Busy`, `TrustUnreadable`."""
        found = await self._read(file_process.verified, pdf)
        if isinstance(found, TrustUnreadable):
            raise found
        return found if isinstance(found, Report) else None

    async def nature(self, pdf: bytes) -> Nature:
        """What a PDF does when it is opened, if it can be read within the limits. Raises `Busy`."""
        found = await self._read(file_process.looked_into, pdf)
        return found if isinstance(found, Nature) else Nature.UNREADABLE

    async def _read(self, read: Callable[[bytes, Path], Found], pdf: bytes) -> Found | None:
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._beside, read, pdf)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Ends the processes, and waits until they have."""
        self._closed = True
        for process in tuple(self._running):
            process.kill()
        self._threads.shutdown(cancel_futures=True)

    def _beside(self, read: Callable[[bytes, Path], Found], pdf: bytes) -> Found | None:
        """What a process makes of a file, or None when it ended, or was ended, without a word."""
        FORKSERVER.set_forkserver_preload([file_process.__name__, "seal.trust", "seal.verifying"])
        receiver, sender = FORKSERVER.Pipe(duplex=False)
        given = (SECONDS, MEMORY, sender, read, pdf, self.trust)
        process = FORKSERVER.Process(target=file_process.within, args=given, daemon=True)
        with receiver:
            with sender:  # the process has its own: when it ends, nothing more can come
                process.start()
            self._running.add(process)
            if self._closed:
                process.kill()
            found = _received(receiver, process)
        process.join()
        self._running.discard(process)
        if found is None:
            log.warning("file_verification_ended", size=len(pdf), exit_code=process.exitcode)
        process.close()
        return found


def _received(receiver: "Connection[Found, Found]", process: ForkServerProcess) -> Found | None:
    if not receiver.poll(PATIENCE):
        process.kill()
        return None
    try:
        return receiver.recv()
    except (EOFError, OSError):
        return None
