"""What we are for a provider: an OpenID Connect client, strict where the rules of FranceConnect v2 and ProConnect are.

Authlib makes the authorization request, keeps its state, exchanges the code and checks the id token; joserfc checks what Authlib does
not know: signed and encrypted userinfo, logout tokens.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.starlette_client import OAuth, OAuthError
from joserfc import jwe, jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse

from server.login.providers import Kind, Provider
from server.login.refusals import LoginRefused, Reason

SIGNED_WITH = ["ES256", "RS256"]
"""FranceConnect v2 and ProConnect sign with these. HS256 would let whoever knows the client secret sign."""

ENCRYPTED_WITH = ["ECDH-ES", "RSA-OAEP-256", "A256GCM"]
# other headers than those of the RFCs are let be: an encrypted token repeats `iss` and `aud` there (RFC 7519, §5.3)
SIGNED = jws.JWSRegistry(algorithms=SIGNED_WITH, strict_check_header=False)
ENCRYPTED = jwe.JWERegistry(algorithms=ENCRYPTED_WITH, strict_check_header=False)

SECONDS = 5.0
CLOCKS = 5
"""Seconds by which a provider's clock may be ahead of ours or behind."""

METADATA_LASTS = 3600.0
REFETCH_AFTER = 30.0
"""Seconds before an unknown key makes us ask for the provider's keys again: who sends us tokens must not make us flood it."""

LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core 1.0, §2)."""

LEVELS = ("eidas1", "eidas2", "eidas3")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
JOURNEY = "journey"


@dataclass(frozen=True, repr=False)
class Identity:
    """Who signed in: the provider's `sub`, its `sid` if it names one, the id token, and the claims of userinfo."""

    subject: str
    session: str | None
    id_token: str
    claims: dict[str, Any]


