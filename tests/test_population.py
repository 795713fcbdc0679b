"""The fictitious nation: its figures, its people, its files."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from graph.enums import Decision, Mention
from plugins import Session
from plugins.loading import families
from population.figures import national
from population.files import write, write_all
from population.lines import COMMON, columns, lines
from population.nation import FilePlan, drawn, plan
from population.people import given_names
from population.places import CHECK_LETTERS
from population.tables import DATA, chance_of

FAMILIES = ("dnb", "cap", "bep", "bac", "bts", "higher")
SESSIONS = range(2019, 2027)
MENTIONS = {
    "": None,
    "P": Mention.PASSABLE,
    "AB": Mention.ASSEZ_BIEN,
    "B": Mention.BIEN,
    "TB": Mention.TRES_BIEN,
    "TBF": Mention.TRES_BIEN_FELICITATIONS,
}


def titles(year: int) -> Mapping[str, Sequence[str]]:
    """A few titles in force at each session of the tests."""
    return {
        "DNB": ("67110003", "67110004"),
        "CAP": ("50022139", "50033412"),
        "BEP": ("51033003",),
        "BAC_GENERAL": ("47011010", "47012005", "47013019") if year <= 2020 else ("47010019",),
        "BAC_TECHNO": ("43031018", "43033104"),
        "BAC_PRO": ("40025214", "40031209"),
        "BTS": ("32031212",),
        "DCG": ("26031403",),
        "DSCG": ("16031401",),
    }


def made(plans: Sequence[FilePlan], seed: int = 1) -> Iterator[dict[str, str]]:
    for one in plans:
        yield from lines(one, seed, titles)


@cache
def people() -> tuple[dict[str, str], ...]:
    """50,000 candidates of all kinds and places."""
    return tuple(made(plan(50_000, ("dnb", "bac", "higher"), (2024, 2025), ("00", "01", "10", "14", "24", "27", "31", "43"))))


def cells(line: dict[str, str]) -> dict[str, Any]:
    """What the rules receive of a line: its cells read by the family's columns."""
    read: dict[str, Any] = {"code_diplome": line["code_diplome"] or None, "groupe": line["groupe"]}
    for column in families()[family_of(line)].columns:
        read[column.name] = column.read(line[column.name]) if line[column.name] else None
    return read


def family_of(line: dict[str, str]) -> str:
    return next(code for code in FAMILIES if tuple(line) == columns(code))


def contradiction(line: dict[str, str], session: Session) -> str | None:
    """How a line contradicts the rules of its family, or None."""
    outcome = families()[family_of(line)].decide(cells(line), session)
    if outcome is None:
        return None
    if Decision[line["decision"]] not in outcome.decisions:
        return f"{line['decision']} instead of {outcome.decisions}: {line}"
    if line["decision"] == "ADMIS" and MENTIONS[line["mention"]] is not outcome.mention:
        return f"mention {line['mention']} instead of {outcome.mention}: {line}"
    return None


def close(found: int, of: int, expected: float) -> bool:
    """Whether a share is within four standard errors of what is expected: wrong once in 16,000 if it follows the figures."""
    return abs(found / of - expected) <= 4 * sqrt(expected * (1 - expected) / of)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    one = FilePlan("bac", "24", 2024, 400)
    first = write(one, 7, tmp_path, titles).read_bytes()
    assert write(one, 7, tmp_path, titles).read_bytes() == first
    assert write(one, 8, tmp_path, titles).read_bytes() != first


def test_a_file_is_the_same_alone_and_within_the_nation(tmp_path: Path) -> None:
    plans = plan(1_500, ("dnb", "cap"), (2024,))
    written = {path.name: path.read_bytes() for path in write_all(plans, 3, tmp_path / "nation", titles)}
    alone = write(plans[-1], 3, tmp_path, titles)
    assert alone.read_bytes() == written[alone.name]


