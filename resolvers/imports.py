"""Results files: submitted, read into a staged import, compared with what stands, applied or discarded.

One import of a session at a time. A file that was read changes nothing until an agent applies it.
"""

import errno
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import structlog

from db.statements import Connection, Database, Row, statement
from graph.problems import ClosedGroupChanged, FileRefused, ImportInProgress, ImportOutdated, NotFound, Refused
from graph.text import Text
from plugins.loading import families
from resolvers.callers import Act, Caller
from resolvers.import_columns import columns_of, required_of
from resolvers.import_file import ImportFile, UnreadableFile, examined
from resolvers.import_staging import STORAGE_FULL, Progress, carried, stage, untold
from resolvers.keys import Keyring
from resolvers.known_families import absence
from resolvers.sessions import locked, settle, wrong_state

SAME_FILE = statement("imports.same_file")
SUBMIT = statement("imports.submit")
START = statement("imports.start")
ABANDON_INTERRUPTED = statement("imports.abandon_interrupted")
DISCARD = statement("imports.discard")
FAIL = statement("imports.fail")
CLOSED_GROUP_CHANGES = statement("imports.closed_group_changes")
MAKE_CURRENT = statement("imports.make_current")
DROP_CANDIDATES = statement("imports.drop_candidates")
CONFIRM = statement("imports.confirm")
SESSION = statement("sessions.by_id")
REPORT = statement("imports.report")
REFUSALS = statement("imports.refusals")
ADD_CHUNK = statement("imports.add_chunk")
CHUNK = statement("imports.chunk")
DROP_CHUNKS = statement("imports.drop_chunks")
CLAIM = statement("imports.claim")
INTERRUPTED_UPLOADS = statement("imports.interrupted")
SESSION_OF = statement("imports.session_of")
ANNOUNCE = statement("publication.announce")

log = structlog.get_logger()

UNREADABLE = Text(
    "Le serveur n'a pas su lire ce fichier ; rien n'a été gardé, et l'incident est au journal du serveur. Écrire à son exploitant.",
    "The server could not read this file; nothing was kept, and its log has the incident. Write to its operator.",
)
INTERRUPTED = Text(
    "La lecture a été interrompue ; rien n'a été gardé. Envoyer le fichier à nouveau.",
    "The reading was interrupted; nothing was kept. Send the file again.",
)


async def submit(connection: Connection, caller: Caller, session: UUID, digest: bytes, file_name: str) -> tuple[UUID, bool]:
    """Takes a file for a session: its import, and whether it is new. The same file again is the import that exists.

    Raises `NotFound`, `WrongState` when the session is prepared or published, `ImportInProgress`.
    """
    caller.may(Act.IMPORT)
    async with locked(connection, caller, session) as row:
        if row["state"] not in ("OPEN", "COMPLETE"):
            raise wrong_state(
                row,
                Text(
                    "La publication de la session est préparée ou faite : ses résultats ne se remplacent plus.",
                    "The publication of the session is prepared or done: its results are no longer replaced.",
                ),
            )
        same = await SAME_FILE.row(connection, session=session, digest=digest)
        if same is not None:
            return same["id"], False
        await ABANDON_INTERRUPTED.run(connection, session=session, problem=INTERRUPTED._asdict())
        submitted = await SUBMIT.value(connection, session=session, digest=digest, file_name=file_name[:200], agent=caller.id)
        if submitted is None:
            raise ImportInProgress.refuse(
                Text(
                    "Un autre fichier de cette session est en cours de lecture : attendre qu'il finisse.",
                    "Another file of this session is being read: wait until it ends.",
                )
            )
        await caller.journal(connection, "SUBMIT_IMPORT", session, import_id=submitted, digest=digest.hex())
    return submitted, True


