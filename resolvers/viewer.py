"""What belongs to the holder who is signed in and needs more than a statement: himself, his journal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from strawberry import relay

from db.statements import Row, statement
from graph.holdings import Consultation, ConsultationChannel, ConsultationOutcome
from graph.pages import checked, key_of, page_of
from graph.stored import from_row
from graph.viewer import Viewer
from resolvers import consultations as journal
from resolvers import rows
from resolvers.accounts import Holder

if TYPE_CHECKING:
    from resolvers.context import Context

JOURNALLED = statement("holdings.journalled")
LABELS = statement("shares.labels")

FIRST_PAGE = ("ffffffff-ffff-ffff-ffff-ffffffffffff",)
"""Ids are in the order of time (UUID version 7): the latest come first, before this one."""


def row_of(holder: Holder | None) -> dict[str, Any]:
    """The account that asks and the identity that its session has; nothing of either when nobody asks."""
    if holder is None:
        return {"account": None, "identity": None}
    person = holder.person
    identity = {
        "family_name": person.family_name, "given_names": list(person.given_names), "used_name": person.used_name,
        "birth_date": person.birth_date, "birth_commune": person.birth_commune, "birth_country": person.birth_country,
        "proven": holder.proven,
    }  # fmt: skip
    return {"account": holder.id, "identity": identity}


def viewer(holder: Holder) -> Viewer:
    """The holder as he sees himself."""
    row = row_of(holder)
    return from_row(Viewer, {"id": row["account"], "identity": row["identity"]})


async def consultations(context: "Context", first: int, after: str | None) -> relay.Connection[Consultation]:
    """A page of the holder's journal."""
    held = {row["id"]: row for row in await JOURNALLED.rows(context.pool, account=context.holder().id)}
    since = {diploma: row["attached_at"] for diploma, row in held.items()}
    found = await journal.read(context.pool, context.keyring, since, before(after), checked(first) + 1)
    shares = [UUID(one.entry.share) for one in found if one.entry and one.entry.share]
    listed = await LABELS.rows(context.pool, account=context.holder().id, shares=shares)
    labels = {str(row["id"]): row["label"] for row in listed}
    return page_of(
        found,
        first,
        lambda one: consultation(one, held[one.diploma], labels),
        lambda one: (str(one.id),),
    )


def consultation(one: journal.Opened, diploma: Row, labels: Mapping[str, str]) -> Consultation | None:
    """An entry of the journal, or None when it does not open."""
    entry = one.entry
    if entry is None:
        return None
    return Consultation(
        place=str(one.id), at=one.at, channel=ConsultationChannel[entry.channel], outcome=ConsultationOutcome[entry.outcome],
        organisation=entry.organisation, share_label=labels.get(entry.share or ""), diploma=rows.diploma(diploma),
    )  # fmt: skip


def before(after: str | None) -> str:
    """The id before which a page of the latest begins."""
    (id_,) = key_of(after, FIRST_PAGE)
    return id_
