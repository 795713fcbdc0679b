"""Who the candidates are: invented names and births, as odd as real ones."""

import unicodedata
from calendar import monthrange
from functools import cache
from random import Random
from typing import NamedTuple

from population.places import academy_row, communes_of_birth, countries_of_birth, origin_factors
from population.tables import Weighted, rows

DECADES = (1970, 1980, 1990, 2000, 2010)
KNOWN_SURNAMES = 100_000
"""The weights of `surnames.csv` are parts of this; the rest of the nation bears names that few share."""

RARE = ("", "france")

TWIN = 0.013
HOMONYM = 0.0008
NO_GIVEN_NAME = 0.0015
NO_SEX = 0.001
UNKNOWN_PLACE = 0.001
UNKNOWN_DATE = {True: 0.015, False: 0.0003}
"""Share of dates without their day, born abroad or not; a third of them lack the month too."""

DOUBLE_SURNAME = 0.06
LOCAL_GIVEN_NAME = 0.72
USED_NAME_OF_A_MINOR = 0.012
USED_NAME_OF_AN_ADULT = {"F": 0.12, "M": 0.015, "": 0.05}
ADULT = 22
COUNTS = Weighted([(1, 38), (2, 36), (3, 22), (4, 3), (5, 1)])


class Person(NamedTuple):
    """A candidate's civil status, each value as an import writes it. `twin` follows a twin of the same establishment."""

    birth_name: str
    used_name: str
    given_names: str
    sex: str
    born: str
    commune: str
    place: str
    country: str
    twin: bool


