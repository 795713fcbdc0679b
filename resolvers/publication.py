"""Publication: one agent prepares a complete session, another releases it, and two can withdraw it within a window.

Until the transaction of `release` commits, no row of a diploma exists for anybody to see, count or time.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from db.statements import Connection, Database, Row, statement
from graph.problems import AlreadyDone, ContentChanged, NotComplete, NotFound, OutOfTime, SecondAgentNeeded
from graph.sessions import missing_of
from graph.text import Text
from resolvers.callers import JOURNAL, Act, Caller
from resolvers.editions import Expected, write_first_edition, write_next_edition
from resolvers.keys import Keyring
from resolvers.sessions import UNKNOWN_SESSION, locked, wrong_state

CHANGES = statement("publication.changes")
PREPARE = statement("publication.prepare")
CANCEL = statement("publication.cancel")
APPROVE = statement("publication.approve")
PENDING = statement("publication.pending")
DUE = statement("publication.due")
LOCK_DUE = statement("publication.lock_due")
TELL_HOLDERS = statement("publication.tell_holders")
RELEASED = statement("publication.released")
HELD_BACK = statement("publication.held_back")
REQUEST_WITHDRAWAL = statement("publication.request_withdrawal")
REFUSE_WITHDRAWAL = statement("publication.refuse_withdrawal")
WITHDRAW = statement("publication.withdraw")
WITHDRAWAL_STANDING = statement("publication.withdrawal_standing")
SESSION = statement("sessions.by_id")
REPORT = statement("imports.report")
ANNOUNCE = statement("publication.announce")
CANCEL_CHANGED = statement("publication.cancel_changed")
MATCH_REQUESTS = statement("request_matching.ask")

log = structlog.get_logger()

WITHDRAWAL_WINDOW = timedelta(days=7)
"""How long after a release two agents may take it back. Afterwards each diploma is corrected by itself."""

LATEST_RELEASE = timedelta(days=60)
"""How far ahead a release may be set."""


async def prepare(connection: Connection, caller: Caller, session: UUID) -> UUID:
    """Prepares the publication of a complete session: counts, difference, warnings and the hash of what will be published.

    Returns the publication. Raises `NotFound`, `NotComplete` with everything that is missing, `WrongState`.
    """
    caller.may(Act.PREPARE)
    async with locked(connection, caller, session) as row:
        if row["state"] == "OPEN":
            missing = await blockers(connection, caller, session)
            raise NotComplete.refuse(
                Text(
                    "La session n'est pas complète. " + " ".join(text.fr for text in missing),
                    "The session is not complete. " + " ".join(text.en for text in missing),
                ),
                missing=[*missing],
            )
        results = await REPORT.row(connection, imports=[row["import_id"]], academies=[row["academy_code"]])
        count: int = results["admitted"] if results else 0
        changes: Row = {"added": count, "changed": 0, "revoked": 0, "kept": 0}
        if row["edition"] > 1:
            changes = await CHANGES.row(connection, session=session, import_id=row["import_id"]) or changes
        publication = await PREPARE.value(
            connection, session=session, agent=caller.id, added=changes["added"], changed=changes["changed"],
            revoked=changes["revoked"], warnings=_warnings(results, count, changes["revoked"], changes["kept"]),
        )  # fmt: skip
        if publication is None:
            raise wrong_state(
                row,
                Text("Cette session est déjà préparée ou publiée.", "This session is prepared or published already."),
            )
        await caller.journal(connection, "PREPARE", session, publication=publication, count=count)
    return publication


async def blockers(database: Database, caller: Caller, session: UUID) -> list[Text]:
    """What keeps a session from being complete, a sentence each. Raises `NotFound`."""
    row = await SESSION.row(database, sessions=[session], academies=list(caller.academies))
    if row is None:
        raise NotFound.refuse(UNKNOWN_SESSION)
    return missing_of(row["import_id"], row["open_groups"], row["undecided"], row["unconfirmed"])


async def cancel(connection: Connection, caller: Caller, session: UUID) -> None:
    """Takes a preparation back, approved or not; the session is complete again. Raises `NotFound`, `WrongState`."""
    caller.may(Act.PREPARE)
    async with locked(connection, caller, session) as row:
        publication = await CANCEL.value(connection, session=session, agent=caller.id)
        if publication is None:
            raise wrong_state(row, Text("Aucune publication n'est préparée.", "No publication is prepared."))
        await caller.journal(connection, "CANCEL", session, publication=publication)


async def approve(connection: Connection, caller: Caller, session: UUID, at: datetime | None = None) -> UUID:
    """Approves the release of a prepared publication, now or at a time (with its zone); a worker then releases it.

    Returns the publication. Raises `NotFound`, `WrongState`, `SecondAgentNeeded` for the agent who prepared it, `AlreadyDone` when it is
    approved, `OutOfTime` for a time in the past or too far ahead.
    """
    caller.may(Act.RELEASE)
    now = datetime.now(UTC)
    if at is not None and not now - timedelta(minutes=1) <= at <= now + LATEST_RELEASE:
        raise OutOfTime.refuse(
            Text(
                f"La publication se fait au plus tôt maintenant, au plus tard dans {LATEST_RELEASE.days} jours.",
                f"A release is set from now on, and at most {LATEST_RELEASE.days} days ahead.",
            )
        )
    async with locked(connection, caller, session) as row:
        pending = await PENDING.row(connection, session=session)
        if pending is None:
            raise wrong_state(row, Text("Aucune publication n'est préparée.", "No publication is prepared."))
        approved = await APPROVE.value(connection, publication=pending["id"], session=session, agent=caller.id, release_at=at)
        if approved is None and pending["approved_by"] is not None:
            raise AlreadyDone.refuse(Text("Cette publication est déjà autorisée.", "This publication is approved already."))
        if approved is None:
            raise SecondAgentNeeded.refuse(
                Text(
                    "L'agent qui a préparé la publication ne peut pas l'autoriser : il en faut un autre.",
                    "The agent who prepared the publication cannot approve it: another one must.",
                )
            )
        await caller.journal(connection, "APPROVE", session, publication=approved, at=at)
        await ANNOUNCE.run(connection)
    return approved


async def release(connection: Connection, beside: Connection, keyring: Keyring, publication: UUID) -> int | None:
    """Releases an approved publication whose time has come, in one transaction: all of it is visible at its commit.

    `beside` is another connection, which writes what can be written meanwhile. Returns how many diplomas the session now shows, or None
    when somebody else released or cancelled it. Raises `ContentChanged` when the candidates are no longer those that were prepared.
    """
    async with connection.transaction():
        due = await LOCK_DUE.row(connection, publication=publication)
        if due is None:
            return None
        session, import_id = due["session_id"], due["import_id"]
        write = write_first_edition if due["edition"] == 1 else write_next_edition
        expected = Expected(due["count"], due["content_hash"])
        await write(connection, beside, keyring, session, import_id, publication, expected)
        count: int = due["count"]
        if due["edition"] > 1:
            count -= await HELD_BACK.value(connection, session=session, import_id=import_id)
        await RELEASED.value(connection, publication=publication, count=count)
        if due["edition"] > 1:
            await TELL_HOLDERS.value(connection, session=session, publication=publication)
        await MATCH_REQUESTS.value(connection, publication=publication)
        await JOURNAL.run(
            connection, agent=due["approved_by"], act="RELEASE", session=session,
            facts={"publication": publication, "count": count},
        )  # fmt: skip
    return count


async def release_due(connection: Connection, beside: Connection, keyring: Keyring) -> bool:
    """Releases the publication whose time came first, if there is one; whether it found any.

    One that cannot be released is cancelled, so that it does not stand in the way of the others, and its agents see why.
    """
    row = await DUE.row(connection)
    if row is None:
        return False
    try:
        count = await release(connection, beside, keyring, row["id"])
        log.info("publication_released", publication=str(row["id"]), count=count)
    except ContentChanged.refusal as refusal:
        await CANCEL_CHANGED.run(connection, publication=row["id"])
        log.error("publication_cancelled", publication=str(row["id"]), reason=str(refusal))
    return True


async def request_withdrawal(connection: Connection, caller: Caller, session: UUID, reason: str) -> UUID:
    """Asks to withdraw a publication. Raises `NotFound`, `WrongState`, `OutOfTime` after the window, `AlreadyDone` when it is asked."""
    caller.may(Act.WITHDRAW)
    async with locked(connection, caller, session) as row:
        publication = await REQUEST_WITHDRAWAL.value(
            connection, session=session, agent=caller.id, reason=reason, window=WITHDRAWAL_WINDOW
        )
        if publication is None:
            raise await _not_withdrawable(connection, row)
        await caller.journal(connection, "REQUEST_WITHDRAWAL", session, publication=publication)
    return publication


async def refuse_withdrawal(connection: Connection, caller: Caller, session: UUID) -> None:
    """Turns the request to withdraw down. Raises `NotFound`, `WrongState` when nothing is asked."""
    caller.may(Act.WITHDRAW)
    async with locked(connection, caller, session) as row:
        publication = await REFUSE_WITHDRAWAL.value(connection, session=session)
        if publication is None:
            raise wrong_state(row, Text("Aucun retrait n'est demandé.", "No withdrawal is asked."))
        await caller.journal(connection, "REFUSE_WITHDRAWAL", session, publication=publication)


async def withdraw(connection: Connection, caller: Caller, session: UUID) -> None:
    """Withdraws a publication as another agent asked: at the commit nobody sees the session any more.

    Raises `NotFound`, `WrongState` when nothing is asked or published, `SecondAgentNeeded`, `OutOfTime`.
    """
    caller.may(Act.WITHDRAW)
    async with locked(connection, caller, session) as row:
        publication = await WITHDRAW.value(connection, session=session, agent=caller.id, window=WITHDRAWAL_WINDOW)
        if publication is None:
            raise await _not_withdrawn(connection, caller, row)
        await TELL_HOLDERS.value(connection, session=session, publication=None)
        await caller.journal(connection, "WITHDRAW", session, publication=publication)


def _warnings(report: Row | None, count: int, revoked: int, kept: int) -> list[dict[str, str]]:
    """What the second agent should look at before he approves."""
    warnings: list[Text] = []
    if count == 0:
        warnings.append(Text("Aucun diplôme ne sera publié.", "No diploma will be published."))
    if revoked:
        warnings.append(
            Text(
                f"{revoked} diplômes déjà publiés ne seront plus valables.",
                f"{revoked} diplomas published before will no longer be valid.",
            )
        )
    if kept:
        warnings.append(
            Text(
                f"{kept} diplômes gardent ce que des agents en ont décidé depuis, quoi que dise le fichier.",
                f"{kept} diplomas keep what agents have decided of them since, whatever the file says.",
            )
        )
    if report is not None and report["refused"]:
        warnings.append(
            Text(
                f"{report['refused']} lignes du fichier ont été refusées : ces candidats manquent.",
                f"{report['refused']} lines of the file were refused: those candidates are missing.",
            )
        )
    if report is not None and report["flagged"]:
        warnings.append(
            Text(
                f"{report['flagged']} décisions du jury contraires aux règles ont été confirmées.",
                f"{report['flagged']} decisions of the jury against the rules were confirmed.",
            )
        )
    return [text._asdict() for text in warnings]


async def _not_withdrawable(connection: Connection, row: Row) -> Exception:
    standing = await WITHDRAWAL_STANDING.row(connection, session=row["id"], window=WITHDRAWAL_WINDOW)
    if row["state"] != "PUBLISHED" or standing is None:
        return wrong_state(row, Text("Cette session n'est pas publiée.", "This session is not published."))
    if standing["withdrawal_requested_by"] is not None:
        return AlreadyDone.refuse(Text("Le retrait est déjà demandé.", "The withdrawal is asked already."))
    return _too_late()


async def _not_withdrawn(connection: Connection, caller: Caller, row: Row) -> Exception:
    standing = await WITHDRAWAL_STANDING.row(connection, session=row["id"], window=WITHDRAWAL_WINDOW)
    if row["state"] != "PUBLISHED" or standing is None or standing["withdrawal_requested_by"] is None:
        return wrong_state(row, Text("Aucun retrait n'est demandé.", "No withdrawal is asked."))
    if standing["withdrawal_requested_by"] == caller.id:
        return SecondAgentNeeded.refuse(
            Text(
                "L'agent qui demande le retrait ne peut pas le faire seul : il en faut un autre.",
                "The agent who asks for the withdrawal cannot do it alone: another one must.",
            )
        )
    return _too_late()


def _too_late() -> Exception:
    days = WITHDRAWAL_WINDOW.days
    return OutOfTime.refuse(
        Text(
            f"Une publication se retire dans les {days} jours. Ensuite, chaque diplôme se corrige séparément.",
            f"A publication is withdrawn within {days} days. Afterwards each diploma is corrected by itself.",
        )
    )
