"""What a family of another distribution brings goes all the way: titles, nested values, checks, tables, and who is asked."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from strawberry.relay.utils import to_base64

from bench.sameness.family import installed
from graph.acts import CellRefused
from graph.problems import Refused
from plugins import Text, table
from plugins.contract import Session
from plugins.values import LONGEST, kept, written
from resolvers import reference
from resolvers.act_contents import Cell, proposed
from resolvers.act_rules import RULES
from resolvers.titles import titles_of
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING
from tests.test_import_lines import TARGET, read
from tests.trade import EXACT, FAMILY, units

UNITS = "U1:12,50:3/4|U2:9:1"
HEADER = "numero_candidat;nom_naissance;code_diplome;groupe;decision;lieu;unites;meilleure_note;remarque"


@pytest.fixture(autouse=True)
def _trade() -> Iterator[None]:
    with installed("tests.trade:FAMILY", "trade"):
        yield


@pytest.fixture
async def loaded(connection: DatabaseConnection) -> list[str]:
    return await reference.load(connection)


@pytest.fixture
async def client(url: str, loaded: list[str]) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


def imported(*lines: str, year: int = 2023) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """What lines of places, units, best marks and remarks become: results and details of those that are taken, and the refusals."""
    titles = {"TRADE001": replace(TARGET.titles["47010019"], code="TRADE001", kind="TRADE", label="Métier du fer")}
    target = replace(TARGET, family="trade", session=Session(year, "01"), titles=titles)
    rows = [f"C{number};Lecœur;TRADE001;UNIQUE;ADMIS;{line}" for number, line in enumerate(lines)]
    taken, refused = read("\n".join([HEADER, *rows, ""]).encode(), target)
    return [{name: json.loads((row[name] or b"\1null")[1:]) for name in ("results", "details")} for row in taken], refused


def test_nested_values_are_kept_as_they_were_read_and_a_mark_within_keeps_its_digits() -> None:
    [row], refused = imported(f"RDZ;{UNITS};12,50;")
    assert refused == []
    assert row["details"] == {
        "place": "RDZ",
        "units": [{"code": "U1", "mark": "12.50", "credits": [3, 4]}, {"code": "U2", "mark": "9", "credits": [1]}],
    }
    assert row["results"] == {"lieu": "RDZ", "unites": row["details"]["units"], "meilleure_note": "12.50"}


def test_cells_that_do_not_go_together_are_refused_with_the_cell_to_look_at_and_the_other_lines_are_taken() -> None:
    taken, refused = imported(f"RDZ;{UNITS};12,50;", f"RDZ;{UNITS};13;", f";{UNITS};;", f"RDZ;{UNITS};21;")
    assert len(taken) == 2
    assert refused == [(3, "meilleure_note", "13", "is that of no unit"), (5, "meilleure_note", "21", "is not a mark from 0 to 20")]


def test_a_code_of_a_table_is_taken_from_the_session_on_from_which_it_may_be_used() -> None:
    assert imported("QPR;;;", year=2022)[1] == []
    assert imported("QPR;;;", "XXX;;;", year=2021)[1] == [
        (2, "lieu", "QPR", "is not open at this session"), (3, "lieu", "XXX", "is not a code of the table “Places”"),
    ]  # fmt: skip


def test_a_value_that_is_too_large_to_be_kept_is_refused() -> None:
    cell = "é" * 12
    assert len(written(["é" * 12] * 1000).encode()) > LONGEST
    taken, refused = imported(";;;x", f";;;{cell}")
    assert len(taken) == 1
    assert refused == [(3, "remarque", cell, "gives a value of more than 20 kB")]


def test_more_parts_than_the_field_may_list_are_refused() -> None:
    taken, refused = imported(f";{'|'.join(['U1:9:1'] * 20)};;", f";{'|'.join(['U1:9:1'] * 21)};;")
    assert len(taken) == 1
    assert [(line, column, why) for line, column, _, why in refused] == [(3, "unites", "gives more than 20 parts")]


def test_what_a_cell_was_read_as_cannot_be_changed_by_who_gets_it_for_another_line() -> None:
    value: Any = kept(units)(UNITS)
    assert value[0]["mark"] == EXACT
    with pytest.raises(TypeError):
        value[0]["mark"] = 20
    with pytest.raises(AttributeError):
        value[0]["credits"].append(1)


@pytest.mark.parametrize("value", [1.5, {"mark": 1.5}, [object()]])
def test_what_is_no_value_is_a_mistake_of_the_family(value: Any) -> None:
    with pytest.raises(TypeError, match="is no value of a column"):
        kept(lambda _: value)("x")


def version(**details: Any) -> dict[str, Any]:
    """A published diploma, as an act looks at it."""
    return {
        "family": "trade", "session_year": 2023, "academy_code": "01", "session_id": UUID(int=1), "id": UUID(int=2), "details": details,
        "birth_commune": None, "birth_country": None, "title_code": "TRADE001", "title": "Métier du fer", "national_level": 5,
    }  # fmt: skip


async def test_an_act_writes_nested_values_as_an_import_does_and_checks_them_with_what_stands(
    connection: DatabaseConnection, loaded: list[str]
) -> None:
    [row], _ = imported(f"RDZ;{UNITS};12,50;")
    rule = next(rule for rule in RULES.values() if rule.family_columns)
    written = await proposed(connection, KEYRING, rule, version(**row["details"]), row["results"], [Cell("unites", "U3:12,50:5")])
    assert written.stored == {"details": {"place": "RDZ", "units": [{"code": "U3", "mark": "12.50", "credits": [5]}]}}
    [change] = written.changes
    assert change.after == '{"code": "U3", "mark": "12.50", "credits": [5]}'
    with pytest.raises(Refused) as refused:
        await proposed(connection, KEYRING, rule, version(**row["details"]), row["results"], [Cell("unites", "U3:13:5")])
    assert refused.value.problem is CellRefused
    assert refused.value.values["column"] == "meilleure_note"


async def test_titles_are_loaded_once_with_their_own_level_or_that_of_the_nomenclature(
    connection: DatabaseConnection, loaded: list[str]
) -> None:
    assert loaded == ["titles of trade"]
    assert await reference.load(connection) == []
    titles = await titles_of(connection, FAMILY)
    assert {code: title.national_level for code, title in titles.items()} == {"50099999": 3, "TRADE001": 5}
    assert [titles["TRADE001"].held(year) for year in (2011, 2012, 2024, 2025)] == [False, True, True, False]
    assert {row["family"] for row in await connection.fetch("select family from diploma_title where kind = 'TRADE'")} == {"trade"}


async def test_clients_read_the_titles_of_the_family_as_they_do_ours(client: Client) -> None:
    found = await client.data('{ diplomaTitles(family: "trade") { edges { node { code nationalLevel } } } }')
    assert [edge["node"]["nationalLevel"] for edge in found["diplomaTitles"]["edges"]] == [3, 5]


async def test_titles_stay_when_the_family_is_gone(connection: DatabaseConnection, loaded: list[str], tmp_path: Path) -> None:
    with installed():
        assert await reference.load(connection) == []
    assert await connection.fetchval("select count(*) from diploma_title where family = 'trade'") == 2


TABLES = """query ($id: ID!, $session: Int, $first: Int! = 20, $after: String! = "") { node(id: $id) { ... on DiplomaFamily {
  label juryGroups { label } tables { name label source entries(session: $session, first: $first, after: $after) {
    code label firstSession lastSession more { column value } } } } } }"""


async def entries(client: Client, **given: Any) -> Sequence[dict[str, Any]]:
    found = await client.data(TABLES, {"id": to_base64("DiplomaFamily", "trade")} | given)
    [table] = found["node"]["tables"]
    return table["entries"]


async def test_clients_read_the_tables_of_a_family_a_page_and_a_session_at_a_time(client: Client) -> None:
    assert await entries(client) == [
        {"code": "QPR", "label": "Quimper", "firstSession": 2022, "lastSession": None, "more": [{"column": "region", "value": "Bretagne"}]},
        {"code": "RDZ", "label": "Rodez", "firstSession": None, "lastSession": None, "more": [{"column": "region", "value": "Occitanie"}]},
    ]  # fmt: skip
    assert [one["code"] for one in await entries(client, first=1)] == ["QPR"]
    assert [one["code"] for one in await entries(client, first=1, after="QPR")] == ["RDZ"]
    assert [one["code"] for one in await entries(client, session=2021)] == ["RDZ"]
    assert await client.error(TABLES, {"id": to_base64("DiplomaFamily", "trade"), "first": 51}) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("language", "words"), [("fr", ["Métier", "Groupe unique", "Lieux"]), ("en", ["Trade", "Only group", "Places"])]
)
async def test_every_label_of_a_family_is_in_the_language_of_the_request(client: Client, language: str, words: list[str]) -> None:
    found = (await client.data(TABLES, {"id": to_base64("DiplomaFamily", "trade")}, language=language))["node"]
    assert [found["label"], found["juryGroups"][0]["label"], found["tables"][0]["label"]] == words


AVAILABILITY = """query ($from: Int!, $to: Int!) { availability(family: "trade", academy: "10", from: $from, to: $to) {
  session state instructions website askAt { code } } }"""


async def test_availability_says_year_by_year_who_is_asked(client: Client) -> None:
    found = (await client.data(AVAILABILITY, {"from": 1998, "to": 2011}, language="en"))["availability"]
    assert {one["session"]: one["state"] for one in found} == {
        **dict.fromkeys(range(1998, 2000), "AWAITING_RESULTS"), **dict.fromkeys(range(2000, 2010), "ESTABLISHMENT"),
        2010: "ELSEWHERE", 2011: "ELSEWHERE",
    }  # fmt: skip
    told = [(one["instructions"], one["website"]) for one in found]
    assert told == [(None, None)] * 12 + [("Ask the regional office.", "https://example.fr/region")] * 2


OPTIONS = """query ($session: Int!, $title: String, $family: String!) { documentRequestOptions(
  family: $family, session: $session, academy: "10", titleCode: $title) { kind state explanation examService { code } } }"""


async def test_the_form_of_a_request_says_the_same(client: Client) -> None:
    async def asked(session: int, family: str = "trade", title: str | None = None) -> set[tuple[str, str]]:
        given = {"session": session, "family": family, "title": title}
        found = (await client.data(OPTIONS, given, language="en"))["documentRequestOptions"]
        return {(one["state"], one["explanation"].split(" ")[-1]) for one in found}

    assert await asked(2010) == {("ELSEWHERE", "https://example.fr/region")}
    assert {state for state, _ in await asked(2005)} == {"ESTABLISHMENT"}
    assert "ELSEWHERE" not in {state for state, _ in await asked(1998)}


async def test_the_word_of_the_family_that_has_a_title_goes_before_that_of_its_ministry(client: Client) -> None:
    given = {"session": 2012, "title": "50399999"}
    [agricultural] = {one["state"] for one in (await client.data(OPTIONS, given | {"family": "trade"}))["documentRequestOptions"]}
    assert agricultural == "ESTABLISHMENT"  # of the ministry of agriculture, and no title of this family
    own = await client.data(OPTIONS, given | {"family": "trade", "title": "TRADE001"})
    assert {one["state"] for one in own["documentRequestOptions"]} == {"ELSEWHERE"}


HEAD = "code,label_fr,label_en,first_session,last_session"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("code,label_fr,first_session,last_session\n", "places.csv: the column label_en is missing"),
        (f"{HEAD}\nA,Un\n", "places.csv, line 2: as many cells as the header has are needed"),
        (f"{HEAD}\nA,Un,,,\n", "places.csv, line 2: code, label_fr and label_en are needed"),
        (f"{HEAD}\nA,Un,One,20,\n", "places.csv, line 2: '20' is no session"),
        (f"{HEAD}\nA,Un,One,2024,2020\n", "places.csv, line 2: the sessions end before they begin"),
        (f"{HEAD}\nA,Un,One,,\nA,Deux,Two,,\n", "places.csv, line 3: the code A stands twice"),
        (HEAD + "".join(f",more{n}" for n in range(11)) + "\n", "places.csv: more than 10 columns of its own"),
        (f"{HEAD}\n" + "".join(f"A{n},Un,One,,\n" for n in range(2001)), "places.csv: more than 2000 entries"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "places.csv").write_text(content)
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        table(tmp_path / "places.csv", "places", Text("Lieux", "Places"), "arrêté")
