"""The reference tables agree with each other and with the law's calendar."""

import csv
import re
from datetime import date
from itertools import pairwise

import pytest

from db import reference

FAMILIES = {"dnb", "cap", "bep", "bac", "bts", "higher"}
KINDS_WITHOUT_A_LEVEL = {"DCG": "260", "DSCG": "160"}
"""Kinds that BCN files under « autres diplômes » (260, 160) although each is a diploma of its own."""
FILED_ELSEWHERE = {"26031402": "DECF"}
"""Titles whose first three characters are not the level of their kind: the DECF of 1998 is coded 260, not 371."""

FILES = (*reference.TABLES, "commune", "country")
"""The tables of the register, and the two that are read from their files."""

Rows = list[dict[str, str | None]]


def table(name: str) -> Rows:
    return list(reference.rows(name))


def codes(name: str, column: str = "code") -> set[str | None]:
    return {row[column] for row in table(name)}


def valid(row: dict[str, str | None], day: date) -> bool:
    first, last = row["valid_from"], row["valid_until"]
    return (first is None or first <= day.isoformat()) and (last is None or day.isoformat() <= last)


@pytest.mark.parametrize("name", FILES)
def test_every_table_has_rows_and_every_row_names_its_source(name: str) -> None:
    rows = table(name)
    assert rows
    assert [row for row in rows if not row["source"]] == []


