"""The authorization endpoint (RFC 6749, §3.1): from an app to the browser, and back with a code."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from db.statements import Database
from resolvers import app_tokens, apps, web_sessions
from resolvers.apps import App
from server.forms import FormRefused, posted
from server.identity import cookie_of, is_ours
from server.oauth import pages

PATH = "/oauth/authorize"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url (RFC 7636, §4.2)."""

LONGEST_REQUEST = 1000
"""Of a request in a URL: one that is longer would be lost on the way through the sign-in."""


class NoWayBack(Exception):
    """The request names no app, or no address of its own: nothing may be sent to where it says (RFC 6749, §4.1.2.1)."""


class AuthorizationRefused(Exception):
    """The app is told why, at its own address (RFC 6749, §4.1.2.1)."""

    def __init__(self, address: str) -> None:
        super().__init__("refused")
        self.address = address


@dataclass(frozen=True)
class Back:
    """Where the answer goes, with what comes with it: the request's state, and who answers (RFC 9207)."""

    redirect_uri: str
    state: str
    issuer: str

    def answering(self, **answer: str) -> str:
        """The address with an answer."""
        given = {**answer, "state": self.state, "iss": self.issuer}
        return f"{self.redirect_uri}?{urlencode({name: value for name, value in given.items() if value})}"

    def error(self, code: str, description: str) -> AuthorizationRefused:
        """The refusal to raise."""
        return AuthorizationRefused(self.answering(error=code, error_description=description))


@dataclass(frozen=True)
class Asked:
    """An authorization request that may be answered."""

    app: App
    back: Back
    challenge: str

    @property
    def fields(self) -> dict[str, str]:
        """The request again, as a form or a query string carries it."""
        given = {
            "response_type": "code", "client_id": self.app.id, "redirect_uri": self.back.redirect_uri, "state": self.back.state,
            "code_challenge": self.challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in given.items() if value}

    @property
    def path(self) -> str:
        """The request as a path of ours, to come back to."""
        return f"{PATH}?{urlencode(self.fields)}"


async def show(request: Request) -> Response:
    """Asks the person who is signed in whether to go on to the app; who is not signed in signs in first."""
    try:
        asked = await _asked(request.state.pool, request.query_params, issuer_of(request))
    except NoWayBack:
        return pages.no_way_back_page(request)
    except AuthorizationRefused as refused:
        return _to(refused.address)
    # whatever site the browser comes from, the provider's or the app's: the page changes nothing, and no other site can read it
    secret = cookie_of(request)
    who = await web_sessions.signed_in(request.state.pool, secret) if secret else None
    if who is None:
        return _to_login(asked)
    cancelled = asked.back.answering(error="access_denied")
    if not asked.app.serves(who):
        return pages.wrong_people_page(request, asked.app, who, cancelled)
    return pages.consent_page(request, asked.app, who, asked.fields, cancelled)


async def consent(request: Request) -> Response:
    """Sends the browser back to the app with a code. The form has to come from our own page."""
    if not is_ours(request):
        return pages.not_ours_page(request)
    try:
        asked = await _asked(request.state.pool, QueryParams(await posted(request)), issuer_of(request))
    except (NoWayBack, FormRefused):
        return pages.no_way_back_page(request)
    except AuthorizationRefused as refused:
        return _to(refused.address)
    secret = cookie_of(request)
    who = await web_sessions.signed_in(request.state.pool, secret) if secret else None
    if secret is None or who is None:
        return _to_login(asked)
    if not asked.app.serves(who):
        return pages.wrong_people_page(request, asked.app, who, asked.back.answering(error="access_denied"))
    code = await app_tokens.give_code(request.state.pool, asked.app, secret, asked.back.redirect_uri, asked.challenge)
    return _to(asked.back.answering(code=code)) if code else _to_login(asked)


def issuer_of(request: Request) -> str:
    """Who we are (RFC 8414, §2): the origin that this deployment is set to, or the one that was asked when it is set to none."""
    return request.app.state.public_url or str(request.base_url).rstrip("/")


async def _asked(database: Database, given: QueryParams, issuer: str) -> Asked:
    """The authorization request. Raises `NoWayBack`, `AuthorizationRefused`."""
    app = await apps.by_id(database, _only(given, "client_id"))
    redirect_uri = _only(given, "redirect_uri")
    if app is None or not app.may_redirect_to(redirect_uri):
        raise NoWayBack
    back = Back(redirect_uri, _only(given, "state"), issuer)
    if any(len(given.getlist(name)) > 1 for name in given):
        raise back.error("invalid_request", "a parameter is there twice")
    if not given.get("response_type"):
        raise back.error("invalid_request", "response_type is missing")
    if given["response_type"] != "code":
        raise back.error("unsupported_response_type", "response_type is code")
    if given.get("scope"):
        raise back.error("invalid_scope", "there are no scopes")
    # no method would mean plain (RFC 7636, §4.3), which shows the verifier to whoever sees the request
    if given.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(given.get("code_challenge", "")):
        raise back.error("invalid_request", "code_challenge with code_challenge_method S256 is needed")
    asked = Asked(app, back, given["code_challenge"])
    if len(asked.path) > LONGEST_REQUEST:
        raise Back(redirect_uri, "", issuer).error("invalid_request", "state is too long")
    return asked


def _only(given: QueryParams, name: str) -> str:
    """The value of a parameter, empty when it is missing or there twice."""
    values = given.getlist(name)
    return values[0] if len(values) == 1 else ""


def _to_login(asked: Asked) -> Response:
    return _to(f"/login?next={quote(asked.path, safe='')}")


def _to(address: str) -> Response:
    # 303: a browser that repeated the form at the app's address would give it our fields (RFC 9700, §4.12)
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
