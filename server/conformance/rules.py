"""What `decide` answers: as the worked cases say, always the same, of nothing but what it is given."""

from collections.abc import Iterator
from itertools import islice
from types import MappingProxyType

from graph.enums import Decision, Mention
from plugins.cases import ACADEMY, Case, worked_cases
from plugins.contract import Family, Outcome, Session
from server.conformance.law import edge_years
from server.conformance.lines import edge_lines, told
from server.conformance.trying import ReachesOutside, alone, tried


def cases_of(family: Family) -> tuple[list[Case], list[str]]:
    """The worked cases, or why there are none that can be read."""
    if family.cases is None:
        return [], ["it has no worked cases: write them in a TOML file of the package, and name it in `cases`"]
    # reading the file is the kit's doing, and is not watched
    found = tried(lambda: list(worked_cases(family)))
    if found.error is not None:
        return [], [f"{family.cases.name} does not read: {found.raised}"]
    return found.answer, [] if found.answer else [f"{family.cases.name} has no [[case]]"]


def undecided(family: Family) -> Iterator[str]:
    """Worked cases that are decided otherwise than they say."""
    cases, faults = cases_of(family)
    yield from faults
    for case in cases:
        done = alone(family.decide, case.results, case.session)
        said = f"the case “{case.name}”"
        if done.error is not None:
            yield f"{said}: decide raises {done.raised}"
        elif (given := _shown(done.answer)) != (expected := _said(case.decisions, case.mention)):
            yield f"{said} is decided as {given}, and should be {expected}"
        elif done.answer is not None and case.reference not in done.answer.reference:
            yield f"{said} is decided by “{done.answer.reference}”, and should be by “{case.reference}”"


def unimportable(family: Family) -> Iterator[str]:
    """Worked cases that no results file could have: of a session, a group or a title that is not held."""
    cases, faults = cases_of(family)
    yield from faults
    for case in cases:
        year, group, said = case.session.year, case.results["groupe"], f"the case “{case.name}”"
        if not family.held(year):
            yield f"{said} is of the session {year}, which the family does not hold"
        elif group is not None and group not in (held := [one.code for one in family.groups(year)]):
            yield f"{said} names the group {group}; those of {year} are {', '.join(held)}"


def impure(family: Family) -> Iterator[str]:
    """What `decide` does to the lines of the worked cases, or besides deciding them."""
    cases, faults = cases_of(family)
    yield from faults
    first = [alone(family.decide, dict(case.results), case.session) for case in cases]
    again = [alone(family.decide, dict(case.results), case.session) for case in reversed(cases)][::-1]
    for case, one, other in zip(cases, first, again, strict=True):
        said = f"the case “{case.name}”"
        if isinstance(one.error, ReachesOutside):
            yield f"{said}: decide reaches outside ({one.error}), and must answer from the line alone"
        if one.answer != other.answer:
            yield f"{said} is decided as {_shown(one.answer)}, then as {_shown(other.answer)}: decide must answer from the line alone"
        line = dict(case.results)
        alone(family.decide, line, case.session)
        if line != case.results:
            yield f"{said}: decide changes the line that it is given"
        turned = MappingProxyType({name: case.results[name] for name in sorted(case.results, reverse=True)})
        read_only = alone(family.decide, turned, case.session)
        if read_only.error is not None and one.error is None:
            yield f"{said}: decide raises {read_only.raised} for a line that cannot be changed"
        elif read_only.answer != one.answer:
            yield f"{said} is decided as {_shown(read_only.answer)} when its columns stand in another order"


def raising(family: Family) -> Iterator[str]:
    """Lines at the edges of what columns take, for which `decide` fails or answers what is no outcome."""
    for year in filter(family.held, edge_years(family)):
        yield from islice(_raised(family, Session(year, ACADEMY)), 1)


def _raised(family: Family, session: Session) -> Iterator[str]:
    for line in edge_lines(family, session):
        done = alone(family.decide, line, session)
        if done.error is not None:
            yield f"decide raises {done.raised} at the session {session.year} for a line with {told(line)}"
        elif not isinstance(done.answer, Outcome | None):
            yield f"decide answers a {type(done.answer).__name__} at the session {session.year} for a line with {told(line)}"


def _shown(outcome: Outcome | None) -> str:
    return "nothing" if outcome is None else _said(outcome.decisions, outcome.mention)


def _said(decisions: tuple[Decision, ...], mention: Mention | None) -> str:
    names = " or ".join(one.name for one in decisions) or "nothing"
    return f"{names} with {mention.name}" if mention is not None else names
