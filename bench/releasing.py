"""Release: a national session, academy by academy; from the approval to the moment when everything is visible."""

import argparse
import tempfile
import time
from pathlib import Path

from bench.machine import fresh_register, peak_memory, scratch_server
from bench.publishing import Office, written
from db.statements import statement
from population.nation import plan

ACADEMIES = statement("reference.academies")


async def measure(given: argparse.Namespace) -> None:
    """Prints how long `size` results take from release to visible, and the memory that it took."""
    plans = plan(given.size, ["dnb"], [2025])
    async with scratch_server() as server:
        office = await Office.open(await fresh_register(server, "release"), sorted({file.academy for file in plans}))
        approved = []
        with tempfile.TemporaryDirectory() as folder:
            for file in plans:
                staged = await office.stage(file, written(file, Path(folder)))
                approved.append(await office.approve(*staged))
        before = peak_memory()
        began, shown, longest = time.perf_counter(), 0, 0.0
        for publication in approved:
            started = time.perf_counter()
            shown += await office.release(publication)
            longest = max(longest, time.perf_counter() - started)
        taken = time.perf_counter() - began
        await office.close()
    print(f"{given.size} results of {len(plans)} academies: {shown} diplomas visible {taken:.1f} s after the release")
    print(
        f"largest academy {longest:.2f} s; {shown / taken:.0f} diplomas/s; memory {before:.0f} MB before, {peak_memory():.0f} MB after"
    )
