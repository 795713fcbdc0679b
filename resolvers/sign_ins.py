"""Whom requests sign in: those of one moment share one look-up for each kind of secret."""

from collections.abc import Sequence

from db.statements import Database
from db.together import Together
from resolvers import app_tokens, callers, web_sessions
from resolvers.app_tokens import Kind
from resolvers.web_sessions import SignedIn


class SignIns:
    """The look-ups of one process. They need the primary: a replica may not know yet that a session is over."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._browsers = Together[bytes, SignedIn | None](self._of_browsers)
        self._apps = Together[bytes, SignedIn | None](self._of_apps)
        self._agents = Together[bytes, SignedIn | None](self._of_agents)

    async def by_cookie(self, secret: str) -> SignedIn | None:
        """Whose session a cookie's secret opens, or None when it is unknown, idle for too long, or over."""
        return await self._browsers.one(web_sessions.digest(secret))

    async def by_token(self, token: str) -> SignedIn | None:
        """Whom a bearer token signs in, an app's or that of an agent's program; None when it is unknown or over."""
        if token.startswith(Kind.ACCESS.value):
            return await self._apps.one(web_sessions.digest(token))
        return await self._agents.one(callers.digest(token))

    async def _of_browsers(self, digests: Sequence[bytes]) -> list[SignedIn | None]:
        return await web_sessions.all_signed_in(self._database, digests)

    async def _of_apps(self, digests: Sequence[bytes]) -> list[SignedIn | None]:
        return await app_tokens.all_signed_in(self._database, digests)

    async def _of_agents(self, digests: Sequence[bytes]) -> list[SignedIn | None]:
        found = await callers.by_token(self._database, digests)
        return [SignedIn(None, *found[one]) if one in found else None for one in digests]
