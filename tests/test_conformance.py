"""The kit that families are tried with: a family that conforms passes it, and each promise is seen broken by one that does not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import invalidate_caches
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import pytest
import strawberry

from db.embedded import EmbeddedServer
from db.throwaway import PREFIX
from graph.text import Text
from plugins import Dated, Diploma, Invalid, JuryGroup, Misfit, Outcome, Results, Sample, Session, Value, detail, parts
from plugins.conformance import FamilyContract
from plugins.loading import brought, families
from resolvers.attestations import page_of
from resolvers.schema import deployed, published
from server.cli import main
from server.conformance.law import edge_years
from tests import conforming

Fails = Callable[..., str]
SOUND = conforming.family
LAW = conforming.LAW
SAMPLE = (conforming.HERE / "sample.csv").read_text("utf-8")


@strawberry.type(description="A type of which the register has one of the same name.")
class Academy(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)


def forget() -> None:
    for made in (brought, families, deployed, published, page_of):
        made.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def server(postgres: EmbeddedServer) -> Iterator[None]:
    """The kit's registers are made on the server of the tests."""
    with patch.dict(os.environ, {"DATABASE_URL": postgres.url()}):
        yield


@pytest.fixture(autouse=True)
def distribution(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The family stands beside ours: what a distribution that brings it leaves in the environment, installed from its sources."""
    folder = tmp_path_factory.mktemp("site")
    (described := folder / "parchemin_marin-1.2.dist-info").mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: parchemin-marin\nVersion: 1.2\n")
    (described / "entry_points.txt").write_text("[parchemin.families]\nmarin = tests.conforming:family\n")
    (described / "RECORD").write_text(f"{described.name}/METADATA,,\n")
    monkeypatch.syspath_prepend(folder)
    forget()
    yield described
    forget()


def silent(results: Results, session: Session) -> None:
    """Rules that have nothing to say."""


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Fails:
    """What a test of the kit says of the family where one thing of it is changed."""

    def said(test: Callable[..., None], **changed: Any) -> str:
        wrong = replace(SOUND, **changed)
        monkeypatch.setattr(conforming, "family", wrong)
        forget()
        contract = type("TestWrong", (FamilyContract,), {"family": wrong})
        try:
            with pytest.raises(pytest.fail.Exception) as failed:
                test(contract())
        finally:
            contract.teardown_class()
        return str(failed.value)

    return said


class Sound(FamilyContract):
    """The family that conforms: the command runs the whole kit over it, below."""

    family = SOUND


def test_a_declaration_is_told_its_faults(fails: Fails) -> None:
    assert fails(FamilyContract.test_its_declaration_is_sound, legal_basis=()) == "marin: its legal_basis names no text of law"


def test_a_family_that_the_start_refuses_fails_with_the_sentence_of_the_start(fails: Fails) -> None:
    said = fails(FamilyContract.test_it_is_installed_and_taken_beside_the_other_families, title_kinds=("BAC_GENERAL",), titles=None)
    assert "both bring the kind of title 'BAC_GENERAL'" in said


def test_a_family_that_is_not_installed_is_told_how_to_install_it() -> None:
    stranger = type("TestStranger", (FamilyContract,), {"family": replace(SOUND, code="autre")})
    for test in (
        stranger.test_it_is_installed_and_taken_beside_the_other_families,
        stranger.test_its_files_are_in_its_distribution,
    ):
        with pytest.raises(pytest.fail.Exception, match=r"no installed distribution brings this 'autre'.*`pip install \.`"):
            test(stranger())


def test_a_file_that_was_not_packaged_is_found(fails: Fails, distribution: Path) -> None:
    packaged = [file for file in conforming.HERE.iterdir() if file.name != "titles.csv"]
    (distribution / "RECORD").write_text("".join(f"{file},,\n" for file in packaged))
    said = fails(FamilyContract.test_its_files_are_in_its_distribution)
    assert (
        said == "titles.csv is not among the files of the distribution 'parchemin-marin': put it in the package, and build it again"
    )


def test_a_distribution_of_another_name_is_advised_and_no_fault(distribution: Path) -> None:
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: marin\nVersion: 1.2\n")
    distribution.rename(distribution.parent / "marin-1.2.dist-info")
    invalidate_caches()
    forget()
    with pytest.warns(UserWarning, match="the distribution 'marin' is better named 'parchemin-…'"):
        Sound().test_its_files_are_in_its_distribution()


def test_a_type_with_the_name_of_one_of_ours_makes_no_schema(fails: Fails) -> None:
    said = fails(FamilyContract.test_the_schema_with_it_breaks_nothing_of_ours, type=Academy)
    assert said.startswith("the schema with its type cannot be made: DuplicatedTypeName")


def test_cases_that_say_otherwise_are_shown_with_both_answers(fails: Fails) -> None:
    said = fails(FamilyContract.test_its_rules_decide_the_worked_cases_as_written, decide=silent)
    assert "the case “twelve and a half has a mention” is decided as nothing, and should be ADMIS with ASSEZ_BIEN" in said


def test_a_case_under_another_reference_is_not_as_written(fails: Fails) -> None:
    def decide(results: Results, session: Session) -> Outcome | None:
        found = conforming.decide(results, session)
        return found and replace(found, reference="un usage")

    said = fails(FamilyContract.test_its_rules_decide_the_worked_cases_as_written, decide=decide)
    assert f"is decided by “un usage”, and should be by “{LAW}”" in said


def test_a_family_needs_cases(fails: Fails, tmp_path: Path) -> None:
    test = FamilyContract.test_its_rules_decide_the_worked_cases_as_written
    assert fails(test, cases=None).startswith("it has no worked cases")
    (tmp_path / "cases.toml").write_text("[[case]]\nname = 'x'\nsession = 2025\nreference = ''\nmoyen = '1'\n")
    assert "moyen is no column of the family" in fails(test, cases=tmp_path / "cases.toml")


def test_a_case_of_a_group_that_is_not_held_is_no_line(fails: Fails) -> None:
    said = fails(
        FamilyContract.test_its_worked_cases_are_of_sessions_and_groups_that_it_holds,
        jury_groups=SOUND.jury_groups[:1],
        first_session=2022,
    )
    assert "names the group SEPTEMBRE; those of 2025 are JUIN" in said
    assert "is of the session 2021, which the family does not hold" in said


def test_a_rule_that_remembers_changes_or_counts_on_a_dict_is_not_pure(fails: Fails) -> None:
    test, calls = FamilyContract.test_its_rules_decide_from_the_line_alone_and_leave_it_as_it_was, count()

    def remembering(results: Results, session: Session) -> Outcome | None:
        return conforming.decide(results, session) if next(calls) % 3 else None

    def changing(results: Any, session: Session) -> Outcome | None:
        results["moyenne"] = results["moyenne"] or None
        results["seen"] = True
        return None

    def ordered(results: Results, session: Session) -> Outcome | None:
        return conforming.decide(results, session) if next(iter(results)) == "moyenne" else None

    assert "decide must answer from the line alone" in fails(test, decide=remembering)
    assert "decide changes the line that it is given" in (said := fails(test, decide=changing))
    assert "decide raises TypeError" in said and "for a line that cannot be changed" in said
    assert "when its columns stand in another order" in fails(test, decide=ordered)


def test_a_rule_that_fails_on_an_empty_line_or_at_an_edge_is_told_the_line(fails: Fails) -> None:
    test = FamilyContract.test_its_rules_have_an_answer_for_every_line

    def careless(results: Results, session: Session) -> Outcome | None:
        return conforming.decide(results, session) if results["moyenne"] > 10 else None

    def spelling(results: Results, session: Session) -> Any:
        return "ADMIS"

    def at_twenty(results: Results, session: Session) -> Outcome | None:
        return conforming.decide(results, session) if 1 / (20 - (results["moyenne"] or 0)) else None

    assert "decide raises TypeError" in (said := fails(test, decide=careless))
    assert "at the session 2020 for a line with groupe=JUIN" in said
    assert "moyenne=20" in fails(test, decide=at_twenty)
    assert "decide answers a str" in fails(test, decide=spelling)


def test_a_session_that_is_held_without_groups_is_found(fails: Fails) -> None:
    said = fails(
        FamilyContract.test_every_session_that_it_holds_can_be_imported,
        jury_groups=(JuryGroup("JUIN", Text("Juin", "June"), LAW, last=2028),),
    )
    assert "the session 2029 is held and has no jury group" in said


def test_sessions_are_tried_where_a_value_of_the_law_begins_anywhere_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    law = ModuleType("tests.conforming.law")
    vars(law)["PASS"] = {"written": (Dated(10, LAW, first=2027),)}
    assert 2028 not in edge_years(SOUND)
    monkeypatch.setitem(sys.modules, "tests.conforming.law", law)
    assert {2026, 2027, 2028} <= set(edge_years(SOUND))


def test_a_server_that_cannot_be_used_is_told_in_a_sentence(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.conformance.registers._server", lambda: "postgresql://127.0.0.1:1/nothing")
    said = fails(FamilyContract.test_its_samples_are_imported_whole_and_kept_as_read)
    assert said.startswith("No register can be made (ConnectionRefusedError): DATABASE_URL must name a PostgreSQL 18 server")


def test_a_check_that_fails_or_points_nowhere_is_found(fails: Fails) -> None:
    test = FamilyContract.test_every_session_that_it_holds_can_be_imported

    def absent(results: Results, session: Session) -> Misfit | None:
        return results["absent"]

    def nowhere(results: Results, session: Session) -> Misfit | None:
        return Misfit("absent", Text("a", "b"), Text("c", "d"))

    assert "check raises KeyError: 'absent'" in fails(test, check=absent)
    assert "check answers a Misfit without a column of the family" in fails(test, check=nowhere)


def test_an_example_that_its_column_refuses_is_found(fails: Fails) -> None:
    test = FamilyContract.test_every_column_reads_its_own_example
    columns = (replace(SOUND.columns[0], example="21"), replace(SOUND.columns[1], example=""), SOUND.columns[2])
    said = fails(test, columns=columns)
    assert "the example of the column 'moyenne', '21', is refused" in said
    assert "the column 'port' has no example" in said


def test_a_reader_that_fails_or_refuses_in_one_language_is_found(fails: Fails) -> None:
    test = FamilyContract.test_every_column_reads_or_refuses_whatever_stands_in_a_cell

    def short(cell: str) -> None:
        raise Invalid(Text("n'est pas un port", ""), Text("en donner un", "give one"))

    assert "raises ValueError" in fails(test, columns=(replace(SOUND.columns[0], read=int), *SOUND.columns[1:]))
    wrong = replace(SOUND.columns[1], read=short, at_session=None)
    assert "without a reason and a remedy in both languages" in fails(test, columns=(SOUND.columns[0], wrong, SOUND.columns[2]))


def sample(folder: Path, text: str) -> dict[str, Any]:
    (folder / "sample.csv").write_text(text, "utf-8")
    return {"samples": (Sample(folder / "sample.csv", 2025, "10"),)}


def test_a_sample_that_an_import_refuses_is_told_line_column_and_remedy(fails: Fails, tmp_path: Path) -> None:
    test = FamilyContract.test_its_samples_are_imported_whole_and_kept_as_read
    said = fails(test, **sample(tmp_path, SAMPLE.replace("Belem:40", "Belem:400").replace(";8;BES;", ";8;XXX;")))
    assert "sample.csv, line 3, column voyages: are longer than a year; check the days" in said
    assert "sample.csv, line 4, column port: is not a code of the table “Ports”" in said
    assert "Il manque" not in fails(test, **sample(tmp_path, SAMPLE.replace(";voyages\n", ";voyage\n")))
    assert fails(test, samples=()).startswith("it has no sample")


def test_what_a_column_reads_otherwise_the_second_time_is_not_kept_as_read(fails: Fails) -> None:
    counted = count(1)

    def other(cell: str) -> Value:
        return [{"ship": cell, "days": next(counted)}]

    column = replace(SOUND.columns[2], read=other)
    said = fails(FamilyContract.test_its_samples_are_imported_whole_and_kept_as_read, columns=(*SOUND.columns[:2], column))
    assert "the details voyages are not kept as their columns read them" in said


def test_a_sample_that_cannot_be_published_is_told_why(fails: Fails, tmp_path: Path) -> None:
    test = FamilyContract.test_its_samples_are_published_by_two_agents_after_every_group_is_closed
    said = fails(test, **sample(tmp_path, SAMPLE.replace("AJOURNE", "EN_ATTENTE")))
    assert "sample.csv: it cannot be published. " in said and "1" in said
    assert "somebody in them must be ADMIS" in fails(
        test, **sample(tmp_path, SAMPLE.replace(";ADMIS;AB;", ";AJOURNE;;").replace(";ADMIS;", ";AJOURNE;"))
    )


def test_a_field_that_its_details_cannot_fill_is_found_where_diplomas_are_verified(fails: Fails) -> None:
    def without_days(cell: str) -> Value:
        return [{"ship": cell}]

    column = replace(SOUND.columns[2], read=without_days)
    said = fails(
        FamilyContract.test_its_diplomas_are_verified_by_key_and_birth_name_with_all_its_fields,
        columns=(*SOUND.columns[:2], column), check=None,
    )  # fmt: skip
    assert "the diploma of candidate M0001 in 2025: verification.diploma." in said


def test_the_command_tells_each_check_writes_its_report_and_ends_the_server_that_it_started(
    tmp_path: Path, distribution: Path
) -> None:
    root = Path(__file__).parent.parent
    running = subprocess.Popen(
        [sys.executable, "-m", "server", "check-family", "marin", "--report", tmp_path / "report"], stdout=subprocess.PIPE, text=True,
        cwd=root, env={"PYTHONPATH": f"{root}{os.pathsep}{distribution.parent}", "PATH": os.environ["PATH"]},
    )  # fmt: skip
    told = running.communicate(timeout=60)[0].splitlines()
    assert running.returncode == 0
    assert told[-1] == "marin: conforms."
    assert "✓ its rules decide the worked cases as written" in told
    assert json.loads((tmp_path / "report" / "marin.json").read_text("utf-8")) == {
        "schemaVersion": 1, "label": "parchemin contract 1.0", "message": "conforms", "color": "brightgreen",
    }  # fmt: skip
    suite = ElementTree.parse(tmp_path / "report" / "marin.xml").getroot()[0]
    assert (suite.get("failures"), int(suite.get("tests", ""))) == ("0", sum(line.startswith("✓") for line in told))
    assert [process for process in Path("/proc").glob("[0-9]*/cmdline") if runs(process, f"{PREFIX}{running.pid}-")] == []


def runs(process: Path, folder: str) -> bool:
    """Whether a process was started on a folder; one that ended meanwhile was not."""
    try:
        return folder.encode() in process.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_command_tells_what_fails_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conforming, "family", replace(SOUND, samples=(), cases=None))
    forget()
    assert main(["check-family", "marin", "--report", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "✗ its rules decide the worked cases as written\n    it has no worked cases: write them in" in told
    assert "Traceback" not in told and "Failed:" not in told
    badge = json.loads((tmp_path / "marin.json").read_text("utf-8"))
    assert badge["color"] == "red" and badge["message"] in told


def test_the_command_says_which_families_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-family", "mer"]) == 2
    assert "no family 'mer' is installed here; there are dnb, cap, bep, bac, bts, higher, marin" in capsys.readouterr().err
    with patch("server.check_family_act.find_spec", return_value=None):
        assert main(["check-family", "marin"]) == 2
    assert "pip install 'parchemin[kit]'" in capsys.readouterr().err
