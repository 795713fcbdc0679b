"""A holder adds a diploma: named by its family, session and academy, found by who he is, attached when one person alone agrees.

The answer is *added*, or one neutral refusal: no record, a homonym, a difference and a diploma that somebody else holds are told
alike, in the same time, with a reference that the exam service can look up (facts and rules: docs/matching.md).
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from uuid import UUID

from db.statements import Connection, Row, statement
from graph.control_key import shown, spelled
from graph.holdings import AlreadyHeld, DiplomaNotLinked, SessionNotOnline, TooManyRequests
from graph.reference import ExamService
from graph.text import Text
from resolvers import rows
from resolvers.accounts import Holder, tell
from resolvers.availability import of_span
from resolvers.matching import Comparison, SecondFacts, compare, corroborated, judge, search_window
from resolvers.outcomes import Decision
from resolvers.people import ExamRecord
from resolvers.places import places
from resolvers.reconsidering import held_by_another_person, record_of

AVAILABILITY = statement("reference.availability")
LOCK = statement("accounts.lock")
RECENT = statement("claims.recent")
SESSIONS = statement("claims.sessions")
RECORDS = statement("claims.records")
MAKE = statement("claims.make")
NOTE_CANDIDATES = statement("claims.note_candidates")
FREEZE_CLAIM = statement("claims.freeze_of")
ATTACH = statement("holdings.attach")
FREEZE = statement("holdings.freeze")
LOCK_DIPLOMAS = statement("holdings.lock")
HOLDERS_OF = statement("holdings.holders_of")

MOST_REFUSED, MOST_ADDED = 20, 30
"""Requests of an account in a day: after so many refusals no more are taken; after so many grants an agent looks at each."""

MOST_RECORDS = 50
ANSWERED_SECONDS = 0.6
"""When a request that is not granted is answered: later than any cause takes to establish."""


@dataclass(frozen=True)
class Wanted:
    """The diploma that a holder names, with what he knows besides."""

    family: str
    year: int
    academy: str
    ine: str | None = None
    candidate_number: str | None = None
    establishment: str | None = None

    @property
    def facts(self) -> SecondFacts:
        """The second facts, as records spell them; an empty one is none."""
        return SecondFacts(
            *((fact or "").strip().upper()[:40] or None for fact in (self.ine, self.candidate_number, self.establishment))
        )


@dataclass(frozen=True, repr=False)
class Candidate:
    """A record that the search found, and how it compares."""

    diploma: UUID
    record: ExamRecord
    comparison: Comparison
    decision: Decision


async def add(connection: Connection, holder: Holder, wanted: Wanted) -> UUID:
    """Attaches the diploma to the holder; returns it (one of them, when the session gave him several).

    Raises `SessionNotOnline` when nothing of that session is published, `AlreadyHeld`, `TooManyRequests`, or `DiplomaNotLinked`.
    """
    began = monotonic()
    async with connection.transaction():
        found = await SESSIONS.rows(connection, family=wanted.family, academy=wanted.academy, year=wanted.year)
        if not found:
            raise SessionNotOnline.refuse(NOT_ONLINE, exam_service=await _exam_service(connection, wanted))
        await LOCK.value(connection, account=holder.id)
        recent = await RECENT.row(connection, account=holder.id)
        assert recent is not None
        if recent["refused"] >= MOST_REFUSED:
            raise TooManyRequests.refuse(TOO_MANY)
        compared = await _search(connection, holder, wanted, [row["id"] for row in found])
        decision = judge([(candidate.record, candidate.comparison) for candidate in compared], wanted.facts)
        candidates = [candidate for candidate in compared if candidate.decision is not Decision.NO_MATCH]
        matching = [candidate for candidate in candidates if candidate.decision is Decision.MATCH]
        if decision is Decision.MATCH and recent["added"] < MOST_ADDED and await _attached(connection, holder, wanted, matching):
            return matching[0].diploma
        reference = await _not_linked(connection, holder, wanted, decision, candidates)
        service = await _exam_service(connection, wanted)
    await asyncio.sleep(max(0.0, began + ANSWERED_SECONDS - monotonic()))
    raise DiplomaNotLinked.refuse(NOT_LINKED.format(reference=reference), reference=reference, exam_service=service)


async def add_certain(connection: Connection, holder: Holder, wanted: Wanted) -> bool:
    """Attaches the diploma when one person alone agrees, as `add` would; whether the holder has it from now on, or had it already.

    When it is not certain nothing is noted, frozen or told. The caller has a transaction, and the lock of the account.
    """
    sessions = [
        row["id"] for row in await SESSIONS.rows(connection, family=wanted.family, academy=wanted.academy, year=wanted.year)
    ]
    compared = await _search(connection, holder, wanted, sessions) if sessions else []
    if judge([(candidate.record, candidate.comparison) for candidate in compared], wanted.facts) is not Decision.MATCH:
        return False
    try:
        return await _attached(
            connection, holder, wanted, [candidate for candidate in compared if candidate.decision is Decision.MATCH]
        )
    except AlreadyHeld.refusal:
        return True


async def _search(connection: Connection, holder: Holder, wanted: Wanted, sessions: list[UUID]) -> list[Candidate]:
    """The records of the sessions within reach of the holder's name and date of birth, compared; none when they are too many."""
    window = search_window(holder.person)
    found = await RECORDS.rows(
        connection, sessions=sessions, names=sorted(window.names), dates_from=[first for first, _ in window.dates],
        dates_to=[last for _, last in window.dates],
    )  # fmt: skip
    if len(found) > MOST_RECORDS:
        return []
    return [_candidate(row, holder, wanted) for row in found]