async def import_path(
    connection: Connection,
    monitor: Connection,
    keyring: Keyring,
    caller: Caller,
    session: UUID,
    path: Path,
    progress: Progress,
) -> tuple[UUID, bool]:
    """Reads a file of this machine into a staged import; its id, and whether it is new (the same file again is not).

    `monitor` is a second connection, on which other processes see the progress. Raises what `submit` and `stage` raise.
    """
    row = await SESSION.row(connection, sessions=[session], academies=list(caller.academies))
    if row is None:
        raise NotFound.refuse(Text("Cette session n'existe pas.", "This session does not exist."))
    try:
        file = examined_for(path, row["family"])
    except UnreadableFile as unreadable:
        raise FileRefused.refuse(unreadable.text) from unreadable
    submitted, new = await submit(connection, caller, session, file.digest, path.name)
    if new:
        await START.value(connection, import_id=submitted)
        async with carried(connection, submitted):
            await stage(connection, monitor, keyring, submitted, row, file, progress)
    return submitted, new


async def submit_upload(
    connection: Connection, caller: Caller, session: UUID, file: ImportFile, file_name: str, chunk: int
) -> tuple[UUID, bool]:
    """Takes an uploaded file into the database, where a worker finds it; raises what `submit` raises."""
    async with connection.transaction():
        submitted, new = await submit(connection, caller, session, file.digest, file_name)
        if new:
            with file.path.open("rb") as content:
                for position, part in enumerate(iter(lambda: content.read(chunk), b"")):
                    await ADD_CHUNK.run(connection, import_id=submitted, position=position, content=part)
            await ANNOUNCE.run(connection)
    return submitted, new


async def read_upload(connection: Connection, monitor: Connection, keyring: Keyring, folder: Path) -> bool:
    """Reads the uploaded file that waits longest, if there is one; whether it found any. `folder` holds it meanwhile."""
    await INTERRUPTED_UPLOADS.run(connection)
    claimed = await CLAIM.row(connection)
    if claimed is None:
        return False
    import_id, session = claimed["id"], await SESSION_OF.row(connection, session=claimed["session_id"])
    assert session is not None
    try:
        async with carried(connection, import_id):
            await _read_chunks(connection, monitor, keyring, import_id, session, folder)
    except UnreadableFile as unreadable:
        await FAIL.run(connection, import_id=import_id, problem=unreadable.text._asdict())
    except Refused as refused:
        await FAIL.run(connection, import_id=import_id, problem=refused.text._asdict())
    except (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.InternalServerError) as error:
        # a file that breaks the reader would break it again at each start: it fails, and the others go on
        log.error("import_failed", import_id=str(import_id), kind=type(error).__name__)
        await FAIL.run(connection, import_id=import_id, problem=UNREADABLE._asdict())
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        await FAIL.run(connection, import_id=import_id, problem=STORAGE_FULL._asdict())
    await DROP_CHUNKS.run(connection)
    log.info("import_read", import_id=str(import_id))
    return True


async def _read_chunks(
    connection: Connection, monitor: Connection, keyring: Keyring, import_id: UUID, session: Row, folder: Path
) -> None:
    with tempfile.NamedTemporaryFile(dir=folder) as spool:
        position = 0
        while content := await CHUNK.value(connection, import_id=import_id, position=position):
            spool.write(content)
            position += 1
        spool.flush()
        file = examined_for(Path(spool.name), session["family"])
        await stage(connection, monitor, keyring, import_id, session, file, untold)


def examined_for(path: Path, family: str) -> ImportFile:
    """The file, when it can be one of that family. Raises `UnreadableFile`, also when the family is not installed."""
    declared = families().get(family)
    if declared is None:
        raise UnreadableFile(absence(family))
    return examined(path, columns_of(declared), required_of(declared))


