"""The worked cases of a family: sentences that a jurist can read, and that `decide` must reproduce."""

import tomllib
from collections.abc import Iterator
from typing import Any, NamedTuple

from graph.enums import Decision, Mention
from plugins.contract import Family, Results, Session
from plugins.mentions import LETTERS
from plugins.values import kept

COMMON = ("groupe", "code_diplome")
"""Common columns of an import that rules look at; they are taken as they stand."""

EXPLAINED = ("name", "session", "academy", "decision", "decisions", "mention", "reference")
"""Keys of a case that are no cell."""

ACADEMY = "10"
"""Academy of a case that names none: its rules are those of the whole country."""


class Case(NamedTuple):
    """A line of an import, read, with what the rules make of it. No decision means that the rules have nothing to say."""

    name: str
    results: Results
    session: Session
    decisions: tuple[Decision, ...]
    mention: Mention | None
    reference: str


def worked_cases(family: Family) -> Iterator[Case]:
    """The cases of the family's file in their order; none when it names no file.

    Raises `ValueError` for a key that is no column of the family, `Invalid` for a cell that its column refuses.
    """
    if family.cases is None:
        return
    document = tomllib.loads(family.cases.read_text("utf-8"))
    for given in document["case"]:
        mention = given.get("mention", "")
        yield Case(
            given["name"],
            results_of(family, given),
            session_of(given),
            tuple(Decision[name] for name in given.get("decisions", [given["decision"]] if "decision" in given else [])),
            LETTERS[mention] if mention else None,
            given["reference"],
        )


def session_of(given: dict[str, Any]) -> Session:
    """The session of a case."""
    return Session(given["session"], given.get("academy", ACADEMY))


def results_of(family: Family, given: dict[str, Any]) -> Results:
    """The cells of a case through the columns of the family, as an import reads them; a column without a cell is None."""
    cells = {key: cell for key, cell in given.items() if key not in EXPLAINED}
    if unknown := cells.keys() - family.column_names - set(COMMON):
        raise ValueError(f"{given['name']}: {', '.join(sorted(unknown))} is no column of the family '{family.code}'")
    session = session_of(given)
    read = {one.name: kept(one.reader(session))(cells[one.name]) if cells.get(one.name) else None for one in family.columns}
    return read | {name: cells.get(name) for name in COMMON}
