"""Processes that read the files of strangers: a hostile file costs its own process, and nobody's answer."""

import asyncio
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog

from seal.report import Report
from seal.trust import Trust
from seal.verifying import verify_file

PROCESSES = 2
MOST_WAITING = 20
"""Files that wait for a process; more are told to come back."""

SECONDS = 20
"""Of processor time, after which the system ends a process: an honest file takes a tenth of one."""

MEMORY = 2 << 30
"""Bytes that a process may hold."""

log = structlog.get_logger()


class Busy(Exception):
    """Too many files wait."""


@dataclass(repr=False)
class FileVerifier:
    """The processes of one application. `trust` is the folder of what is trusted, read anew for each file."""

    trust: Path
    _waiting: int = 0
    _pool: ProcessPoolExecutor | None = field(default=None)

    async def verify(self, pdf: bytes) -> Report | None:
        """What the file is found to be; None when it was more than a process could bear. Raises `Busy`, `TrustUnreadable`."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._processes(), _verify, pdf, self.trust)
        except BrokenProcessPool:
            log.warning("file_verification_ended", size=len(pdf))
            self.close()
            return None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Ends the processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([verify_file.__module__])
            self._pool = ProcessPoolExecutor(PROCESSES, context, initializer=_bounded)
        return self._pool


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _verify(pdf: bytes, trust: Path) -> Report:
    spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
    return verify_file(pdf, Trust.read(trust), datetime.now(UTC))
