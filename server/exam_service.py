"""The everyday journey of a session, from a results file to a release, by the two agents without whom nothing is published."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from db.statements import Connection, statement
from graph.problems import SessionExists
from resolvers import imports, publication, sessions
from resolvers.callers import Caller
from resolvers.import_staging import untold
from resolvers.keys import Keyring

GROUPS = statement("sessions.groups")


@dataclass(frozen=True)
class ExamService:
    """An agent who prepares and one who releases, over a register; `monitor` is a second connection to it."""

    work: Connection
    monitor: Connection
    keyring: Keyring
    first: Caller
    second: Caller

    async def open(self, family: str, academy: str, year: int) -> UUID:
        """The session, which may be open already. Raises what `sessions.open_session` raises else."""
        try:
            return await sessions.open_session(self.work, self.first, family, academy, year)
        except SessionExists.refusal:
            return await sessions.find(self.work, self.first, family, academy, year)

    async def read(self, session: UUID, path: Path) -> UUID:
        """The staged import of a file. Raises what `imports.import_path` raises."""
        import_id, _ = await imports.import_path(self.work, self.monitor, self.keyring, self.first, session, path, untold)
        return import_id

    async def take(self, session: UUID, path: Path) -> UUID:
        """The import of a file, whose lines are then the results of the session."""
        import_id = await self.read(session, path)
        if (await imports.reported(self.work, self.first, import_id))["state"] == "STAGED":
            await imports.apply(self.work, self.first, import_id)
        return import_id

    async def complete(self, session: UUID) -> None:
        """Confirms what contradicts the rules, and closes every jury group."""
        await imports.confirm(self.work, self.first, session, None)
        for group in await GROUPS.rows(self.work, sessions=[session], academies=list(self.first.academies)):
            if group["closed_at"] is None:
                await sessions.close_group(self.work, self.first, session, group["code"])

    async def prepare(self, session: UUID) -> UUID:
        """Prepares the publication of a complete session."""
        return await publication.prepare(self.work, self.first, session)

    async def release(self, session: UUID) -> int | None:
        """Releases what is prepared, by the second agent; how many diplomas the session then shows."""
        approved = await publication.approve(self.work, self.second, session)
        return await publication.release(self.work, self.monitor, self.keyring, approved)
