"""What belongs to an object of an answer, by the names that `graph.stored` declares, and how Strawberry's executor reads it.

The planner reads `READS` too. `PAGERS` are the pages that need more than a statement, which it leaves to Strawberry.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from strawberry import relay

from db.statements import Row, statement
from graph.acts import DiplomaAct, RecordedVersion
from graph.deliveries import Delivery
from graph.document_requests import DocumentRequest, RequestEvent, RequestMessage, RequestPiece
from graph.documents import Attestation
from graph.holdings import DiplomaRequest, HeldDiploma
from graph.pages import checked, key_of, page_of
from graph.reading import Parameters, Read, Root
from graph.reviews import ReviewCandidate, ReviewDecision
from graph.sessions import DifferenceLine, Flag, Import, JuryGroup, Publication, Refusal
from graph.shares import Share
from graph.stored import from_row
from graph.viewer import SignIn
from resolvers import app_tokens, viewer
from resolvers.matching import TESTS
from resolvers.roles import Act
from resolvers.web_sessions import IDLE

if TYPE_CHECKING:
    from resolvers.context import Context

Pager = Callable[["Context", int, str | None], Awaitable[relay.Connection[Any]]]


def academies(context: "Context") -> Parameters:
    """Of the agent who asks."""
    return {"academies": list(context.agent(Act.READ).academies)}


def reviewed_academies(context: "Context") -> Parameters:
    """Of the agent who asks, at the review desk."""
    return {"academies": list(context.agent(Act.REVIEW).academies)}


def desk_academies(context: "Context") -> Parameters:
    """Of the agent who asks, at the desk."""
    return {"academies": list(context.agent(Act.REQUESTS).academies)}


def refusals(context: "Context", first: int, after: str | None) -> Parameters:
    """A page of the refused cells of an import."""
    line, position = key_of(after, (0, 0))
    return {**academies(context), "line": line, "position": position, "count": checked(first) + 1}


def flags(context: "Context", first: int, after: str | None) -> Parameters:
    """A page of the flagged lines of an import."""
    (line,) = key_of(after, (0,))
    return {**academies(context), "line": line, "unconfirmed": False, "count": checked(first) + 1}


def difference_lines(context: "Context", first: int, after: str | None) -> Parameters:
    """A page of the candidates whom a staged import would add, change or remove."""
    (candidate,) = key_of(after, ("",))
    return {**academies(context), "after": candidate, "count": checked(first) + 1}


def of_viewer(context: "Context", first: int, after: str | None) -> Parameters:
    """A page of what the holder who asks has, the latest first."""
    return {"account": context.holder().id, "before": viewer.before(after), "count": checked(first) + 1}


def of_holder(context: "Context") -> Parameters:
    """What the holder who asks has."""
    return {"account": context.holder().id}


def sign_ins(context: "Context") -> Parameters:
    """The browsers and apps of the holder who asks, and in which of them he does."""
    return {**of_holder(context), "session": context.holder().session, "idle": IDLE, "app_idle": app_tokens.IDLE}


def shares(context: "Context", first: int, after: str | None) -> Parameters:
    """A page of the links of the holder who asks."""
    return {**of_viewer(context, first, after), "only": None}


def candidates(context: "Context") -> Parameters:
    """The records that requests found, and by which tests."""
    return {**reviewed_academies(context), "tests": list(TESTS)}


READS: Mapping[str, Read] = {
    "attestations": Read(
        statement="documents.of_diploma", of=Attestation, shape="one", owner="diplomas", by="diploma_id",
        parameters=of_holder,
    ),
    "sign_ins": Read(
        statement="web_sessions.of_account", of=SignIn, shape="list",
        parameters=sign_ins, primary=True,
    ),
    "held_diplomas": Read(statement="holdings.page", of=HeldDiploma, shape="page", key=("id",), parameters=of_viewer),
    "diploma_requests": Read(statement="claims.page", of=DiplomaRequest, shape="page", key=("id",), parameters=of_viewer),
    "shares": Read(
        statement="shares.page", of=Share, shape="page", key=("share_id",),
        parameters=shares,
    ),
    "jury_groups": Read(
        statement="sessions.groups", of=JuryGroup, shape="list", owner="sessions", by="session_id", parameters=academies,
    ),
    "imports": Read(
        statement="imports.of_session", of=Import, shape="list", owner="sessions", by="session_id", parameters=academies,
    ),
    "publications": Read(
        statement="publication.of_session", of=Publication, shape="list", owner="sessions", by="session_id", parameters=academies,
    ),
    "review_candidates": Read(
        statement="reviews.candidates", of=ReviewCandidate, shape="list", owner="claims", by="claim_id",
        parameters=candidates,
    ),
    "review_decisions": Read(
        statement="reviews.decisions", of=ReviewDecision, shape="list", owner="claims", by="claim_id",
        parameters=reviewed_academies,
    ),
    "refusals": Read(
        statement="imports.refusals", of=Refusal, shape="page", key=("line", "position"), owner="import_id", parameters=refusals,
    ),
    "flags": Read(statement="imports.flags", of=Flag, shape="page", key=("line",), owner="import_id", parameters=flags),
    "difference_lines": Read(
        statement="imports.difference_lines", of=DifferenceLine, shape="page", key=("candidate_number",), owner="import_id",
        parameters=difference_lines,
    ),
    "document_requests": Read(
        statement="document_requests.page", of=DocumentRequest, shape="page", key=("id",), parameters=of_viewer,
    ),
    "request_messages": Read(
        statement="document_requests.messages", of=RequestMessage, shape="list", owner="requests", by="request_id", parameters=of_holder,
    ),
    "request_pieces": Read(
        statement="document_requests.pieces", of=RequestPiece, shape="list", owner="requests", by="request_id", parameters=of_holder,
    ),
    "request_deliveries": Read(
        statement="document_requests.deliveries", of=RequestPiece, shape="list", owner="requests", by="request_id",
        parameters=of_holder,
    ),
    "request_events": Read(
        statement="document_requests.events", of=RequestEvent, shape="list", owner="requests", by="request_id", parameters=of_holder,
    ),
    "desk_messages": Read(
        statement="desk.messages", of=RequestMessage, shape="list", owner="requests", by="request_id", parameters=desk_academies,
    ),
    "desk_pieces": Read(
        statement="desk.pieces", of=RequestPiece, shape="list", owner="requests", by="request_id", parameters=desk_academies,
    ),
    "desk_deliveries": Read(
        statement="deliveries.of_request", of=Delivery, shape="one", owner="requests", by="request_id", parameters=desk_academies,
    ),
    "desk_events": Read(
        statement="desk.events", of=RequestEvent, shape="list", owner="requests", by="request_id", parameters=desk_academies,
    ),
    "pending_act": Read(
        statement="acts.pending_of_diplomas", of=DiplomaAct, shape="one", owner="diplomas", by="diploma_id", parameters=academies,
    ),
    "diploma_acts": Read(
        statement="acts.of_diploma", of=DiplomaAct, shape="list", owner="diplomas", by="diploma_id", parameters=academies,
    ),
    "diploma_versions": Read(
        statement="acts.versions", of=RecordedVersion, shape="list", owner="diplomas", by="diploma_id", parameters=academies,
    ),
}  # fmt: skip

PAGERS: Mapping[str, Pager] = {"consultations": viewer.consultations}


async def root(context: "Context", read: Root, arguments: Mapping[str, Any]) -> Any:
    """What a root field reads: an object or what stands for none, a list, or a page."""
    parameters = read.parameters(context, **arguments)
    if read.attended is None:
        found = await _rows(context, read, parameters)
    else:
        async with read.attended(context, parameters) as turn:
            found = await _rows(context, read, parameters)
            turn.found = bool(found)
    if read.shape == "page":
        return _page(context, read, found, parameters["count"] - 1)
    if read.shape == "list":
        return [from_row(read.of, row, context) for row in found]
    if found:
        return from_row(read.of, found[0], context)
    return read.absent(context) if read.absent is not None else None


async def belonging(context: "Context", name: str, owners: list[str]) -> list[Any]:
    """What belongs to each of some objects, an object or a list: one statement for all of them."""
    read = READS[name]
    parameters = dict(read.parameters(context))
    if read.owner is not None:
        parameters[read.owner] = [UUID(owner) for owner in owners]
    found = await _rows(context, read, parameters)
    of_owner: dict[str, list[Any]] = defaultdict(list)
    for row in found:
        of_owner[str(row[read.by]) if read.by else owners[0]].append(from_row(read.of, row, context))
    if read.shape == "one":
        return [next(iter(of_owner[owner]), None) for owner in owners]
    return [of_owner[owner] for owner in owners]


async def page(context: "Context", name: str, owner: str, first: int, after: str | None) -> relay.Connection[Any]:
    """A page of what belongs to an object."""
    if name in PAGERS:
        return await PAGERS[name](context, first, after)
    read = READS[name]
    parameters = dict(read.parameters(context, first, after))
    if read.owner is not None:
        parameters[read.owner] = UUID(owner)
    return _page(context, read, await _rows(context, read, parameters), first)


async def _rows(context: "Context", read: Read, parameters: Parameters) -> list[Row]:
    given = dict(parameters)
    if isinstance(read, Root) and read.gathers:
        given = {name: value if name in read.shared else [value] for name, value in given.items()}
    database = context.register.primary if read.primary else context.pool
    return await statement(read.statement).rows(database, **given)


def _page(context: "Context", read: Read, found: list[Row], first: int) -> relay.Connection[Any]:
    return page_of(found, first, lambda row: from_row(read.of, row, context), lambda row: _key(read, row))


def _key(read: Read, row: Row) -> tuple[str | int, ...]:
    return tuple(value if isinstance(value := row[name], int) else str(value) for name in read.key)
