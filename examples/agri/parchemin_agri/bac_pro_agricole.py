"""Baccalauréat professionnel of the Ministry of Agriculture, level 4: code de l'éducation D337-51 to D337-94, code rural D811-154.

Admitted from an average of 10. Since 2009 an oral *épreuve de contrôle* is open from 8 to those who have 10 in professional practice (test
E7); nobody admitted after it gets a mention. Whether the ministry looks at all professional tests since 2022, as national education
does, was discussed and not read in a text.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path

import strawberry
from plugins import (
    NO_MENTION,
    Column,
    Dated,
    Diploma,
    Family,
    JuryGroup,
    Line,
    Outcome,
    Results,
    Sample,
    Session,
    Text,
    at,
    detail,
    mark,
    reached,
    text,
    thresholds,
)

from parchemin_agri.rules import MINISTRY, REPLACEMENT, Stages, in_two_stages, stages, whole_ladder

HERE = Path(__file__).parent
CODE = "code de l'éducation D337-78"
MENTION = "code de l'éducation D337-79"
CONTROL = "code de l'éducation D337-69 et D337-78 ; arrêté du 12 avril 2011"

PASS = (Dated(Decimal(10), CODE),)
OPENS = (Dated(Decimal(8), CONTROL, first=2009),)
PRACTICE = (
    Dated(Decimal(10), CONTROL, 2009, 2021),
    Dated(Decimal(10), CONTROL, first=2022, certain=False),
)
MENTIONS = (
    Dated(thresholds(12, 14, 16), MENTION, last=2023),
    Dated(thresholds(12, 14, 16, 18), "décret n° 2024-122 du 19 février 2024 (baccalauréat professionnel)", first=2024),
)
MENTIONS_AFTER = (Dated(NO_MENTION, MENTION),)

AFTER = Text("après l'épreuve de contrôle, une moyenne", "after the contrôle, an average")
E7 = Text("note de l'épreuve de pratique professionnelle (E7)", "mark of professional practice (E7)")

COLUMNS = (
    Column("option", Text("Option de la spécialité", "Option of the speciality"), text(120), detail="option", example="Bovins"),
    Column("moyenne", Text("Moyenne générale, sur 20", "General average, out of 20"), mark(), example="13,27"),
    Column("note_professionnelle", Text("Note de l'épreuve E7, sur 20", "Mark of the test E7, out of 20"), mark(), example="11"),
    Column(
        "moyenne_rattrapage",
        Text("Moyenne générale après l'épreuve de contrôle, sur 20", "General average after the contrôle, out of 20"),
        mark(),
        example="10,1",
    ),
)


@strawberry.type(description="Baccalauréat professionnel of the Ministry of Agriculture, in one speciality.")
class BaccalaureatProfessionnelAgricole(Diploma):
    option: str | None = detail("option", "Option of the speciality, when it has one")


@cache
def rules_of(year: int) -> Stages | None:
    """The rules of a session with a contrôle, or None before there was one."""
    passing, opens, practice = at(PASS, year), at(OPENS, year), at(PRACTICE, year)
    mentions, after = at(MENTIONS, year), at(MENTIONS_AFTER, year)
    if opens is None or practice is None:
        return None
    assert passing is not None and mentions is not None and after is not None
    return stages(passing, mentions, opens, (after, AFTER), (practice, E7))


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the line's jury group, or None when a mark that matters is missing."""
    if (rules := rules_of(session.year)) is not None:
        return in_two_stages(rules, results, "CONTROLE")
    passing, mentions, average = at(PASS, session.year), at(MENTIONS, session.year), results.get("moyenne")
    assert passing is not None and mentions is not None
    return None if average is None else reached(whole_ladder(passing, mentions), average)


family = Family(
    code="bac_pro_agricole",
    label=Text("Baccalauréat professionnel agricole", "Baccalauréat professionnel (agriculture)"),
    ministry=MINISTRY,
    legal_basis=("code de l'éducation D337-51 à D337-94", "code rural et de la pêche maritime D811-154"),
    type=BaccalaureatProfessionnelAgricole,
    jury_groups=(
        JuryGroup("NORMALE", Text("Session de juin", "June session"), CODE),
        JuryGroup("CONTROLE", Text("Épreuve de contrôle", "Oral test of contrôle"), CONTROL, first=2009),
        REPLACEMENT,
    ),
    columns=COLUMNS,
    decide=decide,
    title_kinds=("BAC_PRO_AGRICOLE",),
    titles=HERE / "titles" / "bac_pro_agricole.csv",
    first_session=1998,
    asked_at="ESTABLISHMENT",
    lines=(Line("option", Text("Option", "Option"), lambda diploma: diploma.option),),
    cases=HERE / "cases" / "bac_pro_agricole.toml",
    samples=(Sample(HERE / "samples" / "bac_pro_agricole-10-2025.csv", 2025, "10"),),
)
