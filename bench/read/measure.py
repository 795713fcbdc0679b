"""`./dev bench read`: the four operations on every server in turn, or the memory of ours under a load of some minutes."""

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.read.clients import Load, asked, written
from bench.read.comparing import compare, lengths_of
from bench.read.measuring import Bench, Measured
from bench.read.operations import OPERATIONS
from bench.read.processes import memory, pin, settled
from bench.read.register import Register, kept_in, register, running
from bench.read.reporting import OURS, SMALL, goals, table
from bench.read.variants import Variant, serving, variants
from db.embedded import EmbeddedServer

LARGE, FULL, LITTLE = 1_000_000, 23_000_000, 10_000
MINUTE = 60.0


async def measure(given: argparse.Namespace) -> None:
    """Prints tables in Markdown and the goals."""
    if not sys.platform.startswith("linux"):
        raise SystemExit("What a request costs is read from /proc: `./dev bench read` needs Linux.")
    if not shutil.which("wrk"):
        print(
            "wrk is not installed (Debian, Ubuntu: apt-get install wrk): our own clients ask, and cap the fastest servers",
            flush=True,
        )
    folder = kept_in()
    chosen = _chosen(variants(folder), given.servers)
    async with running(folder) as server:
        large = await register(server, given.size or (FULL if given.full else LARGE))
        if given.minutes:
            await _endure(server, large, chosen[0], given.minutes)
            return
        little = await register(server, LITTLE) if large.size > LITTLE else None
        await _measure(server, large, little, chosen, given)


def _chosen(found: list[Variant], names: str) -> list[Variant]:
    """Ours, and those that were asked for."""
    wanted = {name for name in names.split(",") if name}
    unknown = wanted - {variant.name for variant in found}
    if unknown:
        raise SystemExit(f"there is no server {', '.join(sorted(unknown))}: {', '.join(variant.name for variant in found)}")
    return [variant for variant in found if not wanted or variant.name in wanted | {OURS}]


async def _measure(
    server: EmbeddedServer, large: Register, little: Register | None, chosen: list[Variant], given: argparse.Namespace
) -> None:
    served, asking = _cores(given.workers)
    database = _pinned(server, asking)
    pairs = [(variant, large) for variant in chosen]
    if little:
        pairs.append((replace(chosen[0], name=SMALL, title=f"ours, {LITTLE:,} diplomas"), little))
    async with serving(pairs, given.workers, served) as servers:
        lengths = await compare(servers[: len(chosen)])
        for other in servers[len(chosen) :]:
            lengths |= await lengths_of(other)
        workers = "one worker" if given.workers == 1 else f"{given.workers} workers"
        print(
            f"\n{large.size:,} diplomas, {workers} each, {given.rounds} rounds of {given.seconds:g} s in turn, medians", flush=True
        )
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), asking, database, given.seconds, given.rounds)
            results: dict[str, dict[str, Measured]] = {}
            for operation in OPERATIONS:
                results[operation.name] = await bench.measure(operation, servers, lengths)
                print(f"\n{table(operation.name, results[operation.name], servers)}", flush=True)
        print(f"\n{goals(results)}")


async def _endure(server: EmbeddedServer, large: Register, ours: Variant, minutes: int) -> None:
    """Prints the memory of one worker at first, after each minute of a load of all four operations, and in the end at rest."""
    served, asking = _cores(1)
    _pinned(server, asking)
    async with serving([(ours, large)], 1, served) as [one]:
        print(f"at the start: {memory(one.pid):.0f} MB", flush=True)
        requests = [request for operation in OPERATIONS for request in ours.asking.requests(operation, large)]
        with tempfile.TemporaryDirectory() as folder:
            file = written(sorted(requests, key=hash), Path(folder) / "all.requests")
            for minute in range(1, minutes + 1):
                outcome = await asked(file, one.port, Load(32, MINUTE), asking)
                print(
                    f"minute {minute}: {memory(one.pid):.0f} MB, {outcome.rate:,.0f} requests/s, {outcome.failed} failed",
                    flush=True,
                )
        await settled()
        print(f"at the end: {memory(one.pid):.0f} MB (goal: 120)", flush=True)


def _cores(workers: int) -> tuple[set[int], set[int]]:
    """The cores of the server, and of its clients and PostgreSQL: apart for one worker where there are two, else all of them."""
    cores = sorted(os.sched_getaffinity(0))
    return ({cores[0]}, {cores[1]}) if workers == 1 and len(cores) > 1 else (set(cores), set(cores))


def _pinned(server: EmbeddedServer, cores: set[int]) -> int:
    """PostgreSQL's process id, with all that it starts on some cores."""
    pid = server.pid()
    assert pid is not None
    pin(pid, cores)
    return pid
