"""The routes of signing in and out."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import structlog
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from graph.control_key import shown, spelled
from graph.text import Text
from resolvers import accounts, agent_links, web_sessions
from resolvers.keys import mac
from resolvers.web_sessions import ProviderSession
from server.identity import COOKIE, SECURE_COOKIE, cookie_of, is_ours, signed_in_of
from server.login import pages
from server.login.backchannel import backchannel
from server.login.claims import ClaimRefused, checked, person_of
from server.login.providers import Provider
from server.login.refusals import LoginRefused, Reason
from server.login.relying_party import Identity, RelyingParty

ROUND_TRIP = 600
"""Seconds that a sign-in may take at the provider."""

HOME = "/login"
LEAVING = "parchemin-logout"
LONGEST_BACK = 1000

log = structlog.get_logger()


def login_routes(parties: Mapping[str, RelyingParty], public_url: str, master_secret: bytes, *, local: bool) -> list[BaseRoute]:
    """Signing in through these providers, by name, beside `local` accounts if there are any.

    The state of a round trip is signed with a key of its own.
    """
    secure = public_url.startswith("https:")
    journey = Journey(parties, secure=secure, local=local)
    round_trip = Middleware(
        SessionMiddleware, secret_key=mac(master_secret, b"login/round-trip/1").hex(), session_cookie="parchemin-login", path="/login",
        max_age=ROUND_TRIP, same_site="lax", https_only=secure,
    )  # fmt: skip
    return [
        Route("/login", journey.choose),
        Route("/login/style.css", pages.style),
        Route("/login/{provider}", journey.begin, middleware=[round_trip]),
        Route("/login/{provider}/callback", journey.finish, middleware=[round_trip]),
        Route("/login/{provider}/keys", journey.keys),
        Route("/login/{provider}/backchannel-logout", backchannel(parties), methods=["POST"]),
        Route("/logout", journey.leave, methods=["POST"]),
        Route("/logout/done", journey.left),
        Route("/session", session),
    ]


async def session(request: Request) -> Response:
    """Whether the browser is signed in, and as what, for front ends."""
    who = await signed_in_of(request)
    kind = "holder" if who.holder else "agent" if who.agent else None
    return JSONResponse({"signedIn": kind is not None, "kind": kind}, headers={"Cache-Control": "no-store", "Vary": "Cookie"})


class Journey:
    """The pages between a browser and the providers. Cookies are `secure` when our origin is."""

    def __init__(self, parties: Mapping[str, RelyingParty], *, secure: bool, local: bool) -> None:
        self._parties = parties
        self._secure = secure
        self._local = local
        self._cookie = SECURE_COOKIE if secure else COOKIE

    async def choose(self, request: Request) -> Response:
        """The ways to sign in; who is signed in, if somebody is."""
        # shown to whoever opens it, from a link elsewhere too: no other site can read the page
        secret = cookie_of(request)
        who = await web_sessions.signed_in(request.state.pool, secret) if secret else None
        return pages.login_page(
            request, [party.provider for party in self._parties.values()], who, own_path(request), local=self._local
        )

    async def begin(self, request: Request) -> Response:
        """To the provider, with where to go afterwards (`next`, a path of ours)."""

        async def act(party: RelyingParty) -> Response:
            answer = await party.redirect(request, own_path(request) or HOME)
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return await self._answered(request, act)

    async def finish(self, request: Request) -> Response:
        """Back from the provider: a new session, and the end of the one that the browser had."""

        async def act(party: RelyingParty) -> Response:
            identity, back = await party.identity(request)
            return await self._signed_in(request, party.provider, identity, back)

        return await self._answered(request, act)

    async def _signed_in(self, request: Request, provider: Provider, identity: Identity, back: str) -> Response:
        """The redirection that opens a session. Raises `LoginRefused` when the claims name nobody."""
        pool = request.state.pool
        try:
            if provider.for_agents:
                declared = checked(provider.claims, identity.claims)
                owner = await accounts.agent_of(pool, provider.name, identity.subject)
                if owner is None:
                    return await _unknown_agent(request, provider, identity, declared)
            else:
                person = person_of(provider.claims, identity.claims)
                async with pool.acquire() as connection:
                    owner = await accounts.sign_in(connection, provider.name, identity.subject, person, proven=provider.proven)
        except ClaimRefused as refused:
            raise LoginRefused(Reason.IDENTITY_INCOMPLETE, f"{refused.claim}_{refused.fault}") from None
        if (old := cookie_of(request)) is not None:
            await web_sessions.end(pool, old)
        by = ProviderSession(provider.name, identity.subject, identity.session, identity.id_token)
        secret = await web_sessions.begin(pool, owner, by, request.headers.get("user-agent", ""))
        answer = RedirectResponse(back, status_code=303, headers={"Cache-Control": "no-store"})
        answer.set_cookie(self._cookie, secret, path="/", secure=self._secure, httponly=True, samesite="lax")
        return answer

    async def keys(self, request: Request) -> Response:
        """The public key that a provider encrypts userinfo for (JWK Set, RFC 7517); 404 when it encrypts nothing."""
        party = self._parties.get(request.path_params["provider"])
        if party is None or party.provider.decrypts is None:
            return _unknown(request)
        return JSONResponse({"keys": [party.provider.decrypts.as_dict(private=False)]})

    async def leave(self, request: Request) -> Response:
        """Ends the session, then the provider's own if it has a way to."""
        if not is_ours(request):
            return pages.refusal_page(
                request, Text("Cette demande vient d’un autre site", "This request comes from another site"),
                Text("Pour vous déconnecter, passez par la page de connexion.", "To sign out, use the sign-in page."), status=403,
            )  # fmt: skip
        secret = cookie_of(request)
        ended = await web_sessions.end(request.state.pool, secret) if secret else None
        party = self._parties.get(ended["provider"]) if ended else None
        state = secrets.token_urlsafe(32)
        address = await party.logout_address(ended["id_token"], state) if party and ended and ended["id_token"] else None
        if party is None or address is None:
            answer = pages.signed_out_page(request, None)
        else:
            answer = pages.leaving_page(request, party.provider, address)
            answer.set_cookie(
                LEAVING, f"{party.provider.name}.{state}", max_age=ROUND_TRIP, path="/logout", secure=self._secure, httponly=True,
                samesite="lax",
            )  # fmt: skip
        answer.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="lax")
        return answer

    async def left(self, request: Request) -> Response:
        """Back from the provider's logout. Our session ended before; the state says whether the provider answers our request."""
        name, _, state = request.cookies.get(LEAVING, "").partition(".")
        party = self._parties.get(name)
        answers = bool(state) and secrets.compare_digest(state.encode(), request.query_params.get("state", "").encode())
        answer = pages.signed_out_page(request, party.provider.label if party and answers else None)
        answer.delete_cookie(LEAVING, path="/logout", secure=self._secure, httponly=True, samesite="lax")
        return answer

    async def _answered(self, request: Request, act: Callable[[RelyingParty], Awaitable[Response]]) -> Response:
        """The answer of an act of a provider; a refusal is a page, with a reference that stands in the log."""
        party = self._parties.get(request.path_params["provider"])
        if party is None:
            return _unknown(request)
        try:
            return await act(party)
        except LoginRefused as refused:
            reference = shown(spelled(secrets.randbits(40)))
            refusal = refused.reason.value
            facts = {
                "reference": reference,
                "provider": party.provider.name,
                "reason": refused.reason.name,
                "detail": refused.detail,
            }
            if refused.reason in (Reason.UNTRUSTED, Reason.REFUSED_US):
                log.error("login_failed", **facts)
            else:
                log.warning("login_refused", **facts)
            names = {"provider": party.provider.label}
            return pages.refusal_page(
                request, refusal.title.format(**names), refusal.remedy.format(**names), status=refusal.status, reference=reference
            )


