"""What a family does at the sessions where something of it begins or ends, and with cells that nobody means."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from graph.text import Text
from plugins.cases import ACADEMY
from plugins.contract import Column, Elsewhere, Family, Invalid, Misfit, Session
from plugins.soundness import said
from plugins.values import kept
from server.conformance.law import edge_years
from server.conformance.lines import edge_lines, told
from server.conformance.trying import Tried, alone, tried

JUNK = (
    "\x00", "\x01\x1f\x7f", "\u202e\ufeff", "é" * 10_000, "9" * 10_000, "-1", "1e309", "NaN", "|||", "{}", "\u0661\u0662",
    "\ud7ff\U0010ffff", "'; --",
)  # fmt: skip
"""Cells that no academy means."""


def edges(family: Family) -> Iterator[str]:
    """Sessions that are held, and for which something that an import needs is missing or fails."""
    for year in edge_years(family):
        if not family.held(year):
            continue
        if not family.groups(year):
            yield f"the session {year} is held and has no jury group, so it could never be published"
        if not isinstance(asked := tried(family.asked, year).answer, Elsewhere) and asked not in ("EXAM_SERVICE", "ESTABLISHMENT"):
            yield f"nobody answers for a diploma of the session {year} that is not in the register: see asked_at"
        for column in family.columns:
            yield from islice(_unread(column, Session(year, ACADEMY), ("0", "10", "A")), 1)
        yield from islice(_failing(family, Session(year, ACADEMY)), 1)


def _failing(family: Family, session: Session) -> Iterator[str]:
    """Functions on whole lines, besides `decide`, that fail on a line or answer what they should not."""
    names = {column.name for column in family.columns} | {"code_diplome", "groupe", "decision", "mention"}
    for line in edge_lines(family, session, whole=True):
        at = f"at the session {session.year} for a line with {told(line)}"
        if family.check is not None:
            done = alone(family.check, line, session)
            if done.error is not None:
                yield f"check raises {done.raised} {at}"
            elif isinstance(done.answer, Misfit):
                if done.answer.column not in names or not (said(done.answer.reason) and said(done.answer.remedy)):
                    yield f"check answers a Misfit without a column of the family, a reason and a remedy in both languages {at}"
            elif done.answer is not None:
                yield f"check answers a {type(done.answer).__name__} {at}"
        if (title := family.title) is not None:
            done = [alone(title, label, line) for label in (None, "Diplôme")]
            yield from (f"title {fault} {at}" for one in done if (fault := _other(one, str)))
        if family.level is not None and (fault := _other(alone(family.level, line), int | None)):
            yield f"level {fault} {at}"


def _other(done: Tried, of: Any) -> str | None:
    """How a function failed otherwise than by refusing, or answered another kind of value."""
    if isinstance(done.error, Invalid):
        return None
    if done.error is not None:
        return f"raises {done.raised}"
    return None if isinstance(done.answer, of) else f"answers a {type(done.answer).__name__}"


def unread_examples(family: Family) -> Iterator[str]:
    """Columns without an example, or whose own example is refused at every session that is held."""
    years = [year for year in edge_years(family) if family.held(year)]
    for column in family.columns:
        if not column.example:
            yield f"the column '{column.name}' has no example: academies read it in the documentation"
            continue
        tries = [alone(kept(column.reader(Session(year, ACADEMY))), column.example) for year in years]
        if tries and all(one.error is not None for one in tries):
            yield f"the example of the column '{column.name}', {column.example!r}, is refused: {tries[-1].raised}"


def unrefused_junk(family: Family) -> Iterator[str]:
    """Columns that fail on a cell instead of reading or refusing it."""
    years = [year for year in edge_years(family) if family.held(year)]
    for column in family.columns:
        for year in {*years[:1], *years[-1:]}:
            yield from islice(_unread(column, Session(year, ACADEMY), JUNK), 1)


def _unread(column: Column, session: Session, cells: tuple[str, ...]) -> Iterator[str]:
    """Cells that the column neither reads nor refuses in both languages."""
    at = f"the column '{column.name}' at the session {session.year}"
    made = alone(column.reader, session)
    if made.error is not None:
        yield f"{at}: at_session raises {made.raised}"
        return
    for cell in (*cells, column.example or "A"):
        done = alone(kept(made.answer), cell)
        if isinstance(done.error, Invalid):
            if not _spoken(done.error.reason, done.error.remedy):
                yield f"{at} refuses {cell[:20]!r} without a reason and a remedy in both languages"
        elif done.error is not None:
            yield f"{at} raises {done.raised} for the cell {cell[:20]!r}: a reader refuses with Invalid"


def _spoken(*texts: Text) -> bool:
    return all(said(text) for text in texts)
