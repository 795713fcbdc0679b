"""A sample on its whole way: session opened, file imported, gates tried, published by two agents, each diploma verified by its key."""

import csv
import io
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from db.pool import connect
from db.statements import Connection, statement
from graph.problems import NotComplete, Refused, SecondAgentNeeded
from plugins.contract import Family, Invalid, Sample, Session
from plugins.values import kept, written
from resolvers import callers, imports, publication, sessions
from resolvers.callers import Caller
from resolvers.import_staging import untold
from resolvers.keys import Keyring
from server.conformance import register

DETAILS = statement("conformance.details")
PUBLISHED = statement("conformance.published")
GROUPS = statement("sessions.groups")

KEYRING = Keyring.of(b"the master secret of a trial, which protects nobody")
MOST_DIPLOMAS = 200
MOST_TOLD = 10


@dataclass(frozen=True)
class Key:
    """What opens a published diploma."""

    diploma: UUID
    version: int
    generation: int
    name: str

    @property
    def shown(self) -> str:
        """The control key as its holder has it."""
        return KEYRING.shown_key(self.diploma, self.version, self.generation)


@dataclass
class Trial:
    """What became of a sample, by step; a step that was not reached says which one was the last."""

    sample: Sample
    imported: list[str] = field(default_factory=list[str])
    published: list[str] = field(default_factory=list[str])
    keys: list[Key] = field(default_factory=list[Key])


@cache
def trials(family: Family) -> tuple[Trial, ...]:
    """The trials of a family's samples, made once a process."""
    url = register.url()
    return tuple(register.run(_tried(family, sample, url)) for sample in family.samples)


def import_faults(family: Family) -> Iterator[str]:
    """What an import of the samples refuses or changes."""
    if not family.samples:
        yield "it brings no sample (Family.samples): a results file of invented people"
    for trial in trials(family):
        yield from (f"{trial.sample.file.name}: {fault}" for fault in trial.imported)


def publication_faults(family: Family) -> Iterator[str]:
    """Where the way of the samples from an import to a publication stops, and gates that were open."""
    for trial in trials(family):
        yield from (f"{trial.sample.file.name}: {fault}" for fault in trial.published)


async def _tried(family: Family, sample: Sample, url: str) -> Trial:
    trial = Trial(sample)
    work, monitor = await connect(url), await connect(url)
    try:
        agents = [
            await callers.add(work, name, "HEAD_OF_SERVICE", [sample.academy]) for name in ("Camille Roussel", "Nadia Ferrand")
        ]
        try:
            session = await sessions.open_session(work, agents[0], family.code, sample.academy, sample.year)
        except Refused as refused:
            trial.imported.append(f"its session cannot be opened: {refused.text.en}")
            return trial
        first = await _imported(trial, work, monitor, agents[0], session)
        if first is not None:
            trial.imported += await _differences(family, sample, work, session)
            trial.published += [fault async for fault in _published(work, monitor, agents, session)]
            rows = await PUBLISHED.rows(work, session=session, count=MOST_DIPLOMAS)
            trial.keys = [Key(row["id"], row["version"], row["key_generation"], row["birth_name"]) for row in rows]
            if not rows and not trial.published:
                trial.published.append("nobody is admitted, so nothing is published: let somebody pass")
    finally:
        await work.close()
        await monitor.close()
    return trial


async def _imported(trial: Trial, work: Connection, monitor: Connection, agent: Caller, session: UUID) -> UUID | None:
    """Imports the file, and again with an empty line at its end: nothing may be refused, nor differ."""
    try:
        done, _ = await imports.import_path(work, monitor, KEYRING, agent, session, trial.sample.file, untold)
    except Refused as refused:
        trial.imported.append(f"the file is refused: {refused.text.en}")
        return None
    report = await imports.reported(work, agent, done)
    async for page in imports.refusal_pages(work, agent, done):
        for one in page[:MOST_TOLD]:
            reason, remedy = one["reason_en"], one["remedy_en"]
            trial.imported.append(f"line {one['line']}: “{one['column_name']}” {reason}: {remedy}")
    if report["state"] != "STAGED":
        trial.imported.append(f"the import ends as {report['state']}")
        return None
    await imports.apply(work, agent, done)
    with tempfile.TemporaryDirectory() as folder:
        same = Path(folder) / trial.sample.file.name
        same.write_bytes(trial.sample.file.read_bytes() + b"\r\n")
        again, _ = await imports.import_path(work, monitor, KEYRING, agent, session, same, untold)
    difference = (await imports.reported(work, agent, again))["difference"]
    if any(count for name, count in difference.items() if name != "unchanged"):
        trial.imported.append(f"the same lines once more make a difference: {difference}")
    await imports.discard(work, agent, again)
    return done


async def _differences(family: Family, sample: Sample, work: Connection, session: UUID) -> list[str]:
    """Where what the register holds is not what the family's readers give for the file."""
    stored = {row["candidate_number"]: row["details"] for row in await DETAILS.rows(work, session=session)}
    found = list[str]()
    for line in _lines(sample.file):
        number = line["numero_candidat"]
        try:
            expected = _details(family, sample, line)
        except Invalid:
            continue  # such a line was refused, which is said
        if number in stored and stored[number] != expected:
            found.append(f"candidate {number}: the register holds {stored[number]}, and the readers give {expected}")
    return found[:MOST_TOLD]


def _details(family: Family, sample: Sample, line: Mapping[str, str]) -> dict[str, Any]:
    session = Session(sample.year, sample.academy)
    read = {
        column.detail: kept(column.reader(session))(cell)
        for column in family.columns
        if column.detail is not None and (cell := line.get(column.name, "").strip())
    }
    return json.loads(written({name: value for name, value in read.items() if value is not None}))


def _lines(file: Path) -> list[dict[str, str]]:
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    header = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") >= header.count(",") else ",")
    return [{name.strip().lower(): cell for name, cell in row.items()} for row in reader]


async def _published(work: Connection, monitor: Connection, agents: list[Caller], session: UUID) -> AsyncIterator[str]:
    """Publishes the session; yields what should have been refused and was not, and what refused."""
    first, second = agents
    try:
        await publication.prepare(work, first, session)
        yield "a session with open jury groups can be prepared"
    except NotComplete.refusal:
        pass
    try:
        await imports.confirm(work, first, session, None)
        for group in await GROUPS.rows(work, sessions=[session], academies=list(first.academies)):
            await sessions.close_group(work, first, session, group["code"])
        await publication.prepare(work, first, session)
        try:
            await publication.approve(work, first, session)
            yield "one agent alone can publish"
        except SecondAgentNeeded.refusal:
            pass
        await publication.release(work, monitor, KEYRING, await publication.approve(work, second, session))
    except Refused as refused:
        yield f"it is not published: {refused.text.en}"
