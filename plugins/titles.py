"""The national titles that a family brings: read from a CSV file of its package."""

import csv
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from plugins.contract import Family

COLUMNS = (
    "code", "kind", "label", "national_level", "first_session", "last_session", "supplementary_session", "successor_code", "opened_on",
    "closed_on", "source",
)  # fmt: skip
NEEDED = frozenset({"code", "kind", "label", "source"})
MOST_TITLES = 5_000
LONGEST_LABEL = 300


def titles_in(family: Family) -> Mapping[str, Mapping[str, str | None]]:
    """The titles of a family's own file by code, as the register keeps them: ISO days, None for an empty cell; none without a file.

    Raises `ValueError` with the file, the line and the column of the first cell that is wrong.
    """
    return _titles(family.titles, family.title_kinds) if family.titles is not None else {}


@cache
def _titles(file: Path, kinds: tuple[str, ...]) -> Mapping[str, Mapping[str, str | None]]:
    found: dict[str, Mapping[str, str | None]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{file.name}, line 1: the columns must be {','.join(COLUMNS)}")
        try:
            for row in reader:
                title = _title(row, f"{file.name}, line {reader.line_num}", kinds)
                code = title["code"] or ""
                if code in found:
                    raise ValueError(f"{file.name}, line {reader.line_num}, column code: {code} stands twice")
                found[code] = title
        except csv.Error as error:
            raise ValueError(f"{file.name}, line {reader.line_num}: {error}") from error
    if len(found) > MOST_TITLES:
        raise ValueError(f"{file.name}: more than {MOST_TITLES} titles")
    return MappingProxyType(found)


def _title(row: Mapping[str | None, str | None], place: str, kinds: tuple[str, ...]) -> Mapping[str, str | None]:
    if None in row or None in row.values():
        raise ValueError(f"{place}: as many cells as the header has are needed")
    for name in COLUMNS:
        cell = str(row[name])
        if cell:
            if reason := _wrong(name, cell, kinds):
                raise ValueError(f"{place}, column {name}: {cell!r} {reason}")
        elif name in NEEDED:
            raise ValueError(f"{place}, column {name}: a value is needed")
    return {name: row[name] or None for name in COLUMNS}


CODE = re.compile(r"[0-9A-Z]{8}").fullmatch
YEAR = re.compile(r"[12][0-9]{3}").fullmatch
LEVEL = re.compile(r"[1-8]").fullmatch

FORMS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "code": (CODE, "is not eight capital letters or digits"),
    "successor_code": (CODE, "is not eight capital letters or digits"),
    "label": (lambda cell: len(cell) <= LONGEST_LABEL, f"is longer than {LONGEST_LABEL} characters"),
    "national_level": (LEVEL, "is no national level from 1 to 8"),
    "first_session": (YEAR, "is no year"),
    "last_session": (YEAR, "is no year"),
    "supplementary_session": (YEAR, "is no year"),
    "opened_on": (lambda cell: _is_day(cell), "is no day, as in 2026-09-01"),
    "closed_on": (lambda cell: _is_day(cell), "is no day, as in 2026-09-01"),
}


def _wrong(name: str, cell: str, kinds: tuple[str, ...]) -> str | None:
    if cell != cell.strip():
        return "has blanks around it"
    if name == "kind":
        return None if cell in kinds else f"is not one of title_kinds: {', '.join(kinds) or 'there is none'}"
    holds, reason = FORMS.get(name, (len, ""))
    return None if holds(cell) else reason


def _is_day(cell: str) -> bool:
    try:
        return len(cell) == 10 and bool(date.fromisoformat(cell))
    except ValueError:
        return False
