"""The root fields that act: each is one use case, one transaction, and answers the session as it is afterwards, or a problem."""

from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.relay.utils import from_base64

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
from graph.text import Text
from resolvers import imports, publication, sessions
from resolvers.callers import Act
from resolvers.context import Context
from resolvers.query import Info, session_by_id

T = TypeVar("T")
Given = Annotated[T, strawberry.argument(description="What to act on")]
LONGEST_REASON = 1000


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


@strawberry.type(description="What agents of exam services do.")
class Mutation:
    @strawberry.mutation(description="Opens the session of a family in an academy, with the jury groups that it requires.")
    async def open_session(self, info: Info, input: Given[OpenSessionInput]) -> OpenSessionResult:
        caller = info.context.agent(Act.IMPORT)
        async with info.context.pool.acquire() as connection:
            session = await sessions.open_session(connection, caller, input.family, input.academy, input.year)
        return await _after(info.context, session)

    @strawberry.mutation(description="Makes a staged import the results of its session, in place of the last.")
    async def apply_import(self, info: Info, input: Given[ImportInput]) -> ApplyImportResult:
        caller = info.context.agent(Act.IMPORT)
        async with info.context.pool.acquire() as connection:
            session = await imports.apply(connection, caller, _uuid(input.import_id, "Import"))
        return await _after(info.context, session)

    @strawberry.mutation(description="Turns a staged import down: the results that stand do not change.")
    async def discard_import(self, info: Info, input: Given[ImportInput]) -> DiscardImportResult:
        caller = info.context.agent(Act.IMPORT)
        async with info.context.pool.acquire() as connection:
            session = await imports.discard(connection, caller, _uuid(input.import_id, "Import"))
        return await _after(info.context, session)

    @strawberry.mutation(description="Confirms decisions of the jury that contradict the rules of the family.")
    async def confirm_decisions(self, info: Info, input: Given[ConfirmDecisionsInput]) -> ConfirmDecisionsResult:
        caller = info.context.agent(Act.IMPORT)
        session = _uuid(input.session_id, "ExamSession")
        if not 1 <= len(input.lines) <= 1000:
            raise BadInput("`lines` takes 1 to 1000 numbers")
        async with info.context.pool.acquire() as connection:
            await imports.confirm(connection, caller, session, input.lines)
        return await _after(info.context, session)

    @strawberry.mutation(description="Closes a jury group: its final decisions stand. The last one completes the session.")
    async def close_jury_group(self, info: Info, input: Given[JuryGroupInput]) -> JuryGroupResult:
        caller = info.context.agent(Act.CLOSE)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await sessions.close_group(connection, caller, session, input.group)
        return await _after(info.context, session)

    @strawberry.mutation(description="Opens a jury group again, before the publication is prepared.")
    async def reopen_jury_group(self, info: Info, input: Given[JuryGroupInput]) -> JuryGroupResult:
        caller = info.context.agent(Act.CLOSE)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await sessions.reopen_group(connection, caller, session, input.group)
        return await _after(info.context, session)

    @strawberry.mutation(description="Opens a withdrawn session again: its next edition can be imported, prepared and released.")
    async def reopen_session(self, info: Info, input: Given[SessionInput]) -> ReopenSessionResult:
        caller = info.context.agent(Act.PREPARE)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await sessions.reopen_withdrawn(connection, caller, session)
        return await _after(info.context, session)

    @strawberry.mutation(description="Prepares the publication of a complete session: the first of two agents.")
    async def prepare_publication(self, info: Info, input: Given[SessionInput]) -> PreparePublicationResult:
        caller = info.context.agent(Act.PREPARE)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await publication.prepare(connection, caller, session)
        return await _after(info.context, session)

    @strawberry.mutation(description="Takes a preparation back, approved or not, before its release.")
    async def cancel_publication(self, info: Info, input: Given[SessionInput]) -> CancelPublicationResult:
        caller = info.context.agent(Act.PREPARE)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await publication.cancel(connection, caller, session)
        return await _after(info.context, session)

    @strawberry.mutation(description="Approves the release of a prepared publication, now or at a time: the second of two agents.")
    async def approve_publication(self, info: Info, input: Given[ApprovePublicationInput]) -> ApprovePublicationResult:
        caller = info.context.agent(Act.RELEASE)
        session = _uuid(input.session_id, "ExamSession")
        if input.release_at is not None and input.release_at.tzinfo is None:
            raise BadInput("`releaseAt` needs a time zone, for example 2026-07-05T10:00:00+02:00")
        async with info.context.pool.acquire() as connection:
            await publication.approve(connection, caller, session, input.release_at)
        return await _after(info.context, session)

    @strawberry.mutation(description="Asks to withdraw a publication, within its window: the first of two agents.")
    async def request_withdrawal(self, info: Info, input: Given[RequestWithdrawalInput]) -> RequestWithdrawalResult:
        caller = info.context.agent(Act.WITHDRAW)
        session = _uuid(input.session_id, "ExamSession")
        if not 1 <= len(input.reason.strip()) <= LONGEST_REASON:
            raise BadInput(f"`reason` takes 1 to {LONGEST_REASON} characters")
        async with info.context.pool.acquire() as connection:
            await publication.request_withdrawal(connection, caller, session, input.reason.strip())
        return await _after(info.context, session)

    @strawberry.mutation(description="Turns the request to withdraw a publication down.")
    async def refuse_withdrawal(self, info: Info, input: Given[SessionInput]) -> RefuseWithdrawalResult:
        caller = info.context.agent(Act.WITHDRAW)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await publication.refuse_withdrawal(connection, caller, session)
        return await _after(info.context, session)

    @strawberry.mutation(description="Withdraws a publication as another agent asked: nobody sees the session any more.")
    async def withdraw_publication(self, info: Info, input: Given[SessionInput]) -> WithdrawPublicationResult:
        caller = info.context.agent(Act.WITHDRAW)
        session = _uuid(input.session_id, "ExamSession")
        async with info.context.pool.acquire() as connection:
            await publication.withdraw(connection, caller, session)
        return await _after(info.context, session)


async def _after(context: Context, session: UUID) -> Any:
    found = await session_by_id(context, session)
    assert found is not None
    return found


def _uuid(id_: str, type_name: str) -> UUID:
    """The key of a global id of that type. Raises `NotFound` when it is not one."""
    try:
        name, key = from_base64(id_)
        if name == type_name:
            return UUID(key)
    except ValueError:
        pass
    raise NotFound.refuse(
        Text(f"Cet identifiant n'est pas celui d'un objet {type_name}.", f"This id is not that of an object {type_name}.")
    )
