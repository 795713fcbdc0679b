"""Brevet de technicien supérieur agricole (BTSA), level 5, 120 ECTS: code rural et de la pêche maritime D811-137 to D811-142-1.

Two examinations live side by side, speciality by speciality: each one is renewed by its own arrêté, and is then under the regulation of
2020 (decree 2020-687). There the average of the professional tests and their lowest mark can eliminate; before, it was the average of the
first group. Habilitated establishments prepare the renewed ones in four semesters of units. No mention was found in the law.
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
    Diploma,
    Elsewhere,
    Entry,
    Family,
    JuryGroup,
    Ladder,
    Misfit,
    Outcome,
    Results,
    Sample,
    Session,
    Text,
    Thresholds,
    at,
    computed,
    mark,
    parts,
    reached,
    table,
)

from parchemin_agri.rules import MINISTRY, REPLACEMENT, eliminated, whole_ladder
from parchemin_agri.semesters import SEMESTERS, UNITS, BTSASemester, credits_of, line, misfit, semesters_at

HERE = Path(__file__).parent
RENEWED_CODE = "code rural D811-140-4 (décret n° 2020-687 du 4 juin 2020)"
FORMER_CODE = "code rural D811-142 (rédaction antérieure au décret n° 2020-687)"
FORMER_ANNEX = f"{FORMER_CODE} ; référentiel d'évaluation, arrêté du 16 juin 1998, annexe III"

RENEWED = table(
    HERE / "tables" / "btsa_renewed.csv",
    name="btsa_renewed",
    label=Text("Spécialités rénovées du BTSA", "Renewed specialities of the BTSA"),
    source="BCN, N_FORMATION_DIPLOME (tjp-pilotage) : première session ; arrêtés de création cités par D811-140",
)

MENTIONS = (Dated(NO_MENTION, "code rural D811-137 à D811-142-1, où aucune n'a été trouvée", certain=False),)

RENEWED_PASS = (Dated(Decimal(10), RENEWED_CODE),)
PROFESSIONAL_AVERAGE = (Dated(Decimal(10), RENEWED_CODE),)
PROFESSIONAL_MARK = (Dated(Decimal(6), RENEWED_CODE),)

FORMER_PASS = (Dated(Decimal(10), FORMER_ANNEX),)
# read for the speciality of 1998 alone
FIRST_GROUP = (Dated(Decimal(9), FORMER_ANNEX, certain=False),)

COLUMNS = (
    Column("moyenne", Text("Moyenne générale, sur 20", "General average, out of 20"), mark(), example="12,4"),
    Column(
        "moyenne_premier_groupe",
        Text("Ancien examen : moyenne du premier groupe, sur 20", "Former examination: average of the first group, out of 20"),
        mark(),
        example="10,5",
    ),
    Column(
        "moyenne_professionnelle",
        Text("Spécialités rénovées : moyenne des épreuves professionnelles, sur 20", "Renewed: average of the professional tests"),
        mark(),
        example="11,8",
    ),
    Column(
        "note_professionnelle",
        Text("Spécialités rénovées : la plus basse des notes professionnelles, sur 20", "Renewed: the lowest professional mark"),
        mark(),
        example="8",
    ),
    Column(
        "semestres",
        Text("Unités d'enseignement validées, du semestre 1 au semestre 4", "Units validated, from semester 1 to semester 4"),
        semesters_at(Session(2025, "10")),
        detail="semesters",
        example="S1-UE1|S1-UE2|S1-UE3|S2-UE1|S2-UE2|S2-UE3|S3-UE1|S3-UE2|S4-UE1|S4-UE2",
        at_session=semesters_at,
    ),
)


@strawberry.type(description="Brevet de technicien supérieur agricole, in one speciality.")
class BrevetTechnicienSuperieurAgricole(Diploma):
    semesters: list[BTSASemester] = parts("semesters", "Its semesters, when it was prepared in semesters", most=SEMESTERS)
    ects: int | None = computed(
        (), credits_of, "European credits (ECTS) of its units, when it was prepared in semesters", details=("semesters",)
    )


class Rules(NamedTuple):
    """An examination in force at one session: what its average gives, and the columns whose low marks eliminate before that."""

    ladder: Ladder
    floors: tuple[tuple[str, Decimal, Outcome], ...]


def renewed(results: Results, session: Session) -> Entry | None:
    """The renewed speciality of a line, or None when it is under the former examination."""
    speciality = RENEWED.get(results.get("code_diplome") or "")
    return speciality if speciality is not None and speciality.held(session.year) else None


def examination(passing: Dated[Decimal], mentions: Dated[Thresholds], *floors: tuple[str, Dated[Decimal], Text]) -> Rules:
    """The rules of an examination with eliminatory marks."""
    return Rules(
        whole_ladder(passing, mentions),
        tuple((column, floor.value, eliminated(floor, what)) for column, floor, what in floors),
    )


@cache
def renewed_rules(year: int) -> Rules:
    """The rules of the renewed specialities at a session."""
    passing, average, lowest, mentions = (
        at(RENEWED_PASS, year),
        at(PROFESSIONAL_AVERAGE, year),
        at(PROFESSIONAL_MARK, year),
        at(MENTIONS, year),
    )
    assert passing is not None and average is not None and lowest is not None and mentions is not None
    return examination(
        passing,
        mentions,
        ("moyenne_professionnelle", average, Text("moyenne des épreuves professionnelles", "average of the professional tests")),
        ("note_professionnelle", lowest, Text("note d'une épreuve professionnelle", "mark of a professional test")),
    )


@cache
def former_rules(year: int) -> Rules:
    """The rules of the other specialities at a session."""
    passing, group, mentions = at(FORMER_PASS, year), at(FIRST_GROUP, year), at(MENTIONS, year)
    assert passing is not None and group is not None and mentions is not None
    what = Text("moyenne du premier groupe", "average of the first group")
    return examination(passing, mentions, ("moyenne_premier_groupe", group, what))


def check(results: Results, session: Session) -> Misfit | None:
    """Semesters are those of a renewed speciality, complete and in their order."""
    semesters = results.get("semestres")
    if semesters is None:
        return None
    if renewed(results, session) is None:
        return Misfit(
            "semestres",
            Text(
                "accompagne une spécialité qui n'est pas rénovée à cette session", "stands beside a speciality that is not renewed"
            ),
            Text("laisser vide, ou vérifier le code du diplôme", "leave it empty, or check the code of the diploma"),
        )
    return misfit(semesters)


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome under the speciality's examination, or None when a mark that matters is missing."""
    year = session.year
    rules = former_rules(year) if renewed(results, session) is None else renewed_rules(year)
    average = results.get("moyenne")
    marks = [(results.get(column), floor, out) for column, floor, out in rules.floors]
    if (low := next((out for given, floor, out in marks if given is not None and given < floor), None)) is not None:
        return low
    return None if average is None or any(given is None for given, _, _ in marks) else reached(rules.ladder, average)


