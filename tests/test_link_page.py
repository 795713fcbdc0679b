"""The page behind a link: what its reader sees, with script and without, and that nobody is read before he asks."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.types import Receive, Scope, Send

from graph.shares import ShareScope
from resolvers import adding, consultations, shares
from resolvers.accounts import LAST
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.shares import NewShare
from server.app import create_app
from tests import browser as real
from tests.client import Client, served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import signed_in


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


async def linked(
    connection: DatabaseConnection, monitor: Any, first: Caller, second: Caller, folder: Path, keyring: Keyring, scope: ShareScope
) -> str:
    """The secret of a link of that scope to a published diploma."""
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1, nom_usage="Martin"))
    browser = await signed_in(connection)
    diploma = await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
    share: UUID = await shares.make(connection, keyring, browser.holder, NewShare(diploma, scope, "x", None, None))
    return keyring.share_secret(share)


async def posted(client: Client, secret: str, organisation: str = "", language: str = "fr") -> Any:
    headers = {"Accept-Language": language}
    return await client.send("POST", "/v", data={"secret": secret, "organisation": organisation}, headers=headers)


@pytest.mark.parametrize(
    ("scope", "shown", "hidden"),
    [
        (ShareScope.EXISTS, ("Baccalauréat général", "valide", "2026"), ("Lecœur", "Éloïse", "Paris", "2008", "Besançon")),
        (ShareScope.STANDARD, ("Baccalauréat général", "Paris", "Lecœur", "Martin", "Éloïse, Marie"), ("2008", "Besançon")),
        (ShareScope.FULL, ("Baccalauréat général", "Lecœur", "12\u00a0mars\u00a02008", "Besançon"), ()),
    ],
)
async def test_the_page_shows_what_the_scope_says(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    keyring: Keyring, scope: ShareScope, shown: tuple[str, ...], hidden: tuple[str, ...],
) -> None:  # fmt: skip
    secret = await linked(connection, monitor, first, second, folder, keyring, scope)
    answer = await posted(client, f"http://register.test/v#{secret}", "École de Nantes")
    assert answer.status_code == 200
    assert [text for text in shown if text not in answer.text] == []
    assert [text for text in hidden if text in answer.text] == []
    [diploma] = await connection.fetch("select diploma_id from holding")
    since = {diploma["diploma_id"]: datetime(2026, 1, 1, tzinfo=UTC)}
    [read] = await consultations.read(connection, keyring, since, LAST, 10)
    assert read.entry and (read.entry.channel, read.entry.organisation) == ("LINK", "École de Nantes")


async def test_a_link_that_opens_nothing_says_so_and_asks_again(client: Client) -> None:
    for secret in ("", "x" * 22, "<script>"):
        answer = await posted(client, secret, language="en")
        assert answer.status_code == 404
        assert "This link opens nothing" in answer.text
        assert "<script>alert" not in answer.text


async def test_the_page_is_indexed_by_nobody_and_runs_its_own_script_alone(client: Client) -> None:
    answer = await client.send("GET", "/v")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_in_a_browser_the_secret_leaves_the_address_and_one_click_shows_the_diploma(
    url: str,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    first: Caller,
    second: Caller,
    folder: Path,
    keyring: Keyring,
) -> None:
    secret = await linked(connection, monitor, first, second, folder, keyring, ShareScope.STANDARD)
    app = create_app(settings_of_tests(), url)
    async with app.router.lifespan_context(app) as state, real.chromium() as chromium:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with real.served(with_state) as origin:
            page = await chromium.new_page()
            await page.goto(f"{origin}/v#{secret}")
            assert page.url == f"{origin}/v"
            assert await page.is_hidden("#secret")
            assert await connection.fetchval("select count(*) from consultation") == 0
            await page.fill("#organisation", "École de Nantes")
            await page.click("button")
            await page.wait_for_selector("dl")
            assert "Lecœur" in await page.inner_text("dl")
            assert await connection.fetchval("select count(*) from consultation") == 1
