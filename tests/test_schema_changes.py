"""What another schema changes: whom each kind of change reaches, what was announced, which operations break, and the command."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from graphql import build_schema
from graphql.utilities import BreakingChangeType, DangerousChangeType

from bench.sameness.family import installed
from resolvers.schema import exported, published
from server.cli import main
from server.graph.manifest import digest_of
from server.schema_changes import (
    ANNOUNCED,
    EFFECTS,
    GONE,
    JOINED,
    LEAVING,
    REQUIRED,
    RETYPED,
    UNDATED,
    Change,
    Weight,
    changes,
    day_of,
    deprecations,
)
from server.schema_documents import broken_operations, read_operations

TODAY = date(2026, 11, 27)
ROOT = Path(__file__).parent.parent


def found(old: str, new: str) -> list[Change]:
    return changes(build_schema(old), build_schema(new), TODAY)


def query(fields: str, more: str = "") -> str:
    return f"type Query {{ {fields} }} {more}"


BREAKING = {
    "TYPE_REMOVED": (query("a: Int t: T", "type T { x: Int }"), query("a: Int")),
    "TYPE_CHANGED_KIND": (query("t: T", "type T { x: Int }"), query("t: T", "interface T { x: Int }")),
    "TYPE_REMOVED_FROM_UNION": (
        query("u: U b: B", "union U = A | B type A { x: Int } type B { x: Int }"),
        query("u: U b: B", "union U = A type A { x: Int } type B { x: Int }"),
    ),
    "VALUE_REMOVED_FROM_ENUM": (query("e: E", "enum E { A B }"), query("e: E", "enum E { A }")),
    "REQUIRED_INPUT_FIELD_ADDED": (
        query("a(i: I): Int", "input I { x: Int }"),
        query("a(i: I): Int", "input I { x: Int y: Int! }"),
    ),
    "IMPLEMENTED_INTERFACE_REMOVED": (
        query("t: T n: N", "interface N { x: Int } type T implements N { x: Int }"),
        query("t: T n: N", "interface N { x: Int } type T { x: Int }"),
    ),
    "FIELD_REMOVED": (query("a: Int b: Int"), query("a: Int")),
    "FIELD_CHANGED_KIND": (query("a: Int!"), query("a: Int")),
    "REQUIRED_ARG_ADDED": (query("a: Int"), query("a(x: Int!): Int")),
    "ARG_REMOVED": (query("a(x: Int): Int"), query("a: Int")),
    "ARG_CHANGED_KIND": (query("a(x: Int): Int"), query("a(x: Int!): Int")),
    "DIRECTIVE_REMOVED": (query("a: Int", "directive @d on FIELD"), query("a: Int")),
    "DIRECTIVE_ARG_REMOVED": (query("a: Int", "directive @d(x: Int) on FIELD"), query("a: Int", "directive @d on FIELD")),
    "REQUIRED_DIRECTIVE_ARG_ADDED": (query("a: Int", "directive @d on FIELD"), query("a: Int", "directive @d(x: Int!) on FIELD")),
    "DIRECTIVE_REPEATABLE_REMOVED": (
        query("a: Int", "directive @d repeatable on FIELD"),
        query("a: Int", "directive @d on FIELD"),
    ),
    "DIRECTIVE_LOCATION_REMOVED": (query("a: Int", "directive @d on FIELD | QUERY"), query("a: Int", "directive @d on FIELD")),
}
TO_KNOW = {
    "VALUE_ADDED_TO_ENUM": (query("e: E", "enum E { A }"), query("e: E", "enum E { A B }")),
    "TYPE_ADDED_TO_UNION": (
        query("u: U", "union U = A type A { x: Int }"),
        query("u: U", "union U = A | B type A { x: Int } type B { x: Int }"),
    ),
    "IMPLEMENTED_INTERFACE_ADDED": (
        query("t: T n: N", "interface N { x: Int } type T { x: Int }"),
        query("t: T n: N", "interface N { x: Int } type T implements N { x: Int }"),
    ),
    "IMPLEMENTATION_ADDED": (
        query("n: N", "interface N { x: Int }"),
        query("n: N", "interface N { x: Int } type T implements N { x: Int }"),
    ),
    "ARG_DEFAULT_VALUE_CHANGE": (query("a(x: Int = 1): Int"), query("a(x: Int = 2): Int")),
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": (
        query("a(i: I): Int", "input I { x: Int = 1 }"),
        query("a(i: I): Int", "input I { x: Int = 2 }"),
    ),
}
SAFE = {
    "OPTIONAL_INPUT_FIELD_ADDED": (query("a(i: I): Int", "input I { x: Int }"), query("a(i: I): Int", "input I { x: Int y: Int }")),
    "OPTIONAL_ARG_ADDED": (query("a: Int"), query("a(x: Int): Int")),
    "FIELD_ADDED": (query("a: Int"), query("a: Int b: Int")),
    "TYPE_ADDED": (query("a: Int"), query("a: Int", "type T { x: Int }")),
    "FIELD_CHANGED_KIND_SAFE": (query("a: Int"), query("a: Int!")),
    "ARG_CHANGED_KIND_SAFE": (query("a(x: Int!): Int"), query("a(x: Int): Int")),
}


@pytest.mark.parametrize("kind", [*BREAKING, *TO_KNOW, *SAFE])
def test_each_kind_of_change_has_its_weight_and_says_what_to_do(kind: str) -> None:
    weight = Weight.BREAKING if kind in BREAKING else Weight.NOTICE if kind in TO_KNOW else Weight.SAFE
    [change] = [one for one in found(*(BREAKING | TO_KNOW | SAFE)[kind]) if one.kind == kind]
    assert change.weight is weight
    assert (change.effect is None) == (weight is Weight.SAFE)


def test_no_kind_of_change_that_graphql_core_calls_breaking_or_dangerous_is_without_its_case() -> None:
    assert {kind.name for kind in BreakingChangeType} == set(BREAKING)
    assert {kind.name for kind in DangerousChangeType} <= {*TO_KNOW, *SAFE}
    assert set(BreakingChangeType) <= set(EFFECTS)


def test_front_ends_and_apps_are_told_apart() -> None:
    assert {
        BreakingChangeType.REQUIRED_ARG_ADDED: REQUIRED,
        BreakingChangeType.FIELD_CHANGED_KIND: RETYPED,
    }.items() <= EFFECTS.items()
    assert "as long as they are installed" in GONE.mobile and "next build" in GONE.front_end
    assert "deprecated with the day of its removal" in GONE.remedy


def test_a_description_is_no_contract() -> None:
    assert found(query('"Before" a: Int'), query('"After" a: Int')) == []


def test_the_gravest_comes_first() -> None:
    weights = [one.weight for one in found(query("a: Int e: E", "enum E { A }"), query("b: Int e: E", "enum E { A B }"))]
    assert weights == [Weight.BREAKING, Weight.NOTICE, Weight.SAFE]


# Announcements


def leaving(reason: str) -> str:
    return f'@deprecated(reason: "{reason}")'


@pytest.mark.parametrize(
    ("mark", "weight", "words"),
    [
        ("", Weight.BREAKING, "It was not deprecated."),
        ("@deprecated", Weight.BREAKING, "without a day of removal"),
        (leaving("Use a."), Weight.BREAKING, "without a day of removal"),
        (leaving("Use a. Removal on 2026-13-01."), Weight.BREAKING, "without a day of removal"),
        (leaving("Use a. Removal on 2026-11-28."), Weight.BREAKING, "announced for 2026-11-28, which has not come"),
        (leaving("Use a. Removal on 2026-11-27."), Weight.ANNOUNCED, "was removed."),
        (leaving("Since 2026-01-01, use a. Removal on 2026-11-28."), Weight.BREAKING, "announced for 2026-11-28"),
    ],
)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("type Query {{ a: Int b: Int {} }}", query("a: Int")),
        ("type Query {{ a(x: Int {}): Int }}", query("a: Int")),
        ("type Query {{ a(i: I): Int }} input I {{ x: Int y: Int {} }}", query("a(i: I): Int", "input I { x: Int }")),
        ("type Query {{ e: E }} enum E {{ A B {} }}", query("e: E", "enum E { A }")),
    ],
    ids=["field", "argument", "input field", "enum value"],
)
def test_what_was_deprecated_goes_when_its_day_has_come_and_not_before(
    old: str, new: str, mark: str, weight: Weight, words: str
) -> None:
    [change] = found(old.format(mark), new)
    assert (change.weight, words in change.text) == (weight, True)
    assert change.effect is (ANNOUNCED if weight is Weight.ANNOUNCED else GONE)


DUE = leaving("Use a. Removal on 2026-09-01.")


@pytest.mark.parametrize(
    ("old", "weight"),
    [
        (query(f"a: Int s: S {DUE}", "type S { t: T } type T { x: Int }"), Weight.ANNOUNCED),
        (query(f"a(i: I {DUE}): Int", "input I { t: T } input T { x: Int }"), Weight.ANNOUNCED),
        (query(f"a(t: Float {DUE}): Int"), Weight.ANNOUNCED),
        (query("a: Int f: Float"), Weight.BREAKING),
        (query(f"a: Int t: T {DUE} s: T", "type T { x: Int }"), Weight.BREAKING),
        (query(f"a: Int t: T {DUE} n: N", "interface N { x: Int } type T implements N { x: Int }"), Weight.BREAKING),
        (query(f"a: Int t: T {DUE} u: U", "union U = T type T { x: Int }"), Weight.BREAKING),
    ],
    ids=["field", "argument", "scalar of the language", "scalar that was not", "another field", "interface", "union"],
)
def test_a_type_was_announced_when_nothing_else_led_to_it(old: str, weight: Weight) -> None:
    told = found(old, query("a: Int"))
    assert [one.weight for one in told if one.text.startswith(("T was removed", "Standard scalar Float was removed"))] == [weight]


def test_a_deprecation_is_told_with_its_day_and_one_without_is_asked_for_it() -> None:
    [dated] = found(query("a: Int b: Int"), query(f"a: Int b: Int {leaving('Use a. Removal on 2027-09-01.')}"))
    assert (dated.weight, dated.effect, dated.coordinate) == (Weight.NOTICE, LEAVING, "Query.b")
    assert "2027-09-01" in dated.text
    [undated] = found(query("a: Int b: Int"), query("a: Int b: Int @deprecated"))
    assert undated.effect is UNDATED
    [moved] = found(query(f"a: Int {DUE}"), query(f"a: Int {leaving('Removal on 2027-01-01.')}"))
    assert "2027-01-01" in moved.text
    assert found(query(f"a: Int {DUE}"), query(f"a: Int {DUE}")) == []


def test_each_deprecation_of_ours_names_the_day_of_its_removal() -> None:
    ours = deprecations(build_schema((ROOT / "schema.graphql").read_text("utf-8")))
    assert {where for where, reason in ours.items() if day_of(reason) is None} == set()
    assert deprecations(build_schema(query(f"a: Int {DUE} b(x: Int @deprecated): Int"))).keys() == {"Query.a", "Query.b(x:)"}


# Operations


def broken(tmp_path: Path, old: str, new: str, **files: str) -> dict[str, tuple[str, bool]]:
    for name, text in files.items():
        (tmp_path / f"{name}.graphql").write_text(text, "utf-8")
    before, after = build_schema(old), build_schema(new)
    operations = read_operations([tmp_path])
    return {
        one.name: (one.reason, one.was_valid) for one in broken_operations(operations, before, after, changes(before, after, TODAY))
    }


def test_operations_that_no_longer_validate_are_named_and_others_are_not(tmp_path: Path) -> None:
    told = broken(
        tmp_path,
        query("a: Int b: Int"),
        query("a: Int"),
        mine="query A { a } query B { b }",
        never="query C { c }",
        anonymous="{ b }",
    )
    assert {name: was_valid for name, (_, was_valid) in told.items()} == {"B": True, "C": False, "(anonymous)": True}
    assert told["B"][0].startswith("Cannot query field 'b' on type 'Query'.")


def test_fragments_are_shared_between_files_and_a_schema_among_them_is_no_operation(tmp_path: Path) -> None:
    schema = query("n: N", "type N { x: Int y: Int }")
    told = broken(
        tmp_path, schema, query("n: N", "type N { x: Int }"),
        one="query One { n { ...Shown } } query Two { n { x } }", shown="fragment Shown on N { y }", schema=schema,
    )  # fmt: skip
    assert [*told] == ["One"]


def test_a_fragment_of_the_same_file_comes_before_one_of_another(tmp_path: Path) -> None:
    told = broken(
        tmp_path, query("a: Int b: Int"), query("a: Int"),
        one="query One { ...Shown } fragment Shown on Query { a }", two="query Two { ...Shown } fragment Shown on Query { b }",
    )  # fmt: skip
    assert {name: was_valid for name, (_, was_valid) in told.items()} == {"Two": True}


@pytest.mark.parametrize(
    ("old", "new", "operation"),
    [
        (query("a: Int!"), query("a: Int"), "query Mine { a }"),
        (
            query("a(i: I): Int", "input I { j: [J!] } input J { x: Int }"),
            query("a(i: I): Int", "input I { j: [J!] } input J { x: Int y: Int! }"),
            "query Mine($i: I) { a(i: $i) }",
        ),
        (query("a(e: E): Int", "enum E { A B }"), query("a(e: E): Int", "enum E { A }"), "query Mine($e: E) { a(e: $e) }"),
    ],
    ids=["type of an answer", "input behind a variable", "enum behind a variable"],
)
def test_an_operation_breaks_although_it_stays_valid(tmp_path: Path, old: str, new: str, operation: str) -> None:
    told = broken(tmp_path, old, new, mine=operation)
    assert [*told] == ["Mine"]


def test_a_change_of_what_nobody_asks_for_breaks_no_operation(tmp_path: Path) -> None:
    assert broken(tmp_path, query("a: Int b: Int!"), query("a: Int b: Int"), mine="query A { a }") == {}


# Families


def test_a_family_that_is_added_breaks_nothing_and_is_told_to_whoever_reads_diplomas() -> None:
    with installed():
        told = changes(build_schema(exported()), build_schema(published()), TODAY)
    assert {one.weight for one in told} == {Weight.NOTICE, Weight.SAFE}
    [family] = [one for one in told if one.weight is Weight.NOTICE]
    assert (family.text, family.effect) == ("Belted was added to Diploma and Node.", JOINED)
    assert "without notice" in JOINED.remedy


def test_a_family_that_goes_breaks_whoever_reads_it() -> None:
    with installed():
        told = changes(build_schema(published()), build_schema(exported()), TODAY)
    assert "Belted was removed." in [one.text for one in told if one.weight is Weight.BREAKING]


# The command


@pytest.fixture
def schemas(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "old").write_text(query("a: Int b: Int"), "utf-8")
    (tmp_path / "new").write_text(query("a: Int"), "utf-8")
    return str(tmp_path / "old"), str(tmp_path / "new")


def test_the_command_says_what_breaks_and_for_whom(schemas: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "diff", *schemas]) == 1
    said = capsys.readouterr().out
    assert said.startswith("Breaks clients:\n  Field Query.b was removed. It was not deprecated.\n    front ends: ")
    assert main(["schema", "diff", schemas[0], schemas[0]]) == 0
    assert capsys.readouterr().out == "Nothing changes for clients.\n"


def test_the_command_answers_programs(schemas: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "diff", *schemas, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["operations"] == []
    [change] = said["changes"]
    assert {"kind": "FIELD_REMOVED", "weight": "breaking", "coordinate": "Query.b"}.items() <= change.items()
    assert {"text", "front_end", "mobile", "remedy"} < change.keys()


def test_with_documents_only_what_they_ask_for_breaks(
    schemas: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.graphql").write_text(f"query {name.upper()} {{ {name} }}", "utf-8")
    assert main(["schema", "diff", *schemas, "--documents", str(tmp_path / "a.graphql")]) == 0
    assert "0 of 1 operations break." in capsys.readouterr().out
    assert main(["schema", "diff", *schemas, "--documents", str(tmp_path)]) == 1
    assert f"B ({tmp_path / 'b.graphql'}) breaks: " in capsys.readouterr().out
    manifest = tmp_path / "app.json"
    manifest.write_text(json.dumps({digest_of(text): text for text in ("query A { a }", "query B { b }")}), "utf-8")
    assert main(["schema", "diff", *schemas, "--documents", str(manifest)]) == 1
    assert f"B ({manifest}, {digest_of('query B { b }')}) breaks: " in capsys.readouterr().out


def test_the_committed_schema_is_compared_with_that_of_this_deployment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO((ROOT / "schema.graphql").read_text("utf-8")))
    with installed():
        assert main(["schema", "diff", "-"]) == 0
    assert "Belted was added to Diploma and Node." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere: this file cannot be read"),
        (["-", "-"], "standard input holds one schema"),
        (["{wrong}"], "is no schema in GraphQL's language (Syntax Error"),
        (["{mute}"], "this schema has no `Query`"),
        (["{latin}"], "a schema is text in UTF-8"),
        (["{old}", "{old}", "--documents", "nowhere.graphql"], "nowhere.graphql: this file cannot be read"),
        (["{old}", "{old}", "--documents", "{empty}"], "this folder holds no document"),
        (["{old}", "{old}", "--documents", "{wrong}"], "this is no GraphQL document"),
        (["{old}", "{old}", "--documents", "{old}.json"], "an object"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    files = {
        "old": b"type Query { a: Int }",
        "wrong": b"query {",
        "mute": b"type T { a: Int }",
        "latin": b"# \xe9",
        "old.json": b"[]",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "empty").mkdir()
    paths = {name: str(tmp_path / name) for name in (*files, "empty")}
    assert main(["schema", "diff", *(one.format(**paths) for one in arguments)]) == 2
    said = capsys.readouterr()
    assert (said.out, words in said.err, said.err.count("\n")) == ("", True, 1)
