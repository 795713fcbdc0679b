"""Diplôme national du brevet (DNB): code de l'éducation L332-6, D332-16 to D332-22; arrêté du 31 décembre 2015.

Awarded on a total of points or on an average, by session and by the candidate's status: *scolaires* (public schools, private ones under
contract, CNED) add the continuous assessment of the socle to their tests, *individuels* have tests alone. There is no second
group; the replacement session of September follows the same rules.
"""

from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import strawberry

from plugins import (
    AVERAGE,
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
    Thresholds,
    admitted,
    at,
    cited,
    column,
    mark,
    one_of,
    reached,
    refused,
    thresholds,
)

# a threshold read in the press alone, whatever text it quotes, is not certain
SCHOOL_2016 = "arrêté du 18 août 1999 relatif au diplôme national du brevet"
SCHOOL_2017 = "arrêté du 31 décembre 2015, version initiale ; note de service n° 2016-063 du 6 avril 2016"
COVID_2020 = "décret n° 2020-640 du 27 mai 2020 ; barème d'après vousnousils.fr du 29 juin 2020"
POINTS_800 = "arrêté du 31 décembre 2015 modifié (JO du 29 novembre 2017), sessions 2018 à 2025"
MENTIONS_800 = "arrêté du 31 décembre 2015 modifié, d'après blog.ville-poussan.fr (mentions sur 800 points)"
FELICITATIONS_2025 = "arrêté publié au JO du 27 février 2025, d'après diplomeo.com"
FROM_2026 = "décret n° 2025-328 ; arrêté du 31 décembre 2015 modifié par l'arrêté du 10 avril 2025"
OLD_MENTIONS = "décret n° 87-32 du 23 janvier 1987, art. 6-1, codifié"


class Scale(NamedTuple):
    """What is counted: the column of the import that holds it, and its highest value."""

    column: str
    top: int


SCHOOL_SCALE = (
    Dated(Scale("moyenne", 20), SCHOOL_2016, last=2016, certain=False),
    Dated(Scale("total_points", 700), SCHOOL_2017, 2017, 2017),
    # written and oral tests were cancelled: 400 points of the socle, 300 of annual averages, the 100 of the oral neutralised
    Dated(Scale("total_points", 700), COVID_2020, 2020, 2020, certain=False),
    Dated(Scale("total_points", 800), POINTS_800, 2018, 2025),
    Dated(Scale("moyenne", 20), FROM_2026, first=2026),
)
SCHOOL_PASS = (
    Dated(Decimal(10), SCHOOL_2016, last=2016, certain=False),
    Dated(Decimal(350), SCHOOL_2017, 2017, 2017),
    Dated(Decimal(350), COVID_2020, 2020, 2020, certain=False),
    Dated(Decimal(400), POINTS_800, 2018, 2025),
    Dated(Decimal(10), FROM_2026, first=2026),
)
SCHOOL_MENTIONS = (
    Dated(thresholds(12, 14, 16), OLD_MENTIONS, last=2016),
    Dated(thresholds(420, 490, 560), SCHOOL_2017, 2017, 2017, certain=False),
    Dated(thresholds(420, 490, 560), COVID_2020, 2020, 2020, certain=False),
    Dated(thresholds(480, 560, 640), MENTIONS_800, 2018, 2024, certain=False),
    Dated(thresholds(480, 560, 640, 720), FELICITATIONS_2025, 2025, 2025, certain=False),
    Dated(thresholds(12, 14, 16, 18), FROM_2026, first=2026),
)

INDIVIDUAL_2016 = "arrêté du 18 août 1999 modifié par l'arrêté du 15 mai 2007, art. 12"
INDIVIDUAL_400 = "arrêté du 31 décembre 2015 modifié, art. 8 (candidats individuels)"
INDIVIDUAL_MENTIONS_400 = "barème des candidats individuels, d'après corsenetinfos.corsica du 7 juillet 2023"
INDIVIDUAL_2026 = "arrêté du 10 avril 2025 ; note de service du 2 septembre 2025, d'après sites.ac-corse.fr"

# session 2017 is missing: its rules for individual candidates were not found, and nothing is flagged
INDIVIDUAL_SCALE = (
    Dated(Scale("moyenne", 20), INDIVIDUAL_2016, 2008, 2016),
    Dated(Scale("total_points", 400), INDIVIDUAL_400, 2018, 2025),
    Dated(Scale("moyenne", 20), INDIVIDUAL_2026, first=2026),
)
INDIVIDUAL_PASS = (
    Dated(Decimal(10), INDIVIDUAL_2016, 2008, 2016),
    Dated(Decimal(200), INDIVIDUAL_400, 2018, 2025),
    Dated(Decimal(10), INDIVIDUAL_2026, first=2026),
)
INDIVIDUAL_MENTIONS = (
    Dated(thresholds(12, 14, 16), OLD_MENTIONS, 2008, 2016),
    Dated(thresholds(240, 280, 320), INDIVIDUAL_MENTIONS_400, 2018, 2024, certain=False),
    Dated(thresholds(240, 280, 320, 360), FELICITATIONS_2025, 2025, 2025, certain=False),
    Dated(thresholds(12, 14, 16, 18), INDIVIDUAL_2026, first=2026),
)

MAYOTTE = "43"
CHIDO = "arrêté de mai 2025 (DNB, session 2025 à Mayotte après le cyclone Chido)"
# the written tests gave way to annual averages; the arrêté was read without its title, its mentions not at all
MAYOTTE_SCALE = (Dated(Scale("total_points", 700), CHIDO, 2025, 2025, certain=False),)
MAYOTTE_PASS = (Dated(Decimal(350), CHIDO, 2025, 2025, certain=False),)
MAYOTTE_MENTIONS = (Dated(thresholds(420, 490, 560, 630), CHIDO, 2025, 2025, certain=False),)

