"""The lines of one import file, one after the other, made from nothing but the plan, the seed and the titles in force."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from plugins import Family, Session
from plugins.loading import families
from population.courses import Course, courses
from population.figures import Figures, in_academy
from population.nation import FilePlan
from population.particulars import Particulars
from population.people import People
from population.places import School, schools
from population.tables import Weighted, chance_of, rows

Titles: TypeAlias = Callable[[int], Mapping[str, Sequence[str]]]
"""National titles in force at a session: for each kind (`BAC_GENERAL`), codes that may be awarded."""

COMMON = (
    "numero_candidat",
    "ine",
    "nom_naissance",
    "nom_usage",
    "prenoms",
    "sexe",
    "date_naissance",
    "commune_naissance",
    "lieu_naissance",
    "pays_naissance",
    "etablissement",
    "code_diplome",
    "groupe",
    "decision",
    "mention",
    "date_jury",
)
LETTERS = "ABCDEFGHJKMNPRSTVWXYZ"
NO_INE = 0.015
APPRENTICES = {"cap": 0.3, "bts": 0.25}
"""Share of candidates whose INE is an apprentice's: a quarter of the BTS in 2021 (cidj); estimated for the CAP."""
RNIE_SINCE = 2018
CAPITALS_UNTIL, CAPITALS = 2019, 0.25
"""Older services wrote capitals without accents: a quarter of the files until 2019 do (estimated)."""
ISO_DATES = 0.2

JURY_DAYS = {
    "dnb": ("04/07", "25/09"),
    "cap": ("03/07", "20/09"),
    "bep": ("03/07", "20/09"),
    "bac": ("05/07", "22/09"),
    "bts": ("28/06", "25/09"),
    "higher": ("10/07", "15/09"),
}
"""Day of the decision of the normal session, and of the replacement session (estimated)."""
SECOND_JURY_DAY = "10/07"


@dataclass(frozen=True)
class Series:
    """A series of the file, with what its candidates are drawn from."""

    figures: Figures
    codes: Weighted[str]
    courses: Weighted[Course]
    ages: Weighted[int]


def columns(family: str) -> tuple[str, ...]:
    """The columns of a family's import file, in order."""
    return COMMON + tuple(column.name for column in families()[family].columns)


def lines(plan: FilePlan, seed: int, titles: Titles) -> Iterator[dict[str, str]]:
    """The candidates of the file, each as its cells by column, always in the order of `columns(plan.family)`.

    The same plan, seed and titles give the same lines. Raises ValueError when a series of the session has no title in force.
    """
    chance = chance_of(seed, plan.family, plan.academy, plan.year)
    people = People(
        chance,
        plan.academy,
        iso=chance.random() < ISO_DATES,
        capitals=plan.year <= CAPITALS_UNTIL and chance.random() < CAPITALS,
    )
    family = families()[plan.family]
    series = series_of(family, plan, titles)
    particulars = Particulars(plan.family, plan.year)
    establishments = schools(seed, plan.family, plan.academy)
    numbers = Numbers(chance, plan)
    empty = dict.fromkeys(columns(plan.family), "")
    jury = jury_days(plan)
    current, school = series.draw(chance), establishments[0]
    for rank in range(plan.candidates):
        drawn = series.draw(chance)
        person = people.draw(plan.year - drawn.ages.draw(chance), plan.year)
        if not person.twin:
            current, school = drawn, chosen(establishments, drawn.figures.series, chance)
        course = current.courses.draw(chance).line(chance)
        line = empty.copy()
        line["numero_candidat"] = numbers.candidate(rank)
        line["ine"] = numbers.ine(rank)
        line["nom_naissance"] = person.birth_name
        line["nom_usage"] = person.used_name
        line["prenoms"] = person.given_names
        line["sexe"] = person.sex
        line["date_naissance"] = person.born
        line["commune_naissance"] = person.commune
        line["lieu_naissance"] = person.place
        line["pays_naissance"] = person.country
        line["etablissement"] = school.uai
        line["code_diplome"] = current.codes.draw(chance)
        line["date_jury"] = jury[course["groupe"]]
        line.update(course)
        line.update(particulars.draw(current.figures.series, school, chance))
        if line["decision"] in ("ABSENT", "ETALEMENT"):
            line["date_jury"] = ""
        yield line


