"""Higher education: licence, licence professionnelle, BUT, master, engineer, doctorate, DCG and DSCG.

Only the DCG and the DSCG have a national examination: décret n° 2006-1706 and arrêté of 22 December 2006. The others are awarded by each
establishment under its own rules of assessment, mentions included: the register keeps what its jury says and has nothing to
compare it with. Levels: BCN, N_NIVEAU_FORMATION_DIPLOME.
"""

from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import strawberry

from plugins import (
    NO_MENTION,
    Column,
    Dated,
    Decision,
    Diploma,
    Family,
    Invalid,
    JuryGroup,
    Ladder,
    Line,
    Outcome,
    Results,
    Session,
    Step,
    Text,
    admitted,
    at,
    cited,
    detail,
    mark,
    member,
    one_of,
    reached,
    refused,
    text,
    whole,
)

ACCOUNTING = "arrêté du 22 décembre 2006 (DCG et DSCG), art. 1er"
FIRST_ACCOUNTING_SESSION = 2008

PASS = (Dated(Decimal(10), ACCOUNTING, first=FIRST_ACCOUNTING_SESSION),)
LOWEST_MARK = (Dated(Decimal(6), ACCOUNTING, first=FIRST_ACCOUNTING_SESSION),)
MENTIONS = (Dated(NO_MENTION, "arrêté du 22 décembre 2006 (DCG et DSCG), qui n'en prévoit aucune", first=FIRST_ACCOUNTING_SESSION),)


@strawberry.enum(description="Degree or diploma of higher education.")
class HigherEducationDegree(Enum):
    LICENCE = strawberry.enum_value("LICENCE", description="Licence, level 6")
    LICENCE_PRO = strawberry.enum_value("LICENCE_PRO", description="Licence professionnelle, level 6")
    BUT = strawberry.enum_value("BUT", description="Bachelor universitaire de technologie, level 6")
    MASTER = strawberry.enum_value("MASTER", description="Master, level 7")
    INGENIEUR = strawberry.enum_value("INGENIEUR", description="Titre d'ingénieur diplômé, level 7")
    DOCTORAT = strawberry.enum_value("DOCTORAT", description="Doctorat, level 8")
    DCG = strawberry.enum_value("DCG", description="Diplôme de comptabilité et de gestion, level 6")
    DSCG = strawberry.enum_value("DSCG", description="Diplôme supérieur de comptabilité et de gestion, level 7")


LEVELS = {
    "LICENCE": 6,
    "LICENCE_PRO": 6,
    "BUT": 6,
    "MASTER": 7,
    "INGENIEUR": 7,
    "DOCTORAT": 8,
    "DCG": 6,
    "DSCG": 7,
}

NATIONAL = ("DCG", "DSCG")

TITLES = {
    "LICENCE": "Licence, mention {}",
    "LICENCE_PRO": "Licence professionnelle, mention {}",
    "BUT": "Bachelor universitaire de technologie, spécialité {}",
    "MASTER": "Master, mention {}",
    "INGENIEUR": "Titre d'ingénieur diplômé, {}",
    "DOCTORAT": "Doctorat, spécialité {}",
}
"""How the subject completes the name of a degree of an establishment."""

JURY_GROUPS = (
    JuryGroup("NORMALE", Text("Jury de l'établissement ou de l'examen", "Jury of the establishment or examination"), ACCOUNTING),
)

COLUMNS = (
    Column(
        "diplome",
        Text("Diplôme ou grade", "Degree"),
        one_of(*HigherEducationDegree.__members__),
        required=True,
        detail="degree",
        example="MASTER",
    ),
    Column(
        "intitule",
        Text("Mention ou spécialité du diplôme ; obligatoire sauf DCG et DSCG", "Subject; required except for DCG and DSCG"),
        text(200),
        detail="subject",
        example="Informatique",
    ),
    Column("parcours", Text("Parcours", "Course within the subject"), text(200), detail="course", example="Génie logiciel"),
    Column(
        "etablissement_nom",
        Text("Nom de l'établissement ; obligatoire sauf DCG et DSCG", "Establishment; required except for DCG and DSCG"),
        text(200),
        detail="establishment",
        example="Université de Lorraine",
    ),
    Column("ects", Text("Crédits européens", "ECTS credits"), whole(0, 600), detail="ects", example="300"),
    Column(
        "moyenne", Text("DCG, DSCG : moyenne générale, sur 20", "DCG, DSCG: general average, out of 20"), mark(), example="11,2"
    ),
    Column(
        "note_minimale",
        Text("DCG, DSCG : la plus basse des notes, sur 20", "DCG, DSCG: the lowest of the marks, out of 20"),
        mark(),
        example="7",
    ),
)


