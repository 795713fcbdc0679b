"""The example of another ministry: installed beside this checkout it works, with no line of ours changed; absent, nothing here knows it."""

import csv
import re
from pathlib import Path

import pytest

from tests.brought import ROOT, diplomas, installed, python

AGRI = ROOT / "examples" / "agri"
FAMILIES = ("bac_pro_agricole", "bpa", "btsa", "capa", "stav")
ON_TYPES = """
  ... on BrevetTechnicienSuperieurAgricole { ects semesters { number units { code label ects } } }
  ... on BrevetProfessionnelAgricole { units }
  ... on BaccalaureatProfessionnelAgricole { option }
  ... on BaccalaureatStav { europeanSection }
"""


@pytest.fixture(scope="module")
def agri(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes that have the example."""
    return installed(AGRI, tmp_path_factory.mktemp("families"))


def test_its_families_stand_beside_ours_with_the_distribution_that_brings_them(agri: dict[str, str]) -> None:
    # the committed schema is ours alone, whatever is installed
    listed = python(agri, "-c", "from server.cli import main; raise SystemExit(main(['families']) or main(['schema', '--check']))")
    assert [line.split()[0] for line in listed.splitlines() if "parchemin-agri" in line] == list(FAMILIES)
    assert "BrevetTechnicienSuperieurAgricole" not in (ROOT / "schema.graphql").read_text("utf-8")


def test_its_own_tests_pass(agri: dict[str, str]) -> None:
    # the whole kit for the richest family; of the others what needs no register: its own continuous integration runs it all, in 15 s
    chosen = ("-k", "Btsa or rules or declaration")
    # -P: what is tried is what was installed, and not the folder where it was written
    arguments = ("-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist", *chosen)
    said = python(agri, "-P", "-m", "pytest", *arguments, folder=AGRI)
    assert re.search(r"^\d+ passed", said, re.MULTILINE) and "failed" not in said


def test_its_samples_are_published_and_its_keys_open_what_was_imported(agri: dict[str, str], url: str, tmp_path: Path) -> None:
    found = diplomas(agri, url, tmp_path, ON_TYPES)
    assert {one["familyCode"] for one in found} == set(FAMILIES)
    assert all(one["academy"]["code"] == "10" and one["nationalLevel"] in (3, 4, 5) for one in found)
    prepared = next(one for one in found if one["titleCode"] == "32321115")
    assert prepared["ects"] == 120
    assert [semester["number"] for semester in prepared["semesters"]] == [1, 2, 3, 4]
    assert prepared["semesters"][0]["units"][1] == {"code": "S1-UE2", "label": "Diagnostic agronomique d'une parcelle", "ects": 12}
    others = [one for one in found if one["titleCode"] == "32321114"]
    assert others and all(one["ects"] is None and one["semesters"] == [] for one in others)


@pytest.mark.parametrize("file", sorted(AGRI.glob("parchemin_agri/samples/*.csv")), ids=lambda file: file.stem)
def test_its_samples_have_a_dozen_people_who_are_not_all_admitted(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        decisions = [row["decision"] for row in csv.DictReader(lines, delimiter=";")]
    assert len(decisions) >= 12
    assert {"ADMIS", "AJOURNE", "ABSENT"} <= set(decisions)