async def apply(connection: Connection, caller: Caller, import_id: UUID) -> UUID:
    """Makes a staged import the results of its session, in place of the last; returns the session.

    Raises `NotFound`, `WrongState`, `ImportOutdated` when it is not staged or was compared with other results, `ClosedGroupChanged`.
    """
    caller.may(Act.IMPORT)
    report = await reported(connection, caller, import_id)
    session = report["session_id"]
    async with locked(connection, caller, session) as row:
        changes = await CLOSED_GROUP_CHANGES.value(connection, session=session, import_id=import_id, current=row["import_id"])
        if changes:
            raise ClosedGroupChanged.refuse(
                Text(
                    f"Ce fichier change {changes} décisions finales de groupes clos : rouvrir ces groupes d'abord.",
                    f"This file changes {changes} final decisions of closed groups: reopen those groups first.",
                ),
                decisions=changes,
            )
        replaced = await MAKE_CURRENT.row(connection, import_id=import_id)
        if replaced is None and row["state"] not in ("OPEN", "COMPLETE"):
            raise wrong_state(row, Text("La publication est préparée ou faite.", "The publication is prepared or done."))
        if replaced is None:
            raise ImportOutdated.refuse(
                Text(
                    "Ce fichier n'est plus en attente, ou les résultats ont changé depuis : l'importer à nouveau.",
                    "This file waits no longer, or results have changed since: import it again.",
                )
            )
        if replaced["replaces"] is not None:
            await DROP_CANDIDATES.run(connection, session=session, import_id=replaced["replaces"])
        await caller.journal(connection, "APPLY_IMPORT", session, import_id=import_id, replaced=replaced["replaces"])
        await settle(connection, session)
    return session


async def discard(connection: Connection, caller: Caller, import_id: UUID) -> UUID:
    """Turns a staged import down; returns its session. Raises `NotFound`, also when it is not staged."""
    caller.may(Act.IMPORT)
    async with connection.transaction():
        row = await DISCARD.row(connection, import_id=import_id, academies=list(caller.academies))
        if row is None:
            raise _unknown()
        await DROP_CANDIDATES.run(connection, session=row["session_id"], import_id=import_id)
        await caller.journal(connection, "DISCARD_IMPORT", row["session_id"], import_id=import_id)
    return row["session_id"]


async def confirm(connection: Connection, caller: Caller, session: UUID, lines: list[int] | None) -> int:
    """Confirms decisions that contradict the rules: the jury is sovereign. All flagged lines when `lines` is None.

    Returns how many were confirmed. Raises `NotFound`, `WrongState` when the session is past OPEN.
    """
    caller.may(Act.IMPORT)
    async with locked(connection, caller, session) as row:
        if row["state"] != "OPEN":
            raise wrong_state(row, Text("La session n'est plus ouverte.", "The session is no longer open."))
        confirmed = await CONFIRM.rows(connection, session=session, agent=caller.id, lines=lines)
        if confirmed:
            numbers = sorted(line["line"] for line in confirmed)
            await caller.journal(
                connection,
                "CONFIRM_DECISIONS",
                session,
                import_id=row["import_id"],
                lines=numbers[:1000],
                count=len(numbers),
            )
            await settle(connection, session)
    return len(confirmed)


async def reported(database: Database, caller: Caller, import_id: UUID) -> Row:
    """The report of an import. Raises `NotFound` when it is not of the caller's academies."""
    caller.may(Act.READ)
    row = await REPORT.row(database, imports=[import_id], academies=list(caller.academies))
    if row is None:
        raise _unknown()
    return row


async def refusal_pages(database: Database, caller: Caller, import_id: UUID) -> AsyncIterator[list[Row]]:
    """The refused cells of an import in order, a thousand at a time."""
    caller.may(Act.READ)
    line, position = 0, 0
    while page := await REFUSALS.rows(
        database, import_id=import_id, academies=list(caller.academies), line=line, position=position, count=1000
    ):
        yield page
        line, position = page[-1]["line"], page[-1]["position"]


def _unknown() -> Exception:
    return NotFound.refuse(
        Text(
            "Cet import n'existe pas, n'est plus en attente, ou relève d'une autre académie.",
            "This import does not exist, waits no longer, or belongs to another academy.",
        )
    )
