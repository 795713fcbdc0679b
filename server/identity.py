"""Who sends a request, and in which language to answer."""

import re

import asyncpg
from starlette.datastructures import Headers

from graph.text import Language
from resolvers import callers

WEIGHT = re.compile(r"q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)")


async def caller_of(pool: "asyncpg.Pool[asyncpg.Record]", headers: Headers) -> callers.Caller | None:
    """The agent whose bearer token the request carries, or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return await callers.by_token(pool, token.strip()) if scheme.lower() == "bearer" and token else None


def language_of(headers: Headers) -> Language:
    """English when the request prefers it to French (by weight, then by order), else French."""
    accepted: dict[str, float] = {}
    for part in headers.get("accept-language", "").lower().split(","):
        tag, _, quality = part.partition(";")
        weight = WEIGHT.fullmatch(quality.strip())
        accepted.setdefault(tag.strip()[:2], float(weight[1]) if weight else 1.0)
    ours = [language for language in accepted if language in ("fr", "en") and accepted[language]]
    return "en" if max(ours, key=accepted.__getitem__, default="fr") == "en" else "fr"
