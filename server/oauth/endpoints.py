"""What an installed app calls: the metadata, the token endpoint and the revocation endpoint."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from resolvers import app_tokens, apps
from resolvers.app_tokens import GrantRefused, Tokens
from resolvers.apps import App
from server.forms import FormRefused, posted
from server.oauth import authorization
from server.oauth.authorization import issuer_of

TOKEN, REVOKE = "/oauth/token", "/oauth/revoke"

Fields = Mapping[str, str]


class TokenRefused(Exception):
    """A request of an app is refused, with the error that it reads (RFC 6749, §5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


def oauth_routes() -> list[BaseRoute]:
    """The routes of the authorization server."""
    return [
        Route("/.well-known/oauth-authorization-server", metadata),
        Route(authorization.PATH, authorization.show, methods=["GET"]),
        Route(authorization.PATH, authorization.consent, methods=["POST"]),
        Route(TOKEN, token, methods=["POST"]),
        Route(REVOKE, revoke, methods=["POST"]),
    ]


async def metadata(request: Request) -> Response:
    """What we can do, and where (RFC 8414, §2)."""
    issuer = issuer_of(request)
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": issuer + authorization.PATH,
            "token_endpoint": issuer + TOKEN,
            "revocation_endpoint": issuer + REVOKE,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["fr", "en"],
        },
        headers={"Cache-Control": "no-cache"},
    )


async def token(request: Request) -> Response:
    """Tokens for a code or a refresh token (RFC 6749, §3.2)."""

    async def act(app: App, fields: Fields) -> dict[str, Any]:
        grant = GRANTS.get(_needed(fields, "grant_type"))
        if grant is None:
            raise TokenRefused("unsupported_grant_type", f"grant_type is one of {', '.join(GRANTS)}")
        given = await grant(request, app, fields)
        return {
            "access_token": given.access, "token_type": "Bearer", "expires_in": given.expires_in, "refresh_token": given.refresh,
        }  # fmt: skip

    return await _answered(request, act)


async def revoke(request: Request) -> Response:
    """Signs an app out (RFC 7009, §2)."""

    async def act(app: App, fields: Fields) -> dict[str, Any]:
        await app_tokens.revoke(request.state.pool, app, _needed(fields, "token"))
        return {}

    return await _answered(request, act)


async def _answered(request: Request, act: Callable[[App, Fields], Awaitable[dict[str, Any]]]) -> Response:
    """The answer of an act of the app that asks."""
    try:
        if "authorization" in request.headers:
            raise TokenRefused("invalid_client", "apps keep no secret: client_id stands in the body", 401)
        fields = await posted(request)
        app = await apps.by_id(request.state.pool, _needed(fields, "client_id"))
        if app is None:
            raise TokenRefused("invalid_client", "no such app is in service")
        return _json(200, await act(app, fields))
    except TokenRefused as refused:
        return _json(refused.status, {"error": refused.error, "error_description": refused.description})
    except GrantRefused:
        return _json(400, {"error": "invalid_grant", "error_description": "unknown, used, too old, or another's"})
    except FormRefused as refused:
        return _json(400, {"error": "invalid_request", "error_description": str(refused)})


def _json(status: int, content: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store", **({"WWW-Authenticate": "Basic"} if status == 401 else {})}
    return JSONResponse(content, status_code=status, headers=headers)


def _needed(fields: Fields, name: str) -> str:
    """A parameter that has to be there. An empty one is not (RFC 6749, §3.2)."""
    if value := fields.get(name):
        return value
    raise TokenRefused("invalid_request", f"{name} is missing")


async def _of_code(request: Request, app: App, fields: Fields) -> Tokens:
    code, redirect_uri, verifier = (_needed(fields, name) for name in ("code", "redirect_uri", "code_verifier"))
    device = request.headers.get("user-agent", "")
    return await app_tokens.redeem(request.state.pool, app, code, redirect_uri, verifier, device)


async def _of_refresh_token(request: Request, app: App, fields: Fields) -> Tokens:
    if fields.get("scope"):
        raise TokenRefused("invalid_scope", "there are no scopes")
    return await app_tokens.refresh(request.state.pool, request.state.keyring, app, _needed(fields, "refresh_token"))


GRANTS = {"authorization_code": _of_code, "refresh_token": _of_refresh_token}
