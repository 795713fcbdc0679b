"""How often a verification may fail, counted for each one that is resolved; and what that leaves to an attacker."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from graph.control_key import spelled
from graph.limits import MOST_ROOT_FIELDS
from resolvers import verification
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.throttle import AT_ONCE, LIMITS, Turnstile, network_of
from resolvers.verification import Verifier
from tests.client import Client, served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.journey import Journey, candidate

NOON = datetime(2026, 7, 6, 12, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOST = {limit.scope: limit.most for limit in LIMITS}
SLOW = {limit.scope: limit.most_in_slow_mode for limit in LIMITS}
NUMBERS = itertools.count(1)


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(keyring: Keyring, clock: Clock) -> Verifier:
    return Verifier(keyring, clock)


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def key(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path, keyring: Keyring
) -> str:
    """The key of the only diploma of the register, whose holder is Lecœur."""
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1))
    return await journey.key_of(keyring, 1)


def another_key() -> str:
    return spelled(next(NUMBERS))


def another_name() -> str:
    return f"nom{next(NUMBERS)}"


def another_address() -> str:
    number = next(NUMBERS)
    return f"10.{number >> 8 & 255}.{number & 255}.1"


async def failures(connection: DatabaseConnection, scope: str) -> list[int]:
    """How many failures each subject of a scope has, the most first."""
    rows = await connection.fetch("select failures from verification_failure where scope = $1 order by 1 desc", scope)
    return [row["failures"] for row in rows]


@pytest.mark.parametrize("scope", ["ADDRESS", "NAME", "KEY"])
async def test_after_its_limit_a_subject_is_refused_even_with_the_right_key_and_name(
    scope: str, verifier: Verifier, clock: Clock, connection: DatabaseConnection, key: str
) -> None:
    async def attempt(right: bool) -> bool:
        """Whether an attempt against the one subject, all others being new, was shown anything."""
        address = "192.0.2.1" if scope == "ADDRESS" else another_address()
        name = "Lecœur" if scope == "NAME" or right else another_name()
        typed = key if scope == "KEY" or right else another_key()
        return await verifier.verify(connection, typed, name, address) is not None

    for _ in range(MOST[scope] - 1):
        assert not await attempt(right=False)
    assert await attempt(right=True)
    assert not await attempt(right=False)
    assert not await attempt(right=True)
    assert (await failures(connection, scope))[0] == MOST[scope]
    clock.now += HOUR
    assert await attempt(right=True) == (scope != "KEY")
    clock.now += timedelta(days=1)
    assert await attempt(right=True)


async def test_successes_do_not_count(verifier: Verifier, connection: DatabaseConnection, key: str) -> None:
    for _ in range(max(MOST["NAME"], MOST["ADDRESS"]) + 1):
        assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is not None
    assert await connection.fetchval("select count(*) from verification_failure") == 0


async def test_a_refused_attempt_beyond_the_limit_costs_other_subjects_nothing(
    verifier: Verifier, connection: DatabaseConnection, key: str
) -> None:
    for _ in range(MOST["ADDRESS"] + 5):
        await verifier.verify(connection, another_key(), another_name(), "192.0.2.1")
    assert await failures(connection, "SITE") == [MOST["ADDRESS"]]


async def test_aliases_of_one_request_count_each(client: Client, connection: DatabaseConnection, key: str) -> None:
    for request in range(3):
        fields = " ".join(
            f'a{number}: verification(key: "{another_key()}", birthName: "n{request}{number}") {{ __typename }}'
            for number in range(MOST_ROOT_FIELDS)
        )
        answer = await client.data(f"{{ {fields} }}", address="192.0.2.1")
        assert {found["__typename"] for found in answer.values()} == {"VerificationRefused"}
    [counted] = await failures(connection, "ADDRESS")
    assert MOST["ADDRESS"] <= counted < MOST["ADDRESS"] + AT_ONCE
    assert (await client.verified(key, "Lecœur", address="192.0.2.9"))["__typename"] == "VerificationRefused"
    assert (await client.verified(key, "Lecœur", address="198.51.100.1"))["__typename"] == "VerifiedDiploma"


async def test_parallel_requests_count_each(client: Client, connection: DatabaseConnection, key: str) -> None:
    await asyncio.gather(*(client.verified(another_key(), another_name(), address="192.0.2.1") for _ in range(40)))
    [counted] = await failures(connection, "ADDRESS")
    assert MOST["ADDRESS"] <= counted < MOST["ADDRESS"] + AT_ONCE


async def test_many_addresses_at_once_lose_no_count_of_a_name(
    verifier: Verifier, pool: DatabasePool, connection: DatabaseConnection
) -> None:
    attempts = (verifier.verify(pool, another_key(), "Martin", another_address()) for _ in range(MOST["NAME"]))
    assert set(await asyncio.gather(*attempts)) == {None}
    assert await failures(connection, "NAME") == [MOST["NAME"]]


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.254", "192.0.3.1"),
        ("2001:db8:1::1", "2001:0db8:0001:ffff::2", "2001:db8:2::1"),
        ("192.0.2.1", "::ffff:192.0.2.77", "::ffff:192.0.3.1"),
        ("testclient", "testclient", ""),
    ],
)
def test_a_network_counts_as_one_address(address: str, same: str, other: str) -> None:
    assert network_of(address) == network_of(same) != network_of(other)


async def test_slow_mode_tightens_the_limits_and_refuses_nobody_by_itself(
    verifier: Verifier, clock: Clock, connection: DatabaseConnection, key: str
) -> None:
    await verifier.verify(connection, another_key(), another_name(), "192.0.2.1")
    raise_site = "update verification_failure set failures = $1 where scope = 'SITE'"
    await connection.execute(raise_site, MOST["SITE"] - 1)
    with structlog.testing.capture_logs() as logs:
        for _ in range(SLOW["ADDRESS"] - 1):
            await verifier.verify(connection, another_key(), another_name(), "192.0.2.1")
        assert await failures(connection, "SITE") == [MOST["SITE"]]
        assert logs == []
        assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is None
        assert await verifier.verify(connection, key, "Lecœur", "198.51.100.1") is not None
    assert [entry["event"] for entry in logs] == ["verification_slow_mode"]
    clock.now += HOUR
    assert await verifier.verify(connection, key, "Lecœur", "192.0.2.1") is not None


async def test_the_counters_hold_no_address_name_or_key_in_clear(
    verifier: Verifier, connection: DatabaseConnection, key: str
) -> None:
    await verifier.verify(connection, key, "Vasseur", "192.0.2.1")
    rows = await connection.fetch("select scope, subject from verification_failure")
    assert {row["scope"] for row in rows} == set(MOST)
    for row in rows:
        assert len(row["subject"]) == 16
        for clear in (b"192.0.2", b"VASSEUR", key.encode()):
            assert clear not in row["subject"]


async def test_few_verifications_of_one_network_are_under_way_at_once() -> None:
    turnstile, inside, most = Turnstile(), 0, 0

    async def verify(network: str) -> None:
        nonlocal inside, most
        async with turnstile.pass_through(network):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1

    await asyncio.gather(*(verify("192.0.2") for _ in range(5 * AT_ONCE)))
    assert most == AT_ONCE
    await asyncio.gather(*(verify(f"192.0.{number}") for number in range(2 * AT_ONCE)))
    assert most == 2 * AT_ONCE


REGISTER = 23_000_000
ADDRESSES = 100
MOST_FREQUENT_NAME = 0.0035
"""Share of the most frequent birth name, as docs/verification.md states it."""


async def test_an_attacker_with_a_hundred_addresses_discloses_less_than_one_diploma_in_a_hundred_days(
    verifier: Verifier, clock: Clock, connection: DatabaseConnection
) -> None:
    """Each address tries random keys until it is refused, hour after hour, and changes names before they are exhausted."""
    draw = random.Random(2026)
    hours = 2
    for _ in range(hours):
        names = (f"nom{number // MOST['NAME']}" for number in itertools.count())
        for address in range(ADDRESSES):
            for _ in range(MOST["ADDRESS"] + 1):
                assert await verifier.verify(connection, spelled(draw.getrandbits(40)), next(names), f"10.0.{address}.1") is None
        clock.now += HOUR
    # what was refused was not counted: the counters hold what was allowed
    assert await failures(connection, "SITE") == [ADDRESSES * MOST["ADDRESS"]] * hours
    assert await failures(connection, "ADDRESS") == [MOST["ADDRESS"]] * ADDRESSES * hours
    allowed = sum(await failures(connection, "SITE")) // hours * 24
    hits = allowed * REGISTER / 2**40
    disclosures = hits * MOST_FREQUENT_NAME
    print(f"{allowed} attempts a day, {hits:.3f} keys hit, {disclosures:.5f} diplomas disclosed")
    assert allowed == 24_000
    assert 0.50 < hits < 0.51
    assert disclosures < 0.002


async def test_beyond_two_hundred_addresses_the_slow_mode_of_the_site_leaves_two_attempts_each(
    verifier: Verifier, connection: DatabaseConnection
) -> None:
    for number in range(250):
        for _ in range(MOST["ADDRESS"]):
            await verifier.verify(connection, another_key(), another_name(), f"10.1.{number}.1")
    counted = await failures(connection, "ADDRESS")
    assert counted == [MOST["ADDRESS"]] * 200 + [SLOW["ADDRESS"]] * 50
