"""The command that audits the register."""

import argparse
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from db.statements import Connection, statement
from graph.problems import NotFound
from graph.text import Text
from resolvers.audit import audit
from resolvers.keys import Keyring
from server.acts import console, parts
from server.database import connections
from server.settings import Settings

SESSION = statement("audit.session")


async def audit_register(settings: Settings, given: argparse.Namespace) -> int:
    """Prints each row that is not as it was written, with what differs; 1 when there is one."""
    async with connections(settings) as (connection, _):
        session = await _session(connection, given.session) if given.session else None
        found = 0
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Sessions", total=None)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            async for finding in audit(connection, Keyring.of(settings.master_secret), session, progress):
                found += 1
                console.print(f"{finding.table} {finding.row} : {finding.what.fr}")
    console.print(
        "Tout est tel que le registre l'a écrit."
        if not found
        else f"{found} lignes ne sont pas telles que le registre les a écrites."
    )
    return 1 if found else 0


async def _session(connection: Connection, text: str) -> UUID:
    """The session that `family/academy/year` names. Raises `NotFound`."""
    family, academy, year = parts(text)
    session: UUID | None = await SESSION.value(connection, family=family, academy=academy, year=year)
    if session is None:
        raise NotFound.refuse(Text("Cette session n'existe pas.", "This session does not exist."))
    return session
