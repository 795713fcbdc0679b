"""The desk of an academy: an agent takes a request, asks its applicant what is missing, and grants or refuses it.

Only the agent who has a request acts on it, so that two never answer one applicant; another one takes it over by saying from whom. Each
act is one conditional statement: where it finds no row, what stands in its way is looked at afterwards and told.
"""

from collections.abc import Sequence
from uuid import UUID

from db.statements import Connection, Row, statement
from graph.desk import NoSuchAgent, NotAssigned, TemplateUnfit
from graph.document_requests import DocumentRequestState, RequestClosed, RequestPieceKind
from graph.problems import NotFound, OutOfTime
from graph.text import Text
from resolvers.callers import Caller
from resolvers.request_notices import Writer
from resolvers.roles import Act

TAKE = statement("desk.take")
ASSIGN = statement("desk.assign")
WORKS_THERE = statement("desk.works_there")
WRITE = statement("desk.write")
LAST_DAY = statement("desk.last_day")
ASK = statement("desk.ask")
ACCEPT = statement("desk.accept")
REFUSABLE = statement("desk.refusable")
REFUSE = statement("desk.refuse")
HAND_OVER = statement("desk.hand_over")
STANDING = statement("desk.standing")
RUN_AGAIN = statement("desk.run_again")

DECIDED = frozenset({"ACCEPTED", "REFUSED", "WITHDRAWN", "DELIVERED"})
CLOSED = frozenset({"REFUSED", "WITHDRAWN", "DELIVERED"})

MOST_AT_ONCE = 100
"""Requests whose delay one statement lets run again."""


async def take(connection: Connection, caller: Caller, request: UUID) -> None:
    """Takes a request that nobody has: it is in review. Raises `NotFound`, `NotAssigned` when somebody has it, `RequestClosed`."""
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        if await TAKE.value(connection, request=request, agent=caller.id, academies=list(caller.academies)) is None:
            raise await _hindrance(connection, caller, request, takes=True)
        await caller.journal(connection, "TAKE_REQUEST", None, request=request)


async def assign(connection: Connection, caller: Caller, request: UUID, former: str | None, assignee: str | None) -> None:
    """Passes a request from the agent `former` to another agent of its desk, or back to nobody.

    Raises `NotFound`, `NotAssigned` when another agent than `former` has it, `NoSuchAgent`, `RequestClosed`.
    """
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        given = {"request": request, "academies": list(caller.academies), "assignee": assignee}
        if await ASSIGN.value(connection, agent=caller.id, former=former, **given) is None:
            if assignee is not None and not await WORKS_THERE.value(connection, **given):
                await _standing(connection, caller, request)
                raise NoSuchAgent.refuse(
                    Text("Aucun agent de ce nom ne travaille à ce guichet.", "No agent of that name works at this desk.")
                )
            raise await _hindrance(connection, caller, request, takes=True)
        await caller.journal(connection, "ASSIGN_REQUEST", None, request=request)


async def write(connection: Connection, caller: Caller, writer: Writer, request: UUID, body: str) -> None:
    """Writes to the applicant; nothing is owed for it. Raises `NotFound`, `NotAssigned`, `RequestClosed`."""
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        written = await WRITE.row(connection, request=request, agent=caller.id, academies=list(caller.academies), body=body)
        await _told(connection, caller, writer, request, "WRITE_TO_APPLICANT", written)


async def ask(
    connection: Connection, caller: Caller, writer: Writer, request: UUID, body: str, pieces: Sequence[RequestPieceKind], days: int
) -> None:
    """Asks the applicant for pieces or an answer, in so many days: the delay rests meanwhile (CRPA, L114-5), and runs again with the
    answer or at their end. Raises `NotFound`, `NotAssigned`, `RequestClosed` once it is decided.
    """
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        last_day = await LAST_DAY.value(connection, days=days)
        expected = ", ".join(PIECES[piece] for piece in pieces)
        asked = await ASK.row(
            connection, request=request, agent=caller.id, academies=list(caller.academies), pieces=[piece.name for piece in pieces],
            answer_by=last_day,
            body=f"{body}\n\n" + (f"Pièces à envoyer : {expected}.\n\n" if pieces else "") + ANSWER_BY.format(day=last_day),
        )  # fmt: skip
        await _told(connection, caller, writer, request, "ASK_APPLICANT", asked)


async def accept(connection: Connection, caller: Caller, writer: Writer, request: UUID, body: str | None) -> None:
    """Grants a request, with a message if there is one. Raises `NotFound`, `NotAssigned`, `RequestClosed` once it is decided."""
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        granted = await ACCEPT.row(connection, request=request, agent=caller.id, academies=list(caller.academies), body=body)
        await _told(connection, caller, writer, request, "ACCEPT_REQUEST", granted)


