"""A holder asks an academy for a document, writes about it, or takes the request back. Each act is one conditional statement.

What may be asked is decided by `request_rules`, of whom by `routing`; the exam service's side is the desk's.
"""

import secrets
from dataclasses import asdict, dataclass
from uuid import UUID

from db.statements import Connection, statement
from graph.control_key import shown, spelled
from graph.document_requests import (
    AlreadyRequested,
    AskingState,
    DocumentRequestKind,
    DocumentRequestState,
    NotAskable,
    RequestClosed,
)
from graph.holdings import TooManyRequests
from graph.problems import NotFound
from graph.text import Text
from resolvers import request_rules, routing
from resolvers.accounts import Holder
from resolvers.people import Person
from resolvers.request_notices import Writer
from resolvers.request_rules import RULES, Acting
from resolvers.routing import Obtained, Route

LOCK = statement("accounts.lock")
RECENT = statement("document_requests.recent")
SUBMIT = statement("document_requests.submit")
OPEN_ONE = statement("document_requests.open_one")
WITHDRAW = statement("document_requests.withdraw")
REPLY = statement("document_requests.reply")
STATE = statement("document_requests.state")

MOST_REQUESTS, MOST_MESSAGES = 10, 20
"""Requests of an account, and messages to one request, in a day."""


@dataclass(frozen=True, repr=False)
class Asked:
    """What an applicant says of the diploma, besides where and when it was obtained."""

    title: str | None = None
    series: str | None = None
    establishment: str | None = None
    candidate_number: str | None = None
    ine: str | None = None
    address: str | None = None


@dataclass(frozen=True, repr=False)
class NewRequest:
    """What an applicant asks, and for whom when it is not for himself."""

    kind: DocumentRequestKind
    obtained: Obtained
    asked: Asked
    acting: Acting = Acting.FOR_HIMSELF
    represented: Person | None = None


async def submit(connection: Connection, holder: Holder, writer: Writer, new: NewRequest) -> UUID:
    """Makes a request, and tells its applicant that it was received (CRPA, art. L112-3); returns it.

    Raises `SessionNeverHeld`, `NotAskable` with whom to ask instead, `AlreadyRequested` with the open one's reference, or
    `TooManyRequests`.
    """
    async with connection.transaction():
        route = await routing.route(connection, new.obtained)
        _askable(route, new)
        await LOCK.value(connection, account=holder.id)
        if await RECENT.value(connection, account=holder.id) >= MOST_REQUESTS:
            raise TooManyRequests.refuse(TOO_MANY)
        made, reference = await _made(connection, holder, new, route)
        await holder.journal(connection, "ASK_DOCUMENT", request=made, kind=new.kind.name)
        await writer.tell(connection, holder.id, reference)
    return made


async def withdraw(connection: Connection, holder: Holder, request: UUID) -> None:
    """Takes a request back. Raises `NotFound`, or `RequestClosed` once it is decided."""
    async with connection.transaction():
        # the account first, as whatever else locks both
        await LOCK.value(connection, account=holder.id)
        if await WITHDRAW.value(connection, request=request, account=holder.id) is None:
            raise RequestClosed.refuse(DECIDED, state=await _state(connection, holder, request))
        await holder.journal(connection, "WITHDRAW_DOCUMENT_REQUEST", request=request)


async def reply(connection: Connection, holder: Holder, request: UUID, body: str) -> None:
    """Writes to the exam service; when it waited for the applicant, its delay runs again.

    Raises `NotFound`, `RequestClosed`, or `TooManyRequests` after so many messages in a day.
    """
    async with connection.transaction():
        await LOCK.value(connection, account=holder.id)
        if await REPLY.value(connection, request=request, account=holder.id, body=body, most=MOST_MESSAGES) is None:
            state = await _state(connection, holder, request)
            if state in CLOSED:
                raise RequestClosed.refuse(IS_CLOSED, state=state)
            raise TooManyRequests.refuse(TOO_MANY)
        await holder.journal(connection, "REPLY_TO_DOCUMENT_REQUEST", request=request)


def _askable(route: Route, new: NewRequest) -> None:
    found = request_rules.answer(new.kind, route.place, new.obtained.country, request_rules.today())
    if found.state is not AskingState.ASK:
        raise NotAskable.refuse(found.explanation, reason=found.state, exam_service=route.service)


async def _made(connection: Connection, holder: Holder, new: NewRequest, route: Route) -> tuple[UUID, str]:
    rule, pieces = RULES[new.kind], request_rules.required(new.kind, new.acting, proven=holder.proven)
    same = {
        "account": holder.id, "kind": new.kind.name, "family": new.obtained.family, "year": new.obtained.year,
        "obtained_in": route.academy.code, "country": new.obtained.country if route.place.abroad else None,
        "represented": asdict(new.represented) if new.represented is not None else None,
    }  # fmt: skip
    while True:
        drawn = shown(spelled(secrets.randbits(40)))
        made = await SUBMIT.value(
            connection, **same, reference=drawn, desk=route.place.desk, asked=asdict(new.asked),
            person=asdict(holder.person), months=rule.delay.value, silence=rule.silence.value.name,
            pieces=[piece.name for piece in pieces],
        )  # fmt: skip
        if made is not None:
            return made, drawn
        reference = await OPEN_ONE.value(connection, **same)
        if reference is not None:
            raise AlreadyRequested.refuse(ALREADY.format(reference=reference), reference=reference)
        # the reference is taken: one request in a trillion


async def _state(connection: Connection, holder: Holder, request: UUID) -> DocumentRequestState:
    """Where a request of the holder stands. Raises `NotFound` when it is not his."""
    state = await STATE.value(connection, request=request, account=holder.id)
    if state is None:
        raise NotFound.refuse(NOT_YOURS)
    return DocumentRequestState[state]


CLOSED = frozenset({DocumentRequestState.REFUSED, DocumentRequestState.WITHDRAWN, DocumentRequestState.DELIVERED})
NOT_YOURS = Text("Vous n'avez pas fait cette demande.", "You did not make this request.")
DECIDED = Text(
    "Cette demande est décidée ou close : elle ne peut plus être retirée.",
    "This request is decided or closed: it can no longer be taken back.",
)
IS_CLOSED = Text(
    "Cette demande est close : en faire une autre s'il manque quelque chose.",
    "This request is closed: make another one if something is missing.",
)
ALREADY = Text(
    "La même demande est déjà ouverte, sous la référence {reference} : y répondre plutôt que d'en faire une autre.",
    "The same request is open already, with the reference {reference}: write to it instead of making another one.",
)
TOO_MANY = Text(
    "Trop de demandes ou de messages aujourd'hui : réessayer demain.", "Too many requests or messages today: try again tomorrow."
)
