"""The demonstration register: a small fictitious nation, imported, closed and published through the use cases of every day."""

import json
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track

from db.pool import connect
from db.statements import Connection, statement
from plugins.loading import families
from population.files import write
from population.nation import drawn, plan
from resolvers import agent_links, apps, callers, imports
from resolvers.apps import App
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.titles import in_force
from server.exam_service import ExamService
from server.provider.people import AGENTS
from server.provider.registration import Demonstration, demonstrations
from server.settings import Settings

SEED = 2026
SESSIONS = range(2019, 2027)
ACADEMIES = ("01", "05", "10", "16", "24", "28", "70")
"""A merger (Caen into Normandie), the interacademic service (Paris, Créteil), an island, and three others."""

SIEC = ("01", "24", "25", "54")
RIGHTS = {
    "first": ("AGENT", ACADEMIES),
    "second": ("HEAD_OF_SERVICE", ACADEMIES),
    "siec-1": ("AGENT", SIEC),
    "siec-2": ("AGENT", SIEC),
    "delegate-1": ("RECTOR_DELEGATE", SIEC),
    "delegate-2": ("RECTOR_DELEGATE", SIEC),
    "auditor": ("AUDITOR", ACADEMIES),
    "operator": ("OPERATOR", ACADEMIES),
}
"""Role and academies of each agent of the provider: the SIEC's answer requests and correct, a rector's delegates decide."""

MOBILE = App("fr.exemple.demonstration", "Application de démonstration", ("http://127.0.0.1/retour",), True, True)
REDIRECT_URI = "http://127.0.0.1:8400/retour"
"""Of an app on the visitor's machine; nobody need listen there to read the code in the address of the browser."""


class Place(NamedTuple):
    """A session by what it is of."""

    family: str
    academy: str
    year: int


LEFT_OPEN = Place("bac", "01", 2026)
"""A session that the demonstration leaves for its visitor to close, prepare and release."""

SAMPLES = statement("demonstration.samples")
ANYTHING = statement("demonstration.anything")

console = Console(highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class Agents:
    """The two agents without whom nothing is published, and all of them by the choice at the provider."""

    first: Caller
    second: Caller
    all: Mapping[str, Caller]

    @staticmethod
    async def add(connection: Connection, others: Iterable[str]) -> "Agents":
        """Adds those whom the provider knows, each with the role of the demonstration; the first two also act in `others` (academies)."""
        added = {
            choice: await callers.add(
                connection, " ".join(AGENTS[choice]), role, sorted({*academies, *(others if choice in ("first", "second") else ())})
            )
            for choice, (role, academies) in RIGHTS.items()
        }
        return Agents(added["first"], added["second"], added)


def free_port(wanted: int) -> int:
    """The port wanted, or the next one that nobody listens on."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise SystemExit(f"No port is free between {wanted} and {wanted + 99}: name another one with --port.")


async def furnish(settings: Settings, url: str, base: str, size: int) -> None:
    """Fills an empty register, and writes `demo.json` beside the data: where to look and sign in, keys to verify, agents' tokens."""
    work, monitor = await connect(url), await connect(url)
    try:
        brought = dict(_brought())
        agents = await Agents.add(work, {place.academy for place in brought})
        await apps.add(work, MOBILE)
        keyring = Keyring.of(settings.master_secret)
        await keyring.check(work)
        with tempfile.TemporaryDirectory() as folder:
            files = dict(_drawn(size, Path(folder))) | brought
            missing = [place for place in files if not await _is_done(work, place)]
            service = ExamService(work, monitor, keyring, agents.first, agents.second)
            for place in track(missing, "Registre de démonstration", console=console, disable=not missing):
                await _publish(service, place, files[place]())
        of_holders, of_agents = demonstrations(base, settings.master_secret)
        await _link(work, agents, of_agents)
        demo = {
            "url": base,
            "login": f"{base}/login?next=/graphiql",
            "people": await _people(work, of_holders),
            "verify": [sample async for sample in _samples(work, keyring)],
            "agents": [await _with_token(work, agent, choice) for choice, agent in agents.all.items()],
            "openSession": LEFT_OPEN._asdict(),
            "mobile": {"clientId": MOBILE.id, "redirectUri": REDIRECT_URI},
        }
        target = settings.data / "demo.json"
        target.touch(0o600)  # it holds tokens
        target.write_text(json.dumps(demo, ensure_ascii=False, indent=2), encoding="utf-8")
    finally:
        await work.close()
        await monitor.close()


def _drawn(size: int, folder: Path) -> Iterator[tuple[Place, Callable[[], Path]]]:
    """The sessions of the fictitious nation, each with what writes its file in the folder."""
    for file in plan(size, drawn(), SESSIONS, ACADEMIES):
        yield Place(file.family, file.academy, file.year), partial(write, file, SEED, folder, in_force, varied=True)


def _brought() -> Iterator[tuple[Place, Callable[[], Path]]]:
    """The sessions of the samples that the other families bring: there are no figures to draw people from."""
    for code, family in families().items():
        for sample in family.samples if code not in drawn() else ():
            yield Place(code, sample.academy, sample.year), partial(Path, sample.file)


async def _is_done(connection: Connection, place: Place) -> bool:
    """Whether a session is as the demonstration leaves it: an interrupted first start goes on from here."""
    state = await ANYTHING.value(connection, **place._asdict())
    return state is not None and (place == LEFT_OPEN or state not in ("OPEN", "COMPLETE", "PREPARED"))


async def _publish(service: ExamService, place: Place, path: Path) -> None:
    """The everyday journey of a session, as far as the demonstration goes with it."""
    session = await service.open(*place)
    report = await imports.reported(service.work, service.first, await service.take(session, path))
    if report["refused"]:
        console.print(f"{path.name} : {report['refused']} lignes refusées sur {report['lines']}, dont l'import dit pourquoi.")
    if place == LEFT_OPEN:
        return
    await service.complete(session)
    if await ANYTHING.value(service.work, **place._asdict()) == "COMPLETE":
        await service.prepare(session)
    await service.release(session)


async def _samples(connection: Connection, keyring: Keyring) -> AsyncIterator[dict[str, str]]:
    """Some published diplomas of each family, with the key that their holders would have."""
    for row in await SAMPLES.rows(connection, families=list(families())):
        key = keyring.shown_key(row["id"], row["version"], row["key_generation"])
        yield {"key": key, "birthName": row["birth_name"], "family": row["family"]}


async def _with_token(connection: Connection, agent: Caller, choose: str) -> dict[str, Any]:
    token = await callers.new_token(connection, agent, timedelta(days=365))
    return {"name": agent.name, "role": agent.role, "academies": agent.academies, "token": token, "choose": choose}


async def _link(connection: Connection, agents: Agents, of_agents: Demonstration) -> None:
    """Gives the agents their identities at the demonstration's provider."""
    subjects = {person.choice: of_agents.provider.subject(person) for person in await of_agents.provider.people(connection)}
    for choice, agent in agents.all.items():
        await agent_links.attach(connection, agent, of_agents.declared.name, subjects[choice])


async def _people(connection: Connection, of_holders: Demonstration) -> list[dict[str, Any]]:
    """Whom one may sign in as: the name on the button, its value, which case it is, and the record there is."""
    return [
        {"name": person.name, "case": person.case, "choose": person.choice} | dict(person.record)
        for person in await of_holders.provider.people(connection)
    ]
