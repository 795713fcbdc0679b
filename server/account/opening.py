"""The routes of a new account: the form, and the link that confirms its address."""

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Text
from resolvers import local_accounts
from resolvers.emails import read_email
from resolvers.letters import CONFIRM_LASTS
from resolvers.local import personal
from resolvers.local_accounts import WrongPassword
from resolvers.passwords import fault_of
from resolvers.single_use import LinkOver
from server.account import pages
from server.account.browser import begin_session, keep_token, local_of, see_other, token_of
from server.account.declared import read_person
from server.account.fields import EMAIL, NEW_PASSWORD, PASSWORD
from server.account.posting import Given
from server.identity import language_of

NOT_AN_EMAIL = Text("Écrivez une adresse complète : nom@exemple.fr", "Write a whole address: name@example.fr")
WRONG_PASSWORD = Text("Ce n’est pas le mot de passe.", "This is not the password.")
HOME = "/account/security"


async def create_page(request: Request) -> Response:
    """The form of a new account."""
    return pages.create(request, {}, {})


async def create(request: Request, given: Given) -> Response:
    """Asks for an account. The answer depends on what was given alone, never on whether the address has an account."""
    email = read_email(given.get(EMAIL.name, ""))
    person, wrong = read_person(given)
    errors: dict[str, Text] = {}  # in the order of the page
    if email is None:
        errors[EMAIL.name] = NOT_AN_EMAIL
    password = given.get(NEW_PASSWORD.name, "")
    names = [given.get(name, "") for name in ("family-name", "used-name", "given-names")]
    known = personal(email, person) if email and person else names
    if (fault := fault_of(password, known)) is not None:
        errors[NEW_PASSWORD.name] = fault.value
    if errors or email is None or person is None:
        return pages.create(request, given, errors | dict(wrong))
    address = request.client.host if request.client else ""
    await local_accounts.sign_up(local_of(request), email, password, person, language_of(request.headers), address)
    return see_other("/account/sent")


async def sent(request: Request) -> Response:
    """The same for every letter that somebody asks for."""
    return pages.sent(request)


async def follow(request: Request) -> Response:
    """The link of the letter. Opening it does nothing yet: mail programs do so by themselves."""
    return keep_token(request, request.path_params["token"], "/account/confirm", int(CONFIRM_LASTS.total_seconds()))


async def confirm_page(request: Request) -> Response:
    """The password, when the link still serves."""
    if not await local_accounts.is_asked(local_of(request), token_of(request)):
        raise LinkOver
    return pages.confirm(request, {})


async def confirm(request: Request, given: Given) -> Response:
    """Opens the account, and signs its owner in."""
    try:
        opened = await local_accounts.confirm(local_of(request), token_of(request), given.get(PASSWORD.name, ""))
    except WrongPassword:
        return pages.confirm(request, {PASSWORD.name: WRONG_PASSWORD})
    return await begin_session(request, opened, HOME)
