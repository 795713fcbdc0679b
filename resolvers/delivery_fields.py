"""The root fields by which an exam service delivers what it granted."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from db.statements import statement
from graph.deliveries import FactsRefused, MarkAbsence, NotDeliverable
from graph.desk import DeskRequest, NotAssigned
from graph.document_requests import RequestClosed
from graph.enums import Mention
from graph.input import BadInput
from graph.problems import NotFound
from graph.stored import from_row
from plugins.mentions import LABELS
from resolvers import deliveries
from resolvers.delivered_documents import Found
from resolvers.request_notices import Writer
from resolvers.roles import Act
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info
from seal.delivered import MOST_MARKS, Kind, Mark

BY_ID = statement("desk.by_id")

FIRST_SESSION = 1900
HIGHEST = 1000
"""Of a mark: some examinations count points."""

ABSENCES = {MarkAbsence.ABSENT: "absent", MarkAbsence.EXEMPT: "dispensé"}


@strawberry.input(description="What the archives say of a diploma.")
class FoundDiplomaInput:
    title: str = strawberry.field(description="Exact title")
    series: str | None = strawberry.field(description="Série, spécialité or option", default=None)
    mention: Mention | None = strawberry.field(description="Distinction that the jury awarded", default=None)
    session: int | None = strawberry.field(description="Year of the exam session; the one asked for by default", default=None)
    awarded_on: date | None = strawberry.field(description="Day of the jury's decision", default=None)


@strawberry.input(description="A test of an examination, with its mark or why it has none.")
class MarkInput:
    subject: str = strawberry.field(description="Subject, as the archives name it")
    mark: float | None = strawberry.field(description="The mark, two decimals at most", default=None)
    out_of: int = strawberry.field(description="The highest mark of that test", default=20)
    absence: MarkAbsence | None = strawberry.field(description="Why it has no mark", default=None)
    coefficient: float | None = strawberry.field(description="Its coefficient", default=None)


@strawberry.input(description="The accepted request, and what its attestation of success says.")
class DeliverAttestationInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    diploma: FoundDiplomaInput = strawberry.field(description="What the archives say")


@strawberry.input(description="The accepted request, and what its mark sheet says.")
class DeliverMarkSheetInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")
    diploma: FoundDiplomaInput = strawberry.field(description="What the archives say")
    marks: list[MarkInput] = strawberry.field(description=f"The marks, 1 to {MOST_MARKS} of them, in the order of the archives")
    average: float | None = strawberry.field(description="Overall average out of 20, when there is one", default=None)


@strawberry.input(description="The accepted request for exam scripts, whose scans were added.")
class DeliverScriptsInput:
    request_id: strawberry.ID = strawberry.field(description="Id of the request")


DeliverDocumentResult = Annotated[
    DeskRequest | NotFound | NotAssigned | RequestClosed | NotDeliverable | FactsRefused,
    strawberry.union("DeliverDocumentResult", description="The request as it is afterwards, or why nothing was done."),
]
DeliverScriptsResult = Annotated[
    DeskRequest | NotFound | NotAssigned | RequestClosed | NotDeliverable,
    strawberry.union("DeliverScriptsResult", description="The request as it is afterwards, or why nothing was done."),
]


@strawberry.type
class DeliveryMutation:
    @strawberry.mutation(
        description="Has the attestation of success of an accepted request sealed. It is mostly ready at once, and the request delivered; "
        "else `delivery` is pending, and `deskChanged` tells when it is."
    )
    async def deliver_attestation(self, info: Info, input: Given[DeliverAttestationInput]) -> DeliverDocumentResult:
        return await _delivered(info, input.request_id, "ATTESTATION", lambda: _found(input.diploma))

    @strawberry.mutation(description="Has the mark sheet of an accepted request sealed, as `deliverAttestation` does.")
    async def deliver_mark_sheet(self, info: Info, input: Given[DeliverMarkSheetInput]) -> DeliverDocumentResult:
        return await _delivered(info, input.request_id, "MARK_SHEET", lambda: _found_marks(input))

    @strawberry.mutation(description="Delivers the scans that were added to an accepted request for exam scripts.")
    async def deliver_scripts(self, info: Info, input: Given[DeliverScriptsInput]) -> DeliverScriptsResult:
        context, caller = info.context, info.context.agent(Act.REQUESTS)
        request = uuid_of(input.request_id, "DeskRequest")
        async with context.acting() as connection:
            await deliveries.deliver_scans(connection, caller, Writer.of(context.local), request)
        return await _request(info, request)


async def _delivered(info: Info, request_id: str, kind: Kind, entered: Callable[[], Found]) -> DeskRequest:
    """Delivers what was entered, which is looked at last: an agent of another academy is told that there is no request."""
    context, caller = info.context, info.context.agent(Act.REQUESTS)
    request = uuid_of(request_id, "DeskRequest")
    await _request(info, request)
    await deliveries.deliver(context.register.acting, context.notices, caller, request, kind, entered())
    await context.acted()
    return await _request(info, request)


async def _request(info: Info, request: UUID) -> DeskRequest:
    """A request of the agent's academies. Raises `NotFound`."""
    context, caller = info.context, info.context.agent(Act.REQUESTS)
    row = await BY_ID.row(context.pool, requests=[request], academies=list(caller.academies))
    if row is None:
        raise deliveries.unknown_request()
    return from_row(DeskRequest, row, context)


def _found(given: FoundDiplomaInput, marks: tuple[Mark, ...] = (), average: str | None = None) -> Found:
    today = datetime.now(UTC).date()
    if given.session is not None and not FIRST_SESSION <= given.session <= today.year:
        raise BadInput(f"`session` is a year from {FIRST_SESSION} to this one")
    if given.awarded_on is not None and given.awarded_on > today:
        raise BadInput("`awardedOn` is in the future")
    return Found(
        given.title.strip(), (given.series or "").strip() or None, LABELS[given.mention] if given.mention else None, given.session,
        given.awarded_on, marks, average,
    )  # fmt: skip


def _found_marks(given: DeliverMarkSheetInput) -> Found:
    if not 1 <= len(given.marks) <= MOST_MARKS:
        raise BadInput(f"`marks` takes 1 to {MOST_MARKS} marks")
    average = f"{_number(given.average, 20, 'average')} / 20" if given.average is not None else None
    return _found(given.diploma, tuple(map(_mark, given.marks)), average)


def _mark(given: MarkInput) -> Mark:
    if (given.mark is None) is (given.absence is None):
        raise BadInput("a test has either `mark` or `absence`")
    if not 1 <= given.out_of <= HIGHEST:
        raise BadInput(f"`outOf` is 1 to {HIGHEST}")
    coefficient = _number(given.coefficient, 100, "coefficient") if given.coefficient is not None else None
    if given.absence is not None:
        return Mark(given.subject.strip(), ABSENCES[given.absence], coefficient)
    assert given.mark is not None
    return Mark(given.subject.strip(), f"{_number(given.mark, given.out_of, 'mark')} / {given.out_of}", coefficient)


def _number(value: float, highest: int, name: str) -> str:
    """A number as French writes it, with the decimals that it has. Raises `BadInput`."""
    if not 0 <= value <= highest or round(value, 2) != value:
        raise BadInput(f"`{name}` is 0 to {highest}, with two decimals at most")
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
