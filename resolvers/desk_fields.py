"""The root fields of the desk of an academy."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from db.statements import Connection, statement
from graph.desk import (
    MOST_TEMPLATES,
    DeskAssignment,
    DeskCounts,
    DeskRequest,
    NoSuchAgent,
    NotAssigned,
    RefusalTemplate,
    TemplateUnfit,
)
from graph.document_requests import DocumentRequestKind, DocumentRequestState, RequestClosed, RequestPieceKind
from graph.input import BadInput
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of
from graph.problems import NotFound, OutOfTime
from graph.reading import Parameters, Root, root
from graph.stored import from_row
from resolvers import desk, reading
from resolvers.callers import Caller
from resolvers.context import Context
from resolvers.request_notices import Writer
from resolvers.roles import Act
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info

BY_ID = statement("desk.by_id")
AGENTS = statement("desk.agents")

FIRST_PAGE = ("00000000-0000-0000-0000-000000000000",)
LONGEST_TEXT = 4000
LONGEST_WAIT = 90
USUAL_WAIT = 30
"""Days that an applicant is given: the law sets none. A month, so that somebody abroad can have a record made out."""

MOST_FILTERED = 50


def some(names: list[Any] | None) -> list[str] | None:
    """What a filter names, or None when it lets everything through. Raises `BadInput` when it names too much."""
    if names is not None and len(names) > MOST_FILTERED:
        raise BadInput(f"a filter takes {MOST_FILTERED} values at most")
    return [str(getattr(name, "name", name)) for name in names] if names else None


def queue(
    context: Context,
    states: Annotated[
        list[DocumentRequestState] | None, strawberry.argument(description="Only these states; those that are open by default")
    ] = None,
    kinds: Annotated[list[DocumentRequestKind] | None, strawberry.argument(description="Only these kinds")] = None,
    families: Annotated[list[str] | None, strawberry.argument(description="Only these families, by their codes")] = None,
    assignment: Annotated[DeskAssignment | None, strawberry.argument(description="Only those that this one has")] = None,
    assignee: Annotated[str | None, strawberry.argument(description="Only those that the agent of this name has")] = None,
    overdue: Annotated[
        bool | None, strawberry.argument(description="Only those whose legal delay is over, or only those where it is not")
    ] = None,
    due_before: Annotated[date | None, strawberry.argument(description="Only those whose legal delay ends before this day")] = None,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the queue of the agent's academies."""
    (behind,) = key_of(after, FIRST_PAGE)
    return {
        **reading.desk_academies(context), "agent": context.agent(Act.REQUESTS).id, "states": some(states), "kinds": some(kinds),
        "families": some(families), "assignment": assignment.name if assignment else None, "assignee": assignee, "overdue": overdue,
        "due_before": due_before, "after": behind, "count": checked(first) + 1,
    }  # fmt: skip


def waiting(context: Context) -> Parameters:
    """What waits at the desk of the agent who asks."""
    return {**reading.desk_academies(context), "agent": context.agent(Act.REQUESTS).id}


def quoted(
    context: Context, reference: Annotated[str, strawberry.argument(description="As the applicant has it: `ABCD-EFGH`")]
) -> Parameters:
    """The request that an applicant quotes."""
    return {**reading.desk_academies(context), "reference": reference.strip().upper()[:20]}


def templates_of(
    context: Context,
    kind: Annotated[DocumentRequestKind | None, strawberry.argument(description="Only those that refuse this kind")] = None,
) -> Parameters:
    """The templates of refusals."""
    context.agent(Act.REQUESTS)
    return {"kind": kind.name if kind else None}


@strawberry.type
class DeskQuery:
    desk_requests: relay.Connection[DeskRequest] = root(
        Root(statement="desk.page", of=DeskRequest, shape="page", key=("id",), parameters=queue),
        "The requests that the exam services of the caller's academies answer, the oldest first.",
    )
    desk_request: DeskRequest | None = root(
        Root(statement="desk.by_reference", of=DeskRequest, shape="one", parameters=quoted),
        "The request that an applicant quotes, when the caller's academies answer it, whatever its state.",
    )
    desk_request_counts: DeskCounts = root(
        Root(statement="desk.counts", of=DeskCounts, shape="one", parameters=waiting),
        "What waits at the desk of the caller's academies.",
    )
    refusal_templates: list[RefusalTemplate] = root(
        Root(statement="desk.templates", of=RefusalTemplate, shape="list", parameters=templates_of),
        "The reasons for which a request is refused, with their legal sources.",
        most=MOST_TEMPLATES,
    )

    @strawberry.field(description="The agents who work at the desk of the caller's academies, by name, a hundred at most.")
    async def desk_agents(self, info: Info) -> list[str]:
        rows = await AGENTS.rows(info.context.pool, **reading.desk_academies(info.context))
        return [row["name"] for row in rows]


@strawberry.input(description="The request to act on.")
class DeskRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")


@strawberry.input(description="Who is to have a request, in whose place.")
class AssignDeskRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    former: str | None = strawberry.field(
        description="The agent who has it, as the caller sees it; null when nobody has. Another one keeps it", default=None
    )
    agent: str | None = strawberry.field(description="The agent who is to have it; null for nobody", default=None)


@strawberry.input(description="What to write to the applicant.")
class WriteToApplicantInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    text: str = strawberry.field(description=f"What he reads, 1 to {LONGEST_TEXT} characters")


