"""Signing out: here, at the provider, and when the provider says so (OpenID Connect RP-Initiated and Back-Channel Logout 1.0)."""

import re
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc import jwt
from joserfc.jwk import OctKey
from structlog.testing import capture_logs

from server.identity import COOKIE
from tests.conftest import DatabaseConnection
from tests.signing import Site, another_key, hidden, signing


def onward(page: Response) -> str:
    """Where a page refreshes to."""
    [address] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    return unescape(address)


async def test_signing_out_ends_our_session_then_the_providers_and_comes_back(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        secret = site.browser.cookies[COOKIE]
        page = await site.browser.post("/logout")
        assert page.status_code == 200 and COOKIE not in site.browser.cookies
        assert await connection.fetchval("select count(*) from web_session where ended_at is null or id_token is not null") == 0
        asked = parse_qs(urlsplit(onward(page)).query)
        assert len(asked["state"][0]) >= 32 and asked["post_logout_redirect_uri"] == ["http://register.test/logout/done"]
        assert len(site.provider.sessions) == 1
        back = await site.browser.get(onward(page))
        assert site.provider.sessions == {}
        done = await site.browser.get(back.headers["location"])
        assert done.status_code == 200 and "fermée ici et chez Fournisseur" in done.text
        async with site.another_browser() as thief:
            thief.cookies.set(COOKIE, secret)
            assert await site.kind(browser=thief) is None
    assert await connection.fetchval("select array_agg(act order by id) from journal") == ["OPEN_ACCOUNT", "SIGN_IN", "SIGN_OUT"]


async def test_a_return_with_another_state_says_nothing_of_the_provider(url: str) -> None:
    async with signing(url) as site:
        await site.sign_in()
        await site.browser.post("/logout")
        for query in ("", "?state=", "?state=forged"):
            done = await site.another_browser().get(f"/logout/done{query}", headers={"Cookie": "parchemin-logout=fc.real"})
            assert done.status_code == 200 and "Fournisseur" not in done.text


async def test_signing_out_works_when_the_provider_is_down_or_nobody_is_signed_in(url: str) -> None:
    async with signing(url) as site:
        assert "Vous êtes déconnecté" in (await site.browser.post("/logout")).text
        await site.sign_in()
        del site.network.apps["provider.test"]
        assert (await site.browser.post("/logout")).status_code == 200
        assert await site.kind() is None
    async with signing(url) as site:
        await site.browser.get("/login")
        assert (await site.browser.get("/logout")).status_code == 405


# Back channel


async def signed_in_twice(site: Site) -> None:
    """Claire signs in with two browsers, in two sessions of the provider."""
    await site.sign_in()
    await site.sign_in(browser=site.another_browser())
    assert len(site.provider.sessions) == 2


async def open_sessions(connection: DatabaseConnection) -> int:
    return await connection.fetchval("select count(*) from web_session where ended_at is null")


async def test_the_provider_ends_one_of_its_sessions_by_sid(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await signed_in_twice(site)
        [(session, person), _] = site.provider.sessions.items()
        answer = await site.backchannel(site.provider.signed(site.provider.logout_claims(person, session)))
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert await open_sessions(connection) == 1
        assert await site.kind() is None
    assert "SIGNED_OUT_BY_PROVIDER" in await connection.fetchval("select array_agg(act) from journal")


async def test_the_provider_ends_every_session_of_a_subject(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await signed_in_twice(site)
        await site.sign_in("mehdi", browser=site.another_browser())
        claims = good(site)
        del claims["sid"]
        assert (await site.backchannel(site.provider.signed(claims))).status_code == 200
        assert await open_sessions(connection) == 1


async def test_a_session_that_is_over_already_is_no_error(url: str) -> None:
    async with signing(url) as site:
        await site.sign_in()
        claims = good(site)
        await site.browser.post("/logout")
        assert (await site.backchannel(site.provider.signed(claims))).status_code == 200


def good(site: Site) -> dict[str, Any]:
    """The claims of a logout token of a session that is open."""
    session, person = next(iter(site.provider.sessions.items()))
    return site.provider.logout_claims(person, session)


BACKCHANNEL = "http://schemas.openid.net/event/backchannel-logout"
NOW = int(time.time())


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"iss": "http://evil.test"}, "InvalidClaimError"),
        ({"iss": None}, "MissingClaimError"),
        ({"aud": "somebody else"}, "InvalidClaimError"),
        ({"aud": None}, "MissingClaimError"),
        ({"iat": None}, "MissingClaimError"),
        ({"iat": "now"}, "InvalidClaimError"),
        ({"iat": NOW + 3600}, "InvalidClaimError"),
        ({"iat": NOW - 3600, "exp": NOW + 3600}, "iat"),
        ({"exp": NOW - 60}, "ExpiredTokenError"),
        ({"jti": None}, "MissingClaimError"),
        ({"jti": 7}, "InvalidClaimError"),
        ({"jti": "j" * 256}, "sub_or_sid"),
        ({"events": None}, "events"),
        ({"events": {}}, "events"),
        ({"events": [BACKCHANNEL]}, "events"),
        ({"events": {BACKCHANNEL: "yes"}}, "events"),
        ({"nonce": "n"}, "nonce"),
        ({"sub": None, "sid": None}, "sub_or_sid"),
        ({"sub": 12}, "InvalidClaimError"),
        ({"sid": ["a"]}, "sub_or_sid"),
        ({"sid": ""}, "sub_or_sid"),
    ],
)
async def test_a_logout_token_with_a_wrong_claim_ends_nothing(
    url: str, connection: DatabaseConnection, changed: dict[str, Any], detail: str
) -> None:
    async with signing(url) as site:
        await site.sign_in()
        claims = {name: value for name, value in (good(site) | changed).items() if value is not None}
        await refused(site, site.provider.signed(claims), detail)
        assert await open_sessions(connection) == 1


