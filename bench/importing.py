"""Import: lines a second against a bare COPY of the same bytes, and file to published against a COPY of rows that are valid already."""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import asyncpg

from bench.machine import fresh_register, peak_memory, scratch_server
from bench.publishing import Office, written
from db.embedded import EmbeddedServer
from population.nation import FilePlan, plan

TABLES = ("candidate", "diploma", "diploma_version", "control_key")


async def measure(given: argparse.Namespace) -> None:
    """Prints the table: each row is one way, in turn within each round."""
    (file,) = plan(given.size, ["bac"], [2024], ["24"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = written(file, folder)
        megabytes = path.stat().st_size / 1e6
        print(f"{file.candidates} lines, {megabytes:.0f} MB, {given.rounds} rounds, each way in turn")
        times: dict[str, list[float]] = {}
        async with scratch_server() as server:
            for _ in range(given.rounds):
                times.setdefault("bare COPY of the file, no index", []).append(await bare_copy(server, path))
                staged, published = await ours(server, file, path)
                times.setdefault("import: file to staged candidates", []).append(staged)
                times.setdefault("whole: file to published diplomas", []).append(published)
                await dump(server, folder)
                times.setdefault("COPY of the same valid rows into the indexed tables", []).append(await valid_copy(server, folder))
    bare, final = (median(times[way]) for way in (next(iter(times)), "COPY of the same valid rows into the indexed tables"))
    print(f"{'way':55} {'seconds':>8} {'lines/s':>9} {'x bare':>7} {'x valid':>8}")
    for way, taken in times.items():
        middle = median(taken)
        print(f"{way:55} {middle:8.2f} {file.candidates / middle:9.0f} {middle / bare:7.1f} {middle / final:8.2f}")
    print(f"memory of the importing process at its most: {peak_memory():.0f} MB")


async def bare_copy(server: EmbeddedServer, path: Path) -> float:
    """Seconds of a COPY of the file into an unlogged table of text without an index."""
    url = await fresh_register(server, "bare")
    connection = await asyncpg.connect(url)
    with path.open(encoding="utf-8") as file:
        columns = file.readline().strip().split(";")
    await connection.execute(f"create unlogged table raw ({', '.join(f'{column} text' for column in columns)})")
    began = time.perf_counter()
    await connection.copy_to_table("raw", source=path, format="csv", delimiter=";", header=True)
    taken = time.perf_counter() - began
    await connection.close()
    return taken


async def ours(server: EmbeddedServer, file: FilePlan, path: Path) -> tuple[float, float]:
    """Seconds from the file to staged candidates, and to published diplomas."""
    office = await Office.open(await fresh_register(server, "ours"), [file.academy])
    began = time.perf_counter()
    session, import_id = await office.stage(file, path)
    staged = time.perf_counter() - began
    await office.release(await office.approve(session, import_id))
    published = time.perf_counter() - began
    await office.close()
    return staged, published


async def dump(server: EmbeddedServer, folder: Path) -> None:
    """Writes the rows that our way made, ready to be copied."""
    connection = await asyncpg.connect(server.url("ours"))
    for table in TABLES:
        await connection.copy_from_table(table, output=folder / table, format="text")
    await connection.close()


async def valid_copy(server: EmbeddedServer, folder: Path) -> float:
    """Seconds of a COPY of those rows into the same indexed tables, in one transaction."""
    connection = await asyncpg.connect(await fresh_register(server, "valid"))
    began = time.perf_counter()
    async with connection.transaction():
        for table in TABLES:
            await connection.copy_to_table(table, source=folder / table, format="text")
    taken = time.perf_counter() - began
    await connection.close()
    return taken