async def _unknown_agent(request: Request, provider: Provider, identity: Identity, declared: Mapping[str, str]) -> Response:
    """Whom to ask, with the reference by which an administrator links the identity to an agent."""
    reference = await agent_links.ask(request.state.pool, provider.name, identity.subject, declared)
    log.info("agent_unknown", provider=provider.name)
    return pages.refusal_page(
        request,
        Text("Vous n’êtes pas encore agent ici", "You are not an agent here yet"),
        Text(
            f"{provider.label} vous a bien identifié, mais aucun agent n’est relié à cette identité. Donnez la référence ci-dessous à "
            "l’administrateur de votre service d’examens : elle lui permet de vous relier, une fois, pendant trois jours. "
            "Reconnectez-vous ensuite.",
            f"{provider.label} identified you, but no agent is linked to this identity. Give the reference below to the administrator of "
            "your exam service: it lets him link you, once, for three days. Then sign in again.",
        ),
        status=403,
        reference=reference,
        label=Text("Référence à donner", "Reference to give"),
    )


def _unknown(request: Request) -> Response:
    return pages.refusal_page(
        request, Text("Ce moyen de se connecter n’existe pas", "There is no such way to sign in"),
        Text("Choisissez-en un autre.", "Choose another one."), status=404,
    )  # fmt: skip


def own_path(request: Request) -> str | None:
    """Where the request wants to go after the sign-in, if that is a path of our own."""
    back = request.query_params.get("next", "")
    if not back.startswith("/") or len(back) > LONGEST_BACK or back.startswith("//") or "\\" in back or not back.isprintable():
        return None
    parts = urlsplit(back)
    return back if not parts.scheme and not parts.netloc else None
