"""The journey of results, for measurements: a file of the fictitious nation to its published session."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from db.pool import connect
from db.statements import statement
from population.files import write
from population.nation import FilePlan
from resolvers import callers, imports, publication, sessions
from resolvers.callers import Caller
from resolvers.import_staging import untold
from resolvers.keys import Keyring
from resolvers.titles import in_force

GROUPS = statement("sessions.groups")
KEYRING = Keyring.of(b"a master secret for measurements")
SEED = 7


@dataclass
class Office:
    """The two agents and their connections."""

    connection: "asyncpg.Connection[asyncpg.Record]"
    monitor: "asyncpg.Connection[asyncpg.Record]"
    first: Caller
    second: Caller

    @staticmethod
    async def open(url: str, academies: list[str]) -> "Office":
        """Two agents of these academies."""
        connection, monitor = await connect(url), await connect(url)
        first = await callers.add(connection, "first", "AGENT", academies)
        return Office(connection, monitor, first, await callers.add(connection, "second", "HEAD_OF_SERVICE", academies))

    async def close(self) -> None:
        """Ends the connections."""
        await self.connection.close()
        await self.monitor.close()

    async def stage(self, plan: FilePlan, path: Path) -> tuple[UUID, UUID]:
        """Opens the session and reads the file; the session and the import."""
        session = await sessions.open_session(self.connection, self.first, plan.family, plan.academy, plan.year)
        import_id, _ = await imports.import_path(self.connection, self.monitor, KEYRING, self.first, session, path, untold)
        return session, import_id

    async def approve(self, session: UUID, import_id: UUID) -> UUID:
        """From a staged import to an approved publication."""
        await imports.apply(self.connection, self.first, import_id)
        await imports.confirm(self.connection, self.first, session, None)
        for group in await GROUPS.rows(self.connection, sessions=[session], academies=list(self.first.academies)):
            await sessions.close_group(self.connection, self.first, session, group["code"])
        await publication.prepare(self.connection, self.first, session)
        return await publication.approve(self.connection, self.second, session)

    async def release(self, approved: UUID) -> int:
        """Releases the publication; how many diplomas it shows."""
        return await publication.release(self.connection, self.monitor, KEYRING, approved) or 0


def written(plan: FilePlan, folder: Path) -> Path:
    """The file of a plan."""
    return write(plan, SEED, folder, in_force)