LAWS = {
    "SCOLAIRE": (SCHOOL_SCALE, SCHOOL_PASS, SCHOOL_MENTIONS),
    "INDIVIDUEL": (INDIVIDUAL_SCALE, INDIVIDUAL_PASS, INDIVIDUAL_MENTIONS),
    "MAYOTTE": (MAYOTTE_SCALE, MAYOTTE_PASS, MAYOTTE_MENTIONS),
}

JURY_GROUPS = (
    JuryGroup("NORMALE", Text("Session de juin", "June session"), "code de l'éducation D332-16"),
    JuryGroup(
        "REMPLACEMENT",
        Text("Session de remplacement (septembre)", "Replacement session (September)"),
        "arrêté du 18 août 1999, art. 21 ; calendriers des sessions depuis 2017",
    ),
)

COLUMNS = (
    Column(
        "statut",
        Text("Statut du candidat ; vide : SCOLAIRE", "Status of the candidate; empty: SCOLAIRE"),
        one_of("SCOLAIRE", "INDIVIDUEL"),
        example="SCOLAIRE",
    ),
    Column(
        "total_points",
        Text("Total de points (sessions 2017 à 2025)", "Total of points (sessions 2017 to 2025)"),
        mark(800),
        example="512,5",
    ),
    Column(
        "moyenne",
        Text(
            "Moyenne sur 20 (sessions jusqu'à 2016, et depuis 2026)",
            "Average out of 20 (sessions to 2016, and from 2026)",
        ),
        mark(),
        example="13,42",
    ),
)


@strawberry.enum(description="Series of the brevet.")
class BrevetSeries(Enum):
    GENERAL = strawberry.enum_value("GENERAL", description="Série générale, since 2013")
    PROFESSIONAL = strawberry.enum_value("PROFESSIONAL", description="Série professionnelle")
    COLLEGE = strawberry.enum_value("COLLEGE", description="Série collège, 1987 to 2012")
    TECHNOLOGICAL = strawberry.enum_value("TECHNOLOGICAL", description="Série technologique, 1987 to 2012")


SERIES = {
    "67110001": BrevetSeries.COLLEGE,
    "67110002": BrevetSeries.TECHNOLOGICAL,
    "67110003": BrevetSeries.PROFESSIONAL,
    "67110004": BrevetSeries.GENERAL,
}


SERIES_LABELS = {
    BrevetSeries.GENERAL: Text("générale", "general"),
    BrevetSeries.PROFESSIONAL: Text("professionnelle", "vocational"),
    BrevetSeries.COLLEGE: Text("collège", "collège"),
    BrevetSeries.TECHNOLOGICAL: Text("technologique", "technological"),
}


@strawberry.type(description="Diplôme national du brevet, at the end of collège.")
class Brevet(Diploma):
    series: BrevetSeries = column("title_code", "Series in which it was awarded", SERIES.__getitem__)


class Rules(NamedTuple):
    """The values in force for one kind of candidate at one session."""

    scale: Scale
    ladder: Ladder
    beyond: Outcome


@cache
def rules_of(year: int, law: str) -> Rules | None:
    """The rules of a session for the candidates of `law` (a key of `LAWS`), or None when none was found."""
    scales, passes, mentions = LAWS[law]
    scale, passing, awarded = at(scales, year), at(passes, year), at(mentions, year)
    if scale is None or passing is None or awarded is None:
        return None
    return Rules(scale.value, ladder_of(scale.value, passing, awarded), beyond(scale))


def ladder_of(scale: Scale, passing: Dated[Decimal], mentions: Dated[Thresholds]) -> Ladder:
    """The outcomes of a scale from the highest mention down to ajourné."""
    measure = AVERAGE if scale.column == "moyenne" else Text("un total de points", "a total of points")
    return (*admitted(passing, mentions, measure), Step(Decimal(0), refused(passing, measure)))


def beyond(scale: Dated[Scale]) -> Outcome:
    """The outcome of a mark above the scale of its session: no decision can rest on it."""
    top = scale.value.top
    return Outcome(
        (Decision.EN_ATTENTE,),
        None,
        Text(
            f"le barème de la session s'arrête à {top} : résultat à vérifier", f"the session's scale ends at {top}: to be checked"
        ),
        cited(scale),
    )


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of a total of points or of an average, or None when it is missing or the session's rules were not found."""
    status = results.get("statut") or "SCOLAIRE"
    rules = rules_of(session.year, status)
    if session.academy == MAYOTTE and status == "SCOLAIRE":
        rules = rules_of(session.year, "MAYOTTE") or rules
    if rules is None:
        return None
    total = results.get(rules.scale.column)
    if total is None:
        return None
    return rules.beyond if total > rules.scale.top else reached(rules.ladder, total)


family = Family(
    code="dnb",
    label=Text("Diplôme national du brevet", "Brevet (end of collège)"),
    ministry=Text("Éducation nationale", "National education"),
    legal_basis=("code de l'éducation L332-6", "code de l'éducation D332-16 à D332-22", "arrêté du 31 décembre 2015"),
    type=Brevet,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=("DNB",),
    first_session=1987,
    lines=(Line("series", Text("Série", "Series"), lambda diploma: SERIES_LABELS[diploma.series]),),
    cases=Path(__file__).parent / "cases" / "dnb.toml",
)
