"""What agents do with one diploma after its publication: two of them, each time (docs/life.md)."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.diploma import Diploma
from graph.problems import Problem
from graph.reviews import RecordPerson
from graph.stored import column, for_caller, identity, many, member, one, within

MOST_CHANGES, MOST_LISTED = 20, 50


@strawberry.enum(description="What an act does with a diploma.")
class DiplomaActKind(Enum):
    MATERIAL_CORRECTION = strawberry.enum_value(
        "MATERIAL_CORRECTION",
        description="Corrects what was written wrongly after the jury's deliberation: a new version, a new key",
    )
    IDENTITY_CHANGE = strawberry.enum_value(
        "IDENTITY_CHANGE",
        description="Writes the holder's new civil status: a new version, a new key; the old names vanish everywhere",
    )
    JURY_REVISION = strawberry.enum_value(
        "JURY_REVISION", description="Writes what the jury decided anew: a new version, a new key"
    )
    SUSPENSION = strawberry.enum_value("SUSPENSION", description="Makes the diploma unavailable for a time")
    SUSPENSION_LIFTED = strawberry.enum_value("SUSPENSION_LIFTED", description="Ends a suspension")
    WITHDRAWAL = strawberry.enum_value("WITHDRAWAL", description="The rector withdraws the diploma: it is no longer valid")
    ANNULMENT = strawberry.enum_value("ANNULMENT", description="A court annuls the diploma: it is no longer valid")
    REINSTATEMENT = strawberry.enum_value(
        "REINSTATEMENT", description="A judgment, or the withdrawal of a withdrawal, restores it: a new version, a new key"
    )
    ERASURE = strawberry.enum_value("ERASURE", description="Erases it at the end of its retention, fifty years after its delivery")


@strawberry.enum(description="Where an act stands.")
class DiplomaActState(Enum):
    PENDING = strawberry.enum_value("PENDING", description="It waits for a second agent; nothing has changed yet")
    OUTDATED = strawberry.enum_value("OUTDATED", description="The diploma has changed since: take it back and prepare it anew")
    APPROVED = strawberry.enum_value("APPROVED", description="It took effect")
    CANCELLED = strawberry.enum_value("CANCELLED", description="It was taken back")


@strawberry.type(description="A value that an act changes, as the register spells it.")
class ProposedChange:
    column: str = strawberry.field(description="Its column in an import (docs/import.md)")
    before: str | None = strawberry.field(description="What the register says now; null when it says nothing")
    after: str | None = strawberry.field(description="What it is to say")


@strawberry.type(description="An act on a diploma: one agent prepared it, another approves it.")
class DiplomaAct(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    kind: DiplomaActKind = column("kind", "What it does", member(DiplomaActKind))
    state: DiplomaActState = column("state", "Where it stands", member(DiplomaActState))
    family_code: str = column("family", "Code of the diploma's family")
    session: int = column("session_year", "Year of its exam session")
    candidate_number: str = column("candidate_number", "Number of the candidate in that session")
    version: int = column("version", "Version of the diploma on which it was prepared")
    new_version: int | None = column("new_version", "Version that it wrote, if it took effect and wrote one")
    reason: str = column("reason", "Why")
    reference: str = column("reference", "The decision on which it rests: its number and date")
    changes: list[ProposedChange] = for_caller(
        ("id", "proposed"), "proposed_changes", "What it is to change, as long as it is pending; twenty at most", most=MOST_CHANGES
    )
    prepared_by: str = column("prepared_by", "The agent who prepared it")
    prepared_at: datetime = column("prepared_at", "When")
    approved_by: str | None = column("approved_by", "The agent who approved it")
    approved_at: datetime | None = column("approved_at", "When it took effect")
    cancelled_by: str | None = column("cancelled_by", "The agent who took it back")
    cancelled_at: datetime | None = column("cancelled_at", "When")


@strawberry.type(
    description="A version of a diploma: what caused it and when. What it said is not told: it may have named somebody otherwise."
)
class RecordedVersion:
    version: int = column("version", "Its number, from 1")
    cause: str = column("cause", "`PUBLICATION`, or the kind of the act that wrote it")
    recorded_at: datetime = column("recorded_at", "When")


@strawberry.type(description="A diploma of the agent's academies, as two agents may act on it.")
class RegisteredDiploma(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    diploma: Diploma = within("What the register says today")
    person: RecordPerson = within("Whose it is")
    kept_until: date = column("kept_until", "Last day of its retention, fifty years after its delivery")
    pending_act: DiplomaAct | None = one("pending_act", "The act that waits for a second agent")
    acts: list[DiplomaAct] = many("diploma_acts", "What agents did with it, the latest first; fifty at most", most=MOST_LISTED)
    versions: list[RecordedVersion] = many("diploma_versions", "Its versions, the latest first; fifty at most", most=MOST_LISTED)


@strawberry.type(description="Another act on this diploma waits for its second agent: it is approved or taken back first.")
class ActPending(Problem):
    pass


@strawberry.type(
    description="The diploma has changed since the act was prepared: take it back, look at the diploma again, and prepare it anew."
)
class ActOutdated(Problem):
    pass


@strawberry.type(description="The diploma does not allow this act: the sentence says why.")
class ActNotPossible(Problem):
    pass


@strawberry.type(description="A value that the act would write cannot be taken.")
class CellRefused(Problem):
    column: str = strawberry.field(description="Its column")
