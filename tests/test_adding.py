"""A holder adds a diploma: the one that is his, and nothing else; whoever is refused learns nothing from it."""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from db.pool import connect
from graph.holdings import AlreadyHeld, DiplomaNotLinked, SessionNotOnline, TooManyRequests
from resolvers import adding
from resolvers.adding import ANSWERED_SECONDS, MOST_REFUSED, Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import ELOISE, Browser, signed_in

BAC = Wanted("bac", 2026, "01")


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Any
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, folder)


async def refused(connection: DatabaseConnection, browser: Browser, wanted: Wanted = BAC) -> dict[str, Any]:
    """What the holder reads when the request is not granted, but for its reference."""
    began = monotonic()
    with pytest.raises(DiplomaNotLinked.refusal) as caught:
        await adding.add(connection, browser.holder, wanted)
    assert monotonic() - began >= ANSWERED_SECONDS - 0.01
    values = dict(caught.value.values)
    reference = values.pop("reference")
    return values | {"text": caught.value.text.fr.replace(reference, "")}


async def states(connection: DatabaseConnection) -> list[str]:
    return [row["state"] for row in await connection.fetch("select state from claim order by id")]


async def test_the_holder_of_the_one_record_that_agrees_gets_it(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Martin"))
    browser = await signed_in(connection)
    added = await adding.add(connection, browser.holder, BAC)
    assert added == await connection.fetchval("select id from diploma where candidate_number = 'C000001'")
    assert await states(connection) == ["ADDED"]


async def test_a_diploma_of_a_former_academy_is_found_under_the_one_that_took_its_place(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Any, keyring: Keyring
) -> None:
    caen = replace(first, academies=("05",)), replace(second, academies=("05",))
    journey = await Journey.begin(connection, monitor, *caen, folder, "bac", "05", 2019)
    await journey.publish(keyring, candidate(1, code_diplome="47011010", date_naissance="12/03/2001"))
    browser = await signed_in(connection, replace(ELOISE, birth_date="2001-03-12"))
    assert await adding.add(connection, browser.holder, Wanted("bac", 2019, "70"))


async def test_nothing_of_a_session_is_found_before_its_release(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    browser = await signed_in(connection)
    await journey.results(candidate(1))
    await journey.close()
    await journey.prepare()
    with pytest.raises(SessionNotOnline.refusal) as caught:
        await adding.add(connection, browser.holder, BAC)
    assert caught.value.values["exam_service"].code == "SIEC"
    await journey.release(keyring)
    assert await adding.add(connection, browser.holder, BAC)


async def test_no_record_a_homonym_a_difference_and_a_failed_candidate_are_told_alike(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(
        keyring,
        candidate(1, nom_naissance="Deux"), candidate(2, nom_naissance="Deux", ine="999999999AB"),
        candidate(3, nom_naissance="Autre", prenoms="Marie"),
        candidate(4, nom_naissance="Ajourne", decision="AJOURNE", moyenne="5"),
    )  # fmt: skip
    answers = [
        await refused(connection, await signed_in(connection, replace(ELOISE, family_name=name), name))
        for name in ("Inconnu", "Deux", "Autre", "Ajourne")
    ]
    assert all(answer == answers[0] for answer in answers)
    assert await states(connection) == ["NOT_FOUND", "REVIEW", "REVIEW", "NOT_FOUND"]


async def test_a_local_account_never_gets_a_diploma_on_what_it_declares(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    browser = await signed_in(connection, proven=False)
    await refused(connection, browser, Wanted("bac", 2026, "01", ine="000000001AB", candidate_number="C000001"))
    assert await states(connection) == ["REVIEW"]


async def test_two_accounts_that_claim_one_diploma_freeze_it_for_both(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    first, second = await signed_in(connection), await signed_in(connection, subject="another")
    await adding.add(connection, first.holder, BAC)
    await refused(connection, second)
    assert await states(connection) == ["FROZEN", "FROZEN"]
    assert await connection.fetchval("select count(*) from holding where frozen_at is not null") == 1
    await refused(connection, first)


async def test_of_two_accounts_that_ask_at_once_one_gets_it_and_the_other_freezes_it(
    connection: DatabaseConnection, url: str, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    browsers = [await signed_in(connection, subject=str(number)) for number in range(2)]
    connections = [await connect(url) for _ in browsers]
    done = await asyncio.gather(
        *(adding.add(own, browser.holder, BAC) for own, browser in zip(connections, browsers, strict=True)), return_exceptions=True
    )
    for own in connections:
        await own.close()
    assert sorted(type(outcome).__name__ for outcome in done) == ["DiplomaNotLinkedRefused", "UUID"]
    assert await states(connection) == ["FROZEN", "FROZEN"]


async def test_a_diploma_that_is_held_already_says_so(connection: DatabaseConnection, journey: Journey, keyring: Keyring) -> None:
    await journey.publish(keyring, candidate(1))
    browser = await signed_in(connection)
    await adding.add(connection, browser.holder, BAC)
    with pytest.raises(AlreadyHeld.refusal):
        await adding.add(connection, browser.holder, BAC)


async def test_an_account_asks_twenty_times_in_vain_in_a_day_and_no_more(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "ANSWERED_SECONDS", 0.0)
    await journey.publish(keyring, candidate(1))
    browser = await signed_in(connection, replace(ELOISE, family_name="Inconnue"))
    for _ in range(MOST_REFUSED):
        with pytest.raises(DiplomaNotLinked.refusal):
            await adding.add(connection, browser.holder, BAC)
    with pytest.raises(TooManyRequests.refusal):
        await adding.add(connection, browser.holder, BAC)
    await connection.execute("update claim set created_at = created_at - interval '25 hours'")
    with pytest.raises(DiplomaNotLinked.refusal):
        await adding.add(connection, browser.holder, BAC)


async def test_somebody_born_abroad_needs_a_second_fact(connection: DatabaseConnection, journey: Journey, keyring: Keyring) -> None:
    await journey.publish(keyring, candidate(1, commune_naissance="", lieu_naissance="Dakar", pays_naissance="99341"))
    browser = await signed_in(connection, replace(ELOISE, birth_commune=None, birth_country="99341"))
    await refused(connection, browser)
    assert await adding.add(connection, browser.holder, Wanted("bac", 2026, "01", candidate_number=" c000001 "))


async def test_an_account_whose_identity_changes_keeps_its_diploma_until_agents_decide(
    connection: DatabaseConnection, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    browser = await signed_in(connection)
    await adding.add(connection, browser.holder, BAC)
    await signed_in(connection, replace(ELOISE, used_name="Martin"))
    assert await states(connection) == ["ADDED"]
    await signed_in(connection, replace(ELOISE, birth_date="2008-03-13"))
    assert await states(connection) == ["REVIEW"]
    assert await connection.fetchval("select count(*) from holding where frozen_at is null") == 1
    assert await connection.fetchval("select comparison ->> 'date' from claim_candidate") == "NO"


async def test_an_account_that_gathers_the_diplomas_of_two_persons_is_looked_at_by_an_agent(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Any, keyring: Keyring,
    journey: Journey,
) -> None:  # fmt: skip
    await journey.publish(keyring, candidate(1, ine="111111111AB"))
    earlier = await Journey.begin(connection, monitor, first, second, folder, "bac", "01", 2025)
    await earlier.publish(keyring, candidate(1, ine="222222222AB"))
    browser = await signed_in(connection)
    await adding.add(connection, browser.holder, BAC)
    await refused(connection, browser, Wanted("bac", 2025, "01"))
    assert await states(connection) == ["ADDED", "REVIEW"]
