"""The samples of a family through a publication, with the refusals on its way, and the verification of its diplomas."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, NamedTuple

from db.statements import Row, statement
from graph.problems import NotComplete, Problem, Refused, SecondAgentNeeded, SessionNotHeld
from plugins.contract import Family, Sample
from plugins.loading import families
from resolvers import publication, sessions
from server.conformance.asking import Ask, asking, verification
from server.conformance.law import edge_years
from server.conformance.registers import fresh, register
from server.conformance.samples import KEYRING, NONE, exam_service
from server.exam_service import ExamService

DIPLOMAS = statement("conformance.diplomas")
MOST_DIPLOMAS = 200
"""Of one family: what is verified, and what its page is tried with."""


class Published(NamedTuple):
    """A register where the samples of a family are published, and what went wrong on the way."""

    url: str
    faults: list[str]
    diplomas: list[Row]


async def published(family: Family) -> Published:
    """Publishes the samples in a register that stays, as agents do, and tries on the way what must be refused."""
    url = await fresh()
    if not family.samples:
        return Published(url, [NONE], [])
    if families().get(family.code) is not family:
        return Published(url, ["it is not installed, and nothing of a family that is not can be published"], [])
    async with exam_service(url, family) as service:
        faults = [fault for sample in family.samples async for fault in _faults(service, family, sample)]
        diplomas = await DIPLOMAS.rows(service.work, family=family.code, count=MOST_DIPLOMAS)
    if not diplomas and not faults:
        faults = ["its samples publish no diploma: somebody in them must be ADMIS"]
    return Published(url, faults, diplomas)


async def _faults(service: ExamService, family: Family, sample: Sample) -> AsyncIterator[str]:
    name = sample.file.name
    try:
        session = await service.open(family.code, sample.academy, sample.year)
        await service.take(session, sample.file)
        if not await _refused(service.prepare(session), NotComplete):
            yield f"{name}: its publication can be prepared while jury groups are open"
        await service.complete(session)
        for text in await publication.blockers(service.work, service.first, session):
            yield f"{name}: it cannot be published. {text.en}"
            return
        await service.prepare(session)
        if not await _refused(publication.approve(service.work, service.first, session), SecondAgentNeeded):
            yield f"{name}: the agent who prepares its publication can release it alone"
        await service.release(session)
    except Refused as refused:
        yield f"{name}: {refused.text.en}"


async def unopened(family: Family) -> list[str]:
    """Sessions outside of the family's that open all the same."""
    years = [year for year in edge_years(family) if not family.held(year)]
    async with register() as url, exam_service(url, family) as service:
        opened = [sessions.open_session(service.work, service.first, family.code, "10", year) for year in years]
        refused = [await _refused(one, SessionNotHeld) for one in opened]
    return [f"the session {year} opens, and the family does not hold it" for year, no in zip(years, refused, strict=True) if not no]


async def _refused(act: Awaitable[object], problem: type[Problem]) -> bool:
    """Whether an act meets that refusal. Raises any other."""
    try:
        await act
    except Refused as refused:
        if refused.problem is not problem:
            raise
        return True
    return False


async def unverified(family: Family, of: Published) -> list[str]:
    """Diplomas that their key and birth name do not open, or that lack fields of the family's own."""
    if not of.diplomas:
        return of.faults
    document = verification(family)
    async with asking(of.url) as ask:
        return [fault for row in of.diplomas for fault in await _answered(ask, document, family, row)]


async def _answered(ask: Ask, document: str, family: Family, row: Row) -> list[str]:
    key = KEYRING.shown_key(row["id"], row["version"], row["key_generation"])
    answer = await ask(document, {"key": key, "name": row["birth_name"]})
    said = f"the diploma of candidate {row['candidate_number']} in {row['session_year']}"
    if errors := answer.get("errors"):
        return [f"{said}: {'.'.join(map(str, error.get('path', ())))} answers {error['message']}" for error in errors]
    found: dict[str, Any] = answer["data"]["verification"]
    if found["__typename"] != "VerifiedDiploma":
        return [f"{said} is not opened by its key and its holder's birth name"]
    name = family.type.__name__
    if (given := found["diploma"]["__typename"]) != name:
        return [f"{said} is a {given} to clients, and not a {name}"]
    return []
