"""Of whom a diploma is asked: by the place and the date of obtaining, and always as `availability` says."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graph.document_requests import AskingState, DocumentRequestKind
from plugins.loading import families
from resolvers import availability, request_rules, routing
from resolvers.availability import of_span
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.routing import AVAILABILITY, Obtained
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate

OPTIONS = """query ($family: String!, $session: Int!, $academy: String!, $country: String, $titleCode: String) {
  documentRequestOptions(family: $family, session: $session, academy: $academy, country: $country, titleCode: $titleCode) {
    kind state academy { code name } examService { code } explanation requiredPieces { kind reason } openFrom openUntil delayMonths
    silence priceCentsPerPage sources } }"""
SAID_BY = {
    "PAPER_ONLY": {"ASK", "SERVICE_UNKNOWN", "COUNTRY_NEEDED"},
    "AWAITING_RESULTS": {"ASK", "TOO_EARLY", "SERVICE_UNKNOWN", "COUNTRY_NEEDED"},
    "ESTABLISHMENT": {"ESTABLISHMENT"},
    "OUT_OF_SCOPE": {"NO_SESSION"},
}
"""What the form may say of an attestation, by what `availability` says."""


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today is in July 2026, before the results of the second group."""

    class Summer(date):
        @classmethod
        def today(cls) -> "Summer":
            return cls(2026, 7, 6)

    monkeypatch.setattr(availability, "date", Summer)
    monkeypatch.setattr(request_rules, "today", lambda: date(2026, 7, 6))


async def options(client: Client, **given: Any) -> dict[str, dict[str, Any]]:
    """What may be asked of a bac of 1998 of Paris, unless another is given; by kind."""
    asked: dict[str, Any] = {"family": "bac", "session": 1998, "academy": "01"} | given
    found = (await client.data(OPTIONS, asked, language="en"))["documentRequestOptions"]
    return {one["kind"]: one for one in found}


@pytest.mark.parametrize(
    ("academy", "year", "service"),
    [
        ("01", 1998, "SIEC"),
        ("24", 1998, "SIEC"),
        ("25", 1998, "SIEC"),
        ("05", 1998, "DEC-70"),
        ("21", 2019, "DEC-70"),
        ("70", 2021, "DEC-70"),
        ("10", 1998, "DEC-10"),
        ("43", 2015, "DEC-43"),
        ("40", 1998, "DEC-40"),
        ("41", 1998, "DEC-41"),
        ("42", 1998, "DEC-40"),
    ],
)
async def test_the_exam_service_of_the_academy_of_then_answers_today(client: Client, academy: str, year: int, service: str) -> None:
    found = (await options(client, academy=academy, session=year))["ATTESTATION"]
    assert (found["state"], found["examService"]["code"], found["academy"]["code"]) == ("ASK", service, academy)


@pytest.mark.parametrize(
    ("academy", "country", "desk"),
    [
        ("05", None, "70"),
        ("01", None, "01"),
        ("00", "99401", "70"),
        ("00", "99205", "54"),
        ("00", "99350", "04"),
        ("42", None, "42"),
    ],
)
async def test_the_desk_is_that_of_the_academy_of_today(
    connection: DatabaseConnection, academy: str, country: str | None, desk: str
) -> None:
    assert (await routing.route(connection, Obtained("bac", 1998, academy, country))).place.desk == desk


@pytest.mark.parametrize(("country", "service"), [("99350", "DEC-04"), ("99205", "SIEC"), ("99401", "DEC-70"), ("99514", "DEC-40")])
async def test_abroad_the_country_of_the_centre_says_who_answers(client: Client, country: str, service: str) -> None:
    found = (await options(client, academy="00", country=country))["ATTESTATION"]
    assert (found["state"], found["examService"]["code"]) == ("ASK", service)


async def test_abroad_a_country_is_needed_and_not_any_is_known(client: Client) -> None:
    assert {one["state"] for one in (await options(client, academy="00")).values()} == {"COUNTRY_NEEDED"}
    assert {one["state"] for one in (await options(client, academy="00", country="99416")).values()} == {"SERVICE_UNKNOWN"}
    assert {one["state"] for one in (await options(client, academy="44")).values()} == {"SERVICE_UNKNOWN"}


async def test_a_country_says_nothing_of_an_exam_that_was_passed_in_france(client: Client) -> None:
    assert (await options(client, country="99350"))["ATTESTATION"]["examService"]["code"] == "SIEC"


async def test_normandie_of_1998_was_caen_and_rouen(client: Client) -> None:
    asked = {"family": "bac", "session": 1998, "academy": "70"}
    found = (await client.data(OPTIONS, asked))["documentRequestOptions"]
    assert {one["academy"]["name"] for one in found} == {"Caen", "Rouen"}
    assert {one["examService"]["code"] for one in found} == {"DEC-70"}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("family", "title", "part"),
    [
        ("higher", None, "DUPLICATA"),
        ("bac", "40321005", "ministry of agriculture"),
        ("bts", "32321005", "ministry of agriculture"),
        ("cap", "50321005", "ministry of agriculture"),
        ("bac", "44633105", "ministry of sport"),
        ("higher", "26033101", "ministry of health"),
        ("cap", "56033102", "ministry of health"),
    ],
)
async def test_what_no_exam_service_awarded_is_asked_elsewhere(client: Client, family: str, title: str | None, part: str) -> None:
    found = await options(client, family=family, titleCode=title)
    assert {(one["state"], one["examService"] is None) for one in found.values()} == {("ESTABLISHMENT", True)}
    assert all(
        part.lower() in one["explanation"].lower() or (part == "DUPLICATA" and "duplicate" in one["explanation"])
        for one in found.values()
    )


