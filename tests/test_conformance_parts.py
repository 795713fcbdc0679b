"""What the kit says of a family whose Python reaches outside, whose fields or pages cannot be made, or whose lines cost too much."""

import ctypes
import gc
import os
import random
import socket
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from threading import Thread
from types import FrameType, SimpleNamespace
from typing import Any
from uuid import uuid4

import page as validation
import pytest
import strawberry

import seal
from plugins import Column, Diploma, Line, Outcome, Reader, Results, Session, Text, Value, computed, detail, parts
from plugins.conformance import FamilyContract
from plugins.loading import OURS, families
from seal.authority import UnsafeDevelopmentAuthority
from seal.trust import Trust
from server.conformance import ceilings, sealed
from server.conformance.executors import Executors, Request
from server.conformance.watching import watched
from tests import conforming
from tests.test_conformance import SAMPLE, SOUND, Fails, sample
from tests.test_conformance import distribution as distribution
from tests.test_conformance import fails as fails
from tests.test_conformance import server as server

OUTSIDE = {
    "date.today": date.today,
    "datetime.now": lambda: datetime.now(UTC),
    "time.time": time.time,
    "random.getrandbits": lambda: random.choice("ab"),
    "posix.urandom": uuid4,
    "os.environ": lambda: os.environ.get("HOME"),
    "open": lambda: Path(__file__).read_bytes(),
    "os.listdir": lambda: os.listdir("/"),  # noqa: PTH208
    "socket.getaddrinfo": lambda: socket.getaddrinfo("127.0.0.1", 1),
    "subprocess.Popen": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "posix.stat": lambda: Path("/nonexistent").exists(),
    "_thread.start_new_thread": lambda: Thread(target=int).start(),
    "builtins.print": lambda: print(end=""),
    "ctypes.dlopen": lambda: ctypes.CDLL(None),
    "os.remove": lambda: Path("/nonexistent").unlink(missing_ok=True),
}


KEPT_BY_OURS = (
    FamilyContract.test_its_declaration_is_sound,
    FamilyContract.test_its_rules_decide_the_worked_cases_as_written,
    FamilyContract.test_its_worked_cases_are_of_sessions_and_groups_that_it_holds,
    FamilyContract.test_its_rules_decide_from_the_line_alone_and_leave_it_as_it_was,
    FamilyContract.test_every_column_reads_its_own_example,
    FamilyContract.test_every_column_reads_or_refuses_whatever_stands_in_a_cell,
)


@pytest.mark.parametrize("code", OURS)
def test_our_own_families_keep_what_is_asked_of_others(code: str) -> None:
    contract = type("TestOurs", (FamilyContract,), {"family": families()[code]})
    for test in KEPT_BY_OURS:
        test(contract())


@pytest.mark.parametrize("event", OUTSIDE)
def test_rules_that_reach_outside_are_told_what_they_did(event: str, fails: Fails) -> None:
    def decide(results: Results, session: Session) -> Outcome | None:
        OUTSIDE[event]()
        return conforming.decide(results, session)

    said = fails(FamilyContract.test_its_rules_decide_from_the_line_alone_and_leave_it_as_it_was, decide=decide)
    assert f"decide reaches outside ({event}" in said


def test_a_reader_that_opens_a_file_is_found(fails: Fails) -> None:
    def read(cell: str) -> str:
        return Path(__file__).read_text("utf-8")[:1] + cell

    def at_session(session: Session) -> Reader:
        return read

    columns = (replace(SOUND.columns[0], at_session=at_session), *SOUND.columns[1:])
    said = fails(FamilyContract.test_every_column_reads_or_refuses_whatever_stands_in_a_cell, columns=columns)
    assert "raises ReachesOutside: open " in said


def test_nothing_is_noted_of_what_computes_nor_outside_of_a_block() -> None:
    with watched() as seen:
        sorted(range(1000))
    Path(__file__).read_bytes()
    assert seen == []
    with watched() as inner:
        Path(__file__).read_bytes()
    assert inner and seen == []


def test_the_clock_is_asked_and_not_by_what_a_date_computes() -> None:
    with watched() as seen:
        datetime.strptime("2026-07-05", "%Y-%m-%d").replace(tzinfo=UTC).strftime("%d/%m/%Y")
        date.fromisoformat("2026-07-05").isocalendar()
    assert seen == []


def test_a_profiler_of_the_author_keeps_its_place() -> None:
    def profiler(frame: FrameType, event: str, argument: Any) -> None:
        """The author's own."""

    sys.setprofile(profiler)
    try:
        with watched():
            inside = sys.getprofile()
        after = sys.getprofile()
    finally:
        sys.setprofile(None)
    assert inside is after is profiler


def test_a_module_that_is_imported_late_is_no_reading_of_files() -> None:
    sys.modules.pop("colorsys", None)
    with watched() as seen:
        __import__("colorsys")
    assert seen == []


