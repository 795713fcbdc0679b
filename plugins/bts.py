"""Brevet de technicien supérieur (BTS), level 5, 120 ECTS: code de l'éducation D643-1 ff.

Admitted from an average of 10. Since 2022 two oral *épreuves de contrôle* are open from 8 to those who have 10 in the professional tests;
the jury keeps the better mark of each. In 2021 (covid-19) they were open to every average below 10, unless an absence was not
justified, which an import does not say. In 2020 marks came from continuous assessment, with tests in September for some. No
mention was found in the law. BTSA (agriculture) is another ministry's.
"""

from decimal import Decimal
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
    reached,
    refused,
    text,
)

AFTER_CONTROL = Text("après le contrôle, une moyenne", "after the contrôle, an average")

CODE = "code de l'éducation D643-15 et D643-22"
COVID_2020 = "décret n° 2020-684 du 5 juin 2020"
COVID_2021 = "décret n° 2021-417, art. 2-2, issu du décret n° 2021-786 du 19 juin 2021"

PASS = (
    Dated(Decimal(10), COVID_2020, 2020, 2020),
    Dated(Decimal(10), COVID_2021, 2021, 2021),
    Dated(Decimal(10), CODE),
)


class Access(NamedTuple):
    """Who may sit the contrôle: the lowest average, and the lowest average of the professional tests (None: not asked for)."""

    average: Decimal
    professional: Decimal | None


CONTROL = (
    Dated(Access(Decimal(0), None), COVID_2021, 2021, 2021),
    Dated(Access(Decimal(8), Decimal(10)), "code de l'éducation D643-22 (décret n° 2022-850 du 3 juin 2022)", first=2022),
)
MENTIONS = (Dated(NO_MENTION, "code de l'éducation D643-1 à D643-35, où aucune n'a été trouvée", certain=False),)

JURY_GROUPS = (
    JuryGroup("NORMALE", Text("Session de juin", "June session"), CODE),
    JuryGroup("CONTROLE", Text("Épreuves de contrôle", "Oral tests of contrôle"), f"{COVID_2021} ; {CODE}", first=2021),
    JuryGroup("REMPLACEMENT", Text("Épreuves de septembre 2020", "Tests of September 2020"), COVID_2020, first=2020, last=2020),
)

COLUMNS = (
    Column("option", Text("Option de la spécialité", "Option of the speciality"), text(120), detail="option", example="A"),
    Column("moyenne", Text("Moyenne générale, sur 20", "General average, out of 20"), mark(), example="9,4"),
    Column(
        "moyenne_professionnelle",
        Text("Moyenne des épreuves professionnelles, sur 20", "Average of the professional tests, out of 20"),
        mark(),
        example="10,5",
    ),
    Column(
        "moyenne_controle",
        Text("Moyenne générale après les épreuves de contrôle, sur 20", "General average after the contrôle, out of 20"),
        mark(),
        example="10,1",
    ),
)


@strawberry.type(description="Brevet de technicien supérieur, in one speciality.")
class BrevetTechnicienSuperieur(Diploma):
    option: str | None = detail("option", "Option of the speciality, when it has one")


class Rules(NamedTuple):
    """The values in force at one session; None where there is no contrôle, or no look at the professional tests."""

    first: Ladder
    control: Ladder
    called: Outcome | None
    professional: Decimal | None
    not_called: Outcome | None


@cache
def rules_of(year: int) -> Rules:
    """The rules of a session."""
    passing, access, mentions = at(PASS, year), at(CONTROL, year), at(MENTIONS, year)
    assert passing is not None and mentions is not None
    passed, lowest = admitted(passing, mentions), Step(Decimal(0), refused(passing))
    if access is None:
        return Rules((*passed, lowest), (), None, None, None)
    called = Outcome(
        (Decision.SECOND_GROUPE, Decision.AJOURNE),
        None,
        Text(
            f"une moyenne d'au moins {access.value.average} et inférieure à {passing.value} ouvre les épreuves de contrôle",
            f"an average of at least {access.value.average} and below {passing.value} opens the contrôle",
        ),
        cited(access),
    )
    not_called = Outcome(
        (Decision.AJOURNE,),
        None,
        Text(
            "épreuves de contrôle refusées : moyenne des épreuves professionnelles insuffisante",
            "no contrôle: the average of the professional tests is too low",
        ),
        cited(access),
    )
    return Rules(
        (*passed, Step(access.value.average, called), lowest),
        (*admitted(passing, mentions, AFTER_CONTROL), Step(Decimal(0), refused(passing, AFTER_CONTROL))),
        called,
        access.value.professional,
        not_called,
    )


def first_outcome(results: Results, rules: Rules) -> Outcome | None:
    """The outcome before any contrôle, or None when an average that matters is missing."""
    average = results.get("moyenne")
    outcome = None if average is None else reached(rules.first, average)
    if outcome is not rules.called or rules.professional is None:
        return outcome
    professional = results.get("moyenne_professionnelle")
    if professional is None:
        return None
    return outcome if professional >= rules.professional else rules.not_called


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the line's jury group, or None when an average that matters is missing.

    A line of the contrôle that the first average did not open keeps its first outcome.
    """
    rules = rules_of(session.year)
    first = first_outcome(results, rules)
    if results.get("groupe") == "CONTROLE" and (first is None or first is rules.called):
        after = results.get("moyenne_controle")
        return None if after is None else reached(rules.control, after)
    return first


family = Family(
    code="bts",
    label=Text("Brevet de technicien supérieur", "BTS (advanced technician's certificate)"),
    ministry=Text("Enseignement supérieur", "Higher education"),
    legal_basis=("code de l'éducation D643-1 à D643-35",),
    type=BrevetTechnicienSuperieur,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=("BTS",),
    lines=(Line("option", Text("Option", "Option"), lambda diploma: diploma.option),),
    cases=Path(__file__).parent / "cases" / "bts.toml",
)
