"""What the agents of an academy see of the requests that its exam service answers, and what they work with."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.deliveries import Delivery
from graph.document_requests import (
    AskedDiploma,
    DocumentRequestKind,
    DocumentRequestState,
    RequestEvent,
    RequestMessage,
    RequestPerson,
    RequestPiece,
    RequestPieceKind,
    Silence,
)
from graph.problems import Problem
from graph.reference import Academy
from graph.sessions import said
from graph.stored import column, each, identity, many, member, one, within

MOST_COUNTS = 20
"""Four states that are open, of five kinds."""

MOST_TEMPLATES = 50


def kinds(names: list[str]) -> list[DocumentRequestKind]:
    """Kinds of requests by their names."""
    return [DocumentRequestKind[name] for name in names]


def piece_kinds(names: list[str]) -> list[RequestPieceKind]:
    """Kinds of pieces by their names."""
    return [RequestPieceKind[name] for name in names]


@strawberry.enum(description="Who has a request.")
class DeskAssignment(Enum):
    MINE = strawberry.enum_value("MINE", description="The agent who asks")
    NOBODY = strawberry.enum_value("NOBODY", description="No agent yet")
    SOMEBODY = strawberry.enum_value("SOMEBODY", description="An agent, whoever he is")


@strawberry.type(description="A refusal that was decided: the message of that day has its whole text, with the ways of appeal.")
class RequestRefusal:
    template: str = column("template", "Code of its template")
    grounds: str | None = column("grounds", "What the agent wrote besides")


@strawberry.type(description="A request to the academies, as the agents of the exam service that answers see it.")
class DeskRequest(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    reference: str = column("reference", "What the applicant quotes: `ABCD-EFGH`")
    kind: DocumentRequestKind = column("kind", "What is asked", member(DocumentRequestKind))
    family_code: str = column("family", "Code of the family")
    session: int = column("year", "Year of the exam session")
    academy: Academy = within("Where the exam was passed, as that academy was called then", prefix="obtained_")
    country: str | None = column("country_code", "Code of the country of the centre, abroad")
    academy_code: str = column("academy_code", "Code of the academy whose exam service answers")
    diploma: AskedDiploma = within("What was said of the diploma", document="asked")
    applicant: RequestPerson | None = within(
        "Who asks, as he was when he did; nobody once his account is closed", document="applicant"
    )
    represented: RequestPerson | None = within("Whom he represents, when the diploma is not his own", document="represented")
    state: DocumentRequestState = column("state", "Where it stands", member(DocumentRequestState))
    assigned_to: str | None = column("assigned_name", "The agent who has it")
    submitted_at: datetime = column("submitted_at", "When it was received")
    due_on: date = column(
        "due_on", "Last day of the legal delay; while `waitingSince` is set, it moves on by every day that the applicant takes"
    )
    days_left: int | None = column(
        "days_left", "Days left of the legal delay, negative once it is over; none once the request is decided or closed"
    )
    overdue: bool = column("overdue", "Whether the legal delay is over without a decision: `silence` has answered")
    silence: Silence = column("silence", "What no answer in the delay means", member(Silence))
    waiting_since: datetime | None = column("waiting_since", "Since when the delay rests: the applicant owes an answer")
    answer_by: date | None = column("waiting_until", "Last day on which it rests: the time that the applicant was given")
    missing_pieces: list[RequestPieceKind] = column("missing_pieces", "The pieces that are still to be sent", piece_kinds)
    decided_at: datetime | None = column("decided_at", "When it was granted or refused")
    decided_by: str | None = column("decided_name", "The agent who decided")
    refusal: RequestRefusal | None = within("Why it was refused", document="refusal")
    ended_at: datetime | None = column("ended_at", "When it was closed")
    messages: list[RequestMessage] = many("desk_messages", "The latest fifty messages, in their order", most=50)
    pieces: list[RequestPiece] = many("desk_pieces", "The files of both sides, in their order, fifty at most", most=50)
    history: list[RequestEvent] = many("desk_events", "The latest fifty entries of its history, in their order", most=50)
    delivery: Delivery | None = one("desk_deliveries", "The sealed document that is delivered on it, once it was asked for")


@strawberry.type(description="How many open requests of a kind are in a state.")
class DeskCount:
    state: DocumentRequestState = column("state", "The state", member(DocumentRequestState))
    kind: DocumentRequestKind = column("kind", "The kind", member(DocumentRequestKind))
    count: int = column("count", "How many")


@strawberry.type(description="What waits at the desk of the agent's academies: the requests that are not closed.")
class DeskCounts:
    by_state: list[DeskCount] = each("by_state", "By state and kind, those that are none left out", most=MOST_COUNTS)
    open: int = column("open", "All of them")
    overdue: int = column("overdue", "Those whose legal delay is over without a decision")
    mine: int = column("mine", "Those that the agent has")
    unassigned: int = column("unassigned", "Those that nobody has")


@strawberry.type(description="A reason for which requests are refused, with the text that the applicant reads.")
class RefusalTemplate:
    code: str = column("code", "Its code")
    kinds: list[DocumentRequestKind] = column("kinds", "The kinds of requests that it can refuse", kinds)
    label: str = said("label_fr", "label_en", "What it is called at the desk")
    text: str = said("text_fr", "text_en", "What the applicant reads; the decision itself is in French")
    needs_grounds: bool = column("needs_grounds", "Whether the agent must say what in this request is wrong")
    # the last: it hides the function
    source: str = column("source", "The texts that it rests on")


@strawberry.type(description="A request of the desk that has changed.")
class DeskChange:
    request: DeskRequest = strawberry.field(description="The request, as it is now")


@strawberry.type(description="Another agent has the request, or nobody has: who acts on it takes it first.")
class NotAssigned(Problem):
    assigned_to: str | None = strawberry.field(description="The agent who has it; null when nobody has")


@strawberry.type(description="This template does not refuse this kind of request, or needs grounds that were not given.")
class TemplateUnfit(Problem):
    pass


@strawberry.type(description="No agent of that name works at the desk of that academy.")
class NoSuchAgent(Problem):
    pass