family = Family(
    code="btsa",
    label=Text("Brevet de technicien supérieur agricole", "BTSA (advanced agricultural technician's certificate)"),
    ministry=MINISTRY,
    legal_basis=("code rural et de la pêche maritime D811-137 à D811-142-1", "arrêté du 8 juillet 2021 (formation semestrielle)"),
    type=BrevetTechnicienSuperieurAgricole,
    jury_groups=(JuryGroup("NORMALE", Text("Session de juin", "June session"), f"{RENEWED_CODE} ; {FORMER_CODE}"), REPLACEMENT),
    columns=COLUMNS,
    decide=decide,
    check=check,
    title_kinds=("BTSA",),
    titles=HERE / "titles" / "btsa.csv",
    first_session=1993,
    asked_at=Elsewhere(
        Text(
            "Demander l'attestation à l'établissement où le diplôme a été préparé. L'autorité académique de l'enseignement agricole est la "
            "direction régionale de l'alimentation, de l'agriculture et de la forêt (DRAAF ; DAAF outre-mer).",
            "Ask the establishment where the diploma was prepared. The academic authority of agricultural education is the regional "
            "directorate (DRAAF; DAAF overseas).",
        )
    ),
    tables=(RENEWED, UNITS),
    requires=">=1,<2",
    lines=tuple(line(number) for number in range(1, SEMESTERS + 1)),
    cases=HERE / "cases" / "btsa.toml",
    samples=(
        Sample(HERE / "samples" / "btsa-10-2022.csv", 2022, "10"),
        Sample(HERE / "samples" / "btsa-10-2025.csv", 2025, "10"),
    ),
)