async def test_a_title_of_national_education_changes_nothing(client: Client) -> None:
    assert (await options(client, titleCode="47010019"))["ATTESTATION"]["state"] == "ASK"
    assert (await options(client, titleCode="nothing"))["ATTESTATION"]["state"] == "ASK"


async def test_no_duplicate_is_ever_made_and_the_attestation_has_the_same_value(client: Client) -> None:
    found = (await options(client))["ATTESTATION"]
    assert "no duplicate is ever made" in found["explanation"]
    assert "same value" in found["explanation"]


async def test_every_rule_says_its_delay_its_silence_and_its_sources(client: Client) -> None:
    found = await options(client)
    assert {kind: (one["delayMonths"], one["silence"]) for kind, one in found.items()} == {
        "ATTESTATION": (1, "REFUSAL"), "MARK_SHEET": (1, "REFUSAL"), "SCRIPTS": (1, "REFUSAL"), "COLLECTION": (2, "ACCEPTANCE"),
        "REISSUE": (2, "ACCEPTANCE"),
    }  # fmt: skip
    assert all("CRPA, art. R311-13" in one["sources"] for one in found.values() if one["delayMonths"] == 1)
    assert {one["priceCentsPerPage"] for kind, one in found.items() if kind != "SCRIPTS"} == {None}
    assert found["SCRIPTS"]["priceCentsPerPage"] == 18
    assert [one["kind"] for one in found["REISSUE"]["requiredPieces"]] == ["CIVIL_STATUS", "IDENTITY", "MANDATE", "AUTHORITY"]


SCRIPTS_ON = {
    (2026, "2026-07-14"): "TOO_EARLY",
    (2026, "2026-07-15"): "ASK",
    (2025, "2026-07-06"): "ASK",
    (2025, "2026-09-30"): "ASK",
    (2025, "2026-10-01"): "TOO_LATE",
    (1998, "2026-07-06"): "TOO_LATE",
}


@pytest.mark.parametrize(("year", "day"), SCRIPTS_ON)
async def test_scripts_are_asked_for_within_a_year_and_not_before_the_second_group(
    client: Client, monkeypatch: pytest.MonkeyPatch, year: int, day: str
) -> None:
    monkeypatch.setattr(request_rules, "today", lambda: date.fromisoformat(day))
    found = (await options(client, session=year))["SCRIPTS"]
    assert found["state"] == SCRIPTS_ON[year, day]
    assert (found["openFrom"], found["openUntil"]) == (f"{year}-07-15", f"{year + 1}-09-30")


async def test_where_the_school_year_is_the_calendar_s_results_come_in_december(client: Client) -> None:
    found = await options(client, academy="40", session=2025)
    assert (found["SCRIPTS"]["openFrom"], found["SCRIPTS"]["openUntil"]) == ("2025-12-22", "2026-12-22")
    assert {one["state"] for one in (await options(client, academy="40", session=2026)).values()} == {"TOO_EARLY"}


async def test_a_published_session_has_its_results_and_its_attestation_online(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    before = await options(client, session=2026)
    assert {kind for kind, one in before.items() if one["state"] == "TOO_EARLY"} == {kind.name for kind in DocumentRequestKind}
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    after = await options(client, session=2026)
    assert {kind for kind, one in after.items() if one["state"] == "TOO_EARLY"} == {"COLLECTION"}
    assert "online" in after["ATTESTATION"]["explanation"]
    assert "online" not in after["MARK_SHEET"]["explanation"]


async def test_a_session_that_never_was_has_nothing_to_ask_and_says_which_there_are(client: Client) -> None:
    found = await options(client, family="bep", session=2022)
    assert {one["state"] for one in found.values()} == {"NO_SESSION"}
    assert "until 2021" in found["ATTESTATION"]["explanation"]
    assert "from 1987 to 2019" in (await options(client, family="dnb", session=2021, academy="05"))["ATTESTATION"]["explanation"]


@pytest.mark.parametrize(
    "given", [{"family": "nothing"}, {"academy": "99"}, {"academy": "54"}, {"session": 0}, {"session": 2**31 - 1}]
)
async def test_nothing_is_said_of_what_is_not_known(client: Client, given: dict[str, Any]) -> None:
    assert await options(client, **given) == {}


@pytest.mark.parametrize("country", [None, "99205", "99350", "99416"])
async def test_availability_and_the_form_agree_for_every_academy_family_and_year(
    connection: DatabaseConnection, country: str | None
) -> None:
    academies = [row["code"] for row in await connection.fetch("select code from academy where kind <> 'INTERACADEMIC'")]
    years = (1985, 1998, 2008, 2009, 2019, 2020, 2022, 2026, 2027)
    compared = 0
    for row in await AVAILABILITY.rows(connection, **of_span(None, years[0], years[-1], country=country)):
        if row["session"] not in years:
            continue
        [route] = [
            one for one in await routing.routes(connection, Obtained(row["family"], row["session"], row["code"], country))
            if one.academy.code == row["code"] or row["state"] == "OUT_OF_SCOPE"
        ][:1]  # fmt: skip
        if route.academy.code != row["code"]:
            continue  # Normandie before 2020: those that merged into it answer
        said = request_rules.answer(DocumentRequestKind.ATTESTATION, route.place, country, date(2026, 7, 6)).state
        assert said.name in SAID_BY[row["state"]], (row["code"], row["family"], row["session"])
        if row["state"] == "PAPER_ONLY":
            asked = route.service.code if route.service is not None else None
            assert (said is AskingState.ASK) == (row["paper_service"] is not None)
            assert asked == row["paper_service"]
        compared += 1
    assert compared >= (len(academies) - 1) * len(families()) * len(years)
