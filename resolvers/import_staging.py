"""Reading a results file into a staged import: its rows, what is refused, and how it differs from what stands."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from io import BytesIO
from uuid import UUID

import asyncpg

from db.statements import Connection, Row, statement
from graph.problems import FileRefused, ImportOutdated
from graph.text import Text
from plugins.contract import Session
from plugins.loading import families
from resolvers.copy_format import END, SIGNATURE
from resolvers.import_checks import Target
from resolvers.import_file import ImportFile
from resolvers.import_lines import REFUSAL_COLUMNS, Block
from resolvers.import_parsing import blocks
from resolvers.import_portion import Contents, Sum
from resolvers.import_rows import CANDIDATE_COLUMNS
from resolvers.keys import Keyring
from resolvers.redaction import forget_again
from resolvers.titles import titles_of

LET_GO = statement("imports.let_go")
ANALYZE = statement("imports.analyze")
PROGRESS = statement("imports.progress")
CONTENTS = statement("publication.contents")
COUNT = statement("imports.count")
REFUSE_DUPLICATES = statement("imports.refuse_duplicates")
KEEP_CONFIRMATIONS = statement("imports.keep_confirmations")
DIFFERENCE = statement("imports.difference")
STAGE = statement("imports.stage")
DISCARD_STAGED = statement("imports.discard_staged")
CURRENT = statement("imports.current")
FAIL = statement("imports.fail")
DROP_CANDIDATES = statement("imports.drop_candidates")

STORAGE_FULL = Text(
    "Le serveur n'a plus de place ; rien n'a été gardé. Libérer de la place, puis envoyer le fichier à nouveau.",
    "The server's storage is full; nothing was kept. Free some space, then send the file again.",
)

Progress = Callable[[int, int], None]
"""Told the lines read so far and in all."""


def untold(read: int, total: int) -> None:
    """Nobody watches: the import's row tells the progress."""


@asynccontextmanager
async def carried(connection: Connection, import_id: UUID) -> AsyncGenerator[None]:
    """Lets the lock go that tells other processes that this one carries the import."""
    try:
        yield
    finally:
        if not connection.is_closed():
            await LET_GO.value(connection, import_id=import_id)


async def stage(
    connection: Connection,
    monitor: Connection,
    keyring: Keyring,
    import_id: UUID,
    session: Row,
    file: ImportFile,
    progress: Progress,
) -> None:
    """Reads the lines of a running import and stages it, in one transaction: a crash leaves no line behind.

    Raises `FileRefused` when the storage is full; the import is then failed.
    """
    titles = await titles_of(connection, families()[session["family"]])
    place = Session(session["year"], session["academy_code"])
    target = Target(session["id"], import_id, session["family"], place, titles, keyring)
    try:
        async with connection.transaction():
            contents = await _copy(connection, monitor, target, file, progress)
            if await forget_again(connection, keyring, session["id"], import_id):
                contents = None  # their lines are no longer what was read
            await _compare(connection, target, file, contents or await _told_apart(connection, target))
        # set-based statements follow (difference, publication): the planner must know how large the import is
        await ANALYZE.run(connection)
    except asyncpg.DiskFullError as error:
        await FAIL.run(monitor, import_id=import_id, problem=STORAGE_FULL._asdict())
        raise FileRefused.refuse(STORAGE_FULL) from error


async def _copy(
    connection: Connection, monitor: Connection, target: Target, file: ImportFile, progress: Progress
) -> Contents | None:
    """Sends the rows of the file while its next lines are read; what is refused follows each COPY.

    Answers what the rows amount to, or None when a candidate may stand on several lines.
    """
    held = Sum()
    async with aclosing(blocks(target, file)) as read:
        lines, more = 0, True
        while more:
            stretch = _Stretch(read, held)
            await connection.copy_to_table("candidate", source=stretch.taken(), columns=CANDIDATE_COLUMNS, format="binary")
            if stretch.refused:
                await connection.copy_to_table(
                    "import_refusal",
                    source=BytesIO(b"".join((SIGNATURE, *stretch.refused, END))),
                    columns=REFUSAL_COLUMNS,
                    format="binary",
                )
            lines, more = lines + stretch.lines, not stretch.ended
            progress(lines, file.lines)
            await PROGRESS.run(monitor, import_id=target.import_id, lines=lines, total=file.lines)
    return held.contents()


class _Stretch:
    """The next blocks of a file, as one COPY: bounds the refusals that wait, and how long nobody hears of progress."""

    BLOCKS = 16

    def __init__(self, read: AsyncGenerator[Block], held: Sum) -> None:
        self._read, self._held = read, held
        self.refused: list[bytes] = []
        self.lines = 0
        self.ended = False

    async def taken(self) -> AsyncGenerator[bytes]:
        """The rows taken; what is refused goes aside."""
        yield SIGNATURE
        for _ in range(self.BLOCKS):
            block = await anext(self._read, None)
            if block is None:
                self.ended = True
                break
            self.lines += block.read
            self._held.add(block.portion)
            if block.refused:
                self.refused.append(block.refused)
            if block.taken:
                yield block.taken
        yield END


async def _told_apart(connection: Connection, target: Target) -> Contents:
    """Refuses the lines of candidates who stand on an earlier one; what is left."""
    of = {"session": target.session_id, "import_id": target.import_id}
    counted = await COUNT.row(connection, **of)
    assert counted is not None
    if counted["lines"] > counted["candidates"]:
        await REFUSE_DUPLICATES.run(connection, **of)
    contents = await CONTENTS.row(connection, **of)
    assert contents is not None
    return Contents(counted["candidates"], contents["count"], contents["hash"])


async def _compare(connection: Connection, target: Target, file: ImportFile, contents: Contents) -> None:
    """Ends the reading: the difference with what stands, and the staged import in place of earlier staged ones."""
    session, import_id = target.session_id, target.import_id
    current = await CURRENT.value(connection, session=session)
    difference: Row | None = {"added": contents.accepted, "removed": 0, "changed": 0, "unchanged": 0}
    if current is not None:
        await KEEP_CONFIRMATIONS.run(connection, session=session, import_id=import_id, current=current)
        difference = await DIFFERENCE.row(connection, session=session, import_id=import_id, current=current)
    assert difference is not None
    for discarded in await DISCARD_STAGED.rows(connection, session=session, import_id=import_id):
        await DROP_CANDIDATES.run(connection, session=session, import_id=discarded["id"])
    staged = await STAGE.value(
        connection, import_id=import_id, encoding=file.encoding, separator=file.separator, lines=file.lines,
        current=current, difference=dict(difference), **contents._asdict(),
    )  # fmt: skip
    if staged is None:
        raise ImportOutdated.refuse(
            Text("Un autre fichier a pris la place de celui-ci.", "Another file took the place of this one.")
        )
