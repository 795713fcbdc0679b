"""Counts without persons: what is told, and that whoever knows the totals and the rule computes nothing that is hidden."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from resolvers import callers, publication, sessions, statistics
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.statistics import LEAST, PARIS, quarter_began, told
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import Browser, signed_in

SESSIONS = """query ($from: Int!, $to: Int!, $academy: String, $family: String) {
  sessionStatistics(from: $from, to: $to, academy: $academy, family: $family) {
    academyCode familyCode session diplomas mentions { mention count } } }"""
REQUESTS = """query ($from: Int!, $to: Int!, $academy: String) {
  requestStatistics(from: $from, to: $to, academy: $academy) {
    academyCode year quarter kind received delivered refused withdrawn medianDays } }"""
IN_2026 = {"from": 2026, "to": 2026}


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


async def token_of(connection: DatabaseConnection, *academies: str, role: str = "AUDITOR") -> str:
    agent = await callers.add(connection, f"{role} {' '.join(academies)}", role, list(academies))
    return await callers.new_token(connection, agent, timedelta(minutes=5))


@pytest.mark.parametrize(("mentions", "most"), [(1, 40), (2, 60), (3, 45), (4, 28)])
def test_whoever_knows_the_total_and_the_rule_cannot_compute_what_is_hidden(mentions: int, most: int) -> None:
    """Every table of a total: those that look alike are what he must choose from."""
    alike: dict[tuple[int, tuple[int | None, ...]], list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(most + 1), repeat=mentions):
        if sum(counts) <= most:
            alike[(sum(counts), told(counts))].append(counts)
    for (total, shown), tables in alike.items():
        for place in (place for place, count in enumerate(shown) if count is None):
            possible = {table[place] for table in tables}
            if total >= LEAST:
                assert len(possible) >= 10, (shown, tables)
            elif mentions > 1:
                assert len(possible) == total + 1, "anything from none to all"


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((400, 300, 200, 100, 50, 0), (400, 300, 200, 100, 50, 0)),
        ((400, 300, 200, 100, 10, 0), (None, None, 200, 100, None, 0)),
        ((10, 300, 200, 100, 50, 0), (None, None, 200, 100, 50, 0)),
        ((0, 0, 0, 200, 9, 0), (None,) * 6),
        ((50, 0, 0, 0, 0, 0), (50, 0, 0, 0, 0, 0)),
        ((4, 3, 2, 1, 0, 0), (None,) * 6),
        ((0, 0, 0, 0, 0, 0), (None,) * 6),
    ],
)  # fmt: skip
def test_a_small_count_is_hidden_with_what_would_betray_it(counts: tuple[int, ...], shown: tuple[int | None, ...]) -> None:
    assert told(counts) == shown


async def published(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path, keyring: Keyring,
    *mentions: str, academy: str = "01",
) -> Journey:  # fmt: skip
    """A session with a diploma for each of these mentions."""
    journey = await Journey.begin(connection, monitor, first, second, folder, academy=academy)
    await journey.publish(keyring, *lines(*mentions))
    return journey


def lines(*mentions: str) -> list[dict[str, str]]:
    averages = {"": "10,50", "AB": "12,50", "B": "14,50", "TB": "16,50"}
    return [candidate(number, mention=mention, moyenne=averages[mention]) for number, mention in enumerate(mentions, 1)]


async def counts_of(client: Client, token: str, **given: Any) -> dict[str, tuple[int | None, dict[str | None, int | None]]]:
    """By academy: the diplomas, and those of each mention."""
    rows = (await client.data(SESSIONS, IN_2026 | given, token=token))["sessionStatistics"]
    return {row["academyCode"]: (row["diplomas"], {one["mention"]: one["count"] for one in row["mentions"]}) for row in rows}


async def test_a_published_session_is_counted_by_mention(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    await published(connection, monitor, first, second, folder, keyring, *[""] * 13, *["AB"] * 12, *["TB"] * 11)
    assert await counts_of(client, await token_of(connection, "01")) == {
        "01": (36, {None: 13, "ASSEZ_BIEN": 12, "BIEN": 0, "TRES_BIEN": 11, "TRES_BIEN_FELICITATIONS": 0, "PASSABLE": 0})
    }


async def test_a_mention_of_ten_diplomas_is_told_to_nobody_though_the_total_is_public(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    await published(connection, monitor, first, second, folder, keyring, *[""] * 13, *["AB"] * 12, *["B"] * 11, *["TB"] * 10)
    assert await counts_of(client, await token_of(connection, "01")) == {
        "01": (46, {None: None, "ASSEZ_BIEN": None, "BIEN": 11, "TRES_BIEN": None, "TRES_BIEN_FELICITATIONS": 0, "PASSABLE": 0})
    }


async def test_of_a_session_with_few_diplomas_nothing_is_told(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    await published(connection, monitor, first, second, folder, keyring, *[""] * 10)
    [(diplomas, mentions)] = (await counts_of(client, await token_of(connection, "01"))).values()
    assert diplomas is None
    assert set(mentions.values()) == {None}


async def test_only_sessions_of_the_callers_academies_are_counted_and_only_while_they_are_published(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    paris = await published(connection, monitor, first, second, folder, keyring, *[""] * 11)
    await published(connection, monitor, first, second, folder, keyring, *["AB"] * 12, academy="70")
    both = await token_of(connection, "01", "70")
    assert {code: diplomas for code, (diplomas, _) in (await counts_of(client, both)).items()} == {"01": 11, "70": 12}
    assert list(await counts_of(client, both, academy="70")) == ["70"]
    assert await counts_of(client, both, academy="10") == await counts_of(client, both, family="cap") == {}
    assert await counts_of(client, await token_of(connection, "10")) == {}
    third = await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    await publication.request_withdrawal(connection, second, paris.session, "erreur")
    await publication.withdraw(connection, third, paris.session)
    assert list(await counts_of(client, both)) == ["70"]
    await sessions.reopen_withdrawn(connection, first, paris.session)
    await paris.publish(keyring, *lines(*["AB"] * 14))
    assert (await counts_of(client, both, academy="01"))["01"][1]["ASSEZ_BIEN"] == 14


async def test_the_correction_of_one_diploma_changes_no_count(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring,
) -> None:  # fmt: skip
    await published(connection, monitor, first, second, folder, keyring, *[""] * 12, *["AB"] * 12)
    token = await token_of(connection, "01")
    before = await counts_of(client, token)
    await connection.execute("update diploma set status = 'REVOKED' where candidate_number = 'C000001'")
    await connection.execute("update exam_session set published_count = published_count - 1")
    assert await counts_of(client, token) == before


@pytest.mark.parametrize(("first_year", "last_year"), [(2026, 2025), (2010, 2020), (-5, -1), (10**9, 10**9)])
async def test_years_that_are_too_many_or_none_are_refused(
    client: Client, connection: DatabaseConnection, first_year: int, last_year: int
) -> None:
    token, years = await token_of(connection, "01"), {"from": first_year, "to": last_year}
    assert await client.error(SESSIONS, years, token=token) == "BAD_USER_INPUT"
    assert await client.error(REQUESTS, years, token=token) == "BAD_USER_INPUT"


@pytest.mark.parametrize("document", [SESSIONS, REQUESTS])
async def test_who_has_no_right_to_statistics_is_told_none(client: Client, connection: DatabaseConnection, document: str) -> None:
    assert await client.error(document, IN_2026) == "UNAUTHENTICATED"
    for role in ("AGENT", "OPERATOR"):
        assert await client.error(document, IN_2026, token=await token_of(connection, "01", role=role)) == "FORBIDDEN"
    for role in ("HEAD_OF_SERVICE", "RECTOR_DELEGATE", "AUDITOR"):
        await client.data(document, IN_2026, token=await token_of(connection, "01", role=role))


async def asked(
    connection: DatabaseConnection, browser: Browser, submitted: str, ended: str | None, state: str, times: int, academy: str = "01"
) -> None:
    """As many requests for an attestation, one a year of session."""
    await connection.execute(
        """insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, state,
             submitted_at, due_on, silence, ended_at)
           select concat_ws('-', $2::text, $3::text, $4::text, $6::text, n), $1, 'ATTESTATION', 'bac',
             1900 + n + (select count(*) from document_request), $6, $6, '{}', '{}', $4,
             $2::timestamptz, $2::timestamptz::date + 31, 'REFUSAL', $3::timestamptz
           from generate_series(1, $5::int) n""",
        browser.holder.id, submitted, ended, state, times, academy,
    )  # fmt: skip


async def quarters(client: Client, token: str, **given: Any) -> dict[tuple[str, int, int], list[int | None]]:
    """By academy, year and quarter: received, delivered, refused, withdrawn, and the median delay."""
    rows = (await client.data(REQUESTS, {"from": 2024, "to": 2025} | given, token=token))["requestStatistics"]
    return {
        (row["academyCode"], row["year"], row["quarter"]): [
            row[name] for name in ("received", "delivered", "refused", "withdrawn", "medianDays")
        ]
        for row in rows
    }


async def test_requests_are_counted_in_the_quarter_of_paris_in_which_they_were_made_and_ended(
    client: Client, connection: DatabaseConnection
) -> None:
    browser = await signed_in(connection)
    # 31 March, 23:30 in Paris, and 1 April, 0:30
    await asked(connection, browser, "2025-03-31T21:30:00Z", "2025-04-10T21:30:00Z", "DELIVERED", 11)
    await asked(connection, browser, "2025-03-31T22:30:00Z", "2025-04-02T22:30:00Z", "REFUSED", 12)
    await asked(connection, browser, "2025-04-05T12:00:00Z", "2025-04-06T12:00:00Z", "WITHDRAWN", 10)
    assert await quarters(client, await token_of(connection, "01", "70")) == {
        ("01", 2025, 1): [11, None, None, None, None],
        # ten were withdrawn: that is not told, and the delay is that of the others
        ("01", 2025, 2): [22, 11, 12, None, 2],
    }


async def test_a_median_of_few_answers_is_not_told(client: Client, connection: DatabaseConnection) -> None:
    browser = await signed_in(connection)
    await asked(connection, browser, "2025-01-02T12:00:00Z", "2025-01-12T12:00:00Z", "DELIVERED", 5)
    await asked(connection, browser, "2025-01-03T12:00:00Z", "2025-01-13T12:00:00Z", "REFUSED", 5)
    token = await token_of(connection, "01")
    assert await quarters(client, token) == {("01", 2025, 1): [None, None, None, None, None]}
    await asked(connection, browser, "2025-01-04T12:00:00Z", "2025-01-14T12:00:00Z", "REFUSED", 1)
    assert await quarters(client, token) == {("01", 2025, 1): [11, None, None, None, 10]}


async def test_a_quarter_that_is_not_over_is_not_counted(client: Client, connection: DatabaseConnection) -> None:
    browser, now = await signed_in(connection), datetime.now(UTC)
    began = quarter_began(now)
    await asked(connection, browser, began.isoformat(), None, "SUBMITTED", 20)
    before = began - timedelta(seconds=1)
    await asked(connection, browser, before.isoformat(), None, "SUBMITTED", 15)
    counted = await quarters(client, await token_of(connection, "01"), **{"from": before.year, "to": now.astimezone(PARIS).year})
    assert counted == {("01", before.year, (before.month + 2) // 3): [15, None, None, None, None]}


async def test_requests_to_other_academies_are_not_counted(client: Client, connection: DatabaseConnection) -> None:
    browser = await signed_in(connection)
    await asked(connection, browser, "2025-01-02T12:00:00Z", None, "SUBMITTED", 20)
    await asked(connection, browser, "2025-01-02T12:00:00Z", None, "SUBMITTED", 20, academy="70")
    assert list(await quarters(client, await token_of(connection, "70"))) == [("70", 2025, 1)]
    assert await quarters(client, await token_of(connection, "70"), academy="01") == {}


def test_a_quarter_begins_with_its_first_month_in_paris() -> None:
    assert quarter_began(datetime(2026, 11, 27, tzinfo=UTC)) == datetime(2026, 10, 1, tzinfo=PARIS)
    assert quarter_began(datetime(2026, 3, 31, 22, 30, tzinfo=UTC)) == datetime(2026, 4, 1, tzinfo=PARIS)
    assert quarter_began(datetime(2025, 12, 31, 22, 59, tzinfo=UTC)) == datetime(2025, 10, 1, tzinfo=PARIS)


def test_no_statistic_reads_diplomas() -> None:
    """It would be millions of rows at each call."""
    for statement in (statistics.SESSIONS, statistics.REQUESTS):
        assert not any(table in statement.text for table in ("diploma_version", "candidate", "from diploma", "join diploma"))
