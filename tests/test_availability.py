"""Where diplomas are to be found, and that nothing of a session shows before its release."""

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plugins.loading import families
from resolvers import availability, callers, publication, sessions
from resolvers.availability import LONGEST_SPAN
from resolvers.callers import Caller
from resolvers.keys import Keyring
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate

NUMBERS = itertools.count()
DOCUMENT = """query ($academy: String, $family: String, $from: Int!, $to: Int!) {
  availability(academy: $academy, family: $family, from: $from, to: $to) {
    family session state count academy { code name } askAt { code name website } } }"""


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def third(connection: DatabaseConnection) -> Caller:
    return await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])


@pytest.fixture(autouse=True)
def _this_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today is in July 2026."""

    class Summer(date):
        @classmethod
        def today(cls) -> "Summer":
            return cls(2026, 7, 6)

    monkeypatch.setattr(availability, "date", Summer)


async def asked(client: Client, academy: str | None, family: str | None, first: int, last: int) -> list[dict[str, Any]]:
    given = {"academy": academy, "family": family, "from": first, "to": last}
    # a document of its own each time: the answer is computed, and not the one that was prepared a moment ago
    return (await client.data(f"{DOCUMENT} # {next(NUMBERS)}", given))["availability"]


async def state(client: Client, academy: str, family: str, year: int) -> str:
    found = [one for one in await asked(client, academy, family, year, year) if one["academy"]["code"] == academy]
    assert len(found) == 1
    return found[0]["state"]


async def test_a_published_session_is_available_with_its_count(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1), candidate(2), candidate(3, decision="AJOURNE", moyenne="7,00"))
    [found] = await asked(client, "01", "bac", 2026, 2026)
    assert (found["state"], found["count"], found["askAt"]) == ("AVAILABLE", 2, None)
    [other] = await asked(client, "01", "dnb", 2026, 2026)
    assert (other["state"], other["count"]) == ("AWAITING_RESULTS", None)


async def test_a_session_shows_nothing_of_itself_until_its_release_and_after_its_withdrawal(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, third: Caller,
    folder: Path, keyring: Keyring,
) -> None:  # fmt: skip
    seen: dict[str, Any] = {}

    async def look(when: str) -> None:
        seen[when] = await asked(client, "01", "bac", 2026, 2026)

    await look("nobody opened it")
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await look("open")
    await journey.results(candidate(1))
    await look("with results")
    await journey.close()
    await look("complete")
    await journey.prepare()
    await look("prepared")
    await publication.approve(connection, second, journey.session, datetime.now(UTC) + timedelta(days=1))
    await look("approved for later")
    await publication.cancel(connection, first, journey.session)
    await journey.prepare()
    await journey.release(keyring)
    await look("published")
    await publication.request_withdrawal(connection, second, journey.session, "erreur")
    await publication.withdraw(connection, third, journey.session)
    await look("withdrawn")
    await sessions.reopen_withdrawn(connection, first, journey.session)
    await look("opened again")
    assert seen.pop("published")[0]["state"] == "AVAILABLE"
    hidden = seen["nobody opened it"]
    assert hidden[0]["state"] == "AWAITING_RESULTS" and hidden[0]["count"] is None
    assert {when for when, found in seen.items() if found != hidden} == set()


async def test_what_is_on_paper_names_the_exam_service_to_ask(client: Client) -> None:
    [before, since] = await asked(client, "01", "bac", 2008, 2009)
    assert (before["state"], before["askAt"]["code"]) == ("PAPER_ONLY", "SIEC")
    assert (since["state"], since["askAt"]) == ("AWAITING_RESULTS", None)
    assert await state(client, "16", "bts", 2002) == "PAPER_ONLY"
    assert await state(client, "16", "bts", 2003) == "AWAITING_RESULTS"


async def test_a_diploma_of_an_establishment_is_asked_there(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    assert await state(client, "01", "higher", 2015) == "ESTABLISHMENT"
    journey = await Journey.begin(connection, monitor, first, second, folder, "higher", "01", 2025)
    line = candidate(1, code_diplome="26031403", groupe="NORMALE", diplome="DCG", moyenne="11", note_minimale="8")
    del line["moyenne_second_groupe"]
    await journey.publish(keyring, line)
    assert await state(client, "01", "higher", 2025) == "AVAILABLE"


@pytest.mark.parametrize(
    ("academy", "family", "year"),
    [
        ("01", "bep", 2022),
        ("05", "bac", 2020),
        ("70", "bac", 2019),
        ("01", "dnb", 1986),
        ("01", "bac", 2027),
        ("05", "higher", 2020),
    ],
)
async def test_a_session_that_cannot_be_is_out_of_scope(client: Client, academy: str, family: str, year: int) -> None:
    assert await state(client, academy, family, year) == "OUT_OF_SCOPE"


async def test_a_session_of_caen_is_found_under_caen_and_under_normandie(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path, keyring: Keyring
) -> None:
    preparing = await callers.add(connection, "Camille de Caen", "AGENT", ["05"])
    releasing = await callers.add(connection, "Dominique de Caen", "HEAD_OF_SERVICE", ["05"])
    journey = await Journey.begin(connection, monitor, preparing, releasing, folder, "bac", "05", 2019)
    await journey.publish(keyring, candidate(1, date_naissance="12/03/2001", code_diplome="47013019"))
    assert await state(client, "05", "bac", 2019) == "AVAILABLE"
    found = await asked(client, "70", "bac", 2019, 2020)
    assert [(one["academy"]["name"], one["session"], one["state"], one["count"]) for one in found] == [
        ("Caen", 2019, "AVAILABLE", 1),
        ("Caen", 2020, "OUT_OF_SCOPE", None),
        ("Rouen", 2019, "AWAITING_RESULTS", None),
        ("Rouen", 2020, "OUT_OF_SCOPE", None),
        ("Normandie", 2019, "OUT_OF_SCOPE", None),
        ("Normandie", 2020, "AWAITING_RESULTS", None),
    ]
    everywhere = [one for one in await asked(client, None, "bac", 2019, 2019) if one["state"] == "AVAILABLE"]
    assert [one["academy"]["code"] for one in everywhere] == ["05"]


async def test_every_academy_family_and_year_has_one_row_in_order(client: Client, connection: DatabaseConnection) -> None:
    found = await asked(client, None, None, 2025, 2026)
    rows = [(one["academy"]["code"], one["family"], one["session"]) for one in found]
    academies = await connection.fetch("select code from academy where kind <> 'INTERACADEMIC'")
    assert rows == sorted((row["code"], family, year) for row in academies for family in families() for year in (2025, 2026))


async def test_what_is_not_known_has_no_row(client: Client) -> None:
    assert await asked(client, "99", "bac", 2026, 2026) == []
    assert await asked(client, "01", "nothing", 2026, 2026) == []
    assert await asked(client, "54", "bac", 2026, 2026) == []


@pytest.mark.parametrize(("first", "last"), [(2026, 2025), (2026 - LONGEST_SPAN, 2026), (0, 2**31 - 1)])
async def test_a_span_beyond_the_limits_is_bad_input(client: Client, first: int, last: int) -> None:
    given = {"academy": "01", "family": "bac", "from": first, "to": last}
    assert await client.error(DOCUMENT, given) == "BAD_USER_INPUT"


async def test_the_longest_span_is_allowed(client: Client) -> None:
    assert len(await asked(client, "01", "bac", 2027 - LONGEST_SPAN, 2026)) == LONGEST_SPAN


async def test_abroad_the_exam_service_to_ask_depends_on_the_country(client: Client) -> None:
    data = await client.data(DOCUMENT, {"academy": "00", "family": "bac", "from": 1995, "to": 1995})
    assert [(row["state"], row["askAt"]) for row in data["availability"]] == [("PAPER_ONLY", None)]
    centres = (await client.data("{ foreignCentres { country academy { name examService { code } } } }"))["foreignCentres"]
    asked = {centre["country"]: centre["academy"]["examService"]["code"] for centre in centres}
    assert (asked["Maroc"], asked["Liban"], asked["Canada"]) == ("DEC-04", "SIEC", "DEC-70")


@pytest.mark.parametrize(("country", "service"), [("99350", "DEC-04"), ("99205", "SIEC"), ("99401", "DEC-70"), ("99416", None)])
async def test_abroad_the_country_asked_for_says_which_service(client: Client, country: str, service: str | None) -> None:
    document = f"""query ($country: String) {{ availability(academy: "00", family: "bac", from: 1995, to: 1995, country: $country) {{
      state academy {{ code examService {{ code }} }} askAt {{ code }} }} }} # {next(NUMBERS)}"""
    [found] = (await client.data(document, {"country": country}))["availability"]
    assert (found["state"], found["academy"]) == ("PAPER_ONLY", {"code": "00", "examService": None})
    assert (found["askAt"] and found["askAt"]["code"]) == service


async def test_a_country_changes_nothing_of_what_was_passed_in_france(client: Client) -> None:
    document = """query ($country: String) { availability(family: "bac", from: 1995, to: 1995, country: $country) {
      academy { code } askAt { code } } }"""
    without = (await client.data(document))["availability"]
    abroad = (await client.data(document, {"country": "99350"}))["availability"]
    assert [one["academy"]["code"] for one, other in zip(without, abroad, strict=True) if one != other] == ["00"]
