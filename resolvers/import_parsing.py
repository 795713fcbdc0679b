"""The lines of a file, read in blocks: by processes beside this one when the file is large, so that every core works.

Blocks come back in the order of the file as bytes that COPY takes; few are under way at once, so memory does not grow with the file.
"""

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
from typing import NamedTuple

from resolvers.import_file import ImportFile
from resolvers.import_lines import LineReader, Target

BLOCK = 4_000
"""Lines of a block: some 3 MB of rows."""

FEW = 30_000
"""Lines of a file that this process reads by itself sooner than others would start."""

Lines = list[tuple[int, bytes]]


class Block(NamedTuple):
    """What became of some lines: how many were read, and the rows of those taken and refused, in COPY's text format."""

    read: int
    taken: bytes
    refused: bytes


async def blocks(target: Target, file: ImportFile) -> AsyncGenerator[Block]:
    """The blocks of a file, in its order."""
    lines = file.read()
    given = iter(lambda: list(islice(lines, BLOCK)), [])
    if file.lines <= FEW:
        reader = LineReader(target, file)
        for block in given:
            yield read_block(reader, block)
        return
    with ProcessPoolExecutor(os.cpu_count(), _context(), initializer=_begin, initargs=(target, file)) as pool:
        loop, window = get_running_loop(), 2 * (os.cpu_count() or 1)
        under_way: deque[Awaitable[Block]] = deque()
        try:
            for block in given:
                under_way.append(loop.run_in_executor(pool, _read_beside, block))
                if len(under_way) >= window:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_block(reader: LineReader, lines: Lines) -> Block:
    """Reads some lines."""
    taken: list[str] = []
    refused: list[str] = []
    for number, raw in lines:
        found = reader.read(number, raw)
        if isinstance(found, str):
            taken.append(found)
        else:
            refused.extend(reader.refusals(number, raw, found))
    return Block(len(lines), "".join(taken).encode(), "".join(refused).encode())


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
    _readers.append(LineReader(target, file))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _read_beside(lines: Lines) -> Block:
    return read_block(_readers[0], lines)
