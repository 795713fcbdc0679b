"""Brevet professionnel agricole (BPA), level 3: code rural et de la pêche maritime D811-166-1 to D811-166-8.

Acquired by *unités capitalisables*, in any order and over several years: the diploma is due to those who have them all, and each unit
gives an attestation, which is no diploma. There is no average, and no mention was found in the law. How many units an option has is
fixed by its arrêté, so the file says both numbers.
"""

from pathlib import Path

import strawberry
from plugins import (
    Column,
    Dated,
    Decision,
    Diploma,
    Family,
    JuryGroup,
    Misfit,
    Outcome,
    Results,
    Sample,
    Session,
    Text,
    at,
    cited,
    detail,
    whole,
)

from parchemin_agri.rules import MINISTRY

HERE = Path(__file__).parent
CODE = "code rural D811-166-8"
MOST_UNITS = 20

ALL_UNITS = (Dated(None, CODE),)

COLUMNS = (
    Column(
        "unites_requises",
        Text("Nombre d'unités capitalisables de l'option", "Number of units of the option"),
        whole(1, MOST_UNITS),
        detail="units",
        example="10",
    ),
    Column("unites_acquises", Text("Nombre d'unités acquises", "Number of units acquired"), whole(0, MOST_UNITS), example="10"),
)


@strawberry.type(description="Brevet professionnel agricole, in one option, acquired by units.")
class BrevetProfessionnelAgricole(Diploma):
    units: int | None = detail("units", "Number of unités capitalisables of the option, when the academy gave it")


def check(results: Results, session: Session) -> Misfit | None:
    """Nobody acquires more units than there are."""
    required, acquired = results.get("unites_requises"), results.get("unites_acquises")
    if required is None or acquired is None or acquired <= required:
        return None
    return Misfit(
        "unites_acquises",
        Text(f"dépasse les {required} unités requises", f"is more than the {required} units required"),
        Text("corriger l'un des deux nombres", "correct one of the two numbers"),
    )


def decide(results: Results, session: Session) -> Outcome | None:
    """Admitted with all units; None when one of the two numbers is missing."""
    rule = at(ALL_UNITS, session.year)
    required, acquired = results.get("unites_requises"), results.get("unites_acquises")
    if rule is None or required is None or acquired is None:
        return None
    if acquired == required:
        reason = Text("toutes les unités capitalisables sont acquises : admis", "all units are acquired: admitted")
        return Outcome((Decision.ADMIS,), None, reason, cited(rule))
    missing = required - acquired
    reason = Text(f"unités capitalisables manquantes : {missing} ; ajourné", f"units missing: {missing}; not admitted")
    return Outcome((Decision.AJOURNE,), None, reason, cited(rule))


family = Family(
    code="bpa",
    label=Text("Brevet professionnel agricole", "BPA (agricultural vocational certificate, by units)"),
    ministry=MINISTRY,
    legal_basis=("code rural et de la pêche maritime D811-166-1 à D811-166-8",),
    type=BrevetProfessionnelAgricole,
    jury_groups=(JuryGroup("NORMALE", Text("Jurys de l'année", "Juries of the year"), CODE),),
    columns=COLUMNS,
    decide=decide,
    check=check,
    title_kinds=("BPA",),
    titles=HERE / "titles" / "bpa.csv",
    first_session=2007,
    asked_at="ESTABLISHMENT",
    cases=HERE / "cases" / "bpa.toml",
    samples=(Sample(HERE / "samples" / "bpa-10-2025.csv", 2025, "10"),),
)
