"""Matching: the fictitious nation against its own exam records, spelled as exam services spell them; what is attached wrongly or missed."""

import argparse
import pickle
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.filing import exams_of, person_of
from bench.machine import peak_memory
from population.lines import lines
from population.nation import plan
from population.tables import chance_of
from resolvers.matching import Comparison, SecondFacts, compare, corroborated, judge, search_window
from resolvers.names import name_key
from resolvers.outcomes import Decision
from resolvers.people import FRANCE, ExamRecord, Person
from resolvers.places import places
from resolvers.titles import in_force

FAMILIES, SESSIONS = ("dnb", "bac", "bts"), range(2005, 2026)
SEED, BLOCK = 7, 1000

Life = tuple[Person, list[ExamRecord]]
"""Somebody, and the records of the exams that they passed."""

Found = tuple[int, ExamRecord, Comparison]
"""A record that a search finds, between its owner and what the comparison says."""


class Register:
    """The records of those born in one year, as an index on name key and date of birth finds them."""

    def __init__(self, lives: Iterable[Life]) -> None:
        self.entries: defaultdict[str, list[tuple[str, int, ExamRecord]]] = defaultdict(list)
        for owner, (_, records) in enumerate(lives):
            for record in records:
                self.entries[name_key(record.birth_name)].append((record.birth_date or "", owner, record))
        for entries in self.entries.values():
            entries.sort(key=lambda entry: entry[0])

    def candidates(self, person: Person) -> Iterator[tuple[int, ExamRecord]]:
        """The records within the person's window, each with its owner."""
        window = search_window(person)
        for name in window.names:
            entries = self.entries.get(name, [])
            for first, last in window.dates:
                begin = bisect_left(entries, first, key=lambda entry: entry[0])
                end = bisect_right(entries, last, lo=begin, key=lambda entry: entry[0])
                for _, owner, record in entries[begin:end]:
                    yield owner, record


@dataclass
class Tally:
    """What became of the records that are looked for."""

    records: int = 0
    abroad: int = 0
    attached: int = 0
    helped: int = 0
    compared: int = 0
    seconds: float = 0.0
    false: Counter[str] = field(default_factory=Counter[str])
    missed: Counter[str] = field(default_factory=Counter[str])
    decisions: Counter[Decision] = field(default_factory=Counter[Decision])

    def meet(self, register: Register, mine: int, life: Life) -> None:
        """Looks for the records of one person."""
        began = time.perf_counter()
        found = [(owner, record, compare(life[0], record, places())) for owner, record in register.candidates(life[0])]
        whole = judge([(record, one) for _, record, one in found])
        self.seconds += time.perf_counter() - began
        self.compared += len(found)
        self.records += len(life[1])
        self.decisions[whole] += 1
        self.missed["not found by the search"] += len(life[1])
        for owner, _, one in found:
            matched = whole is one.decision is Decision.MATCH
            if owner == mine:
                self.attached += matched
                self.missed["not found by the search"] -= 1
                self.missed.update([] if matched else [reason(one, whole)])
            else:
                self.false["everybody's records are there"] += matched
        self.alone([one for one in found if one[0] != mine], mine)
        if life[0].birth_country != FRANCE:
            self.abroad += len(life[1])
            self.tell(life, found, mine)

    def alone(self, others: list[Found], mine: int) -> None:
        """The same search as if none of the person's own records were there."""
        if judge([(record, one) for _, record, one in others]) is Decision.MATCH:
            matching = [owner for owner, _, one in others if one.decision is Decision.MATCH]
            # the nation draws a homonym just after the person whose names they take
            drawn = sum(abs(owner - mine) == 1 for owner in matching)
            self.false["none of their own records is there, homonyms drawn on purpose"] += drawn
            self.false["none of their own records is there, by chance"] += len(matching) - drawn

    def tell(self, life: Life, found: list[Found], mine: int) -> None:
        """The same search by somebody born abroad who gives the INE of their last exam."""
        facts = SecondFacts(ine=life[1][-1].ine)
        if judge([(record, one) for _, record, one in found], facts) is Decision.MATCH:
            matching = [owner for owner, record, one in found if corroborated(one, record, facts) is Decision.MATCH]
            self.helped += matching.count(mine)
            self.false["born abroad, with an INE"] += len(matching) - matching.count(mine)

    def told(self) -> Iterator[str]:
        """The report, line by line."""
        people = self.decisions.total()
        yield f"{people} people, {self.records} records, {self.abroad} of them of people born abroad"
        yield f"{people / self.seconds:.0f} people/s, {self.compared / self.seconds:.0f} comparisons/s; memory {peak_memory():.0f} MB"
        yield ", ".join(f"{decision.name} {count / people:.2%}" for decision, count in self.decisions.most_common())
        yield from (f"attached to somebody else, {what}: {count}" for what, count in self.false.items())
        france = self.records - self.abroad
        yield f"attached: {self.attached} of {france} born in France, {1 - self.attached / france:.2%} missed"
        yield f"born abroad: none alone; with an INE {self.helped} of {self.abroad}, {1 - self.helped / max(self.abroad, 1):.2%} missed"
        for why, count in self.missed.most_common():
            yield f"  {count / self.records:8.3%}  {why}"


def reason(comparison: Comparison, whole: Decision) -> str:
    """Why a record was not attached to its owner: the tests that were not EQ, or the others that matched."""
    unlike = [f"{type(one).__name__.removesuffix('Test').lower()} {one.name}" for one in comparison.outcomes if one.name != "EQ"]
    return f"{comparison.decision.name}: {', '.join(unlike)}" if unlike else f"{whole.name}: several people match"


async def measure(given: argparse.Namespace) -> None:
    """Prints the report for a nation of `size` candidates: written by year of birth first, then matched one year at a time."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for path in write_by_birth(given.size, Path(folder)):
            lives = [*read(path)]
            register = Register(lives)
            for mine, life in enumerate(lives):
                tally.meet(register, mine, life)
    print("\n".join(tally.told()))


def write_by_birth(size: int, folder: Path) -> list[Path]:
    """One file for each year of birth, since nobody is looked for in another year: memory does not hold the nation."""
    blocks: defaultdict[str, list[Life]] = defaultdict(list)
    for file in plan(size, FAMILIES, SESSIONS):
        chance = chance_of(SEED, "filing", file.name)
        for line in lines(file, SEED, in_force):
            person = person_of(line, chance)
            year = person.birth_date[:4]
            blocks[year].append((person, exams_of(person, line, file, chance)))
            if len(blocks[year]) == BLOCK:
                append(folder / year, blocks.pop(year))
    for year, block in blocks.items():
        append(folder / year, block)
    return sorted(folder.iterdir())


def append(path: Path, block: list[Life]) -> None:
    """Writes a block of lives after the others."""
    with path.open("ab") as file:
        pickle.dump(block, file)


def read(path: Path) -> Iterator[Life]:
    """The lives of one file."""
    with path.open("rb") as file:
        while file.peek(1):
            yield from pickle.load(file)
