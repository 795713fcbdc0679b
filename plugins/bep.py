"""Brevet d'études professionnelles (BEP), level 3: code de l'éducation D337-26 to D337-50, abolished by décret n° 2020-1277.

The last session is 2021, kept for candidates who already had units (progressive form). The BEP never bore a mention.
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
    Outcome,
    Results,
    Session,
    Step,
    Text,
    admitted,
    at,
    cited,
    mark,
    reached,
    refused,
)

LAST_SESSION = Dated(2021, "décret n° 2020-1277 du 20 octobre 2020, art. 15")

CODE = "code de l'éducation D337-36"
OLD_RULES = "règlement général des BEP, décret n° 87-851 du 19 octobre 1987"

PASS = (
    Dated(Decimal(10), OLD_RULES, last=2009, certain=False),
    Dated(Decimal(10), "code de l'éducation D337-36 (décret n° 2009-146 du 10 février 2009)", first=2010),
)
# since 2010 the average of all units is enough
PROFESSIONAL_PASS = (Dated(Decimal(10), OLD_RULES, last=2009, certain=False),)
MENTIONS = (Dated(NO_MENTION, "code de l'éducation D337-26 à D337-50, qui n'en prévoient aucune"),)

JURY_GROUPS = (
    JuryGroup("NORMALE", Text("Session de juin", "June session"), CODE),
    JuryGroup(
        "REMPLACEMENT",
        Text("Épreuves de remplacement (septembre)", "Replacement tests (September)"),
        "code de l'éducation D337-37 et D337-44",
    ),
)

COLUMNS = (
    Column("moyenne", Text("Moyenne de toutes les unités, sur 20", "Average of all units, out of 20"), mark(), example="11,5"),
    Column(
        "moyenne_professionnelle",
        Text(
            "Moyenne des épreuves professionnelles, sur 20 (sessions jusqu'à 2009)",
            "Average of the professional tests, out of 20 (sessions to 2009)",
        ),
        mark(),
        example="12",
    ),
)


@strawberry.type(description="Brevet d'études professionnelles, in one speciality; last awarded in 2021.")
class BrevetEtudesProfessionnelles(Diploma):
    pass


class Rules(NamedTuple):
    """The values in force at one session; `professional` is None when the general average is enough."""

    ladder: Ladder
    professional: Decimal | None
    not_professional: Outcome | None


@cache
def rules_of(year: int) -> Rules:
    """The rules of a session."""
    passing, mentions, professional = at(PASS, year), at(MENTIONS, year), at(PROFESSIONAL_PASS, year)
    assert passing is not None and mentions is not None
    ladder = (*admitted(passing, mentions), Step(Decimal(0), refused(passing)))
    if professional is None:
        return Rules(ladder, None, None)
    reason = Text(
        f"moyenne des épreuves professionnelles inférieure à {professional.value} : ajourné",
        f"average of the professional tests below {professional.value}: not admitted",
    )
    return Rules(ladder, professional.value, Outcome((Decision.AJOURNE,), None, reason, cited(professional)))


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the averages, or None when one that matters is missing or the session is after the last."""
    if session.year > LAST_SESSION.value:
        return None
    rules = rules_of(session.year)
    average, professional = results.get("moyenne"), results.get("moyenne_professionnelle")
    if rules.professional is not None and professional is not None and professional < rules.professional:
        return rules.not_professional
    if average is None:
        return None
    outcome = reached(rules.ladder, average)
    unknown = rules.professional is not None and professional is None
    return None if unknown and outcome is not rules.ladder[-1].outcome else outcome


family = Family(
    code="bep",
    label=Text("Brevet d'études professionnelles", "BEP (vocational studies certificate)"),
    ministry=Text("Éducation nationale", "National education"),
    legal_basis=("code de l'éducation D337-26 à D337-50 (abrogés)", LAST_SESSION.reference),
    type=BrevetEtudesProfessionnelles,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=("BEP",),
    last_session=LAST_SESSION.value,
    cases=Path(__file__).parent / "cases" / "bep.toml",
)
