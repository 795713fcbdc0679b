"""The root fields that act: each is one use case, one transaction, and answers the session as it is afterwards, or a problem."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import strawberry

from db.statements import Connection
from graph.input import BadInput
from graph.problems import (
    AlreadyDone,
    ClosedGroupChanged,
    GroupUnchanged,
    ImportOutdated,
    NotComplete,
    NotFound,
    OutOfTime,
    SecondAgentNeeded,
    SessionExists,
    SessionNotHeld,
    WrongState,
)
from graph.sessions import ExamSession
from resolvers import imports, publication, sessions
from resolvers.act_fields import ActMutation
from resolvers.callers import Act, Caller
from resolvers.delivery_fields import DeliveryMutation
from resolvers.desk_fields import DeskMutation
from resolvers.document_request_fields import DocumentRequestMutation
from resolvers.query import agents_node
from resolvers.review_fields import ReviewMutation
from resolvers.viewer_mutation import ViewerMutation, uuid_of
from resolvers.viewer_query import Info

P = ParamSpec("P")
T = TypeVar("T")
Given = Annotated[T, strawberry.argument(description="What to act on")]
LONGEST_REASON = 1000
MOST_LINES = 1000


@strawberry.input(description="The session to open.")
class OpenSessionInput:
    family: str = strawberry.field(description="Code of the family")
    academy: str = strawberry.field(description="Code of the academy")
    year: int = strawberry.field(description="Year")


@strawberry.input(description="The session to act on.")
class SessionInput:
    session_id: strawberry.ID = strawberry.field(description="Id of the session")


@strawberry.input(description="The jury group to close or open.")
class JuryGroupInput:
    session_id: strawberry.ID = strawberry.field(description="Id of the session")
    group: str = strawberry.field(description="Code of the group")


@strawberry.input(description="The import to apply or discard.")
class ImportInput:
    import_id: strawberry.ID = strawberry.field(description="Id of the import")


@strawberry.input(description="The decisions to confirm.")
class ConfirmDecisionsInput:
    session_id: strawberry.ID = strawberry.field(description="Id of the session")
    lines: list[int] = strawberry.field(description="Lines of the file, 1 to 1000 of them")


@strawberry.input(description="The publication to approve.")
class ApprovePublicationInput:
    session_id: strawberry.ID = strawberry.field(description="Id of the session")
    release_at: datetime | None = strawberry.field(description="When to release it, with a time zone; now by default", default=None)


@strawberry.input(description="The publication to withdraw.")
class RequestWithdrawalInput:
    session_id: strawberry.ID = strawberry.field(description="Id of the session")
    reason: str = strawberry.field(description="Why, 1 to 1000 characters; it stays in the journal of the publication")


def outcome(name: str) -> Any:
    """The union that a mutation answers."""
    return strawberry.union(name, description="The session as it is afterwards, or why nothing was done.")


OpenSessionResult = Annotated[ExamSession | SessionNotHeld | SessionExists | NotFound, outcome("OpenSessionResult")]
ApplyImportResult = Annotated[
    ExamSession | NotFound | WrongState | ImportOutdated | ClosedGroupChanged, outcome("ApplyImportResult")
]
DiscardImportResult = Annotated[ExamSession | NotFound, outcome("DiscardImportResult")]
ConfirmDecisionsResult = Annotated[ExamSession | NotFound | WrongState, outcome("ConfirmDecisionsResult")]
JuryGroupResult = Annotated[ExamSession | NotFound | WrongState | GroupUnchanged, outcome("JuryGroupResult")]
ReopenSessionResult = Annotated[ExamSession | NotFound | AlreadyDone, outcome("ReopenSessionResult")]
PreparePublicationResult = Annotated[ExamSession | NotFound | WrongState | NotComplete, outcome("PreparePublicationResult")]
CancelPublicationResult = Annotated[ExamSession | NotFound | WrongState, outcome("CancelPublicationResult")]
ApprovePublicationResult = Annotated[
    ExamSession | NotFound | WrongState | SecondAgentNeeded | AlreadyDone | OutOfTime,
    outcome("ApprovePublicationResult"),
]
RequestWithdrawalResult = Annotated[
    ExamSession | NotFound | WrongState | AlreadyDone | OutOfTime, outcome("RequestWithdrawalResult")
]
RefuseWithdrawalResult = Annotated[ExamSession | NotFound | WrongState, outcome("RefuseWithdrawalResult")]
WithdrawPublicationResult = Annotated[
    ExamSession | NotFound | WrongState | SecondAgentNeeded | OutOfTime, outcome("WithdrawPublicationResult")
]


@strawberry.type(description="What agents of exam services and holders do.")
class Mutation(ViewerMutation, ReviewMutation, DocumentRequestMutation, DeskMutation, DeliveryMutation, ActMutation):
    @strawberry.mutation(description="Opens the session of a family in an academy, with the jury groups that it requires.")
    async def open_session(self, info: Info, input: Given[OpenSessionInput]) -> OpenSessionResult:
        return await _acted(info, Act.IMPORT, sessions.open_session, input.family, input.academy, input.year)

    @strawberry.mutation(description="Makes a staged import the results of its session, in place of the last.")
    async def apply_import(self, info: Info, input: Given[ImportInput]) -> ApplyImportResult:
        return await _acted(info, Act.IMPORT, imports.apply, uuid_of(input.import_id, "Import"))

    @strawberry.mutation(description="Turns a staged import down: the results that stand do not change.")
    async def discard_import(self, info: Info, input: Given[ImportInput]) -> DiscardImportResult:
        return await _acted(info, Act.IMPORT, imports.discard, uuid_of(input.import_id, "Import"))

    @strawberry.mutation(description="Confirms decisions of the jury that contradict the rules of the family.")
    async def confirm_decisions(self, info: Info, input: Given[ConfirmDecisionsInput]) -> ConfirmDecisionsResult:
        if not 1 <= len(input.lines) <= MOST_LINES:
            raise BadInput(f"`lines` takes 1 to {MOST_LINES} numbers")
        return await _acted_on(info, Act.IMPORT, input.session_id, imports.confirm, input.lines)

    @strawberry.mutation(description="Closes a jury group: its final decisions stand. The last one completes the session.")
    async def close_jury_group(self, info: Info, input: Given[JuryGroupInput]) -> JuryGroupResult:
        return await _acted_on(info, Act.CLOSE, input.session_id, sessions.close_group, input.group)

    @strawberry.mutation(description="Opens a jury group again, before the publication is prepared.")
    async def reopen_jury_group(self, info: Info, input: Given[JuryGroupInput]) -> JuryGroupResult:
        return await _acted_on(info, Act.CLOSE, input.session_id, sessions.reopen_group, input.group)

    @strawberry.mutation(description="Opens a withdrawn session again: its next edition can be imported, prepared and released.")
    async def reopen_session(self, info: Info, input: Given[SessionInput]) -> ReopenSessionResult:
        return await _acted_on(info, Act.PREPARE, input.session_id, sessions.reopen_withdrawn)

    @strawberry.mutation(description="Prepares the publication of a complete session: the first of two agents.")
    async def prepare_publication(self, info: Info, input: Given[SessionInput]) -> PreparePublicationResult:
        return await _acted_on(info, Act.PREPARE, input.session_id, publication.prepare)

    @strawberry.mutation(description="Takes a preparation back, approved or not, before its release.")
    async def cancel_publication(self, info: Info, input: Given[SessionInput]) -> CancelPublicationResult:
        return await _acted_on(info, Act.PREPARE, input.session_id, publication.cancel)

    @strawberry.mutation(description="Approves the release of a prepared publication, now or at a time: the second of two agents.")
    async def approve_publication(self, info: Info, input: Given[ApprovePublicationInput]) -> ApprovePublicationResult:
        if input.release_at is not None and input.release_at.tzinfo is None:
            raise BadInput("`releaseAt` needs a time zone, for example 2026-07-05T10:00:00+02:00")
        return await _acted_on(info, Act.RELEASE, input.session_id, publication.approve, input.release_at)

    @strawberry.mutation(description="Asks to withdraw a publication, within its window: the first of two agents.")
    async def request_withdrawal(self, info: Info, input: Given[RequestWithdrawalInput]) -> RequestWithdrawalResult:
        reason = input.reason.strip()
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise BadInput(f"`reason` takes 1 to {LONGEST_REASON} characters")
        return await _acted_on(info, Act.WITHDRAW, input.session_id, publication.request_withdrawal, reason)

    @strawberry.mutation(description="Turns the request to withdraw a publication down.")
    async def refuse_withdrawal(self, info: Info, input: Given[SessionInput]) -> RefuseWithdrawalResult:
        return await _acted_on(info, Act.WITHDRAW, input.session_id, publication.refuse_withdrawal)

    @strawberry.mutation(description="Withdraws a publication as another agent asked: nobody sees the session any more.")
    async def withdraw_publication(self, info: Info, input: Given[SessionInput]) -> WithdrawPublicationResult:
        return await _acted_on(info, Act.WITHDRAW, input.session_id, publication.withdraw)


async def _acted_on(
    info: Info,
    act: Act,
    session_id: str,
    use_case: Callable[Concatenate[Connection, Caller, UUID, P], Awaitable[object]],
    *given: P.args,
    **named: P.kwargs,
) -> Any:
    """Runs a use case on a session; answers the session as it is afterwards."""

    async def on_session(connection: Connection, caller: Caller) -> UUID:
        session = uuid_of(session_id, "ExamSession")
        await use_case(connection, caller, session, *given, **named)
        return session

    return await _acted(info, act, on_session)


async def _acted(
    info: Info,
    act: Act,
    use_case: Callable[Concatenate[Connection, Caller, P], Awaitable[UUID]],
    *given: P.args,
    **named: P.kwargs,
) -> Any:
    """Runs a use case of the signed-in agent on a connection of its own; answers the session that it returns."""
    caller = info.context.agent(act)
    async with info.context.acting() as connection:
        session = await use_case(connection, caller, *given, **named)
    found = await agents_node(info.context, "ExamSession", str(session))
    assert found is not None
    return found
