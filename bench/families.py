"""Families of another ministry: what they cost who verifies a diploma of ours, and what parts and computed fields cost beside a plain one.

The families are those of `examples/agri`, installed for the servers that have them alone.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from bench.load import KEYRING, Client, Load, asking, in_turn, operation, report, serving
from bench.machine import scratch_server, warm
from db.embedded import EmbeddedServer
from db.pool import connect
from graph.control_key import shown

EXAMPLE = Path(__file__).parent.parent / "examples" / "agri"
ALONE, BESIDE = 18_650, 18_651
NAME = "Béraud-Lefèvre"

UNITS = (("S1-UE1", 10), ("S1-UE2", 12), ("S1-UE3", 8))
SEMESTERS = [{"number": number, "units": [{"code": code, "ects": ects} for code, ects in UNITS]} for number in range(1, 5)]
KINDS = {
    "bac": ("47010019", {"specialities": ["Mathématiques", "Physique-chimie"]}),
    "bts": ("32032608", {"option": "A"}),
    "btsa": ("32321115", {"semesters": SEMESTERS}),
}
"""Title and details of the diplomas of a family."""

INTERFACE = "__typename title session mention status academy { name } holder { birthName givenNames }"
ASKED = {
    "bac": f"{INTERFACE} ... on Baccalaureat {{ track specialities }}",
    "bts": f"{INTERFACE} ... on BrevetTechnicienSuperieur {{ option }}",
    "btsa": f"{INTERFACE} ... on BrevetTechnicienSuperieurAgricole {{ ects semesters {{ number units {{ code label ects }} }} }}",
}
QUERY = (
    "query Verify($key: String!, $name: String!) {{ verification(key: $key, birthName: $name) {{"
    " ... on VerifiedDiploma {{ diploma {{ {} }} }} }} }}"
)


async def measure(given: argparse.Namespace) -> None:
    """Prints two tables: ours without and with the others installed, then a plain field, and parts with computed ones."""
    async with scratch_server() as server, installed() as path:
        url, keys = await filled(server, given.size, path)
        async with serving(url, ALONE), serving(url, BESIDE, environment={"PYTHONPATH": path}):
            ours = [Load(name, verifying(port, "bac", keys)) for name, port in (("six families", ALONE), ("eleven", BESIDE))]
            fields = [
                Load(name, verifying(BESIDE, code, keys)) for name, code in (("one field", "bts"), ("12 parts, computed", "btsa"))
            ]
            await in_turn([*ours, *fields], given.seconds)
    report("verification of a bac", ours)
    report("on a diploma", fields)


@asynccontextmanager
async def installed() -> AsyncGenerator[str]:
    """A path of modules on which this checkout and the example are."""
    with tempfile.TemporaryDirectory() as folder:
        uv = Path(sys.executable).with_name("uv")
        process = await asyncio.create_subprocess_exec(
            uv, "pip", "install", "-q", "--no-deps", "--target", folder, os.fspath(EXAMPLE)
        )
        if await process.wait():
            raise SystemExit("the example could not be installed")
        yield f"{folder}{os.pathsep}{EXAMPLE.parent.parent}"


async def filled(server: EmbeddedServer, size: int, path: str) -> tuple[str, dict[str, list[str]]]:
    """A register with so many published diplomas of each family, and their keys."""
    url = server.url()
    environment = {**os.environ, "PYTHONPATH": path, "DATABASE_URL": url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "migrate", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0
    connection = await connect(url)
    keys = dict[str, list[str]]()
    for code, (title, details) in KINDS.items():
        session: UUID = await connection.fetchval(
            "insert into exam_session (family, academy_code, year, state, published_at, published_count) "
            "values ($1, '10', 2025, 'PUBLISHED', now(), $2) returning id", code, size,
        )  # fmt: skip
        ids: list[UUID] = [
            row["id"]
            for row in await connection.fetch(
                "insert into diploma (session_id, candidate_number) select $1, 'N' || n from generate_series(1, $2::int) n returning id",
                session, size,
            )
        ]  # fmt: skip
        await connection.execute(
            "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, birth_date,"
            " title_code, title, national_level, mention, name_key, details) select id, 1, id, 'VALID', sha256(id::text::bytea),"
            " $2, '{Éloïse,Marie}', '2006-03-12', $3, 'Diplôme', 4, 'BIEN', 'BERAUDLEFEVRE', $4 from diploma where session_id = $1",
            session, NAME, title, details,
        )  # fmt: skip
        records = [(KEYRING.lookup(id.bytes, 1, 1), id, 1, 1, None) for id in ids]
        await connection.copy_records_to_table("control_key", records=records)
        keys[code] = [shown(KEYRING.control_key(id.bytes, 1, 1)) for id in ids]
    await connection.execute("vacuum analyze")
    await connection.close()
    await warm(url)
    return url, keys


def verifying(port: int, code: str, keys: dict[str, list[str]]) -> Client:
    """Clients that verify diplomas of a family, from addresses of their own."""
    document = QUERY.format(ASKED[code])
    requests = [
        operation(document, {"X-Forwarded-For": f"198.51.{place >> 8 & 255}.{place & 255}"}, key=key, name=NAME)
        for place, key in enumerate(keys[code])
    ]
    return asking(port, requests, json.dumps(NAME, ensure_ascii=False).encode())
