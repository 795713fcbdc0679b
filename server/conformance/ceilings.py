"""What a line of a family costs, as ratios to one of ours in the same run: an import asks its readers and its rules for every candidate."""

import csv
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

from db.statements import Row
from graph.diploma import OtherDiploma
from graph.stored import from_row
from plugins.cases import worked_cases
from plugins.contract import Family, Invalid, Results, Session
from plugins.loading import families
from plugins.values import kept
from resolvers import rows
from resolvers.attestations import lines_of
from server.conformance.publishing import Published

SLOWEST = 25.0
"""Times our BTS: 800,000 lines of a national session then still cost minutes of one processor, not an hour."""

MOST_KEPT = 16
"""Bytes that a line may leave behind in memory, on average: less than the smallest object, of which one a line grows with the nation."""

CALLS, ROUNDS = 100, 5
SETTLING, LINES = 7_000, 1_000
"""Lines that fill a cache of up to 4,096, whose table then grows no more, and those after them, which leave nothing."""


def slow(family: Family) -> Iterator[str]:
    """Whether `decide` or a reader costs more than `SLOWEST` times ours. The best of some rounds counts: a busy machine only adds."""
    cases = [(case.results, case.session) for case in worked_cases(family)]
    ours = families()["bts"]
    yardstick = [(case.results, case.session) for case in worked_cases(ours)]
    if cases:
        ratio = _seconds(family.decide, cases) / _seconds(ours.decide, yardstick)
        if ratio > SLOWEST:
            yield f"decide takes {ratio:.0f} times as long as ours, and {SLOWEST:.0f} are allowed"
    session = Session(2025, "10")
    mark = next(column for column in ours.columns if column.name == "moyenne")
    unit = _seconds(mark.read, [("12,5",)])
    for column in family.columns:
        if column.example:
            ratio = _seconds(column.reader(session), [(column.example,)]) / unit
            if ratio > SLOWEST:
                yield f"its column '{column.name}' is read in {ratio:.0f} times the time of a mark, and {SLOWEST:.0f} are allowed"


def slow_to_show(family: Family, of: Published) -> Iterator[str]:
    """Whether the fields of a diploma and its lines of an attestation cost more than `SLOWEST` times those that every diploma has."""
    given = [(row,) for row in of.diplomas]
    if not given:
        return  # what is wrong with the samples is told where they are published
    ratio = _seconds(partial(_shown, family), given) / _seconds(partial(from_row, OtherDiploma), given)
    if ratio > SLOWEST:
        yield f"its fields and lines take {ratio:.0f} times as long as those of every diploma, and {SLOWEST:.0f} are allowed"


def _shown(family: Family, row: Row) -> None:
    lines_of(family, rows.diploma(row))


def _seconds(function: Callable[..., Any], given: list[tuple[Any, ...]]) -> float:
    """The time of one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for place in range(CALLS):
            with suppress(Invalid):  # a reader of one session may refuse the example of another
                function(*given[place % len(given)])
        best = min(best, (time.perf_counter() - began) / CALLS)
    return best


def growing(family: Family) -> Iterator[str]:
    """Whether reading and deciding lines, each unlike the others, leaves something of each of them in memory."""
    lines = _unlike(family)
    if lines is None:
        return
    # from the first line on: what a full cache drops is only known of what was seen to be made
    tracemalloc.start()
    try:
        before = _held(family, islice(lines, SETTLING))
        left = (_held(family, islice(lines, LINES)) - before) / LINES
    finally:
        tracemalloc.stop()
    if left > MOST_KEPT:
        yield f"each line leaves {left:.0f} bytes in memory, and {MOST_KEPT} are allowed: bound what is kept"


def _held(family: Family, lines: Iterator[dict[str, str]]) -> int:
    """Bytes that are held once lines were read and decided."""
    for line in lines:
        _read(family, line)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _unlike(family: Family) -> Iterator[dict[str, str]] | None:
    """Lines of the first sample, over and over, whose marks and free texts are new each time; none without a sample."""
    if not family.samples:
        return None
    text = family.samples[0].file.read_text("utf-8-sig")
    found = list(csv.DictReader(text.splitlines(), delimiter=";" if text.partition("\n")[0].count(";") else ","))
    return (_changed(found[turn % len(found)], turn, family) for turn in range(SETTLING + LINES)) if found else None


def _changed(line: dict[str, str], turn: int, family: Family) -> dict[str, str]:
    made = dict(line)
    for column in family.columns:
        cell = made.get(column.name) or ""
        if cell.replace(",", "").replace(".", "").isdigit():
            made[column.name] = f"{turn % 20},{turn % 997:03}"
        elif cell:
            made[column.name] = cell if turn % 2 else f"{cell} {turn}"
    return made


def _read(family: Family, line: dict[str, str]) -> None:
    sample = family.samples[0]
    session = Session(sample.year, sample.academy)
    results: dict[str, Any] = {"code_diplome": line.get("code_diplome") or None, "groupe": line.get("groupe")}
    for column in family.columns:
        results[column.name] = _value(kept(column.reader(session)), line.get(column.name) or "")
    _asked(family, results, session)


def _value(read: Callable[[str], Any], cell: str) -> Any:
    try:
        return read(cell) if cell else None
    except Invalid:
        return None


def _asked(family: Family, results: Results, session: Session) -> None:
    family.decide(results, session)
    if family.check is not None:
        family.check(results, session)
