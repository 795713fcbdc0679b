"""The endpoints of a demonstration provider: OpenID Connect Core, Discovery, RP-Initiated and Back-Channel Logout 1.0, PKCE (RFC 7636).

Everything is kept in memory: codes for 30 seconds and one use, tokens for 60 seconds, sessions until the process ends.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from server.forms import FormRefused, posted
from server.provider import pages
from server.provider.people import Source, Subject, subject_of
from server.provider.rules import Rules, refusal

CODE_LASTS, TOKEN_LASTS = 30, 60
BACKCHANNEL = "http://schemas.openid.net/event/backchannel-logout"
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, repr=False)
class Client:
    """The one client of a demonstration provider."""

    id: str
    secret: str
    redirect: str
    signed_out: str
    backchannel: str


@dataclass(frozen=True, repr=False)
class Grant:
    """What a choice allows: who, for which request, in which session, since when."""

    person: Subject
    request: Mapping[str, str]
    session: str
    at: float


@dataclass
class DemonstrationProvider:
    """A provider at `issuer`. `secret` makes its subjects, the same at every start; `transport` is its way to its client."""

    rules: Rules
    issuer: str
    client: Client
    people: Source
    secret: bytes
    transport: httpx2.AsyncBaseTransport | None = None
    key: ECKey = field(
        default_factory=lambda: ECKey.generate_key("P-256", {"kid": secrets.token_hex(8), "use": "sig", "alg": "ES256"})
    )
    codes: dict[str, Grant] = field(default_factory=dict[str, Grant])
    tokens: dict[str, Grant] = field(default_factory=dict[str, Grant])
    sessions: dict[str, Subject] = field(default_factory=dict[str, Subject])

    def routes(self) -> list[BaseRoute]:
        """The endpoints, under the path of the rules."""
        path = self.rules.path
        return [
            Route(f"{path}/.well-known/openid-configuration", self.metadata),
            Route(f"{path}/jwks", self.keys),
            Route(f"{path}/authorize", self.authorize, methods=["GET", "POST"]),
            Route(f"{path}/token", self.token, methods=["POST"]),
            Route(f"{path}/userinfo", self.userinfo),
            Route(f"{path}/session/end", self.end_session),
            Route(f"{path}/session", self.session, methods=["GET", "POST"]),
        ]

    def subject(self, person: Subject) -> str:
        """The `sub` of a person."""
        return subject_of(person, self.client.id, self.secret)

    async def metadata(self, _: Request) -> Response:
        """The discovery document."""
        at = self.issuer
        return JSONResponse({
            "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo", "jwks_uri": f"{at}/jwks", "end_session_endpoint": f"{at}/session/end",
            "response_types_supported": ["code"], "grant_types_supported": ["authorization_code"], "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["ES256"], "userinfo_signing_alg_values_supported": ["ES256"],
            "acr_values_supported": list(self.rules.levels), "scopes_supported": list(self.rules.scopes),
            "token_endpoint_auth_methods_supported": ["client_secret_post"], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True, "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        })  # fmt: skip

    async def keys(self, _: Request) -> Response:
        """The public key."""
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """The page of people; once one is chosen, the way back with a code, or with the error of a request that breaks a rule."""
        try:
            given = dict(request.query_params) if request.method == "GET" else await posted(request)
        except FormRefused:
            return pages.error_page(request, self.rules, "Y000400")
        choice = given.pop("choose", None) if request.method == "POST" else None
        if given.get("client_id") != self.client.id or given.get("redirect_uri") != self.client.redirect:
            return pages.error_page(request, self.rules, "Y030003")
        wrong = refusal(self.rules, given)
        if wrong is not None:
            if wrong.error is None:
                return pages.error_page(request, self.rules, wrong.code)
            return self._back(given, {"error": wrong.error, "error_description": wrong.code})
        people = await self.people(request.state.pool)
        if choice is None:
            parts = urlsplit(self.client.redirect)
            return pages.choice_page(request, self.rules, given, people, f"{parts.scheme}://{parts.netloc}")
        person = next((one for one in people if one.choice == choice), None)
        if person is None:
            return self._back(given, {"error": "access_denied", "error_description": "Y500007"})
        return self._granted(given, person)

    def _granted(self, given: Mapping[str, str], person: Subject) -> Response:
        code, session = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        self.codes[code] = Grant(person, given, session, time.time())
        self.sessions[session] = person
        answer = self._back(given, {"code": code})
        answer.set_cookie(self.rules.name, session, path=self.rules.path, httponly=True, samesite="lax")
        return answer

    def _back(self, given: Mapping[str, str], told: dict[str, str]) -> Response:
        query = urlencode(told | {"state": given["state"], "iss": self.issuer})
        return RedirectResponse(f"{given['redirect_uri']}?{query}", status_code=303, headers=NO_STORE)

    async def token(self, request: Request) -> Response:
        """An access token and an id token for a code that is fresh, unused, and the client's."""
        try:
            given = await posted(request)
        except FormRefused:
            return _error("invalid_request", 400)
        known = hmac.compare_digest(given.get("client_secret", "").encode(), self.client.secret.encode())
        if given.get("client_id") != self.client.id or not known:
            return _error("invalid_client", 401)
        if given.get("grant_type") != "authorization_code":
            return _error("unsupported_grant_type", 400)
        grant = self.codes.pop(given.get("code", ""), None)
        if grant is None or grant.at + CODE_LASTS < time.time() or given.get("redirect_uri") != grant.request["redirect_uri"]:
            return _error("invalid_grant", 400)
        challenge = grant.request.get("code_challenge")
        if challenge is not None and not hmac.compare_digest(challenge, _challenge(given.get("code_verifier", ""))):
            return _error("invalid_grant", 400)
        token = secrets.token_urlsafe(32)
        self.tokens[token] = Grant(grant.person, grant.request, grant.session, time.time())
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LASTS, "scope": grant.request["scope"]}
        return JSONResponse(answer | {"id_token": self.signed(self.id_claims(grant))}, headers=NO_STORE)

    async def userinfo(self, request: Request) -> Response:
        """The claims of the scopes, as a signed JWT."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.tokens.get(token)
        if scheme.lower() != "bearer" or grant is None or grant.at + TOKEN_LASTS < time.time():
            return _error("invalid_token", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return Response(self.signed(self.userinfo_claims(grant)), media_type="application/jwt", headers=NO_STORE)

    def id_claims(self, grant: Grant) -> dict[str, Any]:
        """The claims of the id token."""
        asked = grant.request["acr_values"].split()
        level = next(level for level in self.rules.levels if level in asked)
        return self._claims(grant) | {
            "nonce": grant.request["nonce"],
            "acr": level,
            "auth_time": int(grant.at),
            "sid": grant.session,
        }

    def userinfo_claims(self, grant: Grant) -> dict[str, Any]:
        """The claims of userinfo."""
        opened = {claim for scope in grant.request["scope"].split() for claim in self.rules.scopes[scope]}
        return self._claims(grant) | {name: value for name, value in grant.person.claims.items() if name in opened}

    def _claims(self, grant: Grant) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": self.client.id, "sub": self.subject(grant.person), "iat": now, "exp": now + TOKEN_LASTS}

    def signed(self, claims: dict[str, Any]) -> str:
        """The claims as a JWT."""
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    async def end_session(self, request: Request) -> Response:
        """Ends the provider's session at the client's request, and goes back to the client with its `state`."""
        given = request.query_params
        try:
            claims = jwt.decode(given.get("id_token_hint", ""), self.key, algorithms=["ES256"]).claims  # it may have expired
        except (JoseError, ValueError):
            return pages.error_page(request, self.rules, "Y030009")
        if given.get("post_logout_redirect_uri") != self.client.signed_out or claims.get("aud") != self.client.id:
            return pages.error_page(request, self.rules, "Y030010")
        self.sessions.pop(claims["sid"], None)
        query = f"?{urlencode({'state': given['state']})}" if "state" in given else ""
        answer = RedirectResponse(self.client.signed_out + query, status_code=303, headers=NO_STORE)
        answer.delete_cookie(self.rules.name, path=self.rules.path)
        return answer

    async def session(self, request: Request) -> Response:
        """Who is signed in here; by POST, signs him out, and tells the client so by the back channel."""
        session = request.cookies.get(self.rules.name, "")
        person = self.sessions.get(session)
        if request.method == "POST" and person is not None:
            del self.sessions[session]
            async with httpx2.AsyncClient(transport=self.transport, timeout=5, trust_env=False) as http:
                await http.post(self.client.backchannel, data={"logout_token": self.signed(self.logout_claims(person, session))})
            person = None
        return pages.session_page(request, self.rules, person.name if person else None)

    def logout_claims(self, person: Subject, session: str) -> dict[str, Any]:
        """The claims of a logout token."""
        now = int(time.time())
        return {
            "iss": self.issuer, "aud": self.client.id, "iat": now, "exp": now + 120, "jti": secrets.token_urlsafe(16),
            "sub": self.subject(person), "sid": session, "events": {BACKCHANNEL: {}},
        }  # fmt: skip


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _error(error: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=NO_STORE | dict(headers or {}))
