"""Who sends a request, and in which language to answer."""

import asyncpg
from starlette.datastructures import Headers

from graph.text import Language
from resolvers import callers


async def caller_of(pool: "asyncpg.Pool[asyncpg.Record]", headers: Headers) -> callers.Caller | None:
    """The agent whose bearer token the request carries, or None."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return await callers.by_token(pool, token.strip()) if scheme.lower() == "bearer" and token else None


def language_of(headers: Headers) -> Language:
    """English when the request prefers it to French, else French."""
    for part in headers.get("accept-language", "").lower().split(","):
        tag = part.partition(";")[0].strip()
        if tag.startswith("fr"):
            return "fr"
        if tag.startswith("en"):
            return "en"
    return "fr"
