"""The page of consent in a real browser: it is drawn, and the browser does go on to each kind of address."""

from urllib.parse import urlencode

import pytest
from playwright.async_api import ConsoleMessage, Page
from starlette.types import Receive, Scope, Send

from resolvers import apps
from resolvers.apps import App
from server.app import create_app
from server.identity import COOKIE
from tests.browser import chromium, served
from tests.client import settings_of_tests
from tests.conftest import DatabaseConnection
from tests.mobile import request_of
from tests.people import signed_in


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1/retour", "http://127.0.0.1:9/retour"),
        ("http://[::1]/retour", "http://[::1]:9/retour"),
        ("https://jury.exemple.invalid/retour", "https://jury.exemple.invalid/retour"),
        ("fr.exemple.diplomes:/retour", "fr.exemple.diplomes:/retour"),
    ],
)
async def test_continuing_leads_to_the_app(url: str, connection: DatabaseConnection, registered: str, asked: str) -> None:
    app = App("fr.exemple.diplomes", "Mes diplômes", (registered,), True, False)
    await apps.add(connection, app)
    secret = (await signed_in(connection)).secret
    server = create_app(settings_of_tests(), url)
    async with server.router.lifespan_context(server) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await server({**scope, "state": dict(state or {})}, receive, send)

        async with served(with_state) as origin, chromium() as browser:
            context = await browser.new_context(locale="fr-FR")
            await context.add_cookies([{"name": COOKIE, "value": secret, "url": origin}])
            page = await context.new_page()
            refused: list[str] = []
            page.on("console", lambda message: _note(message, refused))
            await _continue(page, origin, app, asked)
            assert refused == []
    assert await connection.fetchval("select redirect_uri from app_code") == asked


async def _continue(page: Page, origin: str, app: App, asked: str) -> None:
    """Opens the page and continues; waits until the browser has gone to the app, where nobody listens."""
    await page.goto(f"{origin}/oauth/authorize?{urlencode(request_of(app, 'v' * 43) | {'redirect_uri': asked})}")
    assert await page.get_by_role("heading").inner_text() == "Vous connecter à Mes diplômes ?"
    async with page.expect_response(lambda answer: answer.request.method == "POST", timeout=10_000) as posted:
        await page.get_by_role("button", name="Continuer").click(no_wait_after=True)
    assert (await (await posted.value).all_headers())["location"].startswith(f"{asked}?code=")
    await page.wait_for_timeout(300)


def _note(message: ConsoleMessage, refused: list[str]) -> None:
    if "Content Security Policy" in message.text:
        refused.append(message.text)
