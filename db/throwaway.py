"""A PostgreSQL whose data nobody keeps: for tests, and for the kit that families are tried with."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from db.embedded import UNDURABLE, EmbeddedServer

MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108
"""Where Linux has a file system in memory, and the free bytes without which it is left alone."""

PREFIX = "parchemin-throwaway-"


@contextmanager
def throwaway() -> Generator[EmbeddedServer]:
    """A server that runs meanwhile, and whose data are removed with it."""
    with _folder() as folder:
        server = EmbeddedServer(folder / "data", settings=UNDURABLE)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _folder() -> Generator[Path]:
    """A folder for the data: in memory where there is room, since a database is hundreds of files."""
    memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    if memory:
        _sweep()
    with TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if memory else None) as folder:
        yield Path(folder)


def _sweep() -> None:
    """Removes what processes that were killed left: in memory it would stay until the machine starts again."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(PREFIX).split("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
