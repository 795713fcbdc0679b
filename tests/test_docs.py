"""The documents say what the product does: columns, samples, commands, settings, rights, links."""

import asyncio
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from plugins.contract import Column
from plugins.loading import OURS, families
from resolvers import imports
from resolvers.callers import Caller
from resolvers.import_columns import COMMON, CommonColumn, required_of
from resolvers.import_staging import untold
from resolvers.keys import Keyring
from resolvers.request_rules import RULES
from resolvers.roles import ROLES, Act
from server.cli import main
from server.graphiql import Example, examples
from tests.conftest import DatabaseConnection
from tests.journey import Journey

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SAMPLES = DOCS / "samples"
PAGES = [
    *sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md")), ROOT / "db" / "reference" / "README.md",
    ROOT / "clients" / "typescript" / "README.md",
]  # fmt: skip
COMMAND = r"^    ([a-z-]+)(?: |$)"
"""A command in the help of the command line."""

FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, as far as the next of its level or above."""
    level = heading.split(" ")[0]
    _, _, after = text.partition(f"\n{heading}")
    assert after, f"there is no heading “{heading}”"
    return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the table rows of a text, without the rows of dashes."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def columns_table(text: str) -> dict[str, list[str]]:
    """The rows of a table of columns by the name in their first cell."""
    return {cells[0].strip("`"): cells for cells in rows(text) if cells[0].startswith("`")}


def section_of(family: str) -> str:
    heading = next(line for line in page("import.md").splitlines() if line.startswith(f"### `{family}`"))
    return section(page("import.md"), heading)


def common_table() -> dict[str, list[str]]:
    return columns_table(section(page("import.md"), "## Common columns").partition("### ")[0])


def test_every_common_column_is_documented_with_its_requiredness() -> None:
    table = common_table()
    assert list(table) == [column.name for column in COMMON]
    for name, (_, required, *_) in table.items():
        needed_by = {code for code in OURS if name in required_of(families()[code])}
        word, _, exceptions = required.partition(", except ")
        assert (word == "yes") == bool(needed_by), name
        assert set(re.findall(r"`(\w+)`", exceptions)) == (set(OURS) - needed_by if needed_by else set()), name


@pytest.mark.parametrize("code", OURS)
def test_every_column_of_a_family_is_documented_with_its_requiredness(code: str) -> None:
    table = columns_table(section_of(code))
    assert {name: cells[1].partition(",")[0] for name, cells in table.items()} == {
        column.name: "yes" if column.required else "no" for column in families()[code].columns
    }


@pytest.mark.parametrize("code", OURS)
def test_the_columns_said_to_be_published_are_those_that_a_diploma_shows(code: str) -> None:
    said = re.search(r"^Published: ([^.;]*)", section_of(code), re.MULTILINE)
    assert said is not None
    assert re.findall(r"`(\w+)`", said[1]) == [column.name for column in families()[code].columns if column.detail]


@pytest.mark.parametrize(
    "column", [*COMMON, *(column for code in OURS for column in families()[code].columns)], ids=lambda column: column.name
)
def test_the_example_of_a_column_is_one_that_the_column_takes(column: CommonColumn | Column) -> None:
    tables = [common_table(), *(columns_table(section_of(code)) for code in OURS)]
    found = [table[column.name][3].strip("`") for table in tables if column.name in table]
    assert found
    for example in found:
        assert column.read(example)


def sessions_of(first: int | None, last: int | None) -> str:
    if first == last:
        return "all" if first is None else f"{first} alone"
    return f"from {first}" if last is None else f"to {last}"


def test_every_jury_group_is_documented_with_its_sessions() -> None:
    said: dict[tuple[str, str], str] = {}
    for family, groups, sessions in rows(section(page("import.md"), "### Jury groups").partition("| --- |")[2]):
        said |= {(family.strip("`"), group): sessions.partition(",")[0] for group in re.findall(r"`(\w+)`", groups)}
    assert said == {
        (code, group.code): sessions_of(group.first or family.first_session, group.last or family.last_session)
        for code in OURS
        for family in [families()[code]]
        for group in family.jury_groups
    }


def samples() -> dict[str, str]:
    """The session of each sample, as the page names it."""
    listed = rows(section(page("import.md"), "## Samples"))
    return {cells[0].partition("](samples/")[2].rstrip(")"): cells[1].strip("`") for cells in listed if "](samples/" in cells[0]}


def test_every_sample_is_listed_and_every_family_has_one() -> None:
    assert set(samples()) == {path.name for path in SAMPLES.iterdir()}
    assert {session.split("/")[0] for session in samples().values()} == set(OURS)


@pytest.mark.parametrize(("name", "named"), [*samples().items()])
async def test_a_sample_imports_without_refusal_into_the_session_that_the_page_names(
    name: str,
    named: str,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    keyring: Keyring,
    first: Caller,
    second: Caller,
    folder: Path,
) -> None:
    family, academy, year = named.split("/")
    journey = await Journey.begin(connection, monitor, first, second, folder, family, academy, int(year))
    staged, _ = await imports.import_path(connection, monitor, keyring, first, journey.session, SAMPLES / name, untold)
    report = await imports.reported(connection, first, staged)
    assert (report["refused"], report["accepted"]) == (0, report["lines"])
    assert 6 <= report["lines"] <= 10
    await imports.apply(connection, first, staged)
    await imports.confirm(connection, first, journey.session, None)
    await journey.close()
    assert await journey.state() == ("OPEN" if name == "bac-first-group.csv" else "COMPLETE")


def helped(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def test_every_command_and_option_is_documented_and_no_other(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    commands = re.findall(COMMAND, helped(capsys), re.MULTILINE)
    of = ("app", "schema")
    within = [f"{command} {name}" for command in of for name in re.findall(COMMAND, helped(capsys, command), re.MULTILINE)]
    found = {name: set(re.findall(r"--[a-z-]+", helped(capsys, *name.split()))) - {"--help"} for name in [*commands, *within]}
    del found["app"]
    said = {
        re.split(r" [A-Z]", cells[0].strip("`"))[0]: set(re.findall(r"--[a-z-]+", cells[1]))
        for cells in rows(section(page("operations.md"), "## Every command"))
        if cells[0].startswith("`")
    }
    assert found
    assert said == found


def test_every_command_that_the_documents_show_exists(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    commands = set(re.findall(COMMAND, helped(capsys), re.MULTILINE))
    shown = {
        name
        for path in PAGES
        for name in re.findall(r"(?:^\$ |`|^|dev )parchemin ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert "release" in shown
    assert shown <= commands


CHANGING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![\w-])[\w-]{43}(?![\w-])|^Lecture.*$", re.MULTILINE)
"""Ids, tokens and progress bars: what a second run prints otherwise."""


def printed(text: str) -> str:
    """What a command printed, whatever the width of the terminal."""
    return " ".join(CHANGING.sub("", text).split())


async def test_the_session_of_the_operations_page_prints_what_the_page_shows(
    url: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PARCHEMIN_SECRET", "5e" * 32)
    monkeypatch.setattr("server.cli.configure_logs", lambda: None)  # it would outlive this test
    monkeypatch.chdir(folder)
    (folder / "docs").symlink_to(DOCS)
    blocks = [text for _, language, text in FENCED.findall(page("operations.md")) if language == "console"]
    runs = [run for text in blocks for run in text.removeprefix("$ parchemin ").split("\n$ parchemin ")]
    import_id = ""
    for run in runs:
        line, _, shown = run.partition("\n")
        if "--at" in line:  # the day that the page shows goes by
            continue
        command = shlex.split(line)
        if command[0] == "apply":
            command[1] = import_id
        await asyncio.to_thread(main, command)
        answered = capsys.readouterr()
        if found := re.search(r"^Import (\S+)", answered.out, re.MULTILINE):
            import_id = found[1]
        assert printed(answered.out + answered.err) == printed(shown), line
    assert (folder / "refus.csv").read_text("utf-8-sig") == "ligne;colonne;valeur;motif;remede;contenu\n"


def test_every_setting_is_documented_and_no_other() -> None:
    read = set(re.findall(r'"(PARCHEMIN_[A-Z_]+|DATABASE_[A-Z_]+)"', (ROOT / "server" / "settings.py").read_text("utf-8")))
    listed = section(page("operations.md"), "## Settings")
    assert {cells[0].strip("`") for cells in rows(listed) if cells[0].startswith("`")} == read
    shown = {name for path in PAGES for name in re.findall(r"PARCHEMIN_[A-Z_]+", path.read_text("utf-8"))}
    assert shown <= read


def test_every_event_of_the_log_is_documented() -> None:
    calls = re.compile(r'\blog\.(info|warning|error)\(\s*"(\w+)"')
    files = [path for room in ("server", "resolvers", "db", "plugins") for path in (ROOT / room).rglob("*.py")]
    logged = {(event, level) for path in files for level, event in calls.findall(path.read_text("utf-8"))}
    table = rows(section(page("operations.md"), "## When something stops"))
    assert {(cells[0].strip("`"), cells[1]) for cells in table if cells[0].startswith("`") and len(cells) == 3} == logged


def test_the_table_of_roles_gives_each_role_its_rights() -> None:
    heading, *acts = rows(section(page("operators.md"), "## Roles"))
    roles = [cell.strip("`") for cell in heading[2:]]
    assert set(roles) == ROLES.keys()
    assert {cell for cells in acts for cell in cells[2:]} <= {"yes", ""}
    said = {role: {Act[cells[0].strip("`")] for cells in acts if cells[2 + place] == "yes"} for place, role in enumerate(roles)}
    assert said == {role: carried.acts for role, carried in ROLES.items()}
    assert {Act[cells[0].strip("`")] for cells in acts} == set(Act)


def test_the_table_of_a_session_says_of_each_act_who_may() -> None:
    heading, *acts = rows(section(page("architecture.md"), "## A session, from open to published"))
    roles = [cell.strip("`") for cell in heading[2:4]]
    for cells in acts:
        allowed = ["yes" if Act[cells[1].strip("`")] in ROLES[role].acts else "no" for role in roles]
        assert cells[2:4] == allowed, cells[0]


def test_the_table_of_requests_is_that_of_the_rules() -> None:
    said = {
        cells[0].strip("`"): (int(cells[3]), cells[4].strip("`"), cells[5].strip("`"), cells[6].partition(" ")[0])
        for cells in [*rows(section(page("requests.md"), "## What may be asked"))][1:]
    }
    assert said == {
        kind.name: (
            rule.delay.value, rule.silence.value.name, "".join(needed.piece.name for needed in rule.pieces),
            str(rule.cents_per_page.value) if rule.cents_per_page else "",
        )
        for kind, rule in RULES.items()
    }  # fmt: skip


def test_every_table_of_the_database_is_described() -> None:
    made = {
        name
        for path in (ROOT / "db" / "migrations").glob("*.sql")
        for name in re.findall(r"^create (?:unlogged )?table (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    told = {name for cells in rows(section(page("architecture.md"), "## Tables")) for name in re.findall(r"`(\w+)`", cells[0])}
    assert told == made - {"reference_file"}


def test_every_workshop_command_is_in_the_readme() -> None:
    commands = re.findall(r"^\./dev (\w+) ", (ROOT / "dev").read_text("utf-8"), re.MULTILINE)
    assert len(commands) >= 6
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in commands if f"./dev {name}" not in readme] == []


def test_every_file_that_a_document_names_exists() -> None:
    rooms = "|".join([*(path.parent.name for path in ROOT.glob("*/__init__.py")), "docs", "requirements"])
    for path in PAGES:
        for name in re.findall(rf"`((?:{rooms})/[\w./-]+)`", path.read_text("utf-8")):
            assert (ROOT / name).exists() or name == "plugins/NAME.py", f"{path.name}: {name}"


def anchors(path: Path) -> set[str]:
    """The anchors that a page's headings make, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", path.read_text("utf-8"))):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        there = path.parent / name if name else path
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def operations() -> Iterator[tuple[str, str]]:
    yield from ((example["name"], example["query"]) for example in examples())
    for path in PAGES:
        for _, language, text in FENCED.findall(path.read_text("utf-8")):
            if language == "graphql":
                yield path.name, text


@cache
def ours() -> GraphQLSchema:
    return build_schema((ROOT / "schema.graphql").read_text("utf-8"))


@pytest.mark.parametrize(("name", "operation"), [*operations()])
def test_every_operation_that_is_shown_suits_the_schema(name: str, operation: str) -> None:
    schema = ours()
    assert validate(schema, parse(operation)) == [], name


def test_the_examples_show_how_an_import_is_looked_at_and_applied() -> None:
    shown: list[Example] = examples()
    assert any("applyImport" in example["query"] for example in shown)
    assert any("refusals" in example["query"] and "flags" in example["query"] for example in shown)


def test_the_licence_is_the_whole_european_union_public_licence() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2\nEUPL © the European Union 2007, 2016\n")
    assert [int(number) for number in re.findall(r"^(\d+)\.[A-Z]", text, re.MULTILINE)] == list(range(1, 16))
    assert text.endswith("require the production of a new EUPL version.\n")
