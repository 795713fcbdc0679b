"""The six families: their worked cases hold, each rule names its law, and their types make a schema."""

import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import strawberry
from strawberry.types import get_object_definition

from db import reference
from graph.diploma import Diploma
from graph.enums import Decision, Mention
from graph.stored import Column, Detail, declarations, from_row
from plugins import bac, bep, cap, dnb, higher
from plugins.cases import Case, results_of, worked_cases
from plugins.columns import whole
from plugins.contract import Dated, Family, Invalid, Session
from plugins.loading import OURS, families

PAGE = (Path(__file__).parent.parent / "docs" / "rules.md").read_text("utf-8")
TITLES = {row["code"] or "": row for row in reference.rows("diploma_title")}
LYON = "10"
FAMILIES = [families()[code] for code in OURS]


CASES = [pytest.param(family, case, id=f"{family.code}: {case.name}") for family in FAMILIES for case in worked_cases(family)]


def dated(code: str) -> Iterator[tuple[str, Dated[Any]]]:
    """The values of the law that a family's module declares, by name."""
    for name, value in vars(import_module(f"plugins.{code}")).items():
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Dated):
                yield name, each


def numbers(value: object) -> list[str]:
    """The numbers of a value of the law, in order of size."""
    if isinstance(value, tuple):
        return sorted((number for part in value for number in numbers(part)), key=int)
    return [str(value)] if isinstance(value, (int, Decimal)) else []


def sessions(value: Dated[Any]) -> str:
    if value.first is not None and value.first == value.last:
        return str(value.first)
    return f"{value.first or ''}–{value.last or ''}"


@pytest.mark.parametrize(("family", "case"), CASES)
def test_a_worked_case_is_decided_as_the_jurist_wrote(family: Family, case: Case) -> None:
    outcome = family.decide(case.results, case.session)
    assert (outcome.decisions, outcome.mention) == (case.decisions, case.mention) if outcome else case.decisions == ()
    assert outcome is None or (case.reference and case.reference in outcome.reference)


@pytest.mark.parametrize(("family", "case"), CASES)
def test_a_worked_case_is_a_line_that_the_import_would_take(family: Family, case: Case) -> None:
    year = case.session.year
    assert family.held(year)
    assert case.results["groupe"] in {group.code for group in family.groups(year)}
    if code := case.results["code_diplome"]:
        title = TITLES[code]
        assert title["kind"] in family.title_kinds
        assert int(title["first_session"] or 0) <= year <= int(title["last_session"] or 9999)


@pytest.mark.parametrize(("family", "case"), CASES)
def test_deciding_twice_gives_the_same_answer_and_leaves_the_line_alone(family: Family, case: Case) -> None:
    before = dict(case.results)
    assert family.decide(case.results, case.session) == family.decide(case.results, case.session)
    assert case.results == before


@pytest.mark.parametrize(("family", "case"), CASES)
def test_the_jurys_own_decision_does_not_change_what_the_rules_say(family: Family, case: Case) -> None:
    said = [family.decide({**case.results, "decision": decision}, case.session) for decision in Decision]
    assert said == [family.decide(case.results, case.session)] * len(Decision)


@pytest.mark.parametrize("code", OURS)
def test_a_family_has_eight_to_thirty_worked_cases_each_with_its_own_name(code: str) -> None:
    names = [case.name for case in worked_cases(families()[code])]
    assert 8 <= len(names) <= 30
    assert len(set(names)) == len(names)


def test_a_whole_number_of_thousands_of_digits_is_refused_as_any_other_that_is_too_large() -> None:
    with pytest.raises(Invalid, match="is not a whole number from 0 to 999"):
        whole(0, 999)("9" * 10_000)


@pytest.mark.parametrize("code", OURS)
def test_every_value_of_the_law_names_its_text(code: str) -> None:
    values = list(dated(code))
    assert values
    assert [name for name, value in values if not value.reference.strip()] == []
    assert [group.code for group in families()[code].jury_groups if not group.reference.strip()] == []