async def refuse(connection: Connection, caller: Caller, writer: Writer, request: UUID, template: str, grounds: str | None) -> None:
    """Refuses a request: the applicant reads the template's text, the grounds, and how he can contest it (CRPA, L211-5, L311-14; CJA,
    R421-5).

    Raises `NotFound`, `NotAssigned`, `RequestClosed` once it is decided, `TemplateUnfit`, `OutOfTime` when silence has granted it.
    """
    caller.may(Act.REQUESTS)
    academies = list(caller.academies)
    async with connection.transaction():
        said = await REFUSABLE.row(connection, request=request, academies=academies, template=template)
        if said is None or (said["needs_grounds"] and grounds is None):
            await _standing(connection, caller, request)
            raise TemplateUnfit.refuse(UNFIT if said is None else NEEDS_GROUNDS)
        refused = await REFUSE.row(
            connection, request=request, agent=caller.id, academies=academies, template=template, grounds=grounds,
            body="\n\n".join(part for part in (said["text_fr"], grounds, APPEAL, said["appeal_fr"]) if part),
        )  # fmt: skip
        await _told(connection, caller, writer, request, "REFUSE_REQUEST", refused, template=template)


async def hand_over(connection: Connection, caller: Caller, writer: Writer, request: UUID) -> None:
    """Closes a granted request whose diploma was handed over or posted. Raises `NotFound`, `NotAssigned`, `RequestClosed` when it is not
    granted, is closed, or is answered by a file."""
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        handed = await HAND_OVER.row(connection, request=request, agent=caller.id, academies=list(caller.academies))
        await _told(connection, caller, writer, request, "HAND_OVER_REQUEST", handed)


async def run_again(connection: Connection) -> int:
    """Lets the delay of requests run again whose applicants did not answer in their time, some at once; how many."""
    return await RUN_AGAIN.value(connection, most=MOST_AT_ONCE)


async def _told(
    connection: Connection, caller: Caller, writer: Writer, request: UUID, act: str, done: Row | None, **facts: object
) -> None:
    """What follows an act that the applicant hears of. Raises what stood in its way when it found no row."""
    if done is None:
        raise await _hindrance(connection, caller, request)
    await caller.journal(connection, act, None, request=request, **facts)
    await writer.tell(connection, done["account_id"], done["reference"])


async def _standing(connection: Connection, caller: Caller, request: UUID) -> Row:
    """Where a request stands. Raises `NotFound` when the caller's academies do not answer it."""
    found = await STANDING.row(connection, request=request, academies=list(caller.academies))
    if found is None:
        raise NotFound.refuse(
            Text(
                "Cette demande n'existe pas ou relève d'une autre académie.",
                "This request does not exist or belongs to another academy.",
            )
        )
    return found


async def _hindrance(connection: Connection, caller: Caller, request: UUID, *, takes: bool = False) -> Exception:
    """Why an act on a request found no row; `takes` when it was to change who has it."""
    found = await _standing(connection, caller, request)
    state, holds = found["state"], found["assigned_to"]
    if state in CLOSED:
        return RequestClosed.refuse(CLOSED_ALREADY, state=DocumentRequestState[state])
    if takes or holds != caller.id:
        text = NOBODY_HAS_IT if holds is None else SOMEBODY_HAS_IT.format(agent=found["assigned_name"])
        return NotAssigned.refuse(text, assigned_to=found["assigned_name"])
    if found["granted_by_silence"]:
        return OutOfTime.refuse(GRANTED_BY_SILENCE)
    return RequestClosed.refuse(PAST if state in DECIDED else NOT_YET, state=DocumentRequestState[state])


PIECES = {
    RequestPieceKind.IDENTITY: "pièce d’identité de la personne du diplôme",
    RequestPieceKind.MANDATE: "mandat exprès de la personne représentée",
    RequestPieceKind.CIVIL_STATUS: "acte d’état civil ou jugement",
    RequestPieceKind.AUTHORITY: "justificatif de la qualité de représentant légal",
    RequestPieceKind.OTHER: "autre pièce indiquée ci-dessus",
}
"""What an applicant can be asked for, as he reads it: the administration writes to him in French (loi 94-665, art. 1)."""

ANSWER_BY = (
    "Merci de répondre au plus tard le {day:%d/%m/%Y}. Jusque-là, le délai de traitement de votre demande est suspendu ; il reprend à "
    "votre réponse (code des relations entre le public et l’administration, article L114-5)."
)
APPEAL = "Voies et délais de recours"
UNFIT = Text(
    "Ce modèle n'existe pas ou ne refuse pas ce genre de demande.",
    "This template does not exist, or does not refuse this kind of request.",
)
NEEDS_GROUNDS = Text(
    "Ce modèle ne suffit pas : dire ce qui, dans cette demande, conduit au refus.",
    "This template is not enough: say what in this request leads to the refusal.",
)
CLOSED_ALREADY = Text("Cette demande est close.", "This request is closed.")
PAST = Text(
    "Cette demande est déjà décidée, ou se règle autrement.", "This request is decided already, or is answered in another way."
)
NOT_YET = Text("Cette demande n'est pas encore décidée.", "This request is not decided yet.")
NOBODY_HAS_IT = Text("Personne n'a pris cette demande : la prendre d'abord.", "Nobody has this request: take it first.")
SOMEBODY_HAS_IT = Text("{agent} a cette demande.", "{agent} has this request.")
GRANTED_BY_SILENCE = Text(
    "Le silence gardé jusqu'au terme du délai vaut acceptation : cette demande ne peut plus être refusée, seulement acceptée.",
    "Silence to the end of the delay has granted this request: it can no longer be refused, only accepted.",
)
