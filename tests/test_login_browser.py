"""Signing in by clicking, in a real browser: cookies, policies and redirections as a browser applies them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page

from resolvers import agent_links
from resolvers.callers import Caller
from server.app import create_app
from server.demonstration import free_port
from server.provider.registration import demonstrations
from tests.browser import chromium, served
from tests.client import SECRET, settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, Journey, candidate

NONE: dict[str, object] = {"signedIn": False, "kind": None}


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[tuple[Page, str]]:
    """A page of a browser on the register with the demonstration's providers, and our origin. No request may fail or be blocked."""
    port = free_port(18800)
    origin = f"http://127.0.0.1:{port}"
    app = create_app(settings_of_tests(public_url=origin, demonstration=True, graphiql=True), url)
    async with chromium() as browser, app.router.lifespan_context(app) as state, served(with_state(app, dict(state or {})), port):
        page = await browser.new_page(locale="fr-FR")
        elsewhere: list[str] = []
        blocked: list[str] = []
        page.on("request", lambda request: None if request.url.startswith(origin) else elsewhere.append(request.url))
        page.on("console", lambda message: blocked.append(message.text) if "Content Security Policy" in message.text else None)
        yield page, origin
        assert elsewhere == [] and blocked == []


async def session(page: Page, origin: str) -> dict[str, object]:
    """What the browser's cookies say to the register; the page itself may fetch nothing."""
    return await (await page.request.get(f"{origin}/session")).json()


async def test_a_holder_signs_in_and_out_by_clicking(
    url: str, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> None:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(KEYRING, candidate(1, nom_naissance="Martin", prenoms="Louise Jeanne"))
    async with opened(url) as (page, origin):
        await page.goto(f"{origin}/login?next=/graphiql")
        assert await session(page, origin) == NONE
        await page.get_by_role("link", name="S’identifier avec FranceConnect de démonstration").click()
        await page.get_by_text("Ceci n’est pas FranceConnect").wait_for()
        await page.get_by_role("button", name="Louise Jeanne Martin").first.click()
        await page.wait_for_url(f"{origin}/graphiql")
        assert await session(page, origin) == {"signedIn": True, "kind": "holder"}
        cookies = {cookie.get("name"): cookie for cookie in await page.context.cookies()}
        assert cookies["parchemin"].get("httpOnly") and cookies["parchemin"].get("sameSite") == "Lax"
        assert "parchemin-login" not in cookies

        await page.goto(f"{origin}/login")
        await page.get_by_text("Louise Jeanne Martin").wait_for()
        await page.get_by_role("button", name="Se déconnecter").click()
        await page.wait_for_url(f"{origin}/logout/done?**")
        await page.get_by_text("Votre session est fermée ici et chez FranceConnect de démonstration.").wait_for()
        assert await session(page, origin) == NONE


async def test_an_agent_signs_in_by_clicking_and_a_cancelled_sign_in_is_a_page(
    url: str, connection: DatabaseConnection, first: Caller
) -> None:
    async with opened(url) as (page, origin):
        _, of_agents = demonstrations(origin, SECRET)
        subjects = {person.choice: of_agents.provider.subject(person) for person in await of_agents.provider.people(connection)}
        await agent_links.attach(connection, first, of_agents.declared.name, subjects["first"])
        await page.goto(f"{origin}/login")
        await page.get_by_role("link", name="S’identifier avec ProConnect de démonstration").click()
        await page.get_by_role("button", name="Annuler").click()
        await page.get_by_role("heading", name="Vous avez annulé la connexion avec ProConnect de démonstration").wait_for()
        await page.get_by_role("link", name="Revenir aux moyens de se connecter").click()
        await page.get_by_role("link", name="S’identifier avec ProConnect de démonstration").click()
        await page.get_by_role("button", name="Claude Préparant").click()
        await page.get_by_role("heading", name="Vous êtes connecté").wait_for()
        assert await session(page, origin) == {"signedIn": True, "kind": "agent"}

        await page.goto(f"{origin}/demonstration/proconnect/api/v2/session")
        await page.get_by_role("button", name="Se déconnecter partout").click()
        await page.get_by_text("Aucune session n’est ouverte ici.").wait_for()
        assert await session(page, origin) == NONE
