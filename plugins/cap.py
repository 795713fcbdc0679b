"""Certificat d'aptitude professionnelle (CAP), level 3: code de l'éducation D337-1 to D337-25.

Two averages decide: that of all units, and that of the professional ones. In the progressive form the units are spread over several
sessions; the averages then exist at the last one only. Partial success gives an attestation of blocks of competences, which is
no diploma. In 2020 and 2021 (covid-19) part of the marks came from continuous assessment; the averages asked for stayed the same.
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
    JuryGroup,
    Ladder,
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
    thresholds,
)

CODE = "code de l'éducation D337-16"

PASS = (Dated(Decimal(10), CODE),)
PROFESSIONAL_PASS = (Dated(Decimal(10), CODE),)
MENTIONS = (
    Dated(NO_MENTION, "décret n° 2024-122 du 19 février 2024, a contrario (mentions à compter de la session 2024)", last=2023),
    # no félicitations: the decree gives them to the baccalauréat professionnel alone
    Dated(thresholds(12, 14, 16), "décret n° 2024-122 du 19 février 2024", first=2024),
)

JURY_GROUPS = (
    JuryGroup("NORMALE", Text("Session de juin", "June session"), CODE),
    JuryGroup(
        "REMPLACEMENT",
        Text("Épreuves de remplacement (septembre)", "Replacement tests (September)"),
        "code de l'éducation D337-16, sixième alinéa",
    ),
)

COLUMNS = (
    Column(
        "forme",
        Text("Forme de l'examen", "Form of the examination"),
        one_of("GLOBALE", "PROGRESSIVE"),
        detail="form",
        example="GLOBALE",
    ),
    Column("moyenne", Text("Moyenne de toutes les unités, sur 20", "Average of all units, out of 20"), mark(), example="12,75"),
    Column(
        "moyenne_professionnelle",
        Text("Moyenne des unités professionnelles, sur 20", "Average of the professional units, out of 20"),
        mark(),
        example="13,1",
    ),
)


@strawberry.enum(description="Form of the examination of a CAP.")
class CapForm(Enum):
    GLOBALE = strawberry.enum_value("GLOBALE", description="All units at one session")
    PROGRESSIVE = strawberry.enum_value("PROGRESSIVE", description="Units spread over several sessions")


@strawberry.type(description="Certificat d'aptitude professionnelle, in one speciality.")
class CertificatAptitudeProfessionnelle(Diploma):
    form: CapForm | None = detail("form", "Form of the examination, when the academy gave it", member(CapForm))


class Rules(NamedTuple):
    """The values in force at one session."""

    ladder: Ladder
    professional: Decimal
    not_professional: Outcome


@cache
def rules_of(year: int) -> Rules:
    """The rules of a session."""
    passing, professional, mentions = at(PASS, year), at(PROFESSIONAL_PASS, year), at(MENTIONS, year)
    assert passing is not None and professional is not None and mentions is not None
    return Rules(
        (*admitted(passing, mentions), Step(Decimal(0), refused(passing))),
        professional.value,
        Outcome(
            (Decision.AJOURNE,),
            None,
            Text(
                f"moyenne des unités professionnelles inférieure à {professional.value} : ajourné",
                f"average of the professional units below {professional.value}: not admitted",
            ),
            cited(professional),
        ),
    )


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the two averages, or None when one that matters is missing."""
    rules = rules_of(session.year)
    average, professional = results.get("moyenne"), results.get("moyenne_professionnelle")
    if professional is not None and professional < rules.professional:
        return rules.not_professional
    if average is None:
        return None
    outcome = reached(rules.ladder, average)
    # the general average alone is enough to refuse, never to admit
    return None if professional is None and outcome is not rules.ladder[-1].outcome else outcome


family = Family(
    code="cap",
    label=Text("Certificat d'aptitude professionnelle", "CAP (vocational certificate)"),
    ministry=Text("Éducation nationale", "National education"),
    legal_basis=("code de l'éducation D337-1 à D337-25",),
    type=CertificatAptitudeProfessionnelle,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=("CAP",),
    cases=Path(__file__).parent / "cases" / "cap.toml",
)
