"""The lines of a file, read in blocks: by processes beside this one when the file is large, so that every core works.

Blocks come back in the order of the file as bytes that COPY takes; few are under way at once, so memory does not grow with the file.
"""

import gc
import multiprocessing
import multiprocessing.context
import os
import threading
from asyncio import get_running_loop
from collections import deque
from collections.abc import AsyncGenerator, Awaitable
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing.connection import wait
from typing import TypeAlias

from resolvers.import_checks import Target
from resolvers.import_file import ImportFile
from resolvers.import_lines import Block, LineReader
from resolvers.import_portion import followed

FEW = 30_000
"""Lines of a file that this process reads by itself sooner than others would start."""

BATCH = 16
"""Blocks that are read at a time: some 2 MB of rows."""

Batch: TypeAlias = list[tuple[int, bytes]]


async def blocks(target: Target, file: ImportFile) -> AsyncGenerator[Block]:
    """The blocks of a file, in its order."""
    cut = file.blocks()
    given = iter(lambda: list(islice(cut, BATCH)), [])
    if file.lines <= FEW:
        reader = LineReader(target, file)
        for batch in given:
            yield read_batch(reader, batch)
        return
    with ProcessPoolExecutor(os.cpu_count(), _context(), initializer=_begin, initargs=(target, file)) as pool:
        loop, window = get_running_loop(), 2 * (os.cpu_count() or 1)
        under_way: deque[Awaitable[Block]] = deque()
        try:
            for batch in given:
                under_way.append(loop.run_in_executor(pool, _read_beside, batch))
                if len(under_way) >= window:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_batch(reader: LineReader, batch: Batch) -> Block:
    """What becomes of the lines of some blocks."""
    read, taken, refused, portions = zip(*(reader.read(first, block) for first, block in batch), strict=True)
    return Block(sum(read), b"".join(taken), b"".join(refused), followed(portions))


def _context() -> multiprocessing.context.ForkServerContext:
    """Processes forked from a server that has our modules and nothing else.

    Forked from this one, they would hold its connections, and their locks, open after its death.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([LineReader.__module__])
    return context


_readers: list[LineReader] = []
"""The reader of a process beside, made when it begins."""


def _begin(target: Target, file: ImportFile) -> None:
    gc.disable()  # rows make no cycles, and looking for them costs a sixth of the time
    _readers.append(LineReader(target, file))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _read_beside(batch: Batch) -> Block:
    return read_batch(_readers[0], batch)
