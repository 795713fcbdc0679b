"""The whole login against `oidc-provider`, a certified OpenID provider that knows nothing of us. It wants Node."""

import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from joserfc.jwk import ECKey

from server.app import create_app
from server.demonstration import free_port
from server.login.claims import FRANCECONNECT
from server.login.providers import SCOPES, WELL_KNOWN, Kind, Provider
from tests.browser import served
from tests.client import settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.test_logout import onward

ROOT = Path(__file__).parent.parent
HERE = ROOT / "tests" / "oidc_provider"
SECRET = "a secret of thirty-two characters"


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder of the provider with its packages, which stay from one run to the next. Skips without Node; fails when `CI` is set."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        missing = "this test wants Node: apt-get install nodejs npm"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = ROOT / ".data" / "oidc-provider" / lock
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            shutil.rmtree(folder)
            unreachable = f"npm could not install the provider (exit {done.returncode})"
            pytest.fail(unreachable) if os.environ.get("CI") else pytest.skip(unreachable)
    shutil.copy(HERE / "provider.mjs", folder)
    return folder


@asynccontextmanager
async def provider(folder: Path, port: int, client: dict[str, Any]) -> AsyncGenerator[None]:
    """The provider on a port, with one client, until the end."""
    process = await asyncio.create_subprocess_exec(
        "node", "provider.mjs", json.dumps({"port": port, "client": client}), cwd=folder,
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

        leaving = await browser.get(onward(await browser.post("/logout")))
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', leaving.text))
        [action] = re.findall(r'action="([^"]+)"', leaving.text)
        done = await browser.post(unescape(action), data=fields, follow_redirects=True)
        assert done.url.path == "/logout/done" and "fermée ici et chez Certifié" in done.text


async def test_a_certified_provider_ends_the_sessions_that_another_browser_of_its_opened(
    url: str, connection: DatabaseConnection, installed: Path
) -> None:
    async with register(url, installed, Kind.FRANCECONNECT) as (browser, login):
        await follow(browser, f"{login}?next=/health")
        session = browser.cookies["parchemin"]
        # the same session of the provider, whose end it tells by the back channel
        row = await connection.fetchrow("select id_token, provider_session from web_session")
        assert row is not None and row["provider_session"]
        issuer = (await browser.get(login)).headers["location"].partition("/authorize?")[0]
        leaving = await browser.get(f"{issuer}/session/end", params={"id_token_hint": row["id_token"]})
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', leaving.text))
        [action] = re.findall(r'action="([^"]+)"', leaving.text)
        await browser.post(unescape(action), data=fields, follow_redirects=True)
        answer = await browser.get("/session", headers={"Cookie": f"parchemin={session}"})
        assert answer.json() == {"signedIn": False, "kind": None}
    assert "SIGNED_OUT_BY_PROVIDER" in await connection.fetchval("select array_agg(act) from journal")
