"""Clients that ask at once, in a process of their own: `wrk` where it is installed, else ours, which cost more than a fast server."""

import argparse
import asyncio
import itertools
import json
import math
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.load import connected

SCRIPT = Path(__file__).with_name("wrk.lua")
PATIENCE = 60
"""Seconds that clients wait for an answer."""


@dataclass(frozen=True)
class Load:
    """So many clients at once, for so many seconds. Each waits a random time of a mean in milliseconds before each request."""

    clients: int
    seconds: float
    pause: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of a load: answers, seconds until the last one, bytes, latencies in milliseconds, requests without an answer."""

    requests: int
    seconds: float
    bytes: int
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def written(requests: Sequence[bytes], path: Path) -> Path:
    """The file that clients read their requests from: each after its length on a line."""
    path.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))
    return path


async def asked(path: Path, port: int, load: Load, cores: set[int]) -> Outcome:
    """What comes of a load on a port: every request that was sent is answered in the end, and counts."""
    on = ["taskset", "-c", ",".join(map(str, sorted(cores)))] if shutil.which("taskset") else []
    given = [str(path), str(load.seconds), str(load.pause), str(load.clients)]
    if shutil.which("wrk"):
        lasts = math.ceil(load.seconds + PATIENCE)
        command = ["wrk", "-t1", f"-c{load.clients}", f"-d{lasts}s", "--timeout", f"{PATIENCE}s", "-s", str(SCRIPT),
                   f"http://127.0.0.1:{port}", "--", *given]  # fmt: skip
    else:
        command = [sys.executable, "-m", "bench.read.clients", str(port), *given]
    process = await asyncio.create_subprocess_exec(*on, *command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return Outcome(**json.loads(output.decode().strip().splitlines()[-1]))


async def _asking(given: argparse.Namespace) -> dict[str, float]:
    requests = itertools.cycle(_read(given.path.read_bytes()))
    latencies: list[float] = []
    received = 0
    began = time.perf_counter()

    async def client() -> None:
        nonlocal received
        async with connected(given.port) as connection:
            while time.perf_counter() < began + given.seconds:
                if given.pause:
                    await asyncio.sleep(2 * given.pause * random.random() / 1000)
                at = time.perf_counter()
                head, body = await connection.answer(next(requests))
                assert head.startswith("HTTP/1.1 200"), head
                latencies.append(time.perf_counter() - at)
                received += len(head) + len(body)

    done = await asyncio.gather(*(client() for _ in range(given.clients)), return_exceptions=True)
    taken, ordered = time.perf_counter() - began, sorted(latencies)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.99))
    failed = sum(one is not None for one in done)
    return {"requests": len(ordered), "seconds": taken, "bytes": received, "p50": p50, "p99": p99, "failed": failed}


def _read(content: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(content):
        begins = content.index(b"\n", place) + 1
        place = begins + int(content[place:begins])
        yield content[begins:place]


def main() -> None:
    """`python -m bench.read.clients PORT FILE SECONDS PAUSE CLIENTS`: one line of JSON."""
    parser = argparse.ArgumentParser()
    for name, kind in (("port", int), ("path", Path), ("seconds", float), ("pause", float), ("clients", int)):
        parser.add_argument(name, type=kind)
    print(json.dumps(asyncio.run(_asking(parser.parse_args()))))


if __name__ == "__main__":
    main()
