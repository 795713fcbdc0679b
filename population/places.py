"""Where people are born and where they go to school, seen from one academy."""

from dataclasses import dataclass
from functools import cache

from population.tables import Weighted, chance_of, rows

NEARBY = 0.75
"""Share of those born in France who were born in the departments of their academy (estimated)."""

CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
UAI_PREFIXES = {"2A": "620", "2B": "720", "988": "983", "987": "984"}
ABROAD_PREFIX = "099"

SCHOOLS = {"dnb": 7000, "cap": 1800, "bep": 1300, "bac": 3600, "bts": 2300, "higher": 240}
"""Establishments of the whole nation by family, in round numbers (estimated)."""


@dataclass(frozen=True)
class Birthplace:
    """A place of birth as an import names it; `commune` is empty abroad, `origin` names the surnames usual there."""

    commune: str
    label: str
    country: str
    origin: str


@dataclass(frozen=True)
class School:
    """An establishment with its UAI; a name and its diplomas only in higher education."""

    uai: str
    name: str = ""
    diplomas: frozenset[str] = frozenset()


def academy_row(academy: str) -> dict[str, str]:
    """The line of `academies.csv` for a code of the ministry."""
    return next(row for row in rows("academies") if row["code"] == academy)


@cache
def origin_factors(academy: str) -> dict[str, float]:
    """How much more frequent the surnames of each origin are in the academy than in the nation."""
    factors: dict[str, float] = {}
    for row in rows("origins"):
        local = dict(pair.split(":") for pair in row["academies"].split())
        factors[row["origin"]] = float(local.get(academy, 1))
    return factors


@cache
def communes_of_birth(academy: str) -> Weighted[Birthplace]:
    """Places of birth in France for candidates of the academy, old communes and arrondissements among them."""
    departments = academy_row(academy)["departments"].split()
    weights = [(row, float(row["weight"]), row["department"] in departments) for row in rows("communes")]
    near = sum(weight for _, weight, local in weights if local)
    far = sum(weight for _, weight, local in weights if not local)
    factor = NEARBY / (1 - NEARBY) * far / near if near else 0
    return Weighted(
        (Birthplace(row["code"], row["label"], "99100", ""), weight * (factor if local else 1)) for row, weight, local in weights
    )


@cache
def countries_of_birth(academy: str) -> Weighted[Birthplace]:
    """Places of birth abroad for candidates of the academy."""
    factors = origin_factors(academy)
    return Weighted(
        (Birthplace("", place, row["code"], row["origin"]), float(row["weight"]) * factors[row["origin"]])
        for row in rows("countries")
        for place in row["places"].split("|")
    )


def uai(prefix: str, number: int) -> str:
    """The UAI of a department's three digits and a number from 0 to 9999, with its check letter (933 real ones verified)."""
    digits = f"{prefix}{number:04d}"
    return digits + CHECK_LETTERS[int(digits) % len(CHECK_LETTERS)]


@cache
def schools(seed: int, family: str, academy: str) -> tuple[School, ...]:
    """The academy's establishments for a family, the same at every session. Invented numbers may be those of real ones."""
    chance = chance_of(seed, family, academy, "schools")
    row = academy_row(academy)
    prefixes = [uai_prefix(department) for department in row["departments"].split()] or [ABROAD_PREFIX]
    count = max(2, round(SCHOOLS[family] * float(row["share"]) / 100))
    codes = {uai(chance.choice(prefixes), chance.randrange(10_000)) for _ in range(count)}
    if family != "higher":
        return tuple(School(code) for code in sorted(codes))
    known = rows("establishments")
    named = [chance.randrange(len(known)) for _ in codes]
    return tuple(
        School(code, known[index]["name"], frozenset(known[index]["diplomas"].split()))
        for code, index in zip(sorted(codes), named, strict=True)
    )


def uai_prefix(department: str) -> str:
    """The three digits that a UAI gives to a department: 075, 620 for Corse-du-Sud, 974."""
    return UAI_PREFIXES.get(department, department if len(department) == 3 else f"0{department}")
