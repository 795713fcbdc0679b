"""What belongs to the holder who is signed in: pages and lists of his account, whatever the id that is asked for."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from strawberry import relay

from db.statements import Row, statement
from graph.documents import Attestation
from graph.holdings import Consultation, ConsultationChannel, ConsultationOutcome, DiplomaRequest, HeldDiploma
from graph.pages import checked, key_of, page_of
from graph.shares import Share
from graph.stored import from_row
from graph.viewer import SignIn, Viewer, ViewerIdentity
from resolvers import app_tokens, documents, rows
from resolvers import consultations as journal
from resolvers.accounts import Holder
from resolvers.context import Context
from resolvers.web_sessions import IDLE

ATTESTATIONS = statement("documents.of_diploma")
HELD = statement("holdings.page")
JOURNALLED = statement("holdings.journalled")
LABELS = statement("shares.labels")
REQUESTS = statement("claims.page")
SHARES = statement("shares.page")
SIGN_INS = statement("web_sessions.of_account")

FIRST_PAGE = ("ffffffff-ffff-ffff-ffff-ffffffffffff",)
"""Ids are in the order of time (UUID version 7): the latest come first, before this one."""

YEARS_KEPT = 50


def viewer(holder: Holder) -> Viewer:
    """The holder as he sees himself."""
    person = holder.person
    identity = ViewerIdentity(
        family_name=person.family_name, given_names=list(person.given_names), used_name=person.used_name,
        birth_date=person.birth_date, birth_commune=person.birth_commune, birth_country=person.birth_country, proven=holder.proven,
    )  # fmt: skip
    return Viewer(uuid=str(holder.id), identity=identity)


async def held_diplomas(context: Context, _: UUID, first: int, after: str | None) -> relay.Connection[HeldDiploma]:
    """A page of the holder's diplomas."""
    found = await HELD.rows(context.pool, account=context.holder().id, before=_before(after), count=checked(first) + 1)
    return page_of(found, first, lambda row: held_diploma(row, context), lambda row: (str(row["id"]),))


async def diploma_requests(context: Context, _: UUID, first: int, after: str | None) -> relay.Connection[DiplomaRequest]:
    """A page of the holder's requests."""
    found = await REQUESTS.rows(context.pool, account=context.holder().id, before=_before(after), count=checked(first) + 1)
    return page_of(found, first, request, lambda row: (str(row["id"]),))


async def shares(context: Context, _: UUID, first: int, after: str | None) -> relay.Connection[Share]:
    """A page of the holder's links."""
    found = await SHARES.rows(context.pool, account=context.holder().id, before=_before(after), only=None, count=checked(first) + 1)
    return page_of(found, first, lambda row: share(row, context), lambda row: (str(row["share_id"]),))


async def consultations(context: Context, _: UUID, first: int, after: str | None) -> relay.Connection[Consultation]:
    """A page of the holder's journal."""
    held = {row["id"]: row for row in await JOURNALLED.rows(context.pool, account=context.holder().id)}
    since = {diploma: row["attached_at"] for diploma, row in held.items()}
    found = await journal.read(context.pool, context.keyring, since, _before(after), checked(first) + 1)
    shares = [UUID(one.entry.share) for one in found if one.entry and one.entry.share]
    listed = await LABELS.rows(context.pool, account=context.holder().id, shares=shares)
    labels = {str(row["id"]): row["label"] for row in listed}
    return page_of(
        found,
        first,
        lambda one: consultation(one, held[one.diploma], labels),
        lambda one: (str(one.id),),
    )


async def sign_ins(context: Context, accounts: list[str]) -> list[list[SignIn]]:
    """The holder's browsers and apps, for the one account that can be his."""
    holder = context.holder()
    found = await SIGN_INS.rows(context.pool, account=holder.id, idle=IDLE, app_idle=app_tokens.IDLE)
    own = [from_row(SignIn, row, uuid=str(row["id"]), current=row["id"] == holder.session) for row in found]
    return [own if account == str(holder.id) else [] for account in accounts]


async def attestations(context: Context, diplomas: list[str]) -> list[Attestation | None]:
    """The attestation of what the register says now of each of the holder's diplomas, where it was asked for."""
    found = await ATTESTATIONS.rows(context.pool, account=context.holder().id, diplomas=[UUID(key) for key in diplomas])
    by_diploma = {str(row["diploma_id"]): documents.attestation(row) for row in found}
    return [by_diploma.get(key) for key in diplomas]


def held_diploma(row: Row, context: Context) -> HeldDiploma:
    """A diploma of the holder, with its key."""
    key = context.keyring.shown_key(row["id"], row["version"], row["key_generation"])
    return from_row(
        HeldDiploma, row, uuid=str(row["id"]), diploma=rows.diploma(row), control_key=key, kept_until=kept_until(row)
    )  # fmt: skip


def kept_until(row: Row) -> date:
    """The end of a diploma's retention: fifty years from its delivery, or from the end of its session's year when that is unknown."""
    delivered: date = row["awarded_on"] or date(row["session_year"], 12, 31)
    # whoever was awarded on a 29 February has until the 28th
    day = 28 if (delivered.month, delivered.day) == (2, 29) else delivered.day
    return delivered.replace(year=delivered.year + YEARS_KEPT, day=day)


def request(row: Row) -> DiplomaRequest:
    """A request to add a diploma."""
    return from_row(DiplomaRequest, row, uuid=str(row["id"]), academy=rows.academy(row))


def share(row: Row, context: Context) -> Share:
    """A link, with its secret."""
    secret = context.keyring.share_secret(row["share_id"])
    return from_row(
        Share, row, uuid=str(row["share_id"]), diploma=rows.diploma(row), secret=secret, link=f"{context.base}/v#{secret}"
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


def _before(after: str | None) -> str:
    (before,) = key_of(after, FIRST_PAGE)
    return before


PAGERS = {
    "held_diplomas": held_diplomas, "diploma_requests": diploma_requests, "shares": shares, "consultations": consultations,
}  # fmt: skip
LOADERS = {"sign_ins": sign_ins, "attestations": attestations}