def test_the_files_together_hold_exactly_the_size_asked_for(tmp_path: Path) -> None:
    plans = plan(2_003, FAMILIES, (2019, 2020, 2025), ("05", "21", "70", "27"))
    total = 0
    for path in write_all(plans, 1, tmp_path, titles):
        with path.open(encoding="utf-8", newline="") as file:
            total += sum(1 for _ in csv.DictReader(file, delimiter=";"))
    assert total == 2_003


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_has_the_columns_of_the_contract_and_no_other(family: str, tmp_path: Path) -> None:
    path = write(FilePlan(family, "10", 2020, 5), 1, tmp_path, titles)
    header = path.read_text(encoding="utf-8").splitlines()[0].split(";")
    assert header == [*COMMON, *(column.name for column in families()[family].columns)]


def test_the_bac_of_2024_has_the_published_rates_and_mentions() -> None:
    sat = [line for line in made(plan(20_000, ("bac",), (2024,))) if line["decision"] in ("ADMIS", "AJOURNE")]
    figures = national("bac", 2024)
    present = sum(series.present for series in figures)
    admitted = [line for line in sat if line["decision"] == "ADMIS"]
    at_first = [line for line in admitted if line["groupe"] == "PREMIER"]
    assert close(len(admitted), len(sat), sum(series.present * series.final_rate for series in figures) / present)
    assert close(len(at_first), len(sat), sum(series.present * series.first_rate for series in figures) / present)
    for mention, share in (("AB", "ab"), ("B", "b")):
        expected = sum(series.present * series.final_rate * getattr(series, share) for series in figures) / present
        assert close(sum(line["mention"] == mention for line in sat), len(sat), expected)
    highest = sum(series.present * series.final_rate * series.tb for series in figures) / present
    assert close(sum(line["mention"] in ("TB", "TBF") for line in sat), len(sat), highest)


def test_the_dnb_of_2025_has_the_published_rates_and_mentions() -> None:
    sat = [line for line in made(plan(20_000, ("dnb",), (2025,))) if line["decision"] in ("ADMIS", "AJOURNE")]
    mentions = Counter(line["mention"] for line in sat if line["decision"] == "ADMIS")
    published = {"TBF": 0.095, "TB": 0.260 - 0.095, "B": 0.231, "AB": 0.203, "": 0.161}
    for mention, share in published.items():
        assert close(mentions[mention], len(sat), share)
    assert close(mentions.total(), len(sat), 724_653 / 847_619)


def test_an_academy_with_a_published_rate_follows_it() -> None:
    sat = [line for line in made([FilePlan("dnb", "28", 2023, 8_000)]) if line["decision"] in ("ADMIS", "AJOURNE")]
    assert close(sum(line["decision"] == "ADMIS" for line in sat), len(sat), 12_434 / 14_580)


def test_every_line_agrees_with_the_rules_save_those_that_the_jury_raised() -> None:
    total, contradictions = 0, list[str]()
    for one in plan(30_000, FAMILIES, SESSIONS, ("10", "43")):
        session = Session(one.year, one.academy)
        for line in lines(one, 5, titles):
            total += 1
            if (found := contradiction(line, session)) is not None:
                assert line["decision"] == "ADMIS", found
                contradictions.append(found)
    assert 0 < len(contradictions) <= 0.0015 * total, contradictions


def test_admitted_candidates_have_marks_wherever_there_are_national_rules() -> None:
    for one in plan(12_000, FAMILIES, SESSIONS, ("10",)):
        admitted = [line for line in lines(one, 2, titles) if line["decision"] == "ADMIS"]
        assert admitted, one
        for line in admitted:
            national_rules = line.get("diplome", "DCG") in ("DCG", "DSCG")
            assert bool(line.get("moyenne") or line.get("total_points")) is national_rules, line


def test_the_degree_of_an_establishment_names_its_subject_and_its_establishment() -> None:
    for line in lines(FilePlan("higher", "24", 2024, 500), 1, titles):
        assert bool(line["intitule"] and line["etablissement_nom"]) is not bool(line["code_diplome"]), line


def test_the_lowest_mark_of_an_accounting_diploma_is_not_above_the_average() -> None:
    for line in lines(FilePlan("higher", "24", 2024, 8_000), 1, titles):
        if line["note_minimale"]:
            assert float(line["note_minimale"].replace(",", ".")) <= float(line["moyenne"].replace(",", ".")), line


def test_a_candidate_of_the_second_group_never_has_a_mention() -> None:
    after = [line for line in made([FilePlan("bac", "09", 2023, 5_000)]) if line["groupe"] == "SECOND"]
    assert Counter(line["decision"] for line in after).keys() == {"ADMIS", "AJOURNE"}
    assert {line["mention"] for line in after} == {""}


