"""The end of retention: diplomas whose fifty years are over (arrêté du 23 mai 2018) are erased, a session at a time, by two agents."""

from collections.abc import Callable
from uuid import UUID

from db.statements import Connection, statement
from graph.acts import ActOutdated
from graph.problems import AlreadyDone
from resolvers import acts
from resolvers.act_effects import Means
from resolvers.callers import Caller
from resolvers.roles import Act

PREPARE_DUE = statement("acts.prepare_due_erasures")
PENDING = statement("acts.pending_erasures")

REASON = "Fin de la durée de conservation"
REFERENCE = "Arrêté du 23 mai 2018 (NOR MENE1814012A) : cinquante ans après la délivrance"
BATCH = 500
FIRST = UUID(int=0)


async def prepare_due(connection: Connection, caller: Caller, session: UUID) -> int:
    """Prepares the erasure of the diplomas of a session that are to be kept no longer; how many."""
    caller.may(Act.CORRECT)
    async with connection.transaction():
        count: int = await PREPARE_DUE.value(
            connection, session=session, agent=caller.id, academies=list(caller.academies), reason=REASON, reference=REFERENCE
        )
        if count:
            await caller.journal(connection, "PREPARE_ERASURES", session, count=count)
    return count


async def release_due(
    connection: Connection, means: Means, caller: Caller, session: UUID, told: Callable[[int], None] = lambda _: None
) -> int:
    """Approves the erasures of a session that another agent prepared, each in its own transaction; how many."""
    caller.may(Act.ERASE)
    erased, after = 0, FIRST
    given = {"session": session, "agent": caller.id, "academies": list(caller.academies), "count": BATCH}
    while rows := await PENDING.rows(connection, **given, after=after):
        after = rows[-1]["id"]
        for row in rows:
            try:
                await acts.approve(connection, means, caller, row["id"])
            except (ActOutdated.refusal, AlreadyDone.refusal):
                continue  # somebody acted on it meanwhile: it waits until it is prepared anew, or is decided
            erased += 1
            told(erased)
    return erased