def series_of(family: Family, plan: FilePlan, titles: Titles) -> Weighted[Series]:
    """The series of the file by their number of candidates."""
    in_force, session = titles(plan.year), Session(plan.year, plan.academy)
    popular = {row["code"]: float(row["weight"]) for row in rows("title_weights")}
    found: list[tuple[Series, float]] = []
    for figures in in_academy(plan.family, plan.year, plan.academy):
        codes = titles_of(figures, in_force, plan.year)
        ages = Weighted((int(row["age"]), float(row["weight"])) for row in rows("ages") if row["series"] == figures.series)
        ways = courses(family, figures, session, codes[0])
        found.append((Series(figures, Weighted((code, popular.get(code, 1.0)) for code in codes), ways, ages), figures.entered))
    return Weighted(found)


def titles_of(figures: Figures, in_force: Mapping[str, Sequence[str]], year: int) -> Sequence[str]:
    """Codes of the titles of a series: those of its kind, for the DNB the one of the series; one empty code without any kind."""
    if not figures.kind:
        return ("",)
    own = {row["code"] for row in rows("title_series") if row["series"] == figures.series}
    codes = [code for code in in_force.get(figures.kind, ()) if not own or code in own]
    if not codes:
        raise ValueError(f"no title of kind {figures.kind} is in force at the session {year} for the series {figures.series}")
    return codes


def chosen(establishments: Sequence[School], series: str, chance: Random) -> School:
    """An establishment that awards the series: any one, save in higher education where each has its own diplomas."""
    for _ in range(20):
        school = establishments[int(chance.random() * len(establishments))]
        if not school.diplomas or series in school.diplomas:
            return school
    return establishments[0]


def jury_days(plan: FilePlan) -> dict[str, str]:
    """Day of the jury's decision by jury group, as JJ/MM/AAAA."""
    normal, september = JURY_DAYS[plan.family]
    days = {"NORMALE": normal, "PREMIER": normal, "REMPLACEMENT": september}
    groups = families()[plan.family].groups(plan.year)
    return {group.code: f"{days.get(group.code, SECOND_JURY_DAY)}/{plan.year}" for group in groups}


class Numbers:
    """Candidate numbers and INE of one file: never twice the same."""

    def __init__(self, chance: Random, plan: FilePlan) -> None:
        self.chance = chance
        self.plan = plan
        self.start = chance.randrange(10_000_000)
        self.apprentices = APPRENTICES.get(plan.family, 0.0)
        self.prefix = f"{plan.year % 100:02d}{plan.academy}"

    def candidate(self, rank: int) -> str:
        """The candidate number of the line `rank`: year, academy, order."""
        return f"{self.prefix}{rank + 1:07d}"

    def ine(self, rank: int) -> str:
        """An INE in a form of its time, or nothing; the order number is a permutation of the ranks below ten million."""
        luck = self.chance.random()
        if luck < NO_INE:
            return ""
        order = (self.start + rank * 7_654_321) % 10_000_000
        letter = LETTERS[int(self.chance.random() * len(LETTERS))]
        if luck < NO_INE + self.apprentices:
            return f"{order // 1000:04d}A{order % 1000:03d}{rank % 100:02d}{letter}"
        if self.plan.year < RNIE_SINCE or luck > 0.97:
            return f"{self.plan.year % 10}{order:07d}{rank % 100:02d}{letter}"
        return f"{(self.plan.year - 2) % 100:02d}{order:07d}{letter}{LETTERS[int(self.chance.random() * len(LETTERS))]}"
