"""The long run: tens of thousands of documents, each asked of both executors."""

import argparse
import asyncio
import time
from collections import Counter
from random import Random
from unittest.mock import patch

from bench.machine import fresh_register, scratch_server
from bench.sameness.comparing import Difference, Executors
from bench.sameness.documents import Documents
from bench.sameness.family import installed
from bench.sameness.register import Register, filled
from db.embedded import UNDURABLE
from db.pool import RequestPool, connect, open_pool

AT_ONCE = 4
"""Comparisons under way, each with its own planner and documents: the database plans while this process validates."""

SHOWN = 20
"""Differences that are printed; all are counted."""

REPORTED_EVERY = 30.0
"""Seconds."""


class Run:
    """What was compared so far."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.drawn = 0
        self.documents = 0
        self.differences: list[Difference] = []
        self.began = time.perf_counter()

    async def work(self, executors: Executors, documents: Documents) -> None:
        """Compares documents until there are as many as wanted."""
        while self.drawn < self.wanted:
            self.drawn += 1
            differences, answers = await executors.compare(documents.draw())
            documents.learn(answers)
            self.documents += 1
            for difference in differences:
                self.differences.append(difference)
                if len(self.differences) <= SHOWN:
                    print(f"\n{difference}\n", flush=True)

    async def reported(self) -> None:
        """Says how far it is, until it is cancelled."""
        while True:
            await asyncio.sleep(REPORTED_EVERY)
            rate = self.documents / (time.perf_counter() - self.began)
            print(f"{self.documents} documents, {len(self.differences)} differences, {rate:.0f} documents a second", flush=True)


async def measure(given: argparse.Namespace) -> None:
    """Prints the differences, how many documents were compared, how many answers were compiled, and why the others were not."""
    with installed(), patch("resolvers.verification.FAILURE_SECONDS", 0.0):
        async with scratch_server(UNDURABLE) as server:
            url = await fresh_register(server, "sameness")
            connection = await connect(url)
            register = await filled(connection, Random(given.seed))
            await connection.execute("analyze")
            # each statement is new, and the order of its joins changes nothing of its answer
            await connection.execute("alter database sameness set join_collapse_limit = 1")
            await connection.close()
            pool = await open_pool(url, AT_ONCE + 1)
            await _run(pool, register, given.documents, given.seed)
            await pool.close()


async def _run(pool: RequestPool, register: Register, documents: int, seed: int) -> None:
    run = Run(documents)
    executors = [Executors(pool) for _ in range(AT_ONCE)]
    reporting = asyncio.create_task(run.reported())
    await asyncio.gather(
        *(run.work(one, Documents(one.schema.core, register, Random(f"{seed}/{place}"))) for place, one in enumerate(executors))
    )
    reporting.cancel()
    answers, compiled = sum(one.compared for one in executors), sum(one.compiled for one in executors)
    print(
        f"{run.documents} documents in {time.perf_counter() - run.began:.0f} s (seed {seed}): {len(run.differences)} differences;"
        f" of {answers} answers {100 * compiled / answers:.1f} % were compiled"
    )
    for reason, count in sum((one.refusals for one in executors), Counter[str]()).most_common():
        print(f"  {count:>8}  {reason}")
