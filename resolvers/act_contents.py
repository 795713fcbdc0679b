"""What an act is to write: cells of the import contract, read and checked as those of an import are, and what they change in a version."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from db.statements import Database, Row
from graph.acts import ActNotPossible, CellRefused
from graph.text import Text
from plugins.contract import Invalid, Reader, Session
from plugins.loading import families
from plugins.values import written
from resolvers.act_rules import Rule
from resolvers.import_checks import Checks, Target, WrongCell
from resolvers.import_columns import columns_of
from resolvers.keys import Keyring
from resolvers.known_families import absence, family_of
from resolvers.names import name_key
from resolvers.titles import titles_of

STORED = {
    "ine": "ine", "nom_naissance": "birth_name", "nom_usage": "used_name", "prenoms": "given_names", "sexe": "sex",
    "date_naissance": "birth_date", "commune_naissance": "birth_commune", "lieu_naissance": "birth_place",
    "pays_naissance": "birth_country", "etablissement": "establishment", "code_diplome": "title_code", "mention": "mention",
    "date_jury": "awarded_on",
}  # fmt: skip
"""Common columns of an import that a version keeps, each with its name there."""

TITLE = "code_diplome"
"""The column of which, with its own, a family makes the title."""

LONGEST_CELL = 2000


class Cell(NamedTuple):
    """A cell that an agent wrote."""

    column: str
    value: str


class Change(NamedTuple):
    """What one cell changes."""

    column: str
    before: str | None
    after: str | None


class Proposed(NamedTuple):
    """The columns of the version that change, and how an agent is shown that."""

    stored: Mapping[str, Any]
    changes: tuple[Change, ...]


async def proposed(database: Database, keyring: Keyring, rule: Rule, row: Row, results: Row, cells: Iterable[Cell]) -> Proposed:
    """What cells change in the version of `row`; `results` are what its line had.

    Raises `CellRefused` for one that an import would refuse, or that this act may not write; `ActNotPossible` when nothing changes.
    """
    family = family_of(row["family"])
    session = Session(row["session_year"], row["academy_code"])
    target = Target(row["session_id"], row["id"], family.code, session, await titles_of(database, family), keyring)
    checks = Checks(target, columns_of(family))
    values = {cell.column: _value(checks, rule, cell) for cell in cells}
    own = {column.name: column for column in family.columns}
    stored: dict[str, Any] = {STORED[name]: value for name, value in values.items() if name in STORED}
    if "given_names" in stored:
        stored["given_names"] = stored["given_names"] or []
    if "birth_name" in stored:
        stored["name_key"] = name_key(stored["birth_name"])
    details = {own[name].detail: _kept(value) for name, value in values.items() if name in own and own[name].detail is not None}
    if details:
        kept = {name: value for name, value in {**row["details"], **details}.items() if value is not None}
        stored["details"] = kept
    try:
        checks.birthplace(stored.get("birth_commune", row["birth_commune"]), stored.get("birth_country", row["birth_country"]))
        if TITLE in values or any(name in own for name in values):
            code = stored.get("title_code", row["title_code"])
            line = _line(checks, row, results) | {name: values[name] for name in values if name in own}
            line |= {"code_diplome": code, "groupe": None}
            stored["title"], stored["national_level"] = checks.title(code, line)
            if results and (misfit := checks.misfit(line)):
                raise _refused(misfit.column, misfit.reason, misfit.remedy)
    except WrongCell as wrong:
        raise _refused(wrong.refusal.column, wrong.reason, wrong.remedy) from None
    changed = {name: value for name, value in stored.items() if value != _plain(row[name])}
    if not changed:
        raise ActNotPossible.refuse(
            Text("Cet acte ne change rien à ce que dit le registre.", "This act changes nothing of what the register says.")
        )
    return Proposed(changed, tuple(_changes(row, changed)))


def _line(checks: Checks, row: Row, results: Row) -> dict[str, Any]:
    """The cells of the family's columns as they stand: what is published, as the last act left it, and else what the line had."""
    line: dict[str, Any] = {}
    for column in checks.family.columns:
        stored = row["details"].get(column.detail) if column.detail is not None else results.get(column.name)
        line[column.name] = _read_again(checks.columns[column.name].read, stored)
    return line


def _read_again(read: Reader, stored: Any) -> Any:
    # a mark is kept as its digits
    try:
        read_again = read(stored) if isinstance(stored, str) else None
    except Invalid:
        return stored
    return read_again if isinstance(read_again, Decimal) else stored


def _value(checks: Checks, rule: Rule, cell: Cell) -> Any:
    allowed = {*rule.columns, *(checks.family.column_names if rule.family_columns else ())}
    if rule.family_columns and checks.family.code not in families() and (cell.column == TITLE or cell.column not in allowed):
        why = absence(checks.family.code)
        raise CellRefused.refuse(Text(f"« {cell.column} » : {why.fr}", f"“{cell.column}”: {why.en}"), column=cell.column[:100])
    if cell.column not in allowed:
        raise _refused(
            cell.column,
            Text("n'est pas une colonne que cet acte change", "is not a column that this act changes"),
            Text("employer : " + ", ".join(sorted(allowed)), "use one of: " + ", ".join(sorted(allowed))),
        )
    try:
        return checks.columns[cell.column].value(cell.value[:LONGEST_CELL].encode())
    except Invalid as invalid:
        raise _refused(cell.column, invalid.reason, invalid.remedy) from None


def _changes(row: Row, changed: Mapping[str, Any]) -> Iterable[Change]:
    """How each change is shown, but for what follows from another: the compared name, the level of a title."""
    shown = {stored: name for name, stored in STORED.items()} | {"title": "intitule"}
    for name, value in changed.items():
        if name == "details":
            keys = sorted({*row["details"], *value})
            yield from (
                Change(key, _text(row["details"].get(key)), _text(value.get(key)))
                for key in keys if row["details"].get(key) != value.get(key)
            )  # fmt: skip
        elif name in shown:
            yield Change(shown[name], _text(row[name]), _text(value))


def _kept(value: Any) -> Any:
    return json.loads(written(value))


def _plain(stored: Any) -> Any:
    """A stored value as a cell is read."""
    return stored.isoformat() if isinstance(stored, date) else stored


def _text(value: Any) -> str | None:
    if value is None:
        return None
    texts = value if isinstance(value, list) else [value]
    return ", ".join(written(one) if isinstance(one, list | dict) else str(one) for one in texts)


def _refused(column: str, reason: Text, remedy: Text) -> Exception:
    return CellRefused.refuse(
        Text(f"« {column} » {reason.fr} : {remedy.fr}.", f"“{column}” {reason.en}: {remedy.en}."), column=column[:100]
    )
