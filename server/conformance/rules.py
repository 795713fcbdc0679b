"""What a family makes of lines: its worked cases, purity, the edges of its sessions, and cells that nobody foresaw."""

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from plugins.cases import Case, worked_cases
from plugins.contract import Dated, Family, Invalid, Results, Session
from plugins.soundness import said
from plugins.values import kept
from server.conformance.watching import watched

ACADEMY = "10"
FEWEST_CASES = 1
MOST_TOLD = 5
"""Faults of one kind that are told; the others are like them."""

ODD_CELLS = (
    "x" * 10_000, "9" * 400, "0", "-1", "1e999", "NaN", "12,5,5", "٣", "²", "💥", "\u2028", "a\u0000b", "é", "TRUE", "|", "||", "a|a",
    ":", ";", '"', "'", "\\", "%s", "{}",
)  # fmt: skip
"""What people and programs put into cells."""


def wrong_cases(family: Family) -> Iterator[str]:
    """Worked cases that `decide` does not reproduce."""
    try:
        cases = list(worked_cases(family))
    except (ValueError, KeyError, TypeError) as error:
        yield f"its cases do not read: {error}"
        return
    if len(cases) < FEWEST_CASES:
        yield "it brings no worked case (Family.cases): a sentence, the cells of a line, and what the rules make of them"
    for case in cases:
        outcome = family.decide(case.results, case.session)
        found = () if outcome is None else outcome.decisions, None if outcome is None else outcome.mention
        if found != (case.decisions, case.mention):
            yield f"“{case.name}”: decide answers {_told(*found)}, and the case says {_told(case.decisions, case.mention)}"
        elif outcome is not None and case.reference not in outcome.reference:
            yield f"“{case.name}”: decide cites “{outcome.reference}”, and the case “{case.reference}”"


def impure(family: Family) -> Iterator[str]:
    """Decisions that depend on something else than results and session, and what `decide` and `check` do besides deciding."""
    cases = _cases(family)
    first = [family.decide(case.results, case.session) for case in cases]
    shuffled = [*range(1, len(cases), 2), *range(0, len(cases), 2)]
    for place in shuffled:
        case = cases[place]
        given = {name: case.results[name] for name in reversed(list(case.results))}
        before = dict(given)
        with watched() as seen:
            again = family.decide(given, case.session)
            frozen = family.decide(MappingProxyType(given), case.session)
            if family.check is not None:
                family.check(MappingProxyType(given), case.session)
        if given != before:
            yield f"“{case.name}”: decide changes the line that it is given"
        if again != first[place] or frozen != first[place]:
            yield f"“{case.name}”: decide answers something else when it is asked again, or in another order"
        if seen:
            yield f"“{case.name}”: decide or check reaches outside ({seen[0]})"


def unready(family: Family) -> Iterator[str]:
    """Lines for which `decide` or `check` raises: with a cell less, with nothing at all, of every jury group."""
    for case in _cases(family):
        lines: list[Results] = [dict.fromkeys(case.results), case.results]
        lines += [{**case.results, name: None} for name in case.results]
        lines += [{**case.results, "groupe": group.code} for group in family.jury_groups]
        yield from _raising(family, lines, case.session)


def edge_years(family: Family) -> list[int]:
    """The sessions at which something of the declaration or of the package's values of the law begins or ends, and their neighbours."""
    bounds: list[int | None] = [family.first_session, family.last_session]
    for group in family.jury_groups:
        bounds += [group.first, group.last]
    for table in family.tables:
        for entry in table.values():
            bounds += [entry.first, entry.last]
    for value in _values_of_the_law(family):
        bounds += [value.first, value.last]
    years = {year + step for year in bounds if year is not None for step in (-1, 0, 1)} or {date.today().year}
    return sorted(years)


def failing_at_edges(family: Family) -> Iterator[str]:
    """Sessions without a jury group, or at which `decide`, `check` or a reader raises."""
    cases = _cases(family)
    for year in filter(family.held, edge_years(family)):
        session = Session(year, ACADEMY)
        if not family.groups(year):
            yield f"the session {year} has no jury group, so nothing of it could be published"
        try:
            for column in family.columns:
                column.reader(session)
        except Exception as error:  # another's code runs here, and may fail in any way
            yield f"at the session {year}, a reader cannot be made: {_named(error)}"
        yield from _raising(family, [case.results for case in cases], session)


def unread_cells(family: Family) -> Iterator[str]:
    """Columns without an example that they take, cells that raise something else than `Invalid`, readers that reach outside."""
    session = Session(max(filter(family.held, edge_years(family)), default=date.today().year), ACADEMY)
    for column in family.columns:
        name, read = f"its column '{column.name}'", kept(column.reader(session))
        if not column.example:
            yield f"{name} has no example"
        for cell in (column.example, *ODD_CELLS) if column.example else ODD_CELLS:
            with watched() as seen:
                fault = _refusal(read, cell, must=cell == column.example)
            if fault:
                yield f"{name} {fault} for the cell {cell[:20]!r}"
            if seen:
                yield f"{name} reaches outside ({seen[0]})"


def _refusal(read: Any, cell: str, *, must: bool) -> str | None:
    try:
        read(cell)
    except Invalid as invalid:
        if must:
            return f"refuses its own example ({invalid.reason.en})"
        return None if said(invalid.reason) and said(invalid.remedy) else "refuses without a reason and a remedy in both languages"
    except Exception as error:  # another's code runs here, and may fail in any way
        return f"raises {_named(error)} instead of Invalid"
    return None


def _raising(family: Family, lines: list[Results], session: Session) -> Iterator[str]:
    found = 0
    for line in lines:
        for what, function in (("decide", family.decide), ("check", family.check)):
            if function is None:
                continue
            try:
                function(MappingProxyType(dict(line)), session)
            except Exception as error:  # another's code runs here, and may fail in any way
                if (found := found + 1) <= MOST_TOLD:
                    given = ", ".join(f"{name}={value}" for name, value in line.items() if value is not None) or "nothing"
                    yield f"at the session {session.year}, {what} raises {_named(error)} for {given[:200]}"


def _cases(family: Family) -> list[Case]:
    try:
        return list(worked_cases(family))
    except (ValueError, KeyError, TypeError):
        return []  # said where cases are read


def _values_of_the_law(family: Family) -> Iterator[Dated[Any]]:
    home = family.decide.__module__
    package = home.partition(".")[0] if not home.startswith("plugins.") else home
    for name, module in list(sys.modules.items()):
        if name == package or name.startswith(f"{package}."):
            for value in vars(module).values():
                yield from _dated(value)


def _dated(value: Any, depth: int = 2) -> Iterator[Dated[Any]]:
    if isinstance(value, Dated):
        yield value
    elif depth and isinstance(value, tuple | list):
        for one in value[:200]:
            yield from _dated(one, depth - 1)
    elif depth and isinstance(value, Mapping):
        for one in list(value.values())[:200]:
            yield from _dated(one, depth - 1)


def _told(decisions: tuple[Any, ...], mention: Any) -> str:
    names = " or ".join(one.name for one in decisions) or "nothing"
    return f"{names}, {mention.name}" if mention is not None else names


def _named(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
