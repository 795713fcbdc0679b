"""The national titles that a family awards, as an import looks them up."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from db.reference import rows
from db.statements import Database, Row, statement
from plugins.contract import Family

TITLES_OF_KINDS = statement("reference.titles_of_kinds")


@dataclass(frozen=True)
class Title:
    """A national title: which sessions may award it, under which label, at which national level."""

    code: str
    kind: str
    label: str
    national_level: int | None
    first_session: int | None
    last_session: int | None
    supplementary_session: int | None
    successor_code: str | None

    def held(self, year: int) -> bool:
        """Whether the session `year` awards the title: within its sessions, or the supplementary one kept after the last."""
        if year == self.supplementary_session:
            return True
        return (self.first_session or 0) <= year <= (self.last_session or 9999)


def title_of(row: Row) -> Title:
    """The title of a row of the nomenclature."""
    return Title(
        row["code"],
        row["kind"],
        row["label"],
        row["national_level"],
        row["first_session"],
        row["last_session"],
        row["supplementary_session"],
        row["successor_code"],
    )


async def titles_of(database: Database, family: Family) -> dict[str, Title]:
    """The titles of a family by code."""
    rows = await TITLES_OF_KINDS.rows(database, kinds=list(family.title_kinds))
    return {row["code"]: title_of(row) for row in rows}


@cache
def in_force(year: int) -> dict[str, list[str]]:
    """The codes of the titles that the session `year` may award, by kind, from the reference file itself."""
    found: dict[str, list[str]] = {}
    for row in rows("diploma_title"):
        assert row["kind"] is not None and row["code"] is not None
        if _from_file(row).held(year):
            found.setdefault(row["kind"], []).append(row["code"])
    return found


def _from_file(row: Mapping[str, str | None]) -> Title:
    first, last, more = (int(row[name] or 0) or None for name in ("first_session", "last_session", "supplementary_session"))
    closed = int((row["closed_on"] or "0")[:4]) or None
    return Title(row["code"] or "", row["kind"] or "", row["label"] or "", None, first, last or closed, more, row["successor_code"])
