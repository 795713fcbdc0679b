"""Who sends a request, and in which language to answer."""

import re
from urllib.parse import urlsplit

import asyncpg
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from graph.text import Language
from resolvers import app_tokens, callers, web_sessions
from resolvers.app_tokens import Kind
from resolvers.web_sessions import SignedIn

NOBODY = SignedIn(None, None)
COOKIE, SECURE_COOKIE = "parchemin", "__Host-parchemin"
"""The cookie of a session: the second over HTTPS, where browsers then keep it from other hosts and paths (RFC 6265bis)."""

WEIGHT = re.compile(r"q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)")


async def bearer_of(pool: "asyncpg.Pool[asyncpg.Record]", headers: Headers) -> SignedIn:
    """Whom the request's bearer token signs in: an app's, or that of an agent's program. Nobody when it is unknown or over."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return NOBODY
    token = token.strip()
    if token.startswith(Kind.ACCESS.value):
        return await app_tokens.signed_in(pool, token) or NOBODY
    return SignedIn(None, await callers.by_token(pool, token))


async def signed_in_of(request: HTTPConnection) -> SignedIn:
    """Who sends a request: by a bearer token, or by the cookie of a session when the request comes from our own pages."""
    pool, headers = request.state.pool, request.headers
    if "authorization" in headers:
        return await bearer_of(pool, headers)
    secret = cookie_of(request)
    if secret is None or not is_ours(request):
        return NOBODY
    return await web_sessions.signed_in(pool, secret) or NOBODY


def cookie_of(request: HTTPConnection) -> str | None:
    """The secret of the session's cookie, if the request carries one."""
    return request.cookies.get(SECURE_COOKIE if request.url.scheme in ("https", "wss") else COOKIE)


def is_ours(request: HTTPConnection) -> bool:
    """Whether no other site made the browser send the request: a cookie that such a request carries counts for nothing.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; a client that is no browser sends neither.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.url.netloc


def language_of(headers: Headers) -> Language:
    """English when the request prefers it to French (by weight, then by order), else French."""
    accepted: dict[str, float] = {}
    for part in headers.get("accept-language", "").lower().split(","):
        tag, _, quality = part.partition(";")
        weight = WEIGHT.fullmatch(quality.strip())
        accepted.setdefault(tag.strip()[:2], float(weight[1]) if weight else 1.0)
    ours = [language for language in accepted if language in ("fr", "en") and accepted[language]]
    return "en" if max(ours, key=accepted.__getitem__, default="fr") == "en" else "fr"