class RelyingParty:
    """The client of one provider. `public_url` is our origin, `transport` another way than the network, for tests."""

    def __init__(self, provider: Provider, public_url: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.provider = provider
        self._callback = f"{public_url}/login/{provider.name}/callback"
        self._signed_out = f"{public_url}/logout/done"
        # the environment may name a proxy to the outside, which an http provider, of a demonstration, is not
        secure = provider.discovery.startswith("https:")
        # Authlib makes a client for each request, which would each read all the certificates that we trust
        trusted = httpx2.create_ssl_context(trust_env=secure)
        self._reach: dict[str, Any] = {"timeout": SECONDS, "trust_env": secure, "verify": trusted}
        self._reach |= {"transport": transport} if transport else {}
        self._client: Any = OAuth().register(
            provider.name, client_id=provider.client_id, client_secret=provider.secret,
            client_kwargs=self._reach | {
                "scope": " ".join(provider.scopes), "code_challenge_method": "S256",
                # a token of FranceConnect lives 60 s, which Authlib's own leeway would take away at birth
                "token_endpoint_auth_method": "client_secret_post", "leeway": 0,
            },
        )  # fmt: skip
        self._metadata: dict[str, Any] = {}
        self._read_at = self._keys_at = float("-inf")

    async def redirect(self, request: Request, back: str) -> RedirectResponse:
        """The way to the provider. The round trip is kept in the request's session, with where to go `back`. Raises `LoginRefused`."""
        await self._discover()
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        levels = {"acr_values": " ".join(self.provider.acr_values)} if self.provider.acr_values else {}
        answer = await self._client.authorize_redirect(request, self._callback, state=state, nonce=nonce, **levels)
        request.session[JOURNEY] = {"provider": self.provider.name, "state": state, "back": back}
        return answer

    async def identity(self, request: Request) -> tuple[Identity, str]:
        """Who comes back from the provider, and where to go. Raises `LoginRefused`."""
        given = request.query_params
        back = self._end_of_journey(request, given.get("state", ""))
        # RFC 9207: another provider's answer is not this one's
        if given.get("iss", self.provider.issuer) != self.provider.issuer:
            raise LoginRefused(Reason.UNTRUSTED, "iss")
        if "error" in given:
            request.session.clear()
            raise LoginRefused.of_error(given["error"])
        if not given.get("code"):
            raise LoginRefused(Reason.UNTRUSTED, "code")
        await self._discover()
        try:
            token, claims = await self._token(request)
            told = await self._userinfo(token, claims["sub"])
            return Identity(claims["sub"], claims.get("sid"), token["id_token"], told), back
        except OAuthError as error:
            raise LoginRefused.of_error(str(error.error)) from None
        except httpx2.HTTPStatusError as error:
            raise LoginRefused(Reason.PROVIDER_FAILED, f"http_{error.response.status_code}") from None
        except httpx2.HTTPError as error:
            raise LoginRefused(Reason.UNREACHABLE, type(error).__name__) from None
        except ExpiredTokenError:
            raise LoginRefused(Reason.EXPIRED, "id_token") from None
        except (JoseError, ValueError, KeyError, httpx2.InvalidURL) as error:
            # its text may quote a token
            raise LoginRefused(Reason.UNTRUSTED, type(error).__name__) from None

    def _end_of_journey(self, request: Request, state: str) -> str:
        """Where the sign-in that this state answers was to go; a state that answers none leaves the one under way as it is."""
        journey = request.session.get(JOURNEY)
        if journey is None or journey["provider"] != self.provider.name:
            raise LoginRefused(Reason.STATE_MISMATCH)
        if not secrets.compare_digest(journey["state"].encode(), state.encode()):
            raise LoginRefused(Reason.STATE_MISMATCH)
        del request.session[JOURNEY]
        return journey["back"]

    async def _token(self, request: Request) -> tuple[dict[str, Any], dict[str, Any]]:
        """The answer for the code, and the claims of its id token."""
        token = await self._client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": self.provider.issuer},
                "aud": {"essential": True, "value": self.provider.client_id},
                "sub": {"essential": True},
                "nonce": {"essential": True},
            },
            leeway=CLOCKS,
        )
        claims = token.get("userinfo")  # Authlib's name for the id token's claims, which are missing when the id token is
        if not claims or not token.get("access_token"):
            raise LoginRefused(Reason.UNTRUSTED, "no_id_token")
        if len(claims["sub"]) > LONGEST_SUBJECT or not isinstance(claims.get("sid", ""), str):
            raise LoginRefused(Reason.UNTRUSTED, "sub_or_sid")
        asked = self.provider.acr_values
        if asked and not _reaches(claims.get("acr"), asked):
            raise LoginRefused(Reason.LEVEL_TOO_LOW)
        return token, claims

    async def _userinfo(self, token: dict[str, Any], subject: str) -> dict[str, Any]:
        """The claims of userinfo, which is about the same subject (OpenID Connect Core 1.0, §5.3.2 and §5.3.4)."""
        answer = await self._client.get(self._metadata["userinfo_endpoint"], token=token)
        if answer.status_code != 200:
            raise LoginRefused(Reason.PROVIDER_FAILED, f"userinfo_{answer.status_code}")
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type == "application/jwt":
            text = _decrypted(answer.text, self.provider) if self.provider.kind is Kind.FRANCECONNECT_PLUS else answer.text
            claims = await self.verified(text)
            jwt.JWTClaimsRegistry(
                leeway=CLOCKS,
                iss={"essential": True, "value": self.provider.issuer},
                aud={"essential": True, "value": self.provider.client_id},
            ).validate(claims)
        elif self.provider.kind is Kind.OIDC and media_type == "application/json":
            claims = answer.json()
        else:
            raise LoginRefused(Reason.UNTRUSTED, "userinfo_unsigned")
        if not isinstance(claims, dict) or claims.get("sub") != subject:
            raise LoginRefused(Reason.UNTRUSTED, "userinfo_sub")
        return claims

    async def logout_address(self, id_token: str, state: str) -> str | None:
        """Where the provider ends its own session (OpenID Connect RP-Initiated Logout 1.0), or None when it cannot or does not answer."""
        try:
            await self._discover()
        except LoginRefused:
            return None
        endpoint = self._metadata.get("end_session_endpoint")
        if endpoint is None:
            return None
        query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": self._signed_out, "state": state})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def verified(self, text: str) -> dict[str, Any]:
        """The claims of a JWT that the provider signed; nothing but its signature is checked. Raises `JoseError`, `LoginRefused`."""
        await self._discover()
        try:
            return jwt.decode(text, await self._keys(), registry=SIGNED).claims
        except InvalidKeyIdError:
            if time.monotonic() - self._keys_at < REFETCH_AFTER:
                raise
            return jwt.decode(text, await self._keys(anew=True), registry=SIGNED).claims

    async def _keys(self, *, anew: bool = False) -> KeySet:
        try:
            found = await self._client.fetch_jwk_set(force=anew)
        except httpx2.HTTPError as error:
            raise LoginRefused(Reason.UNREACHABLE, type(error).__name__) from None
        if anew:
            self._keys_at = time.monotonic()
        return KeySet.import_key_set(found)

    async def _discover(self) -> None:
        """Reads the provider's metadata, which are kept for an hour (OpenID Connect Discovery 1.0, §4.3). Raises `LoginRefused`."""
        if time.monotonic() - self._read_at < METADATA_LASTS:
            return
        try:
            async with httpx2.AsyncClient(**self._reach) as client:
                answer = await client.get(self.provider.discovery)
                answer.raise_for_status()
                found = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise LoginRefused(Reason.UNREACHABLE, f"discovery_{type(error).__name__}") from None
        self._metadata = _metadata(found, self.provider)
        self._read_at = time.monotonic()
        self._client.server_metadata.clear()
        # what Authlib is told is all that it knows: the algorithms are ours and not those that the document lists
        self._client.server_metadata.update(
            self._metadata, _loaded_at=time.time(), id_token_signing_alg_values_supported=SIGNED_WITH
        )


def _metadata(found: Any, provider: Provider) -> dict[str, Any]:
    """The metadata that are used. Raises `LoginRefused` when they are another issuer's, or name an endpoint that is less safe."""
    if not isinstance(found, dict) or found.get("issuer") != provider.issuer:
        raise LoginRefused(Reason.UNTRUSTED, "discovery_issuer")
    used = {name: found[name] for name in ("issuer", "end_session_endpoint", *ENDPOINTS) if name in found}
    for name in ("end_session_endpoint", *ENDPOINTS):
        if name in ENDPOINTS and name not in used:
            raise LoginRefused(Reason.UNTRUSTED, f"discovery_{name}")
        safe = ("https://",) if provider.discovery.startswith("https:") else ("https://", "http://")
        if name in used and not str(used[name]).startswith(safe):
            raise LoginRefused(Reason.UNTRUSTED, f"discovery_{name}")
    return used


def _decrypted(text: str, provider: Provider) -> str:
    assert provider.decrypts is not None
    plaintext = jwe.decrypt_compact(text, provider.decrypts, registry=ENCRYPTED).plaintext
    assert plaintext is not None
    return plaintext.decode("ascii")


def _reaches(level: Any, asked: tuple[str, ...]) -> bool:
    """Whether an authentication is one that was asked for, or of a higher eIDAS level."""
    if level in asked:
        return True
    lowest = min((LEVELS.index(one) for one in asked if one in LEVELS), default=len(LEVELS))
    return level in LEVELS and LEVELS.index(level) > lowest