async def refused(site: Site, token: str, detail: str | None = None) -> None:
    with capture_logs() as logs:
        answer = await site.backchannel(token)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert answer.headers["cache-control"] == "no-store"
    [line] = [line for line in logs if line["event"] == "logout_token_refused"]
    assert detail is None or line["detail"] == detail


async def test_a_logout_token_that_the_provider_did_not_sign_ends_nothing(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        claims = good(site)
        for header, key in (
            ({"alg": "ES256", "kid": "another"}, another_key()),
            ({"alg": "ES256", "kid": site.provider.key.kid}, another_key()),
            ({"alg": "HS256"}, OctKey.import_key(site.provider.client.secret)),
        ):
            await refused(site, jwt.encode(header, claims, key))
        signed = site.provider.signed(claims)
        header, payload, _ = signed.split(".")
        for token in (f"{header}.{payload}.", f"eyJhbGciOiJub25lIn0.{payload}.", signed + "x", "", "x" * 70_000):
            await refused(site, token)
        assert await open_sessions(connection) == 1


async def test_an_id_token_is_no_logout_token(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        await refused(site, await connection.fetchval("select id_token from web_session"), "MissingClaimError")
        assert await open_sessions(connection) == 1


async def test_a_logout_token_counts_once(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        claims = good(site)
        del claims["sid"]
        token = site.provider.signed(claims)
        assert (await site.backchannel(token)).status_code == 200
        await site.sign_in()
        await refused(site, token, "jti")
        assert await open_sessions(connection) == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{}", "application/json"),
        (b"logout_token=a&logout_token=b", "application/x-www-form-urlencoded"),
        (b"other=a", "application/x-www-form-urlencoded"),
        (b"\xff\xfe=", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=b"] * 200), "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_is_no_logout_request_is_refused(url: str, content: bytes, kind: str) -> None:
    async with signing(url) as site:
        answer = await site.browser.post(f"{site.login}/backchannel-logout", content=content, headers={"Content-Type": kind})
        assert answer.status_code == 400
        assert (await site.browser.post("/login/nobody/backchannel-logout", data={"logout_token": "x"})).status_code == 400


async def test_signing_out_at_the_provider_itself_signs_out_here(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        there = site.provider.issuer + "/session"
        page = await site.browser.get(there)
        assert "Claire Lecœur" in page.text
        left = await site.browser.post(there, data=hidden(page.text))
        assert "Aucune session" in left.text
        assert await site.kind() is None
    assert await open_sessions(connection) == 0
