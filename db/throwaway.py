"""A PostgreSQL whose data nobody keeps: for tests, and for the kit that families are tried with."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from db.embedded import UNDURABLE, EmbeddedServer

MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108
"""Where Linux has a file system in memory, and the free bytes without which it is left alone."""

PREFIX = "parchemin-throwaway-"


@contextmanager
def throwaway() -> Generator[EmbeddedServer]:
    """A server that runs meanwhile, and whose data are removed after it has ended."""
    folder = _folder()
    server = EmbeddedServer(folder / "data", settings=UNDURABLE)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """A new folder for the data: in memory where there is room, since a database is hundreds of files."""
    memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM
    if memory:
        _sweep()
    # whose removal is ours alone: a `TemporaryDirectory` may go before the server does when the process ends
    return Path(mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if memory else None))


def _sweep() -> None:
    """Ends what processes that were killed left: in memory it would stay until the machine starts again."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.removeprefix(PREFIX).split("-")[0]).exists():
            EmbeddedServer(left / "data").stop()
            shutil.rmtree(left, ignore_errors=True)
