"""Who sends a request, and in which language to answer."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import asyncpg
from starlette.requests import HTTPConnection, cookie_parser

from graph.text import Language
from resolvers import app_tokens, callers, web_sessions
from resolvers.app_tokens import Kind
from resolvers.web_sessions import SignedIn

NOBODY = SignedIn(None, None)
COOKIE, SECURE_COOKIE = "parchemin", "__Host-parchemin"
"""The cookie of a session: the second over HTTPS, where browsers then keep it from other hosts and paths (RFC 6265bis)."""

LONGEST_CONSIDERED = 500
"""Characters of an `Accept-Language` that count."""

WEIGHT = re.compile(r"q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)")


async def bearer_of(pool: "asyncpg.Pool[asyncpg.Record]", headers: Mapping[str, str]) -> SignedIn:
    """Whom the request's bearer token signs in: an app's, or that of an agent's program. Nobody when it is unknown or over."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return NOBODY
    token = token.strip()
    if token.startswith(Kind.ACCESS.value):
        return await app_tokens.signed_in(pool, token) or NOBODY
    return SignedIn(None, await callers.by_token(pool, token))


async def signed_in(
    pool: "asyncpg.Pool[asyncpg.Record]", headers: Mapping[str, str], scheme: str, host: str | None = None
) -> SignedIn:
    """Who sends a request of these headers: by a bearer token, or by the cookie of a session when it comes from our own pages."""
    if "authorization" in headers:
        return await bearer_of(pool, headers)
    if "cookie" not in headers:
        return NOBODY
    secret = cookie_parser(headers["cookie"]).get(_cookie_name(scheme))
    if secret is None or not _is_ours(headers, headers.get("host", "") if host is None else host):
        return NOBODY
    return await web_sessions.signed_in(pool, secret) or NOBODY


async def signed_in_of(request: HTTPConnection) -> SignedIn:
    """Who sends a request."""
    cookies = "; ".join(request.headers.getlist("cookie"))
    headers = {**request.headers, "cookie": cookies} if cookies else request.headers
    return await signed_in(request.state.pool, headers, request.url.scheme, request.url.netloc)


def cookie_of(request: HTTPConnection) -> str | None:
    """The secret of the session's cookie, if the request carries one."""
    return request.cookies.get(_cookie_name(request.url.scheme))


def is_ours(request: HTTPConnection) -> bool:
    """Whether no other site made the browser send the request: a cookie that such a request carries counts for nothing."""
    return _is_ours(request.headers, request.url.netloc)


def _cookie_name(scheme: str) -> str:
    return SECURE_COOKIE if scheme in ("https", "wss") else COOKIE


def _is_ours(headers: Mapping[str, str], host: str) -> bool:
    # browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; a client that is no browser sends neither
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def language_of(headers: Mapping[str, str]) -> Language:
    """English when the request prefers it to French (by weight, then by order), else French."""
    return _language(headers.get("accept-language", "")[:LONGEST_CONSIDERED])


@lru_cache(256)
def _language(accept_language: str) -> Language:
    accepted: dict[str, float] = {}
    for part in accept_language.lower().split(","):
        tag, _, quality = part.partition(";")
        weight = WEIGHT.fullmatch(quality.strip())
        accepted.setdefault(tag.strip()[:2], float(weight[1]) if weight else 1.0)
    ours = [language for language in accepted if language in ("fr", "en") and accepted[language]]
    return "en" if max(ours, key=accepted.__getitem__, default="fr") == "en" else "fr"
