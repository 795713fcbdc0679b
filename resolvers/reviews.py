"""The review desk: agents attach a record to the person who asked, refuse, or take a diploma back, and the person is told.

One agent is enough where only spelling, a partial date or a place stood in the way; two where sex or family name differ, or where
another account holds the diploma. Each decision has a reason and can be reversed by another one.
"""

from uuid import UUID

from db.statements import Connection, statement
from graph.problems import NotFound, SecondAgentNeeded
from graph.reviews import ReviewDecisionKind, ReviewUnchanged
from graph.text import Text
from resolvers.accounts import tell
from resolvers.callers import Act, Caller

PREPARE = statement("reviews.prepare")
APPROVE = statement("reviews.approve")
PENDING = statement("reviews.pending")
CANCEL = statement("reviews.cancel")
LOCK = statement("reviews.lock")
ATTACH = statement("reviews.attach")
DETACH = statement("reviews.detach")
SETTLE = statement("reviews.settle")

Kind = ReviewDecisionKind


async def decide(
    connection: Connection, caller: Caller, claim: UUID, kind: ReviewDecisionKind, reason: str, diploma: UUID | None = None
) -> None:
    """Takes a decision: at once where one agent is enough, else when another one approves it.

    Raises `NotFound`, `ReviewUnchanged` when the request awaits no such decision or has another one pending.
    """
    caller.may(Act.REVIEW)
    async with connection.transaction():
        await _locked(connection, caller, claim)
        prepared = await PREPARE.row(
            connection,
            claim=claim,
            kind=kind.name,
            diploma=diploma,
            reason=reason,
            agent=caller.id,
            academies=list(caller.academies),
        )
        if prepared is None:
            raise ReviewUnchanged.refuse(
                Text(
                    "Cette demande n'attend pas cette décision, ou une autre est déjà en cours : la relire.",
                    "This request awaits no such decision, or another one is pending: read it again.",
                )
            )
        await caller.journal(connection, "PREPARE_REVIEW", None, claim=claim, decision=prepared["id"], kind=kind.name)
        if not prepared["two_agents"]:
            await _take_effect(connection, caller, claim)


async def approve(connection: Connection, caller: Caller, claim: UUID) -> None:
    """Approves the pending decision of another agent, which takes effect. Raises `NotFound`, `ReviewUnchanged`, `SecondAgentNeeded`."""
    caller.may(Act.REVIEW)
    async with connection.transaction():
        await _locked(connection, caller, claim)
        await _take_effect(connection, caller, claim)


async def cancel(connection: Connection, caller: Caller, claim: UUID) -> None:
    """Takes the pending decision back. Raises `NotFound`, `ReviewUnchanged` when there is none."""
    caller.may(Act.REVIEW)
    async with connection.transaction():
        await _locked(connection, caller, claim)
        cancelled = await CANCEL.value(connection, claim=claim, agent=caller.id, academies=list(caller.academies))
        if cancelled is None:
            raise _nothing_pending()
        await caller.journal(connection, "CANCEL_REVIEW", None, claim=claim, decision=cancelled)


async def _locked(connection: Connection, caller: Caller, claim: UUID) -> None:
    if await LOCK.row(connection, claim=claim, academies=list(caller.academies)) is None:
        raise NotFound.refuse(
            Text(
                "Cette demande n'existe pas ou relève d'une autre académie.",
                "This request does not exist or belongs to another academy.",
            )
        )


async def _take_effect(connection: Connection, caller: Caller, claim: UUID) -> None:
    academies = list(caller.academies)
    approved = await APPROVE.row(connection, claim=claim, agent=caller.id, academies=academies)
    if approved is None:
        if await PENDING.value(connection, claim=claim, academies=academies) == caller.id:
            raise SecondAgentNeeded.refuse(Text("Cette décision demande un second agent.", "This decision needs a second agent."))
        raise _nothing_pending()
    kind, account = Kind[approved["kind"]], approved["account_id"]
    if kind is Kind.ATTACH:
        attached = await ATTACH.row(connection, diploma=approved["diploma_id"], account=account, claim=claim)
        assert attached is not None
        if attached["former_account"] not in (None, account):
            await SETTLE.value(connection, claim=attached["former_claim"], state="REFUSED")
            await tell(connection, attached["former_account"], "REQUEST_DECIDED")
    else:
        await DETACH.rows(connection, claim=claim)
    await SETTLE.value(connection, claim=claim, state="ADDED" if kind is Kind.ATTACH else "REFUSED")
    await caller.journal(connection, f"{kind.name}_DIPLOMA", None, claim=claim, decision=approved["id"])
    await tell(connection, account, "REQUEST_DECIDED")


def _nothing_pending() -> Exception:
    return ReviewUnchanged.refuse(
        Text("Aucune décision n'est en cours sur cette demande.", "No decision on this request is pending.")
    )