def _candidate(row: Row, holder: Holder, wanted: Wanted) -> Candidate:
    record = record_of(row)
    comparison = compare(holder.person, record, places())
    return Candidate(row["id"], record, comparison, corroborated(comparison, record, wanted.facts))


async def _attached(connection: Connection, holder: Holder, wanted: Wanted, matching: Sequence[Candidate]) -> bool:
    """Attaches what matches, unless another account holds some of it, or this one what is certainly another person's.

    Raises `AlreadyHeld` when the holder has all of it.
    """
    diplomas = [candidate.diploma for candidate in matching]
    # two statements: who waited for the lock must see what the other one did
    await LOCK_DIPLOMAS.rows(connection, diplomas=diplomas)
    held = {row["diploma_id"]: row for row in await HOLDERS_OF.rows(connection, diplomas=diplomas)}
    if any(row["account_id"] != holder.id or row["frozen_at"] is not None for row in held.values()):
        return False
    if len(held) == len(diplomas):
        raise AlreadyHeld.refuse(Text("Ce diplôme est déjà dans votre compte.", "This diploma is in your account already."))
    if await held_by_another_person(
        connection, holder.id, [candidate.record for candidate in matching if candidate.diploma not in held]
    ):
        return False
    claim, _ = await _claim(connection, holder, wanted, "ADDED", matching)
    await ATTACH.run(connection, diplomas=diplomas, account=holder.id, claim=claim)
    await holder.journal(connection, "ADD_DIPLOMA", claim=claim, diplomas=diplomas)
    await tell(connection, holder.id, "DIPLOMA_ADDED")
    return True


async def _not_linked(
    connection: Connection, holder: Holder, wanted: Wanted, decision: Decision, candidates: Sequence[Candidate]
) -> str:
    """Notes a request that is not granted; returns its reference. A diploma that two accounts claim is nobody's until an agent decides."""
    frozen = False
    if decision is Decision.MATCH:
        for candidate in candidates:
            first = await FREEZE.value(connection, diploma=candidate.diploma, account=holder.id)
            if first is not None:
                frozen = True
                await FREEZE_CLAIM.value(connection, diploma=candidate.diploma)
                await tell(connection, first, "REQUEST_DECIDED")
    state = "FROZEN" if frozen else "REVIEW" if candidates else "NOT_FOUND"
    claim, reference = await _claim(connection, holder, wanted, state, candidates)
    await holder.journal(connection, "ASK_DIPLOMA", claim=claim)
    return reference


async def _claim(
    connection: Connection, holder: Holder, wanted: Wanted, state: str, candidates: Sequence[Candidate]
) -> tuple[UUID, str]:
    reference = shown(spelled(secrets.randbits(40)))
    made = await MAKE.value(
        connection, reference=reference, account=holder.id, family=wanted.family, academy=wanted.academy, year=wanted.year,
        facts=asdict(wanted.facts), person=asdict(holder.person), state=state,
    )  # fmt: skip
    if made is None:  # the reference is taken: one request in a trillion
        return await _claim(connection, holder, wanted, state, candidates)
    await NOTE_CANDIDATES.run(
        connection, claim=made, diplomas=[candidate.diploma for candidate in candidates],
        decisions=[candidate.decision.name for candidate in candidates],
        comparisons=[candidate.comparison.named for candidate in candidates],
    )  # fmt: skip
    return made, reference


async def _exam_service(connection: Connection, wanted: Wanted) -> ExamService | None:
    found = await AVAILABILITY.rows(connection, **of_span(None, wanted.year, wanted.year, wanted.academy, wanted.family))
    return next((rows.exam_service(row) for row in found if row["service_code"]), None)


NOT_ONLINE = Text(
    "Le registre ne montre aucun diplôme de cette famille, de cette session et de cette académie. Vérifier l'année et l'académie ; "
    "un diplôme plus ancien se demande au service des examens.",
    "The register shows no diploma of this family, session and academy. Check the year and the academy; an older diploma is asked from "
    "the exam service.",
)
TOO_MANY = Text(
    "Trop de demandes aujourd'hui : réessayer demain, ou écrire au service des examens avec une référence déjà donnée.",
    "Too many requests today: try again tomorrow, or write to the exam service with a reference that you have.",
)
NOT_LINKED = Text(
    "Nous n'avons pas pu relier ce diplôme automatiquement. Le service des examens peut le faire : lui donner la référence {reference}.",
    "We could not link this diploma automatically. The exam service can: give it the reference {reference}.",
)
