"""Who sends a request, and in which language to answer."""

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, cookie_parser

from graph.text import Language
from resolvers.sign_ins import SignIns
from resolvers.web_sessions import SignedIn

NOBODY = SignedIn(None, None)
COOKIE, SECURE_COOKIE = "parchemin", "__Host-parchemin"
"""The cookie of a session: the second over HTTPS, where browsers then keep it from other hosts and paths (RFC 6265bis)."""

LONGEST_CONSIDERED = 500
"""Characters of an `Accept-Language` that count."""

WEIGHT = re.compile(r"q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)")


async def signed_in(
    sign_ins: SignIns,
    *,
    authorization: str | None,
    cookie: str | None,
    site: str | None,
    origin: str | None,
    scheme: str,
    host: str,
) -> SignedIn:
    """Who sends a request: by a bearer token, or by the cookie of a session when the request comes from our own pages.

    Takes the headers `Authorization`, `Cookie` (several are joined by `; `), `Sec-Fetch-Site` and `Origin`, None where there is none;
    `scheme` and `host` (with its port, if it has one) are those of the request. One that has the first is not looked at for a cookie.
    """
    if authorization is not None:
        kind, _, token = authorization.partition(" ")
        found = await sign_ins.by_token(token.strip()) if kind.lower() == "bearer" else None
    else:
        secret = cookie_parser(cookie).get(cookie_name(scheme)) if cookie else None
        found = await sign_ins.by_cookie(secret) if secret is not None and from_ours(site, origin, host) else None
    return found or NOBODY


async def signed_in_of(request: HTTPConnection) -> SignedIn:
    """Who sends a request, as `signed_in` says it."""
    headers, url = request.headers, request.url
    return await signed_in(
        request.state.sign_ins, authorization=headers.get("authorization"), cookie="; ".join(headers.getlist("cookie")),
        site=headers.get("sec-fetch-site"), origin=headers.get("origin"), scheme=url.scheme, host=url.netloc,
    )  # fmt: skip


def cookie_name(scheme: str) -> str:
    """The name of a session's cookie over HTTP, HTTPS, or WebSocket."""
    return SECURE_COOKIE if scheme in ("https", "wss") else COOKIE


def cookie_of(request: HTTPConnection) -> str | None:
    """The secret of the session's cookie, if the request carries one."""
    return request.cookies.get(cookie_name(request.url.scheme))


def is_ours(request: HTTPConnection) -> bool:
    """Whether no other site made the browser send the request, as `from_ours` says it."""
    return from_ours(request.headers.get("sec-fetch-site"), request.headers.get("origin"), request.url.netloc)


def from_ours(site: str | None, origin: str | None, host: str) -> bool:
    """Whether no other site made the browser send a request: a cookie that such a request carries counts for nothing.

    Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; a client that is no browser sends neither.
    """
    if site is not None:
        return site in ("same-origin", "none")
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
