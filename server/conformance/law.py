"""The values of the law that the package of a family declares, and the sessions at which anything of it begins or ends."""

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any

from db.reference import rows
from plugins.contract import Dated, Family
from plugins.titles import titles_in

DEEPEST, MOST_LISTED = 2, 200
"""How deep in constants values of the law are looked for, and among how many members of each."""


def dated(family: Family) -> Iterator[Dated[Any]]:
    """The `Dated` values among the constants of the package in which the family decides, alone, listed or under keys."""
    home = family.decide.__module__
    package = home if home.startswith("plugins.") else home.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if name == package or name.startswith(f"{package}."):
            for value in vars(module).values():
                yield from _dated(value, DEEPEST)


def _dated(value: Any, deep: int) -> Iterator[Dated[Any]]:
    if isinstance(value, Dated):
        yield value
    elif deep and isinstance(value, tuple | list | dict):
        members: list[Any] = list(value.values() if isinstance(value, dict) else value)
        for one in members[:MOST_LISTED]:
            yield from _dated(one, deep - 1)


def titles(family: Family) -> Iterator[Mapping[str, str | None]]:
    """The titles that the family awards: of the register's nomenclature, and of its own file."""
    ours = (row for row in rows("diploma_title") if row["kind"] in family.title_kinds)
    return chain(ours, titles_in(family).values())


def code_at(family: Family, year: int) -> str | None:
    """The code of a title that the session awards, if there is one."""
    for title in titles(family):
        if int(title["first_session"] or 0) <= year <= int(title["last_session"] or 9999):
            return title["code"]
    return None


def edge_years(family: Family) -> list[int]:
    """The sessions at which something of the family begins or ends, those around them, and this year's and the next."""
    asked = family.asked_at if isinstance(family.asked_at, tuple) else ()
    bounded = chain(family.jury_groups, asked, dated(family), chain.from_iterable(table.values() for table in family.tables))
    named = {family.first_session, family.last_session, *chain.from_iterable((one.first, one.last) for one in bounded)}
    of_titles = ("first_session", "last_session", "supplementary_session")
    named |= {int(title[name] or 0) for title in titles(family) for name in of_titles}
    known = {year for year in named if year}
    return sorted({year + by for year in known for by in (-1, 0, 1)} | {date.today().year, date.today().year + 1})