class GivenNames:
    """Given names of one culture and sex, by decade of birth."""

    def __init__(self, culture: str, sex: str) -> None:
        mine = [row for row in rows("given_names") if row["culture"] == culture and row["sex"] == sex]
        self.decades = [Weighted((row["name"], float(row[f"born_{decade}"])) for row in mine) for decade in DECADES]

    def draw(self, chance: Random, year: int) -> str:
        """One given name for somebody born in `year`."""
        return self.decades[min(max((year - DECADES[0]) // 10, 0), len(DECADES) - 1)].draw(chance)


@cache
def given_names(culture: str, sex: str) -> GivenNames:
    """The given names of a culture and sex."""
    return GivenNames(culture, sex)


Surname = tuple[str, str]
"""A surname, and the culture of the given names that usually go with it."""


@cache
def surnames(academy: str) -> Weighted[Surname]:
    """The surnames of an academy; `RARE` stands for those that few share."""
    cultures, factors = origin_cultures(), origin_factors(academy)
    rest = KNOWN_SURNAMES - sum(float(row["weight"]) for row in rows("surnames"))
    local = (((row["name"], cultures[row["origin"]]), float(row["weight"]) * factors[row["origin"]]) for row in rows("surnames"))
    return Weighted([(RARE, rest), *local])


@cache
def surnames_of(origin: str) -> Weighted[Surname]:
    """The surnames of one origin."""
    culture = origin_cultures()[origin]
    return Weighted(((row["name"], culture), float(row["weight"])) for row in rows("surnames") if row["origin"] == origin)


@cache
def origin_cultures() -> dict[str, str]:
    """The culture of given names that goes with each origin of surnames."""
    return {row["origin"]: row["culture"] for row in rows("origins")}


@cache
def rare_parts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Beginnings and ends of the surnames that few share."""
    parts = rows("rare_surname_parts")
    return (
        tuple(row["part"] for row in parts if row["place"] == "stem"),
        tuple(row["part"] for row in parts if row["place"] == "ending"),
    )


@cache
def days(year: int, iso: bool) -> tuple[str, ...]:
    """Every day of a year as a file writes it: `2007-05-31`, or `31/05/2007`."""
    return tuple(
        f"{year}-{month:02d}-{day:02d}" if iso else f"{day:02d}/{month:02d}/{year}"
        for month in range(1, 13)
        for day in range(1, monthrange(year, month)[1] + 1)
    )


def without_day(born: str, iso: bool, month_too: bool) -> str:
    """A date whose day, or day and month, the civil registry does not know."""
    if iso:
        return f"{born[:4]}-00-00" if month_too else f"{born[:7]}-00"
    return f"00/00/{born[6:]}" if month_too else f"00/{born[3:]}"


def plain(name: str) -> str:
    """The name in capitals without accents nor ligatures, as older files write it."""
    spelled = name.upper().replace("Œ", "OE").replace("Æ", "AE")
    return "".join(letter for letter in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(letter))


class People:
    """Draws the candidates of one academy, one after the other, from one source of chance."""

    def __init__(self, chance: Random, academy: str, *, iso: bool, capitals: bool) -> None:
        self.chance = chance
        self.iso = iso
        self.capitals = capitals
        self.born_abroad = float(academy_row(academy)["born_abroad"])
        self.communes = communes_of_birth(academy)
        self.countries = countries_of_birth(academy)
        self.surnames = surnames(academy)
        self.last: tuple[Person, str, int] | None = None

    def draw(self, year: int, session: int) -> Person:
        """The next candidate, born in `year`: somebody new, or a twin or a homonym of the one before."""
        if self.last is not None:
            luck = self.chance.random()
            if luck < TWIN:
                return self.twin(*self.last)
            if luck < TWIN + HOMONYM:
                return self.homonym(self.last[0])
        return self.somebody(year, session)

    def somebody(self, year: int, session: int) -> Person:
        """A person unrelated to the others."""
        chance = self.chance
        abroad = chance.random() < self.born_abroad
        place = (self.countries if abroad else self.communes).draw(chance)
        surname, culture = self.surname(place.origin)
        sex = "F" if chance.random() < 0.5 else "M"
        given = self.given_names(culture, sex, year)
        born = days(year, self.iso)
        date = born[int(chance.random() * len(born))]
        if chance.random() < UNKNOWN_DATE[abroad]:
            date = without_day(date, self.iso, chance.random() < 1 / 3)
        if chance.random() < DOUBLE_SURNAME:
            surname = self.double(surname, year)
        used = self.used_name(surname, sex, session - year)
        unknown_place = chance.random() < UNKNOWN_PLACE
        person = Person(
            self.written(surname),
            self.written(used),
            self.written(given),
            "" if chance.random() < NO_SEX else sex,
            date,
            "" if unknown_place else place.commune,
            "" if unknown_place else place.label,
            place.country,
            False,
        )
        self.last = (person, culture, year)
        return person

    def twin(self, of: Person, culture: str, year: int) -> Person:
        """A twin: same birth name, day and place, other given names."""
        self.last = None
        sex = of.sex if self.chance.random() < 0.66 else ("M" if of.sex == "F" else "F")
        given = self.written(self.given_names(culture, sex or "F", year))
        if given == of.given_names:
            given = self.written("Noël" if sex == "M" else "Noëlie")
        return of._replace(given_names=given, sex=sex, used_name="", twin=True)

    def homonym(self, of: Person) -> Person:
        """Somebody else of the same names, born the same day elsewhere."""
        self.last = None
        place = self.communes.draw(self.chance)
        return of._replace(used_name="", commune=place.commune, place=place.label, country=place.country)

    def surname(self, origin: str) -> Surname:
        """A surname and the culture of the given names that usually go with it."""
        if origin and self.chance.random() < 0.8:
            return surnames_of(origin).draw(self.chance)
        found = self.surnames.draw(self.chance)
        if found is not RARE:
            return found
        stems, endings = rare_parts()
        name = stems[int(self.chance.random() * len(stems))] + endings[int(self.chance.random() * len(endings))]
        return name, "france"

    def double(self, surname: str, year: int) -> str:
        """A name made of both parents' names.

        Civil registrars separated them by two hyphens from 2005 to 2010 (circulaire of 6 December 2004, set aside by the Conseil
        d'État on 4 June 2010; dates from background knowledge).
        """
        other = self.surname("")[0]
        if 2005 <= year <= 2010 and self.chance.random() < 0.5:
            return f"{surname}--{other}"
        return f"{surname}-{other}" if self.chance.random() < 0.3 else f"{surname} {other}"

    def used_name(self, surname: str, sex: str, age: int) -> str:
        """The name that the person uses when it is not the birth name: a spouse's, or the other parent's added."""
        if self.chance.random() >= (USED_NAME_OF_AN_ADULT[sex] if age >= ADULT else USED_NAME_OF_A_MINOR):
            return ""
        other = self.surname("")[0]
        return other if age >= ADULT and self.chance.random() < 0.7 else f"{surname}-{other}"

    def given_names(self, culture: str, sex: str, year: int) -> str:
        """The given names of the registry, in their order, as one cell; empty when there is none.

        They are separated by spaces, or by commas as soon as one contains a space.
        """
        chance = self.chance
        if chance.random() < NO_GIVEN_NAME:
            return ""
        local = culture if chance.random() < LOCAL_GIVEN_NAME else "france"
        names = [given_names(local, sex).draw(chance, year)]
        count = max(COUNTS.draw(chance), 2 if " " in names[0] else 1)
        while len(names) < count:
            names.append(given_names("france", sex).draw(chance, year - 30))
        distinct = list(dict.fromkeys(names))
        if len(distinct) == 1:
            return distinct[0].replace(" ", "-")
        return (", " if any(" " in name for name in distinct) else " ").join(distinct)

    def written(self, name: str) -> str:
        """The name in the spelling of the file."""
        return plain(name) if self.capitals else name