@pytest.mark.parametrize("name", FILES)
def test_every_table_is_sorted_by_a_key_that_never_comes_twice(name: str) -> None:
    width = 2 if name in ("coverage", "commune", "role_right") else 1
    with (reference.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        keys = [tuple(line[:width]) for line in csv.reader(file)][1:]
    assert all(before < after for before, after in pairwise(keys))


@pytest.mark.parametrize("name", FILES)
def test_every_line_has_as_many_cells_as_the_header(name: str) -> None:
    with (reference.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert len({len(line) for line in csv.reader(file)}) == 1


def test_an_empty_cell_is_read_as_none() -> None:
    siec = next(row for row in reference.rows("exam_service") if row["code"] == "SIEC")
    division = next(row for row in reference.rows("exam_service") if row["code"] == "DEC-10")
    assert (siec["city"], division["city"]) == ("Arcueil", None)


def test_thirty_academies_in_eighteen_regions_are_open_since_2020() -> None:
    academies = [row for row in table("academy") if row["kind"] == "ACADEMY"]
    day = date(2026, 6, 30)
    regions = [row for row in table("academic_region") if valid(row, day)]
    assert len([row for row in academies if valid(row, day)]) == 30
    assert len(regions) == 18
    assert {row["region_code"] for row in academies} == {row["code"] for row in regions}


def test_thirty_one_academies_counting_caen_and_rouen_but_not_normandie_were_open_in_2019() -> None:
    open_then = [row["code"] for row in table("academy") if row["kind"] == "ACADEMY" and valid(row, date(2019, 6, 30))]
    assert len(open_then) == 31
    assert {"05", "21"} <= set(open_then)
    assert "70" not in open_then


def test_caen_and_rouen_end_with_2019_and_lead_to_normandie() -> None:
    academies = {row["code"]: row for row in table("academy")}
    ended = {code: (row["valid_until"], row["successor_code"]) for code, row in academies.items() if row["valid_until"]}
    assert ended == {"05": ("2019-12-31", "70"), "21": ("2019-12-31", "70")}
    assert (academies["70"]["valid_from"], academies["70"]["valid_until"]) == ("2020-01-01", None)


def test_every_department_belongs_to_one_open_academy() -> None:
    academies = [row for row in table("academy") if valid(row, date(2026, 6, 30))]
    departments = [code for row in academies for code in (row["departments"] or "").split()]
    assert len(departments) == len(set(departments))
    assert len([code for code in departments if len(code) == 2]) == 96


def test_the_siec_serves_paris_creteil_and_versailles_and_no_other_academy() -> None:
    served = {
        row["code"]
        for row in table("academy")
        if row["kind"] == "ACADEMY" and row["exam_service_code"] == "SIEC" and row["valid_until"] is None
    }
    assert served == {"01", "24", "25"}


def test_every_academy_proper_has_an_exam_service_to_ask() -> None:
    assert [row["code"] for row in table("academy") if row["kind"] == "ACADEMY" and not row["exam_service_code"]] == []


@pytest.mark.parametrize(
    ("name", "column", "target"),
    [
        ("academy", "region_code", "academic_region"),
        ("academy", "exam_service_code", "exam_service"),
        ("academy", "successor_code", "academy"),
        ("foreign_centre", "academy_code", "academy"),
    ],
)
def test_every_code_that_a_row_refers_to_exists(name: str, column: str, target: str) -> None:
    assert codes(name, column) - {None} <= codes(target)


def test_coverage_gives_a_default_for_every_family_and_names_only_known_academies_and_families() -> None:
    rows = table("coverage")
    assert {row["family"] for row in rows if row["academy_code"] == "*"} == FAMILIES
    assert {row["academy_code"] for row in rows} - {"*"} <= codes("academy")
    assert {row["family"] for row in rows} == FAMILIES


def test_no_coverage_begins_before_1997_the_earliest_session_ever_announced() -> None:
    assert min(int(row["first_session"] or 0) for row in table("coverage")) >= 1997


def test_a_foreign_centre_is_a_country_of_the_geographic_code() -> None:
    countries = codes("foreign_centre", "country_code")
    assert [code for code in countries if not re.fullmatch(r"99[1-5]\d\d", code or "")] == []
    assert "99100" not in countries


def test_north_america_belongs_to_normandie_and_morocco_to_bordeaux() -> None:
    academy_of = {row["country"]: row["academy_code"] for row in table("foreign_centre")}
    assert [academy_of[country] for country in ("Canada", "États-Unis", "Maroc", "Mexique")] == ["70", "70", "04", "04"]


def test_levels_run_from_three_to_eight_and_the_brevet_has_none() -> None:
    levels = {row["kind"]: row["level"] for row in table("national_level")}
    assert {level for level in levels.values() if level} == {"3", "4", "5", "6", "7", "8"}
    assert [levels[kind] for kind in ("DNB", "CFG")] == [None, None]
    assert [levels[kind] for kind in ("CAP", "BEP", "BAC_GENERAL", "BTS", "DOCTORAT")] == ["3", "3", "4", "5", "8"]


def test_every_kind_of_title_is_a_kind_of_level() -> None:
    assert codes("diploma_title", "kind") - codes("national_level", "kind") == set(KINDS_WITHOUT_A_LEVEL)


def test_a_code_begins_with_the_level_of_its_kind() -> None:
    kind_of = {row["bcn_level"]: row["kind"] for row in table("national_level")}
    strange: dict[str, str | None] = {}
    for row in table("diploma_title"):
        code, kind = row["code"] or "", row["kind"]
        assert re.fullmatch(r"[0-9A-Z]{8}", code)
        if kind in KINDS_WITHOUT_A_LEVEL:
            assert code.startswith(KINDS_WITHOUT_A_LEVEL[kind])
        elif kind_of[code[:3]] != kind:
            strange[code] = kind
    assert strange == FILED_ELSEWHERE


def test_no_title_ends_before_it_begins_and_a_supplementary_session_comes_after_the_last_one() -> None:
    for row in table("diploma_title"):
        first, last, supplementary = (row[f"{which}_session"] for which in ("first", "last", "supplementary"))
        assert not (first and last) or int(first) <= int(last), row["code"]
        assert not supplementary or (last and int(supplementary) == int(last) + 1), row["code"]
        assert not (row["opened_on"] and row["closed_on"]) or row["opened_on"] < row["closed_on"], row["code"]


def test_the_last_session_of_every_bep_is_2021_at_the_latest() -> None:
    last = [row["last_session"] for row in table("diploma_title") if row["kind"] == "BEP"]
    assert max(session or "9999" for session in last) == "2021"


def test_the_successor_of_a_title_exists_or_its_row_says_that_it_does_not() -> None:
    titles = codes("diploma_title")
    for row in table("diploma_title"):
        absent = row["successor_code"] is not None and row["successor_code"] not in titles
        assert absent == ("successor not in this file" in (row["source"] or "")), row["code"]
        assert row["successor_code"] != row["code"]


def test_labels_are_written_for_people_and_not_in_capitals() -> None:
    assert [row["code"] for row in table("diploma_title") if (row["label"] or "").isupper()] == []
    labels = {row["code"]: row["label"] for row in table("diploma_title")}
    assert labels["43031018"] == (
        "Baccalauréat technologique, série sciences et technologies du management et de la gestion (STMG), "
        "spécialité mercatique (marketing)"
    )


@pytest.mark.parametrize(("kind", "least"), [("CAP", 60), ("BEP", 40), ("BAC_PRO", 60), ("BTS", 60)])
def test_each_professional_kind_has_enough_titles_for_a_session(kind: str, least: int) -> None:
    assert len([row for row in table("diploma_title") if row["kind"] == kind]) >= least
