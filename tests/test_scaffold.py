"""A new family's repository: what `parchemin new-family` writes works at once, beside this checkout, with no line of ours touched."""

import json
import os
import sys
import tomllib
from pathlib import Path

import pytest

from server.cli import main
from server.scaffold.repository import PLACE
from tests.brought import Fresh, run

BIN = Path(sys.executable).parent
LONGEST = "Brevet d'aptitude à la navigation " + "é" * 66


def written(folder: Path, code: str = "mer", ministry: str = "Mer", label: str = "Brevet d'aptitude à la navigation") -> Path:
    assert main(["new-family", code, "--ministry", ministry, "--label", label, "--directory", str(folder)]) == 0
    return folder


def test_a_whole_repository_is_written_with_its_next_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "made", "mer_du_nord")
    files = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert files == {
        ".github/workflows/ci.yml", ".gitignore", "CHANGELOG.md", "README.md", "ci", "pyproject.toml",
        "parchemin_mer_du_nord/__init__.py", "parchemin_mer_du_nord/family.py", "parchemin_mer_du_nord/cases.toml",
        "parchemin_mer_du_nord/py.typed",
        "parchemin_mer_du_nord/sample-10-2026.csv", "parchemin_mer_du_nord/titles.csv", "tests/test_contract.py", "tests/test_rules.py",
    }  # fmt: skip
    assert not any(PLACE.search((folder / file).read_text("utf-8")) for file in files)
    assert os.access(folder / "ci", os.X_OK)
    declared = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    assert declared["entry-points"]["parchemin.families"] == {"mer_du_nord": "parchemin_mer_du_nord.family:family"}
    assert declared["dependencies"] == ["parchemin>=0.1,<1"]
    said = capsys.readouterr().out
    assert f"cd {folder}" in said and "pip install --editable '.[dev]'" in said and "-m pytest" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cap", "--ministry", "Mer"), "code 'cap' is installed here already"),
        (("Mer", "--ministry", "Mer"), "'Mer' cannot be a code"),
        (("m", "--ministry", "Mer"), "'m' cannot be a code"),
        (("mer", "--ministry", 'La "Mer"'), "the ministry must be"),
        (("mer", "--ministry", "Mer", "--label", "{{code}}"), "the label must be"),
        (("mer", "--ministry", "Mer", "--label", "é" * 101), "the label must be 2 to 100 characters"),
    ],
)
def test_what_cannot_be_written_is_refused_in_a_sentence(
    arguments: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-family", *arguments, "--directory", str(tmp_path / "made")]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "made").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes").write_text("mine")
    assert main(["new-family", "mer", "--ministry", "Mer", "--directory", str(tmp_path)]) == 1
    assert "no empty folder" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["notes"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """A fresh environment with our wheel and a family as it was written, with the longest names that it may have."""
    folder = tmp_path_factory.mktemp("fresh")
    return Fresh.made(folder, written(folder / "mer", label=LONGEST, ministry=LONGEST))


def test_what_is_written_passes_the_checks_of_its_own_continuous_integration(fresh: Fresh) -> None:
    here, folder = dict(os.environ), fresh.folder / "mer"
    run(here, BIN / "ruff", "format", "--check", folder)
    run(here, BIN / "ruff", "check", "--no-cache", folder)
    run(here, BIN / "pyright", "--project", folder, "--pythonpath", fresh.interpreter)


def test_beside_our_wheel_it_passes_the_kit(fresh: Fresh) -> None:
    assert fresh.python("-c", "import plugins, sys; print(plugins.__file__.startswith(sys.prefix))") == "True\n"
    fresh.python("-m", "server", "check-family", "mer", "--report", fresh.folder / "report")
    assert "<testsuite" in (fresh.folder / "report" / "mer.xml").read_text("utf-8")
    assert json.loads((fresh.folder / "report" / "mer.json").read_text("utf-8"))["schemaVersion"] == 1


def test_beside_our_wheel_it_publishes_a_session_and_its_keys_verify(fresh: Fresh, tmp_path: Path, url: str) -> None:
    found = fresh.diplomas(url, tmp_path, "... on DiplomeMer { option }")
    assert len(found) == 5
    assert {(one["__typename"], one["familyCode"], one["session"]) for one in found} == {("DiplomeMer", "mer", 2026)}
    assert {one["option"] for one in found} == {"Générale", None}
    assert {one["mention"] for one in found} == {"ASSEZ_BIEN", "BIEN", "TRES_BIEN", None}
