"""Baccalauréat, level 4: code de l'éducation D334-1 ff. (general), D336-1 ff. (technological), D337-51 ff. (professional).

First group: admitted from 10, second group (professional: *épreuve de contrôle*) from 8, else not admitted. Who passes after the
second group never gets a mention. Candidates kept away by force majeure sit the replacement session of September, with its own
second group, under the same rules. Covid-19: in 2020 marks came from continuous assessment, in 2021 in part; the thresholds
stayed, and the juries of 2020 could also send a candidate to September.
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
    Line,
    Outcome,
    Results,
    Session,
    Step,
    Text,
    admitted,
    at,
    cited,
    column,
    detail,
    mark,
    reached,
    refused,
    several_of,
    text,
    texts,
    thresholds,
)


@strawberry.enum(description="Track (voie) of the baccalauréat.")
class BaccalaureatTrack(Enum):
    GENERAL = strawberry.enum_value("GENERAL", description="Voie générale; series S, ES, L until 2020")
    TECHNOLOGICAL = strawberry.enum_value("TECHNOLOGICAL", description="Voie technologique, in series")
    PROFESSIONAL = strawberry.enum_value("PROFESSIONAL", description="Voie professionnelle, in specialities")


TRACKS = {
    "470": BaccalaureatTrack.GENERAL,
    "430": BaccalaureatTrack.TECHNOLOGICAL,
    "400": BaccalaureatTrack.PROFESSIONAL,
}
"""The track by the first three digits of the code diplôme (level in the BCN)."""

AFTER_SECOND_GROUP = Text("après le second groupe, une moyenne", "after the second group, an average")

# General and technological tracks

GENERAL_CODE = "code de l'éducation D334-8 (voie générale), D336-11 (voie technologique)"
COVID_2020 = "décret n° 2020-641 du 27 mai 2020"

GENERAL_PASS = (
    Dated(Decimal(10), COVID_2020, 2020, 2020),
    Dated(Decimal(10), GENERAL_CODE),
)
GENERAL_SECOND_GROUP = (
    Dated(Decimal(8), COVID_2020, 2020, 2020),
    Dated(Decimal(8), GENERAL_CODE),
)
GENERAL_MENTIONS = (
    Dated(thresholds(12, 14, 16), "code de l'éducation D334-11", last=2020),
    Dated(thresholds(12, 14, 16, 18), "code de l'éducation D334-11, 4°, applicable à la session 2021", first=2021),
)
GENERAL_MENTIONS_AFTER_SECOND_GROUP = (Dated(NO_MENTION, "code de l'éducation D334-8, admis à l'issue du second groupe"),)

# Professional track

PROFESSIONAL_PASS = (
    # of four general tests, the two best marks counted
    Dated(Decimal(10), "décret n° 2021-727 du 8 juin 2021, art. 3", 2021, 2021),
    Dated(Decimal(10), "code de l'éducation D337-78"),
)
PROFESSIONAL_CONTROL = (
    Dated(Decimal(8), "code de l'éducation D337-78 (décret n° 2009-145 du 10 février 2009)", 2009, 2021),
    Dated(Decimal(8), "code de l'éducation D337-78 (décret n° 2021-1524 du 25 novembre 2021)", first=2022),
)
PROFESSIONAL_PRACTICE = (
    # one test that assesses professional practice
    Dated(Decimal(10), "code de l'éducation D337-78 (décret n° 2009-145 du 10 février 2009)", 2009, 2021),
    # the average of all professional tests
    Dated(Decimal(10), "décret n° 2021-1524 du 25 novembre 2021 ; note de service du 31 décembre 2021", first=2022),
)
PROFESSIONAL_MENTIONS = (
    Dated(thresholds(12, 14, 16), "code de l'éducation D337-79", last=2023),
    Dated(thresholds(12, 14, 16, 18), "décret n° 2024-122 du 19 février 2024 (baccalauréat professionnel)", first=2024),
)
PROFESSIONAL_MENTIONS_AFTER_CONTROL = (Dated(NO_MENTION, "code de l'éducation D337-79 ; arrêté du 6 janvier 2022, art. 12"),)

JURY_GROUPS = (
    JuryGroup("PREMIER", Text("Premier groupe d'épreuves", "First group of tests"), GENERAL_CODE),
    JuryGroup(
        "SECOND",
        Text("Second groupe d'épreuves, ou épreuve de contrôle (voie professionnelle)", "Second group of tests"),
        "code de l'éducation D334-8 ; D337-78 (épreuve de contrôle)",
    ),
    JuryGroup(
        "REMPLACEMENT",
        Text("Session de remplacement (septembre)", "Replacement session (September)"),
        "code de l'éducation D334-19",
    ),
)

COLUMNS = (
    Column("moyenne", Text("Moyenne du premier groupe, sur 20", "Average of the first group, out of 20"), mark(), example="13,27"),
    Column(
        "moyenne_second_groupe",
        Text(
            "Moyenne sur 20 après le second groupe ou l'épreuve de contrôle",
            "Average out of 20 after the second group",
        ),
        mark(),
        example="10,12",
    ),
    Column(
        "note_pratique_professionnelle",
        Text(
            "Voie professionnelle : note de pratique professionnelle (jusqu'à 2021), moyenne des épreuves professionnelles (depuis 2022)",
            "Professional track: mark of professional practice (to 2021), average of the professional tests (from 2022)",
        ),
        mark(),
        example="11",
    ),
    Column(
        "specialites",
        Text("Enseignements de spécialité, séparés par |", "Speciality subjects, separated by |"),
        texts(120),
        detail="specialities",
        example="Mathématiques|Physique-chimie",
    ),
    Column(
        "options",
        Text("Indications portées sur le diplôme, séparées par |", "Indications borne by the diploma, separated by |"),
        several_of(
            "SECTION_EUROPEENNE",
            "SECTION_LANGUE_ORIENTALE",
            "DNL_LV",
            "MOBILITE_EUROPEENNE_INTERNATIONALE",
            "OIB",
            "BFI",
        ),
        detail="options",
        example="SECTION_EUROPEENNE",
    ),
    Column(
        "langue_section",
        Text("Langue de la section ou du BFI", "Language of the section or of the BFI"),
        text(60),
        detail="section_language",
        example="Anglais",
    ),
)


@strawberry.enum(description="Indication that a baccalauréat may bear.")
class BaccalaureatOption(Enum):
    SECTION_EUROPEENNE = strawberry.enum_value("SECTION_EUROPEENNE", description="Section européenne")
    SECTION_LANGUE_ORIENTALE = strawberry.enum_value("SECTION_LANGUE_ORIENTALE", description="Section de langue orientale")
    DNL_LV = strawberry.enum_value("DNL_LV", description="Discipline non linguistique taught in a foreign language")
    MOBILITE_EUROPEENNE_INTERNATIONALE = strawberry.enum_value(
        "MOBILITE_EUROPEENNE_INTERNATIONALE", description="Unité facultative de mobilité européenne ou internationale"
    )
    OIB = strawberry.enum_value("OIB", description="Option internationale du baccalauréat, until 2023")
    BFI = strawberry.enum_value("BFI", description="Baccalauréat français international, from 2024")


@strawberry.type(description="Baccalauréat: general, technological or professional.")
class Baccalaureat(Diploma):
    track: BaccalaureatTrack = column("title_code", "Track (voie)", lambda code: TRACKS[code[:3]])
    specialities: list[str] | None = detail("specialities", "Enseignements de spécialité, when the academy gave them")
    options: list[BaccalaureatOption] | None = detail(
        "options",
        "Indications that the diploma bears, when there are any",
        lambda names: [BaccalaureatOption[name] for name in names],
    )
    section_language: str | None = detail("section_language", "Language of the section or of the BFI, when there is one")


OPTION_LABELS = {
    BaccalaureatOption.SECTION_EUROPEENNE: Text("section européenne", "European section"),
    BaccalaureatOption.SECTION_LANGUE_ORIENTALE: Text("section de langue orientale", "oriental language section"),
    BaccalaureatOption.DNL_LV: Text("discipline non linguistique en langue vivante", "subject taught in a foreign language"),
    BaccalaureatOption.MOBILITE_EUROPEENNE_INTERNATIONALE: Text(
        "mobilité européenne ou internationale", "European or international mobility"
    ),
    BaccalaureatOption.OIB: Text("option internationale du baccalauréat", "international option of the baccalauréat"),
    BaccalaureatOption.BFI: Text("baccalauréat français international", "French international baccalauréat"),
}


def indications(diploma: Baccalaureat) -> Text | None:
    """The indications that a diploma bears, or None."""
    if not diploma.options:
        return None
    labels = [OPTION_LABELS[option] for option in diploma.options]
    return Text(", ".join(label.fr for label in labels), ", ".join(label.en for label in labels))


LINES = (
    Line(
        "specialities",
        Text("Enseignements de spécialité", "Specialities"),
        lambda diploma: ", ".join(diploma.specialities or ()) or None,
    ),
    Line("options", Text("Indications", "Endorsements"), indications),
    Line("section_language", Text("Langue de la section", "Language of the section"), lambda diploma: diploma.section_language),
)


class Rules(NamedTuple):
    """The values in force for one track at one session; None where there is no second group, or no look at professional practice."""

    first: Ladder
    second: Ladder
    called: Outcome | None
    practice: Decimal | None
    not_called: Outcome | None


@cache
def rules_of(level: str, year: int) -> Rules | None:
    """The rules of a session for a BCN level, or None when no track has that level."""
    if level not in TRACKS:
        return None
    professional = TRACKS[level] is BaccalaureatTrack.PROFESSIONAL
    passing = at(PROFESSIONAL_PASS if professional else GENERAL_PASS, year)
    opening = at(PROFESSIONAL_CONTROL if professional else GENERAL_SECOND_GROUP, year)
    mentions = at(PROFESSIONAL_MENTIONS if professional else GENERAL_MENTIONS, year)
    afterwards = at(PROFESSIONAL_MENTIONS_AFTER_CONTROL if professional else GENERAL_MENTIONS_AFTER_SECOND_GROUP, year)
    practice = at(PROFESSIONAL_PRACTICE, year) if professional else None
    assert passing is not None and mentions is not None and afterwards is not None
    called = None if opening is None else call(passing, opening)
    middle = () if opening is None or called is None else (Step(opening.value, called),)
    lowest = Step(Decimal(0), refused(opening or passing))
    failed = Step(Decimal(0), refused(passing, AFTER_SECOND_GROUP))
    return Rules(
        (*admitted(passing, mentions), *middle, lowest),
        (*admitted(passing, afterwards, AFTER_SECOND_GROUP), failed),
        called,
        None if practice is None else practice.value,
        None if practice is None else no_call(practice),
    )


def call(passing: Dated[Decimal], opening: Dated[Decimal]) -> Outcome:
    """The outcome of those called to the second group, who are not admitted when they do not come."""
    reason = Text(
        f"une moyenne d'au moins {opening.value} et inférieure à {passing.value} ouvre le second groupe",
        f"an average of at least {opening.value} and below {passing.value} opens the second group",
    )
    return Outcome((Decision.SECOND_GROUPE, Decision.AJOURNE), None, reason, cited(opening))


def no_call(practice: Dated[Decimal]) -> Outcome:
    """The outcome of those whose professional practice keeps them from the épreuve de contrôle."""
    reason = Text(
        f"moins de {practice.value} en pratique professionnelle : pas d'épreuve de contrôle, ajourné",
        f"less than {practice.value} in professional practice: no second chance, not admitted",
    )
    return Outcome((Decision.AJOURNE,), None, reason, cited(practice))


def first_group(results: Results, rules: Rules) -> Outcome | None:
    """The outcome of the first group, or None when a mark that matters is missing."""
    average = results.get("moyenne")
    outcome = None if average is None else reached(rules.first, average)
    if outcome is not rules.called or rules.practice is None:
        return outcome
    practice = results.get("note_pratique_professionnelle")
    if practice is None:
        return None
    return outcome if practice >= rules.practice else rules.not_called


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the line's jury group, or None when a mark that matters or the code of the title is missing.

    A line of the second group whose first average did not open it keeps the outcome of the first.
    """
    rules = rules_of((results.get("code_diplome") or "")[:3], session.year)
    if rules is None:
        return None
    first = first_group(results, rules)
    group, second = results.get("groupe"), results.get("moyenne_second_groupe")
    if (first is None or first is rules.called) and (group == "SECOND" or (group == "REMPLACEMENT" and second is not None)):
        return None if second is None else reached(rules.second, second)
    return first


family = Family(
    code="bac",
    label=Text("Baccalauréat", "Baccalauréat"),
    ministry=Text("Éducation nationale", "National education"),
    legal_basis=(
        "code de l'éducation D334-1 et suivants (voie générale)",
        "code de l'éducation D336-1 et suivants (voie technologique)",
        "code de l'éducation D337-51 et suivants (voie professionnelle)",
    ),
    type=Baccalaureat,
    jury_groups=JURY_GROUPS,
    columns=COLUMNS,
    decide=decide,
    title_kinds=("BAC_GENERAL", "BAC_TECHNO", "BAC_PRO"),
    lines=LINES,
    cases=Path(__file__).parent / "cases" / "bac.toml",
)