@strawberry.input(description="What to ask of the applicant.")
class AskForInformationInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    text: str = strawberry.field(description=f"What he reads, 1 to {LONGEST_TEXT} characters; the pieces and the day are added")
    pieces: list[RequestPieceKind] = strawberry.field(description="The pieces to send", default_factory=list)
    days: int = strawberry.field(description=f"Days to answer, 1 to {LONGEST_WAIT}: the delay rests so long", default=USUAL_WAIT)


@strawberry.input(description="The request to grant.")
class AcceptDeskRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    text: str | None = strawberry.field(description="What the applicant reads, when there is something to say", default=None)


@strawberry.input(description="The request to refuse, and why.")
class RefuseDeskRequestInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    template: str = strawberry.field(description="Code of the template")
    grounds: str | None = strawberry.field(
        description=f"What in this request leads to the refusal, {LONGEST_TEXT} characters at most; the applicant reads it",
        default=None,
    )


DeskResult = Annotated[
    DeskRequest | NotFound | NotAssigned | RequestClosed,
    strawberry.union("DeskResult", description="The request as it is afterwards, or why nothing was done."),
]
AssignDeskRequestResult = Annotated[
    DeskRequest | NotFound | NotAssigned | RequestClosed | NoSuchAgent,
    strawberry.union("AssignDeskRequestResult", description="The request as it is afterwards, or why nothing was done."),
]
RefuseDeskRequestResult = Annotated[
    DeskRequest | NotFound | NotAssigned | RequestClosed | TemplateUnfit | OutOfTime,
    strawberry.union("RefuseDeskRequestResult", description="The request as it is afterwards, or why nothing was done."),
]


@strawberry.type
class DeskMutation:
    @strawberry.mutation(description="Takes a request that nobody has: it is in review from then on.")
    async def take_desk_request(self, info: Info, input: Given[DeskRequestInput]) -> DeskResult:
        return await _acted(info, input.request_id, desk.take)

    @strawberry.mutation(description="Passes a request to another agent of its desk, or back to nobody.")
    async def assign_desk_request(self, info: Info, input: Given[AssignDeskRequestInput]) -> AssignDeskRequestResult:
        return await _acted(
            info, input.request_id,
            lambda connection, caller, request: desk.assign(connection, caller, request, input.former, input.agent),
        )  # fmt: skip

    @strawberry.mutation(description="Writes to the applicant of a request that the caller has. Nothing is owed for it.")
    async def write_to_applicant(self, info: Info, input: Given[WriteToApplicantInput]) -> DeskResult:
        writer, body = _writer(info), _text(input.text)
        return await _acted(
            info, input.request_id, lambda connection, caller, request: desk.write(connection, caller, writer, request, body)
        )

    @strawberry.mutation(
        description="Asks the applicant for pieces or an answer. The legal delay rests until he answers, or until his time is over."
    )
    async def ask_for_information(self, info: Info, input: Given[AskForInformationInput]) -> DeskResult:
        writer, body, pieces = _writer(info), _text(input.text), list(dict.fromkeys(input.pieces))
        if not 1 <= input.days <= LONGEST_WAIT:
            raise BadInput(f"`days` must be 1 to {LONGEST_WAIT}")
        if RequestPieceKind.DELIVERED in pieces:
            raise BadInput("`pieces`: what the exam service delivers is not the applicant's to send")
        return await _acted(
            info, input.request_id,
            lambda connection, caller, request: desk.ask(connection, caller, writer, request, body, pieces, input.days),
        )  # fmt: skip

    @strawberry.mutation(description="Grants a request that the caller has: what it asks for is then delivered.")
    async def accept_desk_request(self, info: Info, input: Given[AcceptDeskRequestInput]) -> DeskResult:
        writer, body = _writer(info), _text(input.text) if input.text is not None else None
        return await _acted(
            info, input.request_id, lambda connection, caller, request: desk.accept(connection, caller, writer, request, body)
        )

    @strawberry.mutation(
        description="Refuses a request that the caller has. The applicant reads the template's text, the grounds and the ways of appeal."
    )
    async def refuse_desk_request(self, info: Info, input: Given[RefuseDeskRequestInput]) -> RefuseDeskRequestResult:
        writer, grounds = _writer(info), _text(input.grounds) if input.grounds is not None else None
        return await _acted(
            info, input.request_id,
            lambda connection, caller, request: desk.refuse(connection, caller, writer, request, input.template, grounds),
        )  # fmt: skip

    @strawberry.mutation(
        description="Closes a granted request for a diploma on paper, once it was handed over or posted. What is a file is delivered."
    )
    async def hand_over_desk_request(self, info: Info, input: Given[DeskRequestInput]) -> DeskResult:
        writer = _writer(info)
        return await _acted(
            info, input.request_id, lambda connection, caller, request: desk.hand_over(connection, caller, writer, request)
        )


def _writer(info: Info) -> Writer:
    """What writes to applicants for the agent who asks: his right comes before what he sent is looked at."""
    info.context.agent(Act.REQUESTS)
    return Writer.of(info.context.local)


def _text(given: str) -> str:
    text = given.strip()
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise BadInput(f"a text takes 1 to {LONGEST_TEXT} characters")
    return text


async def _acted(info: Info, request_id: str, use_case: Callable[[Connection, Caller, UUID], Awaitable[None]]) -> DeskRequest:
    """Runs a use case of the signed-in agent; answers the request as it is afterwards."""
    caller, request = info.context.agent(Act.REQUESTS), uuid_of(request_id, "DeskRequest")
    async with info.context.acting() as connection:
        await use_case(connection, caller, request)
    row = await BY_ID.row(info.context.pool, requests=[request], academies=list(caller.academies))
    assert row is not None
    return from_row(DeskRequest, row, info.context)
