"""The page for authors of families: its code is the example's, and everything that they may declare or run into is named on it."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

import pytest

import plugins
from plugins.conformance import FamilyContract
from plugins.contract import READABLE, Column, Family, Sample
from plugins.titles import COLUMNS as TITLE_COLUMNS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "families.md").read_text("utf-8")
QUOTED = re.findall(r"^<!-- (\S+) -->\n\n```\w+\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
REFERENCE = PAGE.partition("\n# Reference\n")[2]


def test_the_tutorial_quotes_the_example() -> None:
    assert len(QUOTED) >= 10
    assert {"capa.py", "capa.toml", "pyproject.toml", "test_families.py"} <= {Path(file).name for file, _ in QUOTED}


@pytest.mark.parametrize(("file", "code"), QUOTED, ids=[f"{Path(file).name}-{place}" for place, (file, _) in enumerate(QUOTED)])
def test_code_of_the_tutorial_is_code_of_the_example_as_it_stands(file: str, code: str) -> None:
    assert f"\n{code}\n" in (ROOT / file).read_text("utf-8")


def test_no_code_of_the_tutorial_is_without_its_file() -> None:
    assert len(re.findall(r"^```(?:python|toml)$", PAGE, re.MULTILINE)) == len(QUOTED)


@pytest.mark.parametrize("name", [field.name for field in fields(Family) if field.init])
def test_every_attribute_of_a_family_is_in_the_reference(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`.* \|", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("of", [Column, Sample])
def test_every_argument_of_a_column_and_of_a_sample_is_in_the_reference(of: type) -> None:
    signature = re.search(rf"`{of.__name__}\((.*?)\)`", REFERENCE)
    assert signature is not None
    assert re.findall(r"(\w+)(?:=[^,]+)?(?:, |$)", signature[1]) == list(inspect.signature(of).parameters)


@pytest.mark.parametrize("name", plugins.__all__)
def test_every_name_of_the_contract_is_on_the_page(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE), f"{name} is offered to authors, and not explained"


def test_the_columns_that_a_field_may_read_and_those_of_a_file_of_titles_are_listed() -> None:
    assert ", ".join(f"`{name}`" for name in READABLE) in REFERENCE
    assert ",".join(TITLE_COLUMNS) in REFERENCE


def test_every_check_of_the_kit_is_in_the_reference_and_no_other() -> None:
    checks = {name: method.__doc__ for name, method in vars(FamilyContract).items() if name.startswith("test_")}
    assert checks
    assert dict(re.findall(r"^\| `(test_\w+)` \| (.*) \|$", REFERENCE, re.MULTILINE)) == checks
