"""What becomes of the samples of a family in a register: what their import refuses, and what it keeps."""

import csv
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from db.pool import connect
from db.statements import statement
from graph.problems import Refused
from plugins.contract import Family, Sample, Session
from plugins.values import kept, written
from resolvers import callers, imports
from resolvers.import_file import ImportFile
from resolvers.imports import examined_for
from resolvers.keys import Keyring
from server.conformance.asking import SECRET
from server.conformance.registers import register
from server.exam_service import ExamService

CANDIDATES = statement("conformance.candidates")

KEYRING = Keyring.of(SECRET)
NONE = "it has no sample: bring a results file with fictitious people, and name it in `samples` with its session and academy"


@asynccontextmanager
async def exam_service(url: str, family: Family) -> AsyncGenerator[ExamService]:
    """Two agents of the academies of the samples, each of whom may do everything, on connections to a register."""
    work, monitor = await connect(url), await connect(url)
    try:
        academies = sorted({sample.academy for sample in family.samples} | {"10"})
        first, second = [await callers.add(work, name, "HEAD_OF_SERVICE", academies) for name in ("Claude", "Dominique")]
        yield ExamService(work, monitor, KEYRING, first, second)
    finally:
        await work.close()
        await monitor.close()


async def not_kept(family: Family) -> list[str]:
    """Lines of the samples that an import refuses, and values of theirs that it does not keep as they were read."""
    if not family.samples:
        return [NONE]
    async with register() as url, exam_service(url, family) as service:
        return [fault for sample in family.samples async for fault in _import_faults(service, family, sample)]


async def _import_faults(service: ExamService, family: Family, sample: Sample) -> AsyncIterator[str]:
    name = sample.file.name
    try:
        session = await service.open(family.code, sample.academy, sample.year)
        import_id = await service.read(session, sample.file)
    except Refused as refused:
        yield f"{name}: {refused.text.en}"
        return
    async for page in imports.refusal_pages(service.work, service.first, import_id):
        for row in page:
            column = f", column {row['column_name']}" if row["column_name"] else ""
            yield f"{name}, line {row['line']}{column}: {row['reason_en']}; {row['remedy_en']}"
    read = {
        row["candidate_number"]: row["details"] for row in await CANDIDATES.rows(service.work, session=session, import_id=import_id)
    }
    for number, details in expected(family, sample):
        if number in read and read[number] != details:
            keys = sorted(key for key in {*details, *read[number]} if details.get(key) != read[number].get(key))
            yield f"{name}, candidate {number}: the details {', '.join(keys)} are not kept as their columns read them"
    async for fault in _changed(service, session, import_id, sample.file):
        yield f"{name}: {fault}"


async def _changed(service: ExamService, session: UUID, import_id: UUID, path: Path) -> AsyncIterator[str]:
    """What importing the same again changes: the file itself, then its lines in another order."""
    await imports.apply(service.work, service.first, import_id)
    if await service.read(session, path) != import_id:
        yield "the same file again is taken for another one"
    with TemporaryDirectory() as folder:
        again = await service.read(session, _turned(path, Path(folder)))
    difference = (await imports.reported(service.work, service.first, again))["difference"]
    if any(difference[what] for what in ("added", "changed", "removed")):
        yield "its lines in another order change what stands: some are for the same candidate"


def _turned(path: Path, folder: Path) -> Path:
    """The same lines in another order, and with another end."""
    header, *lines = path.read_bytes().splitlines()
    turned = folder / path.name
    turned.write_bytes(b"".join(line + b"\r\n" for line in (header, *reversed(lines))) + b"\r\n")
    return turned


def expected(family: Family, sample: Sample) -> Iterator[tuple[str, dict[str, Any]]]:
    """The details of each line by candidate number, as the family's columns read them."""
    file: ImportFile = examined_for(sample.file, family.code)
    session = Session(sample.year, sample.academy)
    readers = {column.name: kept(column.reader(session)) for column in family.columns}
    with sample.file.open(encoding=file.encoding, newline="") as lines:
        for row in csv.DictReader(lines, fieldnames=file.header, delimiter=file.separator):
            if row["numero_candidat"] == "numero_candidat":
                continue
            cells = {column: row.get(column.name) for column in family.columns if column.detail is not None}
            try:
                values = {column.detail: readers[column.name](cell) for column, cell in cells.items() if cell}
            except ValueError:
                continue  # it is among what the import refuses
            yield (
                str(row["numero_candidat"]),
                {str(key): json.loads(written(value)) for key, value in values.items() if value is not None},
            )
