"""An exam service delivers what it granted: a sealed document of what its agent found in the archives, or the scans of exam scripts.

The agent asks for the document, the seal service makes it (`resolvers/sealing.py`), and the commit that makes it sealed delivers the
request: the applicant never has one without the other.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

from db.statements import Connection, Pool, Row, statement
from graph.deliveries import FactsRefused, NotDeliverable
from graph.desk import NotAssigned
from graph.document_requests import DocumentRequestState, RequestClosed
from graph.problems import NotFound
from graph.text import Text
from resolvers.callers import Act, Caller
from resolvers.delivered_documents import Found, facts_of
from resolvers.notices import Notices, TooManyWatching
from resolvers.request_notices import Writer
from seal.delivered import Kind
from seal.fields import Malformed

DELIVERABLE = statement("deliveries.deliverable")
ASK = statement("deliveries.ask")
OF_REQUEST = statement("deliveries.of_request")
DELIVER_SCANS = statement("deliveries.deliver_scans")
ANNOUNCE = statement("documents.announce")

PATIENCE = 2.0
"""Seconds that an answer waits for the seal before it says that the document is pending."""


async def deliver(pool: Pool, notices: Notices, caller: Caller, request: UUID, kind: Kind, found: Found) -> None:
    """Has the document of an accepted request made, and waits a moment for it.

    Raises `NotFound`, `NotAssigned`, `RequestClosed` when the request is not accepted, `NotDeliverable` when it is for something else or
    its document is asked for already, `FactsRefused` for a value that no document can say.
    """
    caller.may(Act.REQUESTS)
    async with pool.acquire() as connection, connection.transaction():
        row = await _deliverable(connection, caller, request)
        asked = await ASK.value(
            connection,
            request=request,
            academies=list(caller.academies),
            agent=caller.id,
            kind=kind,
            facts=_facts(row, kind, found),
        )
        if asked is None:
            raise _hindrance(caller, await _deliverable(connection, caller, request), kind)
        await caller.journal(connection, f"DELIVER_{kind}", None, request=request, delivery=asked)
        await ANNOUNCE.run(connection)
    with suppress(TimeoutError, TooManyWatching):
        await _sealed(pool, notices, caller, request)


async def deliver_scans(connection: Connection, caller: Caller, writer: Writer, request: UUID) -> None:
    """Delivers the scans that were added to an accepted request for exam scripts, and tells its applicant.

    Raises `NotFound`, `NotAssigned`, `RequestClosed` when the request is not accepted, `NotDeliverable` when it is for something else or
    has no scans.
    """
    caller.may(Act.REQUESTS)
    async with connection.transaction():
        delivered = await DELIVER_SCANS.row(connection, request=request, academies=list(caller.academies), agent=caller.id)
        if delivered is None:
            raise _hindrance(caller, await _deliverable(connection, caller, request), "SCRIPTS")
        await caller.journal(connection, "DELIVER_SCRIPTS", None, request=request)
        await writer.tell(connection, delivered["account_id"], delivered["reference"])


async def _sealed(pool: Pool, notices: Notices, caller: Caller, request: UUID) -> None:
    """Returns when the document is sealed or cannot be. Raises `TimeoutError`, `TooManyWatching`."""
    academies = list(caller.academies)
    async with asyncio.timeout(PATIENCE), notices.at_desk(caller.id, academies) as changes:
        while await _state(pool, academies, request) == "WAITING":
            while await changes.get() != request:
                pass


async def _state(pool: Pool, academies: list[str], request: UUID) -> str:
    row = await OF_REQUEST.row(pool, requests=[request], academies=academies)
    assert row is not None
    return row["state"]


async def _deliverable(connection: Connection, caller: Caller, request: UUID) -> Row:
    row = await DELIVERABLE.row(connection, request=request, academies=list(caller.academies))
    if row is None:
        raise unknown_request()
    return row


def unknown_request() -> Exception:
    """The refusal of a request that is not of the agent's academies."""
    return NotFound.refuse(
        Text(
            "Cette demande n'existe pas, ou relève d'une autre académie.",
            "This request does not exist, or belongs to another academy.",
        )
    )


def _facts(row: Row, kind: Kind, found: Found) -> dict[str, object]:
    try:
        return facts_of(row, kind, found)
    except Malformed as error:
        raise FactsRefused.refuse(
            Text(
                f"Cette valeur manque, est trop longue, contredit les autres ou a un caractère qui ne s'écrit pas : {error.field}.",
                f"This value is missing, is too long, contradicts the others or has a character that cannot be written: {error.field}.",
            ),
            field=error.field,
        ) from None


def _hindrance(caller: Caller, row: Row, kind: str) -> Exception:
    """Why a request is not delivered."""
    if row["state"] != "ACCEPTED":
        return RequestClosed.refuse(NOT_ACCEPTED, state=DocumentRequestState[row["state"]])
    if row["assigned_to"] != caller.id:
        text = NOBODY_HAS_IT if row["assigned_to"] is None else SOMEBODY_HAS_IT.format(agent=row["assigned_name"])
        return NotAssigned.refuse(text, assigned_to=row["assigned_name"])
    if row["kind"] != kind:
        return NotDeliverable.refuse(ANOTHER)
    return NotDeliverable.refuse(NO_SCANS if kind == "SCRIPTS" else ASKED_ALREADY)


NOT_ACCEPTED = Text("On ne délivre que sur une demande acceptée.", "Only an accepted request is delivered.")
NOBODY_HAS_IT = Text("Personne n'a pris cette demande : la prendre d'abord.", "Nobody has this request: take it first.")
SOMEBODY_HAS_IT = Text("{agent} a cette demande.", "{agent} has this request.")
ANOTHER = Text("Cette demande porte sur autre chose.", "This request is for something else.")
NO_SCANS = Text("Ajouter d'abord les copies numérisées.", "Add the scanned scripts first.")
ASKED_ALREADY = Text("Ce document est déjà demandé : il est en cours.", "This document is asked for already: it is under way.")
