"""The journal of consultations: its holder reads it, and whoever has the database alone reads nothing of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog

from graph.shares import ShareScope
from resolvers import adding, consultations, shares
from resolvers.accounts import LAST
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.consultations import Entry, subject_of
from resolvers.keys import Keyring
from resolvers.shares import NewShare
from server.identity import COOKIE
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import Browser, signed_in

ORGANISATION = "École de Nantes"
JOURNAL = """query ($first: Int!, $after: String) { viewer { consultations(first: $first, after: $after) {
  edges { node { id at channel outcome organisation shareLabel diploma { id } } } pageInfo { hasNextPage endCursor } } } }"""
VERIFY = """query ($key: String!, $name: String!, $organisation: String) {
  verification(key: $key, birthName: $name, organisation: $organisation) { __typename } }"""
OPEN = """query ($secret: String!) { sharedDiploma(secret: $secret) { __typename } }"""


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@dataclass
class Held:
    """A diploma of Éloïse, its key, a link to it, and her browser."""

    client: Client
    browser: Browser
    diploma: UUID
    share: UUID
    key: str
    secret: str

    async def verify(self, name: str = "Lecœur") -> None:
        await self.client.data(VERIFY, {"key": self.key, "name": name, "organisation": ORGANISATION})

    async def open(self) -> None:
        await self.client.data(OPEN, {"secret": self.secret})

    async def pages(self, first: int) -> list[list[dict[str, Any]]]:
        """The whole journal, page by page."""
        found: list[list[dict[str, Any]]] = []
        after, more = None, True
        while more:
            page = (await self.browser.data(JOURNAL, first=first, after=after))["viewer"]["consultations"]
            found.append([edge["node"] for edge in page["edges"]])
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        return found

    async def channels(self) -> list[str]:
        return [entry["channel"] for page in await self.pages(50) for entry in page]


@pytest.fixture
async def published(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path, keyring: Keyring
) -> Journey:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Martin"))
    return journey


@pytest.fixture
async def held(client: Client, connection: DatabaseConnection, published: Journey, keyring: Keyring) -> Held:
    browser = await signed_in(connection, client=client)
    diploma = await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    share = await shares.make(connection, keyring, browser.holder, NewShare(diploma, ShareScope.FULL, "Mon école", None, None))
    key = await published.key_of(keyring, 1)
    return Held(client, browser, diploma, share, key, keyring.share_secret(share))


async def test_no_row_of_the_table_names_the_diploma_the_link_or_the_organisation(
    held: Held, connection: DatabaseConnection
) -> None:
    await held.verify()
    await held.verify("Martin")
    await held.open()
    rows = await connection.fetch("select subject, uuid_send(id) as id, sealed from consultation")
    stored = b"".join(b"".join(row.values()) for row in rows)
    written = str(await connection.fetch("select * from consultation")).lower()
    assert len(rows) == 3
    for trace in (held.diploma, held.share, held.browser.holder.id):
        assert trace.bytes not in stored
        assert trace.hex not in written and str(trace) not in written
    for word in (ORGANISATION, "SHOWN", "WRONG_NAME", "LINK", "KEY", "organisation"):
        assert word.encode() not in stored
        assert word.lower() not in written
    assert len({len(row["sealed"]) for row in rows}) == 1


async def test_the_same_consultation_twice_is_never_the_same_bytes(held: Held, connection: DatabaseConnection) -> None:
    await held.verify()
    await held.verify()
    assert await connection.fetchval("select count(distinct sealed) from consultation") == 2


@pytest.mark.parametrize(
    "altered",
    [
        "set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1)",
        "set_byte(sealed, 0, get_byte(sealed, 0) # 1)",
        "substring(sealed from 1 for 5)",
        "''",
    ],
)
async def test_an_altered_row_is_not_shown_and_the_operators_are_told(
    held: Held, connection: DatabaseConnection, altered: str
) -> None:
    await held.verify()
    await held.open()
    await held.verify()
    await connection.execute(
        f"update consultation set sealed = {altered} where id = (select id from consultation order by id offset 1 limit 1)"
    )
    with structlog.testing.capture_logs() as logged:
        assert await held.channels() == ["KEY", "KEY"]
    assert [entry["event"] for entry in logged] == ["consultation_altered"]
    # the page that it would fill is empty, and those after it are reached
    assert [[entry["channel"] for entry in page] for page in await held.pages(1)] == [["KEY"], [], ["KEY"]]


async def test_a_row_that_is_moved_to_another_diploma_does_not_open(
    held: Held, connection: DatabaseConnection, published: Journey, keyring: Keyring
) -> None:
    await held.client.verified(await published.key_of(keyring, 2), "Martin")
    assert await held.channels() == []
    assert len(await journal_of(connection, keyring)) == 1
    await connection.execute("update consultation set subject = $1", subject_of(keyring, held.diploma))
    assert await held.channels() == []
    assert await journal_of(connection, keyring) == []


async def test_a_key_that_another_diploma_drew_first_shows_its_consultations_to_that_ones_holder_alone(
    held: Held, connection: DatabaseConnection, published: Journey, keyring: Keyring
) -> None:
    key = await connection.fetchrow("select lookup, diploma_id from control_key where diploma_id = $1", held.diploma)
    assert key is not None
    await held.verify()
    assert await held.channels() == ["KEY"]
    other = await connection.fetchval("select id from diploma where id <> $1", held.diploma)
    await connection.execute("update control_key set diploma_id = $1 where lookup = $2", other, key["lookup"])
    assert await held.channels() == []


async def test_another_master_secret_reads_nothing(held: Held, connection: DatabaseConnection) -> None:
    await held.verify()
    assert await journal_of(connection, Keyring.of(b"another master secret of the tests")) == []


async def test_the_consultations_of_one_diploma_come_page_by_page_each_once_the_latest_first(held: Held) -> None:
    await held.verify()
    await held.open()
    await held.verify("Martin")
    pages = await held.pages(1)
    assert [(entry["channel"], entry["outcome"], entry["shareLabel"]) for [entry] in pages] == [
        ("KEY", "WRONG_NAME", None), ("LINK", "SHOWN", "Mon école"), ("KEY", "SHOWN", None),
    ]  # fmt: skip
    assert [len(page) for page in await held.pages(2)] == [2, 1]
    assert [entry for page in await held.pages(2) for entry in page] == [entry for [entry] in pages]


async def test_the_journal_begins_when_the_diploma_was_added(
    client: Client, connection: DatabaseConnection, published: Journey, keyring: Keyring
) -> None:
    key = await published.key_of(keyring, 1)
    await client.verified(key, "Lecœur")
    browser = await signed_in(connection, client=client)
    diploma = await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    held = Held(client, browser, diploma, diploma, key, "")
    assert await held.channels() == []
    assert await exported(held) == []
    await held.verify()
    assert await held.channels() == ["KEY"]
    assert len(await journal_of(connection, keyring)) == 2


async def test_a_key_that_was_renewed_leaves_no_wrong_name_in_the_journal(held: Held, connection: DatabaseConnection) -> None:
    await connection.execute("update diploma set oldest_key_version = 2")
    await held.verify("Martin")
    assert await held.channels() == []


async def test_what_cannot_be_written_in_the_journal_is_not_shown_nor_counted(held: Held, connection: DatabaseConnection) -> None:
    await connection.execute("alter table consultation add constraint full_disk check (false) not valid")
    for document, values in ((VERIFY, {"key": held.key, "name": "Lecœur"}), (OPEN, {"secret": held.secret})):
        answer = await held.client.answer(document, values)
        assert answer["data"] is None
        assert len(answer["errors"]) == 1
    assert await connection.fetchval("select views from share") == 0


async def test_the_export_has_the_whole_journal_the_earliest_first(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.accounts.PAGE", 2)
    await held.verify()
    await held.verify("Martin")
    await held.open()
    entries = await exported(held)
    assert [(entry["channel"], entry["outcome"], entry["organisation"]) for entry in entries] == [
        ("KEY", "SHOWN", ORGANISATION), ("KEY", "WRONG_NAME", ORGANISATION), ("LINK", "SHOWN", None),
    ]  # fmt: skip
    assert entries[0].keys() == {"at", "channel", "outcome", "organisation", "diploma"}
    assert {entry["diploma"] for entry in entries} == {str(held.diploma)}
    assert all(entry["at"].endswith(":00+00:00") for entry in entries)


async def journal_of(connection: DatabaseConnection, keyring: Keyring) -> list[Entry]:
    """Every entry of every diploma that opens, the latest first."""
    since = {row["id"]: datetime.fromtimestamp(0, UTC) for row in await connection.fetch("select id from diploma")}
    found = await consultations.read(connection, keyring, since, LAST, 1000)
    return [one.entry for one in found if one.entry is not None]


async def exported(held: Held) -> list[dict[str, Any]]:
    """The journal as the viewer's export has it."""
    answer = await held.client.send("GET", "/account/export.json", headers={"Cookie": f"{COOKIE}={held.browser.secret}"})
    return answer.json()["consultations"]
