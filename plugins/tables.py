"""Reference tables that a family brings: read from a CSV file of its package, and what reads cells by them."""

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from graph.reference import MOST_TABLE_COLUMNS
from graph.text import Text
from plugins.contract import Entry, Invalid, Reader, Session, Table

COLUMNS = ("code", "label_fr", "label_en", "first_session", "last_session")
MOST_ENTRIES = 2_000


def table(file: Path, name: str, label: Text, source: str) -> Table:
    """The table of a CSV file in UTF-8: `code,label_fr,label_en,first_session,last_session`, then columns of the family's own.

    A session that is left empty is unbounded. Raises `ValueError` for a column or a code that is missing, a code that stands twice, a year
    that is none, or more entries than the register takes; the message names file and line.
    """
    entries: dict[str, Entry] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
            raise ValueError(f"{file.name}: the column {missing[0]} is missing")
        if len(reader.fieldnames or ()) > len(COLUMNS) + MOST_TABLE_COLUMNS:
            raise ValueError(f"{file.name}: more than {MOST_TABLE_COLUMNS} columns of its own")
        for row in reader:
            entry = _entry(row, f"{file.name}, line {reader.line_num}")
            if entry.code in entries:
                raise ValueError(f"{file.name}, line {reader.line_num}: the code {entry.code} stands twice")
            entries[entry.code] = entry
    if len(entries) > MOST_ENTRIES:
        raise ValueError(f"{file.name}: more than {MOST_ENTRIES} entries")
    return Table(name, label, source, MappingProxyType(entries))


def _entry(row: Mapping[str | None, str | None], place: str) -> Entry:
    if None in row or None in row.values():
        raise ValueError(f"{place}: as many cells as the header has are needed")
    cells = {str(name): str(cell) for name, cell in row.items()}
    code, fr, en, first, last = (cells.pop(name) for name in COLUMNS)
    if not code or not fr or not en:
        raise ValueError(f"{place}: code, label_fr and label_en are needed")
    if first and last and first > last:
        raise ValueError(f"{place}: the sessions end before they begin")
    return Entry(code, Text(fr, en), _year(first, place), _year(last, place), MappingProxyType(cells))


def _year(cell: str, place: str) -> int | None:
    if cell and not (cell.isascii() and cell.isdigit() and len(cell) == 4):
        raise ValueError(f"{place}: {cell!r} is no session")
    return int(cell) if cell else None


def code_of(known: Table) -> Reader:
    """A reader of codes of a table, whatever their sessions."""
    return _reader(known, lambda entry: True)  # noqa: ARG005


def code_at(known: Table) -> Callable[[Session], Reader]:
    """Readers of the codes of a table that a session may use: what `Column.at_session` takes."""
    return lambda session: _reader(known, lambda entry: entry.held(session.year))


def _reader(known: Table, allowed: Callable[[Entry], bool]) -> Reader:
    reason = Text(f"n'est pas un code de la table « {known.label.fr} »", f"is not a code of the table “{known.label.en}”")
    closed = Text("n'est pas ouvert à cette session", "is not open at this session")
    remedy = Text(f"prendre un code de la table {known.name}", f"use a code of the table {known.name}")

    def read(cell: str) -> str:
        entry = known.get(cell)
        if entry is None:
            raise Invalid(reason, remedy)
        if not allowed(entry):
            raise Invalid(closed, remedy)
        return cell

    return read
