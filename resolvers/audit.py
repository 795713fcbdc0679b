"""The audit: every row of the register against what wrote it, so that one that was changed by hand is found (docs/life.md).

PostgreSQL compares, a session at a time, and answers what differs alone: memory does not grow with the register. What takes the master
secret (keys, archives) is streamed. Findings name rows by their ids and columns, and nobody.
"""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable
from hashlib import sha256
from typing import NamedTuple, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag

from db.statements import Connection, Row, Statement, statement
from graph.text import Text
from resolvers import redaction
from resolvers.keys import Keyring, mac
from resolvers.records import JOURNAL, pads

SESSIONS = statement("audit.sessions")
PUBLICATIONS = statement("audit.publications")
PUBLICATION = statement("audit.publication")
CHANGED_VERSIONS = statement("audit.changed_versions")
HAS_PROOF = statement("audit.has_proof")
STRANGE_VERSIONS = statement("audit.strange_versions")
CHANGED_CANDIDATES = statement("audit.changed_candidates")
CHANGED_IMPORTS = statement("audit.changed_imports")
ACTS = statement("audit.acts")
ACT = statement("audit.act")
CHANGED_DIPLOMAS = statement("audit.changed_diplomas")
STANDING = statement("audit.standing")
WITHOUT_KEY = statement("audit.without_key")
DOCUMENTS = statement("audit.documents")
CHANGED_SESSION = statement("audit.changed_session")
KEYS = statement("audit.keys")
LOST = statement("audit.lost_versions")
ARCHIVES = statement("audit.archives")
CHANGED_JOURNAL = statement("audit.changed_journal")
CHANGED_HOLDINGS = statement("audit.changed_holdings")
SHARES = statement("audit.shares")
GUARDS = statement("audit.guards")

BATCH = 10_000
FIRST = UUID(int=0)
PROOF = 16
"""Bytes of a proof."""

GUARDED = frozenset(
    f"{table}.{guard}"
    for table in ("diploma_version", "diploma_act", "identity_archive", "publication_proof", "journal", "journal_proof")
    for guard in ("append_only", "append_only_truncate")
) | {
    "publication.two_agents_release", "publication.two_agents_withdraw", "publication.approved_before_released",
    "diploma_act.two_agents_act", "review_decision.two_agents_attach",
}  # fmt: skip
"""Triggers and constraints without which rows can be changed by hand unnoticed by PostgreSQL itself."""

CHANGED = Text("ne dit plus ce qui a été écrit", "no longer says what was written")
MISSING = Text("des lignes manquent, ou sont en trop", "rows are missing, or too many")
UNFOUNDED = Text("rien dans le registre ne l'a causé", "nothing in the register caused it")
UNPROVEN = Text(
    "n'a pas encore de preuve : laisser un tour au travailleur (parchemin worker)",
    "has no proof yet: let the worker have a turn (parchemin worker)",
)
WRONG_KEY = Text("n'est pas dérivé du secret", "is not derived from the secret")
JOURNAL_WHAT = {"CHANGED": CHANGED, "LINES": MISSING, "MISSING": MISSING, "UNPROVEN": UNPROVEN}
NO_GUARD = Text("a été retiré ou désactivé", "was removed or disabled")

Progress = Callable[[int, int], None]
"""Told how many sessions are looked at, and how many there are."""


class Finding(NamedTuple):
    """A row that is not as it was written."""

    table: str
    row: str
    what: Text


async def audit(connection: Connection, keyring: Keyring, session: UUID | None, progress: Progress) -> AsyncGenerator[Finding]:
    """What differs in the whole register, or in one session of it; nothing when all is as it was written."""
    sessions = await SESSIONS.rows(connection, session=session)
    for number, row in enumerate(sessions):
        progress(number, len(sessions))
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for finding in _session(connection, keyring, row["id"]):
                yield finding
    progress(len(sessions), len(sessions))
    if session is None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            async for finding in _everywhere(connection, keyring):
                yield finding


