"""Which families a deployment takes: what another distribution brings is looked at before anything starts."""

import argparse
import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from bench.sameness.family import installed
from plugins.loading import OURS, FamilyError, brought, families, our_version
from resolvers import deployment
from resolvers.known_families import remember
from resolvers.schema import deployed, exported, published
from server import families_act
from tests.client import settings_of_tests
from tests.conftest import DatabaseConnection
from tests.defective import sound

DEFECTIVE = Path(__file__).parent / "defective"
DEFECTS = sorted(path.stem for path in DEFECTIVE.glob("*.py") if path.stem not in ("__init__", "sound"))

Install = Callable[..., None]


def forget() -> None:
    for made in (brought, families, deployed, published):
        made.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a distribution that brings a family, as pip would write it down."""

    def installed(name: str, point: str, value: str, ships: str = "") -> None:
        folder = tmp_path / f"{name}-1.2.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (folder / "entry_points.txt").write_text(f"[parchemin.families]\n{point} = {value}\n")
        (folder / "RECORD").write_text(f"{folder.name}/METADATA,,\n" + (f"{ships},,\n" if ships else ""))
        forget()

    monkeypatch.syspath_prepend(tmp_path)
    yield installed
    forget()


def constants(source: ast.Module) -> dict[str, str]:
    """The texts that a module names, read without running it."""
    return {
        str(one.targets[0].id): str(one.value.value)
        for one in source.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and isinstance(one.value, ast.Constant)
    }


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_family_with_a_defect_is_refused_in_a_sentence_that_names_it(defect: str, install: Install) -> None:
    source = ast.parse((DEFECTIVE / f"{defect}.py").read_text("utf-8"))
    named = constants(source)
    install("defective", named.get("POINT", "tiny"), f"tests.defective.{defect}:family", named.get("SHIPS", ""))
    if "OTHER" in named:
        install("other", named["OTHER"], f"tests.defective.{defect}:other")
    with pytest.raises(FamilyError) as refused:
        deployment.check()
    assert str(refused.value) == " ".join((ast.get_docstring(source) or "").split())


def test_the_family_that_the_defective_ones_are_made_from_is_taken(install: Install) -> None:
    install("defective", "tiny", "tests.defective.sound:family")
    deployment.check()
    assert list(families()) == [*OURS, "tiny"]
    assert brought()[-1] == (sound.family, "defective", "1.2")
    assert {one[1:] for one in brought()[:-1]} == {("parchemin", our_version())}


def test_families_of_others_follow_ours_by_their_names_in_whatever_order_they_were_installed(install: Install) -> None:
    install("a", "tiny", "tests.defective.sound:family")
    install("b", "belt", "bench.sameness.family:BELT")
    assert list(families()) == [*OURS, "belt", "tiny"]


def test_a_family_adds_its_types_to_the_schema_and_nothing_else(install: Install) -> None:
    install("defective", "tiny", "tests.defective.sound:family")
    ours, with_it = exported(), published()
    types = [set(re.findall(r"^(?:type|enum|interface|union|input|scalar) (\w+)", text, re.MULTILINE)) for text in (ours, with_it)]
    assert types[1] - types[0] == {"Tiny"}
    for root in ("Query", "Mutation", "Subscription"):
        of_ours, theirs = (text.split(f"\ntype {root} {{")[1].split("\n}")[0] for text in (ours, with_it))
        assert of_ours == theirs


def test_a_command_says_one_sentence_and_does_nothing_where_a_family_is_refused(tmp_path: Path, install: Install) -> None:
    install("defective", "tiny", "tests.defective.raises_on_import:family")
    project = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "server", "worker"], cwd=project, capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": f"{project}:{tmp_path}", "PARCHEMIN_DATA": str(tmp_path / "data")},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "family 'tiny' of distribution 'defective' does not load: ZeroDivisionError: division by zero\n"
    assert not (tmp_path / "data").exists()


def test_a_package_of_ours_that_comes_from_elsewhere_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install
) -> None:
    (tmp_path / "population").mkdir()
    (tmp_path / "population" / "__init__.py").write_text("")
    monkeypatch.delitem(sys.modules, "population", raising=False)
    forget()
    with pytest.raises(FamilyError, match="the import name 'population' of this product is shipped by"):
        brought()


@pytest.mark.parametrize("code", OURS)
def test_our_families_import_the_contract_alone(code: str) -> None:
    tree = ast.parse(Path(str(import_module(f"plugins.{code}").__file__)).read_text("utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names} == {"plugins", "strawberry"}


async def test_the_command_lists_each_family_with_what_brings_it_and_then_those_that_are_gone(
    url: str, connection: DatabaseConnection, capsys: pytest.CaptureFixture[str], install: Install
) -> None:
    install("a", "tiny", "tests.defective.sound:family")
    with installed("tests.trade:FAMILY", "trade"):
        await remember(connection)
    forget()
    asked = settings_of_tests(database_url=url)
    await families_act.families(asked, argparse.Namespace(json=False))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["code", *OURS, "tiny", "trade", "contract"]
    assert lines[-3] == ["tiny", "Tiny", "a", "1.2", ">=1,<2", "installed", "Minuscule"]
    assert lines[-2][-2:] == ["gone", "Métier"]
    await families_act.families(settings_of_tests(database_url=None, data=Path("/nonexistent")), argparse.Namespace(json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["contract"] == "1.0"
    assert [one["code"] for one in told["families"]] == [*OURS, "tiny"]
    assert told["families"][-1]["label"] == {"fr": "Minuscule", "en": "Tiny"}
