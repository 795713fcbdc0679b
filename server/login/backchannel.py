"""A provider says that a session is over (OpenID Connect Back-Channel Logout 1.0)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.statements import Database, statement
from resolvers import web_sessions
from server.forms import FormRefused, posted
from server.login.providers import Provider
from server.login.refusals import LoginRefused
from server.login.relying_party import CLOCKS, RelyingParty

TAKE = statement("logout_tokens.take")
EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST = 300
"""Seconds since a logout token was made: one that is older is refused, so that a taken one need not be known for ever."""

LONGEST_ID = 255

log = structlog.get_logger()


class LogoutRefused(Exception):
    """The logout token is none. Says which claim is wrong, and no value."""


def backchannel(parties: Mapping[str, RelyingParty]) -> Callable[[Request], Awaitable[Response]]:
    """The route by which these providers end sessions: 200 when the token is good, whether or not a session was left; 400 otherwise."""

    async def route(request: Request) -> Response:
        party = parties.get(request.path_params["provider"])
        try:
            if party is None:
                raise LogoutRefused("provider")
            ended = await _end(request.state.pool, party, (await posted(request)).get("logout_token", ""))
        except (LogoutRefused, FormRefused, JoseError, LoginRefused, ValueError, KeyError) as error:
            # of a JoseError only the kind: its text may quote the token
            detail = str(error) if isinstance(error, LogoutRefused) else type(error).__name__
            log.warning("logout_token_refused", provider=party.provider.name if party else None, detail=detail)
            return _answer(400, {"error": "invalid_request"})
        log.info("signed_out_by_provider", provider=party.provider.name, count=ended)
        return _answer(200, {})

    return route


def _answer(status: int, content: dict[str, str]) -> Response:
    return JSONResponse(content, status_code=status, headers={"Cache-Control": "no-store"})


async def _end(database: Database, party: RelyingParty, token: str) -> int:
    """Ends the sessions that a logout token names; how many there were. Raises `LogoutRefused`, `JoseError`, `LoginRefused`."""
    claims = await party.verified(token)
    _check(claims, party.provider)
    if await TAKE.value(database, provider=party.provider.name, jti=claims["jti"]) is None:
        raise LogoutRefused("jti")
    return await web_sessions.end_of_provider(database, party.provider.name, claims.get("sub"), claims.get("sid"))


def _check(claims: dict[str, Any], provider: Provider) -> None:
    """Whether the claims are those of a logout token (§2.4 and §2.6). Raises `LogoutRefused`, `JoseError`."""
    registry = jwt.JWTClaimsRegistry(
        leeway=CLOCKS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        iat={"essential": True},
        jti={"essential": True},
    )
    registry.validate(claims)
    if claims["iat"] < registry.now - OLDEST:
        raise LogoutRefused("iat")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise LogoutRefused("events")
    if "nonce" in claims:
        raise LogoutRefused("nonce")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    if not named or not all(isinstance(value, str) and 0 < len(value) <= LONGEST_ID for value in (*named, claims["jti"])):
        raise LogoutRefused("sub_or_sid")
