"""The routes of signing in to a local account: a password, then a code if the account asks for one."""

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Text
from resolvers import local_sign_in
from resolvers.emails import read_email
from resolvers.local_accounts import WrongPassword
from resolvers.local_sign_in import CODE_LASTS, CodeNeeded, WrongCode
from resolvers.single_use import LinkOver
from server.account import pages
from server.account.browser import begin_session, keep_token, local_of, mark_of, token_of
from server.account.fields import CODE, EMAIL, PASSWORD
from server.account.opening import HOME, NOT_AN_EMAIL
from server.account.posting import Given
from server.login.journey import own_path

UNKNOWN = Text("Adresse ou mot de passe inconnu.", "Unknown address or password.")
WRONG_CODE = Text(
    "Ce code ne sert pas, ou a déjà servi. Attendez le suivant.", "This code does not work, or was used. Wait for the next one."
)


async def sign_in_page(request: Request) -> Response:
    """Address and password."""
    return pages.sign_in(request, "", {})


async def sign_in(request: Request, given: Given) -> Response:
    """A new session, or the page of the code. An unknown address and a wrong password are one answer."""
    written = given.get(EMAIL.name, "")
    email = read_email(written)
    if email is None:
        return pages.sign_in(request, written, {EMAIL.name: NOT_AN_EMAIL})
    address = request.client.host if request.client else ""
    try:
        step = await local_sign_in.sign_in(local_of(request), email, given.get(PASSWORD.name, ""), address, mark_of(request))
    except WrongPassword:
        return pages.sign_in(request, written, {"": UNKNOWN})
    if isinstance(step, CodeNeeded):
        return keep_token(request, step.token, pages.onward(request, "/login/local/code"), int(CODE_LASTS.total_seconds()))
    return await begin_session(request, step, own_path(request) or HOME)


async def code_page(request: Request) -> Response:
    """The code, for whoever just gave the password."""
    if not token_of(request):
        raise LinkOver
    return pages.code(request, {})


async def code(request: Request, given: Given) -> Response:
    """A new session."""
    try:
        opened = await local_sign_in.give_code(
            local_of(request), token_of(request), given.get(CODE.name, "")[:40], mark_of(request)
        )
    except WrongCode:
        return pages.code(request, {CODE.name: WRONG_CODE})
    return await begin_session(request, opened, own_path(request) or HOME)
