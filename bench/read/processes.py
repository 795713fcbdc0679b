"""What processes cost, by the operating system: processor time, and memory with shared pages divided among those who share them."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
QUIET, STEP, LONGEST = 0.02, 0.1, 3.0
"""Processes rest when a step of seconds costs each no more than that. PostgreSQL may be at work for longer, on what was written."""


def tree(pid: int) -> list[int]:
    """A process and all that came from it."""
    children: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children += (task / "children").read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return [pid, *(inner for child in children for inner in tree(int(child)))]


def cpu(pid: int) -> float:
    """Seconds of processor that a process and its children have taken, those that ended included."""
    own = _ticks(pid)
    return (sum(own) + sum(sum(_ticks(child)) for child in tree(pid)[1:])) / TICKS


def _ticks(pid: int) -> list[int]:
    """User and system time of a process, and of its children that ended: fields 14 to 17 of proc_pid_stat(5)."""
    try:
        return [int(field) for field in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
    except (FileNotFoundError, ProcessLookupError):
        return [0]


def memory(pid: int) -> float:
    """Megabytes of a process and its children (PSS, proc_pid_smaps_rollup(5))."""
    return sum(_pss(one) for one in tree(pid)) / 1024


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


async def settled(*costs: Callable[[], float]) -> None:
    """Waits until what is measured rests."""
    before = [cost() for cost in costs]
    for _ in range(int(LONGEST / STEP)):
        await asyncio.sleep(STEP)
        now = [cost() for cost in costs]
        if all(after - earlier <= QUIET for after, earlier in zip(now, before, strict=True)):
            return
        before = now


def pin(pid: int, cores: Iterable[int]) -> None:
    """Keeps a process, its children and all that they start on some cores."""
    for one in tree(pid):
        with suppress(ProcessLookupError):  # it ended meanwhile
            os.sched_setaffinity(one, cores)


@asynccontextmanager
async def started(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None, cores: set[int]
) -> AsyncGenerator[int]:
    """A process on some cores, ended with its children afterwards; its id."""
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environment, cwd=folder, start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )  # fmt: skip
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
