"""The everyday journey of a session, for tests that need one on its way: files of candidates, imports, publications."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from db.statements import Connection, statement
from resolvers import imports, publication, sessions
from resolvers.callers import Caller
from resolvers.import_staging import untold
from resolvers.keys import Keyring

GROUPS = statement("sessions.groups")

KEYRING = Keyring.of(b"a master secret of the tests, 32+")

Line = dict[str, str]

BAC_GENERAL = "47010019"


def candidate(number: int, **cells: str) -> Line:
    """A line of the general bac, admitted without mention, unless `cells` say otherwise."""
    line = {
        "numero_candidat": f"C{number:06}",
        "ine": f"{number % 10**9:09}AB",
        "nom_naissance": "Lecœur",
        "nom_usage": "",
        "prenoms": "Éloïse Marie",
        "sexe": "F",
        "date_naissance": "12/03/2008",
        "commune_naissance": "25056",
        "lieu_naissance": "Besançon",
        "pays_naissance": "99100",
        "etablissement": "",
        "code_diplome": BAC_GENERAL,
        "groupe": "PREMIER",
        "decision": "ADMIS",
        "mention": "",
        "moyenne": "10,50",
        "moyenne_second_groupe": "",
    }
    return line | cells


def write_file(path: Path, lines: Iterable[Line], *, separator: str = ";", encoding: str = "utf-8") -> Path:
    """A results file of these lines, whose columns are those of the first. No cell may hold the separator."""
    lines = list(lines)
    rows = [separator.join(lines[0])] + [separator.join(line[name] for name in lines[0]) for line in lines]
    path.write_bytes("".join(f"{row}\r\n" for row in rows).encode(encoding))
    return path


@dataclass
class Journey:
    """A session and its agents."""

    connection: Connection
    monitor: Connection
    first: Caller
    second: Caller
    folder: Path
    session: UUID
    files: int = 0

    @staticmethod
    async def begin(
        connection: Connection,
        monitor: Connection,
        first: Caller,
        second: Caller,
        folder: Path,
        family: str = "bac",
        academy: str = "01",
        year: int = 2026,
    ) -> "Journey":
        """Opens a session."""
        session = await sessions.open_session(connection, first, family, academy, year)
        return Journey(connection, monitor, first, second, folder, session)

    async def stage(self, *lines: Line) -> UUID:
        """Imports a file of these lines, without applying it."""
        self.files += 1
        path = write_file(self.folder / f"{self.session}-{self.files}.csv", lines)
        import_id, _ = await imports.import_path(self.connection, self.monitor, KEYRING, self.first, self.session, path, untold)
        return import_id

    async def results(self, *lines: Line) -> UUID:
        """Imports a file of these lines and applies it."""
        import_id = await self.stage(*lines)
        await imports.apply(self.connection, self.first, import_id)
        return import_id

    async def close(self) -> None:
        """Closes every jury group that is open."""
        for group in await GROUPS.rows(self.connection, sessions=[self.session], academies=list(self.first.academies)):
            if group["closed_at"] is None:
                await sessions.close_group(self.connection, self.first, self.session, group["code"])

    async def prepare(self) -> UUID:
        """Prepares the publication."""
        return await publication.prepare(self.connection, self.first, self.session)

    async def release(self, keyring: Keyring) -> int | None:
        """Approves the prepared publication and releases it."""
        approved = await publication.approve(self.connection, self.second, self.session)
        return await publication.release(self.connection, self.monitor, keyring, approved)

    async def publish(self, keyring: Keyring, *lines: Line) -> None:
        """From results to a published session."""
        await self.results(*lines)
        await self.close()
        await self.prepare()
        await self.release(keyring)

    async def state(self) -> str:
        """The state of the session."""
        return await self.connection.fetchval("select state from exam_session where id = $1", self.session)

    async def key_of(self, keyring: Keyring, number: int) -> str:
        """The control key of a candidate's diploma."""
        row = await self.connection.fetchrow(
            "select id, version, key_generation from diploma where session_id = $1 and candidate_number = $2",
            self.session,
            f"C{number:06}",
        )
        assert row is not None
        return keyring.control_key(row["id"].bytes, row["version"], row["key_generation"])