@pytest.mark.parametrize("decision", ["ABSENT", "ETALEMENT"])
def test_some_candidates_have_no_result_and_no_mark(decision: str) -> None:
    found = [line for line in people() if line["decision"] == decision]
    assert found
    assert not any(line.get(mark) for line in found for mark in ("moyenne", "total_points", "moyenne_second_groupe"))


def test_every_decision_is_final_and_some_fell_in_september() -> None:
    assert all(Decision[line["decision"]].final for line in people())
    assert any(line["groupe"] == "REMPLACEMENT" and line["decision"] == "ADMIS" for line in people())


ODDITIES: dict[str, Callable[[dict[str, str]], bool]] = {
    "a ligature in a surname": lambda line: "œ" in line["nom_naissance"],
    "a ligature in a given name": lambda line: "æ" in line["prenoms"],
    "ÿ in a surname": lambda line: "ÿ" in line["nom_naissance"],
    "ñ in a surname": lambda line: "ñ" in line["nom_naissance"],
    "Fañch": lambda line: "Fañch" in line["prenoms"],
    "an accent": lambda line: "é" in line["nom_naissance"],
    "a particle": lambda line: line["nom_naissance"].startswith("de La "),
    "an apostrophe": lambda line: line["nom_naissance"].startswith("N'"),
    "L'Hostis": lambda line: "L'Hostis" in line["nom_naissance"],
    "two hyphens between two parents' names": lambda line: "--" in line["nom_naissance"],
    "a compound given name": lambda line: "-" in line["prenoms"],
    "a given name with a space": lambda line: "," in line["prenoms"],
    "no given name": lambda line: line["prenoms"] == "",
    "a single given name": lambda line: re.fullmatch(r"\w+", line["prenoms"]) is not None,
    "four given names": lambda line: line["prenoms"].count(" ") >= 3,
    "a used name": lambda line: line["nom_usage"] not in ("", line["nom_naissance"]),
    "no sex": lambda line: line["sexe"] == "",
    "no INE": lambda line: line["ine"] == "",
    "an unknown day": lambda line: re.search(r"^00/(?!00)|-(?!00)\d\d-00$", line["date_naissance"]) is not None,
    "an unknown month": lambda line: re.search(r"^00/00/|-00-00$", line["date_naissance"]) is not None,
    "a birth abroad": lambda line: line["pays_naissance"] != "99100" and not line["commune_naissance"],
    "a birth overseas": lambda line: line["commune_naissance"].startswith("97"),
    "an arrondissement": lambda line: re.match(r"751\d\d|693\d\d|132\d\d", line["commune_naissance"]) is not None,
    "an unknown place": lambda line: line["pays_naissance"] == "99100" and not line["lieu_naissance"],
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_people_are_as_odd_as_real_ones(oddity: str) -> None:
    assert any(ODDITIES[oddity](line) for line in people())


def test_some_are_born_in_a_commune_that_has_merged_since() -> None:
    with (DATA / "communes.csv").open(encoding="utf-8", newline="") as file:
        former = {row["code"] for row in csv.DictReader(file) if row["status"] == "former"}
    assert any(line["commune_naissance"] in former for line in people())


def test_homonyms_are_born_the_same_day_in_two_places() -> None:
    places: dict[tuple[str, ...], set[str]] = {}
    for line in people():
        key = (line["nom_naissance"], line["prenoms"], line["sexe"], line["date_naissance"])
        places.setdefault(key, set()).add(line["lieu_naissance"])
    assert sum(len(found) > 1 for found in places.values()) >= 10


def test_twins_share_all_of_their_birth_but_the_given_names() -> None:
    families_at_birth: dict[tuple[str, ...], set[str]] = {}
    for line in people():
        key = (line["nom_naissance"], line["date_naissance"], line["lieu_naissance"], line["etablissement"])
        families_at_birth.setdefault(key, set()).add(line["prenoms"])
    assert sum(len(found) == 2 for found in families_at_birth.values()) >= 0.005 * len(people())


def test_older_files_may_be_in_capitals_without_accents() -> None:
    old = [FilePlan("dnb", academy, 2019, 60) for academy in ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10")]
    capitals = [
        all(line["nom_naissance"].isascii() and line["nom_naissance"].isupper() for line in lines(one, 1, titles)) for one in old
    ]
    assert True in capitals and False in capitals


def test_every_establishment_has_the_check_letter_of_its_number() -> None:
    codes = {line["etablissement"] for line in people()} | {line["etablissement"] for line in made(plan(4_000, ("bac",), (2024,)))}
    assert len(codes) > 500
    for code in codes:
        assert code[7:] == CHECK_LETTERS[int(code[:7]) % 23]


def test_corsican_schools_are_in_620_and_720() -> None:
    codes = {line["etablissement"][:3] for line in made([FilePlan("bac", "27", 2024, 300)])}
    assert codes == {"620", "720"}


def test_numbers_are_never_given_twice_in_a_file() -> None:
    for family in ("bac", "cap"):
        found = list(made([FilePlan(family, "25", 2024, 6_000)]))
        assert len({line["numero_candidat"] for line in found}) == len(found)
        numbers = [line["ine"] for line in found if line["ine"]]
        assert len(set(numbers)) == len(numbers)
        assert all(re.fullmatch(r"\d{9}[A-Z]{2}|\d{10}[A-Z]|\d{4}A\d{5}[A-Z]", number) for number in numbers)


def test_there_is_no_bep_after_2021_nor_but_before_2024() -> None:
    assert {one.year for one in plan(10_000, ("bep",), SESSIONS)} == {2019, 2020, 2021}
    years = {year for year in SESSIONS for series in national("higher", year) if series.series == "BUT"}
    assert min(years) == 2024


def test_caen_and_rouen_end_with_2019_when_normandie_begins() -> None:
    held = {(one.academy, one.year) for one in plan(200_000, ("dnb",), SESSIONS, ("05", "21", "70"))}
    assert held == {("05", 2019), ("21", 2019), *(("70", year) for year in range(2020, 2027))}


def test_a_family_without_any_session_left_is_refused() -> None:
    with pytest.raises(ValueError, match="no family holds a session"):
        plan(10, ("bep",), (2024,))


def test_an_unknown_family_or_academy_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="cep"):
        plan(10, ("dnb", "cep"), (2024,))
    with pytest.raises(ValueError, match="75"):
        plan(10, ("dnb",), (2024,), ("01", "75"))


def test_a_series_without_a_title_in_force_is_refused() -> None:
    with pytest.raises(ValueError, match="no title of kind BAC_GENERAL"):
        next(lines(FilePlan("bac", "10", 2024, 1), 1, lambda year: {"BAC_PRO": ["40025214"]}))


def test_a_family_without_figures_is_not_drawn_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn() == list(FAMILIES)
    monkeypatch.setattr("population.nation.loaded_families", lambda: {**families(), "capa": families()["cap"]})
    assert drawn() == list(FAMILIES)
    with pytest.raises(ValueError, match=r"no figures are known of capa: .* import the family's own samples"):
        plan(10, ("cap", "capa"), (2024,))


def test_varied_files_are_in_every_form_that_an_import_accepts(tmp_path: Path) -> None:
    plans = plan(600, ("dnb",), SESSIONS)
    heads = [path.read_bytes() for path in write_all(plans, 1, tmp_path, titles, varied=True)]
    assert any(b"numero_candidat,ine" in head for head in heads)
    assert any(head.startswith(b"\xef\xbb\xbf") for head in heads)
    assert any(not readable_as_utf8(head) for head in heads)


def readable_as_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_every_letter_of_the_tables_of_names_and_places_exists_in_windows_1252() -> None:
    for table in ("surnames", "given_names", "communes", "countries", "degrees", "establishments", "specialities"):
        (DATA / f"{table}.csv").read_text(encoding="utf-8").encode("cp1252")


def test_given_names_follow_the_decade_of_birth() -> None:
    chance = chance_of("given names")
    drawn = {year: Counter(given_names("france", "M").draw(chance, year) for _ in range(2_000)) for year in (1972, 1992)}
    assert drawn[1972]["Kévin"] == 0 < drawn[1992]["Kévin"]
    assert drawn[1992]["Stéphane"] == 0 < drawn[1972]["Stéphane"]
