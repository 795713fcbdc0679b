"""Exam sessions: opened for a family, an academy and a year; their jury groups close; then they are complete."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from uuid import UUID

from db.statements import Connection, Database, Row, statement
from graph.enums import SessionState
from graph.problems import AlreadyDone, GroupUnchanged, NotFound, SessionExists, SessionNotHeld, WrongState
from graph.text import Text
from plugins.loading import families
from resolvers.callers import Act, Caller
from resolvers.known_families import absence, families_known

ACADEMY_HELD = statement("reference.academy_held")
OPEN = statement("sessions.open")
ADD_GROUPS = statement("sessions.add_groups")
FIND = statement("sessions.find")
LOCK = statement("sessions.lock")
CLOSE_GROUP = statement("sessions.close_group")
REOPEN_GROUP = statement("sessions.reopen_group")
COMPLETE = statement("sessions.complete")
INCOMPLETE = statement("sessions.incomplete")
REOPEN_WITHDRAWN = statement("sessions.reopen_withdrawn")

UNKNOWN_SESSION = Text(
    "Cette session n'existe pas ou relève d'une autre académie.",
    "This session does not exist or belongs to another academy.",
)


@asynccontextmanager
async def locked(connection: Connection, caller: Caller, session: UUID) -> AsyncGenerator[Row]:
    """A transaction that holds a session of the caller's academies: acts on one session wait for each other here.

    Raises `NotFound` when it is not his.
    """
    async with connection.transaction():
        row = await LOCK.row(connection, session=session, academies=list(caller.academies))
        if row is None:
            raise NotFound.refuse(UNKNOWN_SESSION)
        yield row


def wrong_state(row: Row, text: Text) -> Exception:
    """The refusal of an act that the session's state does not allow."""
    return WrongState.refuse(text, state=SessionState[row["state"]])


async def find(database: Database, caller: Caller, family: str, academy: str, year: int) -> UUID:
    """The session of a family, academy and year. Raises `NotFound` when none is open or it is not the caller's."""
    caller.may(Act.READ)
    session = await FIND.value(database, family=family, academy=academy, year=year, academies=list(caller.academies))
    if session is None:
        raise NotFound.refuse(UNKNOWN_SESSION)
    return session


async def open_session(connection: Connection, caller: Caller, family: str, academy: str, year: int) -> UUID:
    """Opens a session with the jury groups that its family requires that year.

    Raises `SessionNotHeld` when the family or the academy has no such session, `NotFound` for another academy, `SessionExists`.
    """
    caller.may(Act.IMPORT)
    declared = families().get(family)
    if declared is None and family in families_known():
        raise SessionNotHeld.refuse(absence(family))
    possible = declared is not None and declared.held(year) and year <= date.today().year + 1
    if declared is None or not possible or not await ACADEMY_HELD.value(connection, academy=academy, year=year):
        raise SessionNotHeld.refuse(
            Text(
                f"La famille « {family} » n'a pas de session {year} dans l'académie {academy}.",
                f"The family “{family}” has no session {year} in the academy {academy}.",
            )
        )
    if academy not in caller.academies:
        raise NotFound.refuse(UNKNOWN_SESSION)
    async with connection.transaction():
        session = await OPEN.value(connection, family=family, academy=academy, year=year, academies=list(caller.academies))
        if session is None:
            raise SessionExists.refuse(Text("Cette session est déjà ouverte.", "This session is open already."))
        codes = [group.code for group in declared.groups(year)]
        await ADD_GROUPS.run(connection, session=session, codes=codes)
        await caller.journal(connection, "OPEN_SESSION", session, groups=codes)
    return session


async def close_group(connection: Connection, caller: Caller, session: UUID, group: str) -> None:
    """Closes a jury group: its final decisions stand. Closing the last one completes the session, if nothing else is missing.

    Raises `NotFound`, `WrongState` past COMPLETE, `GroupUnchanged` when it is closed already.
    """
    caller.may(Act.CLOSE)
    async with locked(connection, caller, session) as row:
        if await CLOSE_GROUP.value(connection, session=session, code=group, agent=caller.id) is None:
            raise _unchanged(row, Text("est déjà clos ou n'existe pas", "is closed already or does not exist"), group)
        await caller.journal(connection, "CLOSE_GROUP", session, group=group)
        await settle(connection, session)


async def reopen_group(connection: Connection, caller: Caller, session: UUID, group: str) -> None:
    """Opens a jury group again, before the publication is prepared; the session is then no longer complete.

    Raises `NotFound`, `WrongState`, `GroupUnchanged` when it is open.
    """
    caller.may(Act.CLOSE)
    async with locked(connection, caller, session) as row:
        if await REOPEN_GROUP.value(connection, session=session, code=group) is None:
            raise _unchanged(row, Text("est déjà ouvert ou n'existe pas", "is open already or does not exist"), group)
        await caller.journal(connection, "REOPEN_GROUP", session, group=group)
        await INCOMPLETE.run(connection, session=session)


async def reopen_withdrawn(connection: Connection, caller: Caller, session: UUID) -> None:
    """Opens a withdrawn session again as its next edition. Raises `NotFound`, `AlreadyDone` when it is not withdrawn."""
    caller.may(Act.PREPARE)
    async with locked(connection, caller, session) as row:
        if not await REOPEN_WITHDRAWN.rows(connection, session=session):
            raise AlreadyDone.refuse(
                Text(
                    "Cette session n'est pas retirée de la publication.",
                    "This session is not withdrawn from publication.",
                )
            )
        await caller.journal(connection, "REOPEN_SESSION", session, edition=row["edition"] + 1)
        await settle(connection, session)


async def settle(connection: Connection, session: UUID) -> bool:
    """Completes an open session that lacks nothing more; whether it is complete now. Call it with the session locked."""
    return await COMPLETE.value(connection, session=session) is not None


def _unchanged(row: Row, why: Text, group: str) -> Exception:
    if row["state"] not in ("OPEN", "COMPLETE"):
        return wrong_state(
            row,
            Text(
                "La publication est préparée ou faite : annuler d'abord la préparation.",
                "The publication is prepared or done: cancel the preparation first.",
            ),
        )
    return GroupUnchanged.refuse(Text(f"Le groupe {group} {why.fr}.", f"The group {group} {why.en}."))