@pytest.mark.parametrize("code", OURS)
def test_the_page_of_rules_shows_every_value_with_its_sessions_reference_and_certainty(code: str) -> None:
    section = PAGE.split(f"(`{code}`)\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    shown = [(row[0], row[1], re.findall(r"\d+", row[2]), *row[3:]) for row in rows if len(row) == 5]
    declared = [
        (f"`{name}`", sessions(value), numbers(value.value), value.reference, "yes" if value.certain else "no")
        for name, value in dated(code)
    ]
    assert shown == declared


@pytest.mark.parametrize("code", OURS)
def test_the_page_of_rules_shows_the_reference_of_every_jury_group_and_the_legal_basis(code: str) -> None:
    family = families()[code]
    references = [group.reference for group in family.jury_groups] + list(family.legal_basis)
    assert [text for text in references if text not in PAGE] == []


@pytest.mark.parametrize("code", OURS)
def test_in_every_session_of_2000_to_2030_the_best_mark_is_never_worse_off_than_a_lower_one(code: str) -> None:
    family, ranks = families()[code], [None, *Mention]
    given = {"groupe": family.jury_groups[0].code, "code_diplome": "40022106", "diplome": "DCG", "statut": "SCOLAIRE"}
    beside = dict.fromkeys(("moyenne_professionnelle", "note_pratique_professionnelle", "note_minimale"), Decimal(10))
    for year in range(2000, 2031):
        if not family.held(year):
            continue
        reached: list[tuple[bool, int]] = []
        for quarter in range(81):
            marks = {"moyenne": Decimal(quarter) / 4, "total_points": Decimal(quarter * 35) / 4}
            outcome = family.decide(given | beside | marks, Session(year, LYON))
            if outcome is not None:
                reached.append((Decision.ADMIS in outcome.decisions, ranks.index(outcome.mention)))
        assert reached == sorted(reached)
        assert not reached or reached[-1][0]


def test_a_bac_candidate_admitted_after_the_second_group_never_gets_a_mention() -> None:
    for year in range(1995, 2031):
        for code in ("47010019", "43031018", "40022106"):
            for group in ("SECOND", "REMPLACEMENT"):
                line = {"code_diplome": code, "groupe": group, "moyenne": Decimal(9), "moyenne_second_groupe": Decimal(19)}
                outcome = bac.decide(line | {"note_pratique_professionnelle": Decimal(12)}, Session(year, LYON))
                assert outcome is not None and outcome.mention is None


def test_the_bac_of_an_unknown_title_is_not_judged() -> None:
    line = {"groupe": "PREMIER", "moyenne": Decimal(12)}
    assert bac.decide(line | {"code_diplome": None}, Session(2024, LYON)) is None
    assert bac.decide(line | {"code_diplome": "50022106"}, Session(2024, LYON)) is None


def test_the_bep_was_held_in_2021_and_not_in_2022() -> None:
    assert bep.family.held(2021)
    assert not bep.family.held(2022)
    assert bep.decide({"groupe": "NORMALE", "moyenne": Decimal(12)}, Session(2022, LYON)) is None


def test_the_controle_of_the_bts_is_a_group_since_2021_and_september_one_of_2020_alone() -> None:
    groups = {year: [group.code for group in families()["bts"].groups(year)] for year in (2019, 2020, 2021, 2022)}
    assert groups == {
        2019: ["NORMALE"],
        2020: ["NORMALE", "REMPLACEMENT"],
        2021: ["NORMALE", "CONTROLE"],
        2022: ["NORMALE", "CONTROLE"],
    }


def test_mayotte_has_its_own_brevet_in_2025_only_and_not_for_individual_candidates() -> None:
    def differs(year: int, status: str) -> bool:
        line = {"groupe": "NORMALE", "statut": status, "total_points": Decimal(380), "moyenne": Decimal(11)}
        return dnb.decide(line, Session(year, "43")) != dnb.decide(line, Session(year, LYON))

    assert [year for year in range(2010, 2031) if differs(year, "SCOLAIRE")] == [2025]
    assert [year for year in range(2010, 2031) if differs(year, "INDIVIDUEL")] == []


def test_a_total_of_points_above_the_scale_of_its_session_supports_no_decision() -> None:
    line = {"groupe": "NORMALE", "statut": "SCOLAIRE", "total_points": Decimal("700.5")}
    outcome = dnb.decide(line, Session(2020, LYON))
    assert outcome is not None and outcome.decisions == (Decision.EN_ATTENTE,)


def test_a_rule_that_no_official_source_confirmed_says_so_to_the_agent() -> None:
    outcome = dnb.decide({"statut": "SCOLAIRE", "total_points": Decimal(300)}, Session(2020, LYON))
    assert outcome is not None and outcome.reference.endswith("(à vérifier)")


def test_a_master_is_named_by_its_subject_and_course() -> None:
    cells = {
        "diplome": "MASTER",
        "intitule": "Informatique",
        "parcours": "Génie logiciel",
        "etablissement_nom": "Université de Lorraine",
    }
    assert higher.title(None, cells) == "Master, mention Informatique, parcours Génie logiciel"
    assert higher.title(None, cells | {"parcours": None}) == "Master, mention Informatique"


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        pytest.param(None, {"diplome": "MASTER", "etablissement_nom": "Université de Lorraine"}, id="a master without its subject"),
        pytest.param(None, {"diplome": "MASTER", "intitule": "Informatique"}, id="a master without its establishment"),
        pytest.param(None, {"diplome": "DCG"}, id="a DCG without its code"),
        pytest.param(
            "Diplôme supérieur de comptabilité et de gestion (DSCG)", {"diplome": "DCG"}, id="a DCG with the code of the DSCG"
        ),
        pytest.param(
            "Diplôme de comptabilité et de gestion (DCG)",
            {"diplome": "MASTER", "intitule": "Informatique", "etablissement_nom": "Université de Lorraine"},
            id="a master with a national code",
        ),
    ],
)
def test_a_title_of_higher_education_that_cannot_be_named_is_refused(label: str | None, cells: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        higher.title(label, cells)


@pytest.mark.parametrize("degree", higher.NATIONAL)
def test_the_label_of_the_nomenclature_is_the_title_of_a_dcg_or_a_dscg(degree: str) -> None:
    (label,) = (row["label"] for row in TITLES.values() if row["kind"] == degree)
    assert higher.title(label, {"diplome": degree}) == label


def test_every_degree_has_a_level_and_every_degree_of_an_establishment_a_form_of_title() -> None:
    degrees = set(higher.HigherEducationDegree.__members__)
    assert set(higher.LEVELS) == degrees
    assert set(higher.TITLES) == degrees - set(higher.NATIONAL)
    assert {higher.level({"diplome": degree}) for degree in degrees} == {6, 7, 8}


def test_every_title_of_the_brevet_has_its_series_and_every_title_of_the_bac_its_track() -> None:
    assert set(dnb.SERIES) == {code for code, row in TITLES.items() if row["kind"] in dnb.family.title_kinds}
    levels = {code[:3]: row["kind"] for code, row in TITLES.items() if row["kind"] in bac.family.title_kinds}
    assert levels == {"470": "BAC_GENERAL", "430": "BAC_TECHNO", "400": "BAC_PRO"}
    assert set(bac.TRACKS) == set(levels)


@pytest.mark.parametrize("family", [pytest.param(family, id=family.code) for family in FAMILIES])
def test_every_own_field_is_described_stored_and_read_from_a_column_that_publishes_it(family: Family) -> None:
    fields: dict[str, Any] = {field.python_name: field for field in get_object_definition(family.type, strict=True).fields}
    inherited = {field.python_name for field in get_object_definition(Diploma, strict=True).fields}
    own = {name: stored for name, stored, _ in declarations(family.type) if name not in inherited}
    assert own.keys() == fields.keys() - inherited
    assert [name for name in own if name.startswith("_") or not fields[name].description] == []
    published = {column.detail for column in family.columns if column.detail}
    assert {stored.name for stored in own.values() if isinstance(stored, Detail)} == published
    assert {stored.name for stored in own.values() if isinstance(stored, Column)} <= {"title_code"}


@pytest.mark.parametrize("family", [pytest.param(family, id=family.code) for family in FAMILIES])
def test_no_mark_is_ever_published(family: Family) -> None:
    marks = {column.name for column in family.columns if re.match("moyenne|note|total", column.name)}
    assert marks or family.code == "higher"
    assert {column.name for column in family.columns if column.detail} & marks == set()


@pytest.mark.parametrize("family", [pytest.param(family, id=family.code) for family in FAMILIES])
def test_the_example_of_every_column_is_a_cell_that_the_column_takes(family: Family) -> None:
    for column in family.columns:
        assert column.read(column.example) is not None
        assert column.description.fr and column.description.en


def test_a_baccalaureat_is_made_from_its_row() -> None:
    columns = {stored.name for _, stored, _ in declarations(Diploma) if isinstance(stored, Column)}
    row: dict[str, Any] = dict.fromkeys(columns) | {
        "status": "VALID",
        "mention": "BIEN",
        "title_code": "47010019",
        "details": {"options": ["BFI"], "section_language": "Anglais"},
    }
    made = from_row(bac.Baccalaureat, row, uuid="1", holder=None, academy=None)
    assert made.track is bac.BaccalaureatTrack.GENERAL
    assert made.options == [bac.BaccalaureatOption.BFI]
    assert made.section_language == "Anglais"
    assert made.specialities is None


def test_the_schema_builds_with_the_six_types() -> None:
    @strawberry.type
    class Query:
        diploma: Diploma | None = None

    schema = strawberry.Schema(query=Query, types=[family.type for family in FAMILIES])
    printed = schema.as_str()
    found = re.findall(r"^type (\w+) implements Diploma & Node", printed, re.MULTILINE)
    assert sorted(found) == [
        "Baccalaureat",
        "Brevet",
        "BrevetEtudesProfessionnelles",
        "BrevetTechnicienSuperieur",
        "CertificatAptitudeProfessionnelle",
        "HigherEducationDiploma",
    ]


def test_a_case_with_a_cell_that_is_no_column_is_an_error() -> None:
    with pytest.raises(ValueError, match="moyene"):
        results_of(cap.family, {"name": "a slip", "session": 2024, "moyene": "12"})