@strawberry.type(description="Degree or diploma of higher education.")
class HigherEducationDiploma(Diploma):
    degree: HigherEducationDegree = detail("degree", "Degree or diploma", member(HigherEducationDegree))
    subject: str | None = detail("subject", "Subject (mention or spécialité); none for the DCG and the DSCG")
    course: str | None = detail("course", "Course (parcours) within the subject, when there is one")
    establishment: str | None = detail("establishment", "Establishment that awarded it; none for the DCG and the DSCG")
    ects: int | None = detail("ects", "ECTS credits, when the establishment gave them")


# subject and course stand in the title
LINES = (
    Line("establishment", Text("Établissement", "Institution"), lambda diploma: diploma.establishment),
    Line("ects", Text("Crédits européens (ECTS)", "ECTS credits"), lambda diploma: str(diploma.ects) if diploma.ects else None),
)


def title(label: str | None, results: Results) -> str:
    """The full title. Raises `Invalid` when the national code, the subject or the establishment disagrees with the degree."""
    degree = results["diplome"]
    if degree in NATIONAL:
        if label is None or not label.endswith(f"({degree})"):
            raise Invalid(
                Text(f"n'est pas le code du {degree}", f"is not the code of the {degree}"),
                Text(f"donner le code diplôme du {degree}", f"give the code of the {degree}"),
            )
        return label
    if label is not None:
        raise Invalid(
            Text(f"ne convient pas à {degree}", f"does not suit {degree}"),
            Text("laisser code_diplome vide, sauf DCG et DSCG", "leave code_diplome empty, except for DCG and DSCG"),
        )
    for name in ("intitule", "etablissement_nom"):
        if not results.get(name):
            raise Invalid(
                Text(f"est vide et {name} manque", f"is empty and {name} is missing"),
                Text(f"donner {name}, obligatoire pour {degree}", f"give {name}, required for {degree}"),
            )
    course = results.get("parcours")
    return TITLES[degree].format(results["intitule"]) + (f", parcours {course}" if course else "")


def level(results: Results) -> int | None:
    """The national level of the degree."""
    return LEVELS[results["diplome"]]


class Rules(NamedTuple):
    """The values in force for the DCG and the DSCG at one session."""

    ladder: Ladder
    lowest_mark: Decimal
    too_low: Outcome


@cache
def rules_of(year: int) -> Rules | None:
    """The rules of a session, or None before the first."""
    passing, lowest, mentions = at(PASS, year), at(LOWEST_MARK, year), at(MENTIONS, year)
    if passing is None or lowest is None or mentions is None:
        return None
    reason = Text(f"une note inférieure à {lowest.value} : ajourné", f"a mark below {lowest.value}: not admitted")
    return Rules(
        (*admitted(passing, mentions), Step(Decimal(0), refused(passing))),
        lowest.value,
        Outcome((Decision.AJOURNE,), None, reason, cited(lowest)),
    )


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of a DCG or a DSCG; None for the degrees of establishments, and when a mark that matters is missing."""
    rules = rules_of(session.year) if results.get("diplome") in NATIONAL else None
    if rules is None:
        return None
    average, lowest = results.get("moyenne"), results.get("note_minimale")
    if lowest is not None and lowest < rules.lowest_mark:
        return rules.too_low
    if average is None:
        return None
    outcome = reached(rules.ladder, average)
    return None if lowest is None and outcome is not rules.ladder[-1].outcome else outcome


family = Family(
    code="higher",
    label=Text("Enseignement supérieur", "Higher education"),
    ministry=Text("Enseignement supérieur", "Higher education"),
    legal_basis=("code de l'éducation L613-1", "décret n° 2006-1706 du 22 décembre 2006 (DCG et DSCG)", ACCOUNTING),
    type=HigherEducationDiploma,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=NATIONAL,
    title=title,
    level=level,
    asked_at="ESTABLISHMENT",
    lines=LINES,
    cases=Path(__file__).parent / "cases" / "higher.toml",
)
