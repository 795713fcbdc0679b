"""The pages of local accounts in a real browser, whose scripts are off."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from starlette.types import Receive, Scope, Send

from resolvers import attempts, outbox
from server.app import create_app
from server.mail.postman import sender
from tests import browser
from tests.client import settings_of_tests
from tests.conftest import DatabaseConnection
from tests.visitor import EMAIL, KEYS, PASSWORD, code_of


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come as soon as they are known."""
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.0)


@pytest.fixture
async def origin(url: str, tmp_path: Path) -> AsyncIterator[str]:
    """The application on a real port, which is the origin that its letters lead to."""
    port = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        made, state = await port
        await made({**scope, "state": dict(state)}, receive, send)

    async with browser.served(app) as origin:
        made = create_app(settings_of_tests(data=tmp_path, public_url=origin), url)
        async with made.router.lifespan_context(made) as state:
            port.set_result((made, state))
            yield origin


@pytest.fixture
async def page(origin: str) -> AsyncIterator[Page]:
    async with browser.chromium() as chromium:
        context = await chromium.new_context(base_url=origin, java_script_enabled=False, locale="en-GB")
        yield await context.new_page()
        await context.close()


async def open_letter(page: Page, connection: DatabaseConnection, data: Path) -> None:
    """Has the outbox written to files, and follows the link of the latest letter."""
    send = sender(settings_of_tests(data=data))
    while await outbox.send_next(connection, KEYS, send):
        pass
    await page.goto("/demonstration/mail")
    await page.locator("article").first.get_by_role("link").first.click()


async def test_an_account_is_opened_secured_left_and_entered_again_without_script(
    page: Page, connection: DatabaseConnection, tmp_path: Path
) -> None:
    await page.goto("/login/local")
    await page.get_by_role("link", name="Create an account").click()
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("Birth name").fill("Lecœur")
    await page.get_by_label("Given names").fill("Éloïse, Marie")
    await page.get_by_label("Date of birth").fill("2008-03-12")
    await page.get_by_label("Female").check()
    await page.get_by_label("Commune of birth").fill("Besançon")
    await page.get_by_role("button", name="Create the account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    await open_letter(page, connection, tmp_path)
    assert page.url.endswith("/account/confirm")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Open the account").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Account security")

    await page.locator("#factor-password").fill(PASSWORD)
    await page.get_by_role("button", name="Add a second factor").click()
    size = await page.get_by_role("img").bounding_box()
    assert size is not None
    assert size["width"] > 200
    secret = (await page.locator(".secret").inner_text()).replace(" ", "")
    await page.get_by_label("Code").fill(code_of(secret, -1))
    await page.get_by_role("button", name="Check the code").click()
    await expect(page.get_by_role("listitem")).to_have_count(10)

    await page.context.clear_cookies(name=re.compile("^parchemin$"))
    await page.goto("/login/local")
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("Code").fill(code_of(secret))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator(".who")).to_have_text("Éloïse Marie Lecœur")


async def test_whoever_forgot_a_password_that_he_never_had_is_led_by_his_mail_to_a_new_account(
    page: Page, connection: DatabaseConnection, tmp_path: Path
) -> None:
    await page.goto("/login/local")
    await page.get_by_role("link", name="Forgotten password").click()
    await page.get_by_label("E-mail address").fill(EMAIL)
    await page.get_by_role("button", name="Receive a link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    await open_letter(page, connection, tmp_path)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Create an account")