async def _session(connection: Connection, keyring: Keyring, session: UUID) -> AsyncGenerator[Finding]:
    for row in await PUBLICATIONS.rows(connection, session=session):
        async for finding in _publication(connection, keyring, session, row):
            yield finding
    for act in await ACTS.rows(connection, session=session):
        async for finding in _act(connection, keyring, act["id"]):
            yield finding
    async for row in _stream(connection, STRANGE_VERSIONS, session=session):
        yield Finding("diploma_version", f"{row['diploma_id']}/{row['version']}", UNFOUNDED)
    async for row in _stream(connection, CHANGED_CANDIDATES, session=session):
        yield Finding("candidate", f"{row['import_id']}/{row['line']}", CHANGED)
    async for row in _stream(connection, CHANGED_IMPORTS, session=session):
        yield Finding("import", str(row["id"]), CHANGED)
    async for row in _stream(connection, CHANGED_DIPLOMAS, session=session):
        yield Finding("diploma", str(row["id"]), _columns(row["differs"]))
    for row in await CHANGED_SESSION.rows(connection, session=session):
        if row["differs"]:
            yield Finding("exam_session", str(session), _columns(row["differs"]))
    async for finding in _keys_of(connection, keyring, session):
        yield finding
    async for finding in _documents(connection, keyring, session):
        yield finding


async def _publication(connection: Connection, keyring: Keyring, session: UUID, row: Row) -> AsyncGenerator[Finding]:
    publication: UUID = row["id"]
    if not row["proven"]:
        yield Finding("publication", str(publication), UNPROVEN)
        return
    inner_pad, outer_pad = pads(keyring, publication)
    given = {"publication": publication, "inner_pad": inner_pad, "outer_pad": outer_pad}
    whole = await PUBLICATION.row(connection, **given)
    assert whole is not None
    if not whole["intact"]:
        yield Finding("publication", str(publication), CHANGED)
    if whole["written"] != whole["found"]:
        yield Finding("publication_proof", str(publication), MISSING)
    async for version in _stream(connection, CHANGED_VERSIONS, **given, session=session):
        if version["erased"]:
            continue
        if version["redacted"]:
            proof = _proof_of_archived(keyring, publication, version, version["diploma_id"], version["version"])
            if proof is not None and await HAS_PROOF.value(connection, publication=publication, proof=proof):
                continue
        yield Finding("diploma_version", f"{version['diploma_id']}/{version['version']}", _columns(version["differs"] or ()))


async def _act(connection: Connection, keyring: Keyring, act: UUID) -> AsyncGenerator[Finding]:
    inner_pad, outer_pad = pads(keyring, act)
    row = await ACT.row(connection, act=act, inner_pad=inner_pad, outer_pad=outer_pad)
    assert row is not None
    if not row["intact"]:
        yield Finding("diploma_act", str(act), CHANGED)
    if row["new_version"] is None or row["erased"]:
        return
    found = row["found_proof"]
    if row["redacted"]:
        found = _proof_of_archived(keyring, act, row, row["diploma_id"], row["new_version"])
    if found is None or found != row["version_proof"]:
        yield Finding("diploma_version", f"{row['diploma_id']}/{row['new_version']}", CHANGED)


def _proof_of_archived(keyring: Keyring, of: UUID, row: Row, diploma: UUID, version: int) -> bytes | None:
    """The proof that a version had before its names were taken away, or None when the archive has nothing that opens."""
    if row["sealed"] is None:
        return None
    try:
        person = redaction.opened(keyring, row["sealed"], redaction.archived_at(diploma, f"version/{version}"))
    except (InvalidTag, ValueError):
        return None
    facts: str = row["facts"]
    return mac(mac(keyring.recording, of.bytes), sha256(person.encode()).digest() + facts.encode())[:PROOF]


async def _keys_of(connection: Connection, keyring: Keyring, session: UUID) -> AsyncGenerator[Finding]:
    """Diplomas that stand and whose key of today opens nothing, or something else."""
    after = FIRST
    while rows := await STANDING.rows(connection, session=session, after=after, count=BATCH):
        after = rows[-1]["id"]
        for (version, generation), group in _grouped(rows, "version", "key_generation").items():
            diplomas = [row["id"] for row in group]
            lookups = keyring.lookups((diploma.bytes for diploma in diplomas), version, generation)
            lost = await WITHOUT_KEY.rows(
                connection,
                lookups=lookups,
                diplomas=diplomas,
                versions=[version] * len(group),
                generations=[generation] * len(group),
            )
            for row in lost:
                yield Finding("diploma", str(row["diploma"]), _columns(["key_generation"]))