def test_a_line_that_changes_by_itself_is_found(fails: Fails) -> None:
    numbers = count()
    lines = (Line("number", Text("Numéro", "Number"), lambda diploma: str(next(numbers))),)
    said = fails(FamilyContract.test_its_fields_and_lines_are_computed_from_the_diploma_alone, lines=lines)
    assert "are not the same when they are computed again" in said


def failing(listed: list[Any] | None) -> int:
    """A computed field that fails."""
    raise LookupError("nothing")


@strawberry.type(description="Certificate of a sailor.")
class Failing(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)
    days: int = computed((), failing, "Days", details=("voyages",))


@strawberry.type(description="Certificate of a sailor.")
class Mistyped(Diploma):
    port: int | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)


def test_a_computed_field_that_fails_is_named(fails: Fails) -> None:
    assert "computed, LookupError: nothing" in fails(
        FamilyContract.test_its_fields_and_lines_are_computed_from_the_diploma_alone, type=Failing
    )
    assert "the field days: an error" in fails(FamilyContract.test_both_executors_give_the_same_bytes_for_its_type, type=Failing)


def test_a_field_of_another_kind_than_its_value_is_named(fails: Fails) -> None:
    said = fails(FamilyContract.test_both_executors_give_the_same_bytes_for_its_type, type=Mistyped)
    assert "the field port: an error" in said


def initial(port: str | None) -> str:
    """The first letter of a code that need not be there."""
    return port[0]  # pyright: ignore[reportOptionalSubscript]


@strawberry.type(description="Certificate of a sailor.")
class Careless(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)
    days: str = computed((), initial, "First letter of the port", details=("port",))


@strawberry.type(description="Certificate of a sailor.")
class Plain(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)


@strawberry.type(description="Certificate of a sailor.")
class Narrow(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=1)
    pay: int | None = detail("pay", "Pay")
    days: int | None = computed((), conforming.summed, "Days", details=("voyages",))


SHOWS = FamilyContract.test_its_fields_and_lines_show_whatever_its_columns_read


def with_ports(folder: Path) -> dict[str, Any]:
    """A sample in which the optional port is always there."""
    return sample(folder, SAMPLE.replace("9,8;;Belem", "9,8;BES;Belem"))


def test_a_computed_field_that_no_sample_breaks_is_tried_with_an_empty_column(fails: Fails, tmp_path: Path) -> None:
    assert "its fields cannot be computed, TypeError" in fails(SHOWS, type=Careless, lines=(), **with_ports(tmp_path))


def test_a_line_of_the_attestation_is_tried_with_an_empty_column(fails: Fails, tmp_path: Path) -> None:
    lines = (Line("port", Text("Port", "Port"), lambda diploma: diploma.port.lower()),)
    assert "the lines of its attestation cannot be computed, AttributeError" in fails(SHOWS, lines=lines, **with_ports(tmp_path))


def test_a_column_that_reads_what_its_field_cannot_show_is_found(fails: Fails) -> None:
    def read(cell: str) -> Value:
        return int(cell) * 10**6

    said = fails(
        SHOWS, type=Narrow, columns=(*SOUND.columns, Column("solde", Text("Solde", "Pay"), read, detail="pay", example="2"))
    )
    assert "its field voyages lists more than 1 parts" in said
    assert "its field pay cannot show what was read: GraphQLError: Int cannot represent non 32-bit signed integer" in said


def test_a_part_without_a_field_that_is_never_null_is_found(fails: Fails) -> None:
    def without_days(cell: str) -> Value:
        return [{"ship": cell}]

    wrong = replace(SOUND.columns[2], read=without_days)
    said = fails(SHOWS, columns=(*SOUND.columns[:2], wrong), check=None, type=Plain, lines=())
    assert "its field voyages.days is null, which its type does not allow" in said


def test_other_bytes_are_shown_where_they_differ(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    by_planner = Executors.by_planner

    async def other(self: Executors, request: Request) -> bytes | None:
        answer = await by_planner(self, request)
        return None if answer is None else answer.replace(b'"days":', b'"days" :')

    monkeypatch.setattr(Executors, "by_planner", other)
    said = fails(FamilyContract.test_both_executors_give_the_same_bytes_for_its_type)
    assert "the planner answers …" in said and '"days" :' in said and "the field port" not in said


def test_what_is_not_compiled_is_named(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(self: Executors, request: Request) -> bytes | None:
        return None

    monkeypatch.setattr(Executors, "by_planner", nothing)
    assert "the field port: it is not compiled" in fails(FamilyContract.test_both_executors_give_the_same_bytes_for_its_type)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("port " * 1_000, "cannot be made: the field particulars.value"),
        ("W" * 590, "a value is too long for its place"),
        ("Владивосток", "the page has not the letter 'В'"),
    ],
)
def test_a_line_that_no_page_bears_is_named(value: str, why: str, fails: Fails) -> None:
    lines = (Line("port", Text("Port", "Port"), lambda diploma: value),)
    assert why in fails(FamilyContract.test_each_sample_and_the_longest_names_have_an_attestation, lines=lines)


