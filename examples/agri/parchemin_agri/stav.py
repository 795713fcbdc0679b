"""Baccalauréat technologique, série sciences et technologies de l'agronomie et du vivant (STAV), level 4: code de l'éducation D336-1 ff.

Admitted from an average of 10; from 8 the second group is open: two oral tests, of which the better mark counts. No mention after the
second group. Its titles are in the national nomenclature already, so this family brings none.
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
    text,
    thresholds,
)

from parchemin_agri.rules import MINISTRY, REPLACEMENT, Stages, in_two_stages, stages

HERE = Path(__file__).parent
CODE = "code de l'éducation D336-11"
SECOND_GROUP = "arrêté du 21 octobre 2019 (épreuves du second groupe de la série STAV)"

PASS = (Dated(Decimal(10), CODE),)
OPENS = (
    Dated(Decimal(8), CODE, last=2020),
    Dated(Decimal(8), SECOND_GROUP, first=2021),
)
MENTIONS = (
    Dated(thresholds(12, 14, 16), "code de l'éducation D336-11, qui suit D334-11", last=2020),
    Dated(
        thresholds(12, 14, 16, 18), "code de l'éducation D336-11, qui suit D334-11, 4°, applicable à la session 2021", first=2021
    ),
)
MENTIONS_AFTER = (Dated(NO_MENTION, "code de l'éducation D336-11, qui suit D334-8 (admis à l'issue du second groupe)"),)

AFTER = Text("après le second groupe, une moyenne", "after the second group, an average")

COLUMNS = (
    Column("moyenne", Text("Moyenne du premier groupe, sur 20", "Average of the first group, out of 20"), mark(), example="13,27"),
    Column(
        "moyenne_rattrapage",
        Text("Moyenne après le second groupe, sur 20", "Average after the second group, out of 20"),
        mark(),
        example="10,12",
    ),
    Column(
        "section_europeenne",
        Text("Langue de la section européenne", "Language of the European section"),
        text(60),
        detail="european_section",
        example="Anglais",
    ),
)


@strawberry.type(description="Baccalauréat technologique in agronomy and life sciences (série STAV).")
class BaccalaureatStav(Diploma):
    european_section: str | None = detail("european_section", "Language of the section européenne that the diploma bears, if any")


@cache
def rules_of(year: int) -> Stages:
    """The rules of a session."""
    passing, opens, mentions, after = at(PASS, year), at(OPENS, year), at(MENTIONS, year), at(MENTIONS_AFTER, year)
    assert passing is not None and opens is not None and mentions is not None and after is not None
    return stages(passing, mentions, opens, (after, AFTER))


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the line's jury group, or None when an average that matters is missing."""
    return in_two_stages(rules_of(session.year), results, "SECOND")


family = Family(
    code="stav",
    label=Text("Baccalauréat technologique STAV", "Baccalauréat technologique (STAV)"),
    ministry=MINISTRY,
    legal_basis=("code de l'éducation D336-1 et suivants",),
    type=BaccalaureatStav,
    jury_groups=(
        JuryGroup("PREMIER", Text("Premier groupe d'épreuves", "First group of tests"), CODE),
        JuryGroup("SECOND", Text("Second groupe d'épreuves", "Second group of tests"), f"{CODE} ; {SECOND_GROUP}"),
        REPLACEMENT,
    ),
    columns=COLUMNS,
    decide=decide,
    title_kinds=("BAC_TECHNO_AGRICOLE",),
    first_session=2008,
    asked_at="ESTABLISHMENT",
    lines=(Line("european_section", Text("Section européenne", "European section"), lambda diploma: diploma.european_section),),
    cases=HERE / "cases" / "stav.toml",
    samples=(Sample(HERE / "samples" / "stav-10-2025.csv", 2025, "10"),),
)