async def _documents(connection: Connection, keyring: Keyring, session: UUID) -> AsyncGenerator[Finding]:
    after = FIRST
    while rows := await DOCUMENTS.rows(connection, session=session, after=after, count=BATCH):
        after = rows[-1]["id"]
        for row in rows:
            lookup = keyring.document_lookup(row["diploma_id"], row["version"], row["generation"])
            if lookup != row["link_lookup"] or not row["known"]:
                yield Finding("document", str(row["id"]), WRONG_KEY)
            elif row["redacted"] and (row["opens"] or row["state"] != "OVERTAKEN"):
                yield Finding("document", str(row["id"]), CHANGED)


async def _everywhere(connection: Connection, keyring: Keyring) -> AsyncGenerator[Finding]:
    """What belongs to no session, or is found over all of them."""
    kept = {row["guard"] for row in await GUARDS.rows(connection)}
    for guard in sorted(GUARDED - kept):
        yield Finding(guard.partition(".")[0], guard, NO_GUARD)
    async for row in _stream(connection, LOST):
        yield Finding(row["table"], row["row"], UNFOUNDED)
    async for finding in _keys(connection, keyring):
        yield finding
    async for row in _stream(connection, ARCHIVES):
        place = redaction.archived_at(row["diploma_id"], row["place"])
        if not row["founded"] or not _opens(keyring, row["sealed"], place):
            yield Finding("identity_archive", f"{row['diploma_id']}/{row['place']}", CHANGED)
    inner_pad, outer_pad = pads(keyring, JOURNAL)
    async for row in _stream(connection, CHANGED_JOURNAL, inner_pad=inner_pad, outer_pad=outer_pad):
        yield Finding(row["table"], row["row"], JOURNAL_WHAT[row["what"]])
    async for row in _stream(connection, CHANGED_HOLDINGS):
        yield Finding(row["table"], row["row"], UNFOUNDED)
    async for row in _stream(connection, SHARES):
        if keyring.share_lookup(row["id"]) != row["lookup"]:
            yield Finding("share", str(row["id"]), WRONG_KEY)


async def _keys(connection: Connection, keyring: Keyring) -> AsyncGenerator[Finding]:
    """Keys that the master secret does not give, that lead to nothing, or that were brought back."""
    batch = list[Row]()
    async for row in _stream(connection, KEYS):
        batch.append(row)
        if len(batch) == BATCH:
            for finding in _wrong_keys(keyring, batch):
                yield finding
            batch = []
    for finding in _wrong_keys(keyring, batch):
        yield finding


def _wrong_keys(keyring: Keyring, batch: Iterable[Row]) -> Iterable[Finding]:
    for (version, generation), group in _grouped(batch, "version", "generation").items():
        lookups = keyring.lookups((row["diploma_id"].bytes for row in group), version, generation)
        for row, lookup in zip(group, lookups, strict=True):
            if lookup != row["lookup"]:
                yield Finding("control_key", f"{row['diploma_id']}/{version}/{generation}", WRONG_KEY)
            elif row["lost"] or row["revived"]:
                yield Finding("control_key", f"{row['diploma_id']}/{version}/{generation}", UNFOUNDED)


def _grouped(rows: Iterable[Row], *names: str) -> dict[tuple[int, ...], list[Row]]:
    groups: dict[tuple[int, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def _opens(keyring: Keyring, kept: bytes, place: str) -> bool:
    try:
        redaction.opened(keyring, kept, place)
    except (InvalidTag, ValueError):
        return False
    return True


def _columns(names: Iterable[str]) -> Text:
    """What differs, by its columns, where that is known."""
    listed = ", ".join(names)
    return Text(f"diffère : {listed}", f"differs: {listed}") if listed else CHANGED


async def _stream(connection: Connection, what: Statement, **given: object) -> AsyncGenerator[Row]:
    """The rows of a statement, a part at a time."""
    async for row in connection.cursor(what.text, *what.values(given), prefetch=BATCH):
        yield cast("Row", row)