def test_a_page_that_cannot_be_used_is_refused_with_the_reason(fails: Fails, tmp_path: Path) -> None:
    (own := tmp_path / "page.typ").write_text("= Attestation\n")
    said = fails(FamilyContract.test_each_sample_and_the_longest_names_have_an_attestation, page=own)
    assert said.startswith("its page cannot be used: the page has no slot for ")


def test_a_page_with_a_link_is_refused(fails: Fails, tmp_path: Path) -> None:
    ours = (Path(seal.__file__).parent / "page" / "attestation.typ").read_text("utf-8")
    (own := tmp_path / "page.typ").write_text(f'{ours}\n#link("https://mer.example/port", "Le port")\n', "utf-8")
    said = fails(FamilyContract.test_each_sample_and_the_longest_names_have_an_attestation, page=own)
    assert said.startswith("its page cannot be used: a page has no links")


def test_an_attestation_that_would_not_be_genuine_once_sealed_is_found(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(authority: UnsafeDevelopmentAuthority, at: datetime) -> Trust:
        return Trust((), sealed.ISSUER.organization_identifier, (), ())

    monkeypatch.setattr(sealed, "_trust", nobody)
    assert "is not genuine: " in fails(FamilyContract.test_its_sealed_attestations_are_genuine)


def test_what_the_validator_finds_is_told_with_the_standard(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(failures=[SimpleNamespace(message="a figure has no alternative text")])

    def validate(path: str, profile: str) -> SimpleNamespace:
        return found

    monkeypatch.setattr(validation, "validate_pdf", validate)
    said = fails(FamilyContract.test_its_attestation_is_pdf_a_3a_and_pdf_ua_1)
    assert "not PDF/UA-1: a figure has no alternative text" in said


def slowly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same a thousandth of a second later: no machine is so slow that the rest takes a twenty-fifth of that."""

    def slow(*given: Any) -> Any:
        time.sleep(0.001)
        return function(*given)

    return slow


def test_slow_rules_and_readers_are_told_how_slow(fails: Fails) -> None:
    marks = [replace(column, read=slowly(column.read)) for column in SOUND.columns]
    said = fails(FamilyContract.test_its_lines_cost_little_time, decide=slowly(SOUND.decide), columns=tuple(marks))
    assert "decide takes " in said and "times as long as ours" in said
    assert "is read in " in said


def dawdling(voyages: list[Any] | None) -> int:
    """A computed field that takes a hundredth of a second."""
    time.sleep(0.01)
    return conforming.summed(voyages)


@strawberry.type(description="Certificate of a sailor.")
class Slow(Diploma):
    port: str | None = detail("port", "Port")
    voyages: list[conforming.Voyage] = parts("voyages", "Voyages", most=20)
    days: int = computed((), dawdling, "Days", details=("voyages",))


def test_slow_fields_are_told_how_slow(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "CALLS", 5)
    said = fails(FamilyContract.test_its_lines_cost_little_time, type=Slow)
    assert "its fields and lines take " in said and "those of every diploma" in said


def test_what_is_kept_of_each_line_is_found(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "SETTLING", 500)
    kept = list[Any]()

    def decide(results: Results, session: Session) -> Outcome | None:
        kept.append(bytes(1_000))
        return conforming.decide(results, session)

    said = fails(FamilyContract.test_memory_does_not_grow_with_its_lines, decide=decide)
    assert "bytes in memory, and 16 are allowed" in said


def remembering(size: int | None) -> Callable[[Results, Session], Outcome | None]:
    """Rules that remember averages, at most so many."""

    @lru_cache(size)
    def passed(average: Any) -> bool:
        return average is not None and average >= 10

    def decide(results: Results, session: Session) -> Outcome | None:
        passed(results["moyenne"])
        return conforming.decide(results, session)

    return decide


def test_a_cache_without_bounds_is_found_however_small_what_it_keeps(fails: Fails, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "SETTLING", 500)
    said = fails(FamilyContract.test_memory_does_not_grow_with_its_lines, decide=remembering(None))
    assert "bound what is kept" in said


def test_a_cache_within_bounds_is_allowed_once_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "SETTLING", 2_000)
    assert list(ceilings.growing(replace(SOUND, decide=remembering(1024)))) == []


def test_memory_is_no_longer_traced_once_rules_fail() -> None:
    def decide(results: Results, session: Session) -> Outcome | None:
        raise LookupError("nothing")

    with pytest.raises(LookupError):
        list(ceilings.growing(replace(SOUND, decide=decide)))
    assert not tracemalloc.is_tracing()


def test_what_others_do_when_memory_is_collected_is_nothing_of_the_authors() -> None:
    def callback(phase: str, info: dict[str, int]) -> None:
        time.perf_counter()

    gc.callbacks.append(callback)
    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with watched() as seen:
            [[[]] for _ in range(1_000)]
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(callback)
    assert seen == []
    assert gc.isenabled()
