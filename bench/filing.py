"""How a person of the fictitious nation is known to FranceConnect, and how exam services filed them: with what is lost on the way.

Every share is an estimate: nobody has published how many exam records lack what. They are on the pessimistic side.
"""

from functools import cache
from random import Random

from db import reference
from population.nation import FilePlan
from population.people import plain
from population.tables import rows
from resolvers.people import FRANCE, ExamRecord, Person, Sex
from resolvers.places import places

CAPITALS = 0.6
ONE_GIVEN_NAME, USUAL_GIVEN_NAME, NO_GIVEN_NAME = 0.35, 0.008, 0.001
USED_NAME = {True: 0.3, False: 0.03}
"""Share of used names filed as birth names, in files of 2012 and before or since."""
EXCHANGED, MISSPELLED = 0.0005, 0.003
NO_DAY, ANOTHER_DAY = 0.002, 0.001
NO_CODE = {True: 0.9, False: 0.4}
"""Share of places without their code, in files of 2012 and before or since."""
NO_PLACE, UNKNOWN_LABEL, WHOLE_INSTEAD = 0.01, 0.004, 0.5
NO_SEX, ANOTHER_SEX = 0.002, 0.0005
TWO_EXAMS = 0.5
OLD = 2012
RNIE_SINCE = 2018


def person_of(line: dict[str, str], chance: Random) -> Person:
    """Whom FranceConnect would name for this candidate. What the line itself lacks is drawn: the civil registry has it."""
    born = iso(line["date_naissance"])
    sex: Sex = "F" if (line["sexe"] or chance.choice("FM")) == "F" else "M"
    country = line["pays_naissance"] or FRANCE
    commune = line["commune_naissance"] or (chance.choice(rows("communes"))["code"] if country == FRANCE else None)
    given = line["prenoms"].split(", ") if "," in line["prenoms"] else line["prenoms"].split()
    return Person(
        line["nom_naissance"],
        tuple(given),
        born.replace("-00", "-01"),
        sex,
        country,
        commune,
        born,
        line["nom_usage"] or None,
        "FRANCECONNECT",
    )


def exams_of(person: Person, line: dict[str, str], file: FilePlan, chance: Random) -> list[ExamRecord]:
    """The record of the line's exam, and for half of them that of an exam three years before, each with its own losses."""
    exams = [file.year - 3, file.year] if chance.random() < TWO_EXAMS else [file.year]
    return [filed(person, line, year, f"{file.family if year == file.year else 'earlier'}/{year}", chance) for year in exams]


def filed(person: Person, line: dict[str, str], year: int, exam: str, chance: Random) -> ExamRecord:
    """The person as the exam service of that year filed them."""
    lucky = chance.random
    name, given = person.family_name, list(person.given_names)
    if person.used_name and lucky() < USED_NAME[year <= OLD]:
        name = person.used_name
    if len(given) > 1:
        given = given[1:2] if lucky() < USUAL_GIVEN_NAME else given[:1] if lucky() < ONE_GIVEN_NAME else given
    if lucky() < NO_GIVEN_NAME:
        given = []
    if lucky() < MISSPELLED:
        name = name[:-1] + chance.choice("aehst")
    if given and lucky() < EXCHANGED:
        name, given = given[0], [name]
    if lucky() < CAPITALS:
        name, given = plain(name).replace("-", " "), plain(" ".join(given)).replace("-", " ").split()
    born = person.declared_birth_date or ""
    if lucky() < NO_DAY:
        born = f"{born[:7]}-00"
    elif not born.endswith("-00") and lucky() < ANOTHER_DAY:
        born = f"{born[:8]}{chance.randint(1, 28):02}"
    commune, place, country = whereabouts(person, line["lieu_naissance"], year, chance)
    sex: Sex | None = person.sex
    if lucky() < ANOTHER_SEX:
        sex = "M" if sex == "F" else "F"
    return ExamRecord(
        name,
        tuple(given),
        birth_date=born,
        sex=None if not line["sexe"] or lucky() < NO_SEX else sex,
        birth_commune=commune,
        birth_place=place,
        birth_country=country,
        ine=ine_of(line["ine"], year),
        candidate_number=line["numero_candidat"],
        establishment=line["etablissement"],
        exam=exam,
    )


def whereabouts(person: Person, label: str, year: int, chance: Random) -> tuple[str | None, str | None, str | None]:
    """Commune, label and country of birth as filed: often a label alone, an arrondissement as its city, a commune as what it became."""
    if not label or chance.random() < NO_PLACE:
        return None, None, None
    if person.birth_commune is None:
        if chance.random() < NO_CODE[year <= OLD]:
            return None, plain(f"{label} ({names('country')[person.birth_country]})"), None
        return None, label, person.birth_country
    if chance.random() >= NO_CODE[year <= OLD]:
        return person.birth_commune, label, FRANCE
    if chance.random() < UNKNOWN_LABEL:
        return None, plain(label[:-2]), None
    whole = places().belongs_to.get(person.birth_commune)
    if whole is not None and chance.random() < WHOLE_INSTEAD:
        label = names("commune")[whole]
    written = plain(label).replace("-", " ")
    return None, written.replace("SAINT ", "ST ").replace(" ARRONDISSEMENT", ""), None


@cache
def names(table: str) -> dict[str, str]:
    """The name of each commune or country by code."""
    return {row["code"] or "": row["name"] or "" for row in reference.rows(table)}


def ine_of(ine: str, year: int) -> str | None:
    """The INE that the person had that year: one of today's form was given in 2018 at the earliest, in place of another."""
    if ine and year < RNIE_SINCE and ine[9].isalpha():
        return f"{ine[:9]}{year % 10}{ine[10]}"
    return ine or None


def iso(born: str) -> str:
    """The date of a file, written JJ/MM/AAAA or in ISO 8601, in ISO 8601."""
    return "-".join(reversed(born.split("/")))
