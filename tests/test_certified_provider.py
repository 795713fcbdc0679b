"""The whole login against `oidc-provider`, a certified OpenID provider that knows nothing of us, on the Node of the environment."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient, Response
from joserfc.jwk import ECKey

from server.app import create_app
from server.demonstration import free_port
from server.login.claims import FRANCECONNECT
from server.login.providers import SCOPES, WELL_KNOWN, Kind, Provider
from tests.browser import served
from tests.client import settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.node import NODE, installed_packages
from tests.test_logout import onward

SECRET = "a secret of thirty-two characters"


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder of the provider with its packages."""
    return installed_packages(Path(__file__).parent / "oidc_provider")


@asynccontextmanager
async def provider(folder: Path, port: int, client: dict[str, Any]) -> AsyncGenerator[None]:
    """The provider on a port, with one client, until the end."""
    process = await asyncio.create_subprocess_exec(
        NODE, "provider.mjs", json.dumps({"port": port, "client": client}), cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        assert line.strip() == b"ready"
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def register(url: str, folder: Path, kind: Kind) -> AsyncGenerator[tuple[AsyncClient, str]]:
    """The register and the provider, each on a port of its own; a browser, and the path of the login."""
    ours = free_port(18700)
    theirs = free_port(ours + 1)
    us, issuer = f"http://127.0.0.1:{ours}", f"http://127.0.0.1:{theirs}/api/v2"
    plus = kind is Kind.FRANCECONNECT_PLUS
    own = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"})
    own.ensure_kid()
    declared = Provider(
        name="certified", label="Certifié", kind=kind, discovery=issuer + WELL_KNOWN, client_id="parchemin", secret=SECRET,
        acr_values=("eidas2",), scopes=SCOPES[kind], claims=FRANCECONNECT, for_agents=False, proven=True, decrypts=own if plus else None,
    )  # fmt: skip
    client = {
        "client_id": "parchemin", "client_secret": SECRET, "redirect_uris": [f"{us}/login/certified/callback"],
        "post_logout_redirect_uris": [f"{us}/logout/done"], "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256", "grant_types": ["authorization_code"],
        "response_types": ["code"], "backchannel_logout_uri": f"{us}/login/certified/backchannel-logout",
        "backchannel_logout_session_required": True,
    }  # fmt: skip
    if plus:
        client |= {
            "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A256GCM",
            "jwks_uri": f"{us}/login/certified/keys",
        }  # fmt: skip
    app = create_app(settings_of_tests(public_url=us, providers=(declared,)), url)
    async with (
        app.router.lifespan_context(app) as state,
        provider(folder, theirs, client),
        served(with_state(app, dict(state or {})), ours),
        AsyncClient(base_url=us, trust_env=False) as browser,
    ):
        yield browser, "/login/certified"


async def follow(browser: AsyncClient, path: str) -> str:
    """Follows redirections from a path; where they end."""
    answer = await browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.url.path


@pytest.mark.parametrize("kind", [Kind.FRANCECONNECT, Kind.FRANCECONNECT_PLUS], ids=lambda kind: kind.value)
async def test_a_holder_signs_in_and_out_with_a_certified_provider(
    url: str, connection: DatabaseConnection, installed: Path, kind: Kind
) -> None:
    async with register(url, installed, kind) as (browser, login):
        assert await follow(browser, f"{login}?next=/health") == "/health"
        assert (await browser.get("/session")).json() == {"signedIn": True, "kind": "holder"}
        person = await connection.fetchval("select person from identity where provider = 'certified'")
        assert (person["family_name"], person["given_names"], person["birth_commune"]) == (
            "Lecœur",
            ["Claire", "Marie-Ève"],
            "25056",
        )

        done = await confirm(browser, await browser.get(onward(await browser.post("/logout"))))
        assert done.url.path == "/logout/done" and "fermée ici et chez Certifié" in done.text


async def test_a_certified_provider_ends_our_session_by_the_back_channel(
    url: str, connection: DatabaseConnection, installed: Path
) -> None:
    async with register(url, installed, Kind.FRANCECONNECT) as (browser, login):
        await follow(browser, f"{login}?next=/health")
        id_token = await connection.fetchval("select id_token from web_session where provider_session is not null")
        issuer = (await browser.get(login)).headers["location"].partition("/authorize?")[0]
        await confirm(browser, await browser.get(f"{issuer}/session/end", params={"id_token_hint": id_token}))
        assert (await browser.get("/session")).json() == {"signedIn": False, "kind": None}
    assert "SIGNED_OUT_BY_PROVIDER" in await connection.fetchval("select array_agg(act) from journal")


async def confirm(browser: AsyncClient, page: Response) -> Response:
    """Answers yes to the page of the provider that asks whether to sign out."""
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
    [action] = re.findall(r'action="([^"]+)"', page.text)
    return await browser.post(unescape(action), data=fields, follow_redirects=True)
