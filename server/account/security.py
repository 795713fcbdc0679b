"""The routes of `/account/security`: what the owner of an account sees and changes of how it opens.

What changes how the account opens asks for the password again; what closes something does not.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from db.statements import statement
from graph.problems import NotFound
from resolvers import app_tokens, local_security, second_factor, web_sessions
from resolvers.accounts import Holder, NotSignedIn
from resolvers.emails import read_email
from resolvers.local import LocalAccount, of_account
from resolvers.local_accounts import Opened, WrongPassword
from resolvers.local_recovery import PasswordRefused
from resolvers.second_factor import CodeRefused, NoSecondFactor
from resolvers.web_sessions import IDLE
from server.account import security_page
from server.account.browser import begin_session, local_of, see_other
from server.account.entering import WRONG_CODE
from server.account.fields import CODE, EMAIL, NEW_PASSWORD, PASSWORD, Errors
from server.account.opening import HOME, NOT_AN_EMAIL, WRONG_PASSWORD
from server.account.posting import Given
from server.account.security_page import Shown
from server.identity import cookie_of

SESSIONS = statement("web_sessions.of_account")


async def show(request: Request) -> Response:
    """The page. It is shown to whoever opens it from a link elsewhere too: no other site can read it."""
    return await _page(request, await _holder(request), {})


async def change_password(request: Request, given: Given) -> Response:
    """Another password; all other browsers are signed out, and this one gets a new session."""
    holder, known = await _owner(request)
    try:
        await local_security.prove(local_of(request), known, given.get(PASSWORD.name, ""))
        await local_security.change_password(local_of(request), known, given.get(NEW_PASSWORD.name, ""))
    except WrongPassword:
        return await _page(request, holder, {PASSWORD.name: WRONG_PASSWORD}, "password")
    except PasswordRefused as refused:
        return await _page(request, holder, {NEW_PASSWORD.name: refused.fault.value}, "password")
    return await begin_session(request, Opened(known.account, known.id), f"{HOME}?done=password")


async def change_email(request: Request, given: Given) -> Response:
    """Asks both addresses. The answer does not depend on whether the new one has an account."""
    holder, known = await _owner(request)
    email = read_email(given.get(EMAIL.name, ""))
    if email is None:
        return await _page(request, holder, {EMAIL.name: NOT_AN_EMAIL}, "email")
    try:
        await local_security.prove(local_of(request), known, given.get(PASSWORD.name, ""))
    except WrongPassword:
        return await _page(request, holder, {PASSWORD.name: WRONG_PASSWORD}, "email")
    await local_security.ask_email_change(local_of(request), known, email)
    return see_other(f"{HOME}?done=email")


async def propose_factor(request: Request, given: Given) -> Response:
    """A secret for the owner's device."""
    holder, known = await _owner(request)
    try:
        await local_security.prove(local_of(request), known, given.get(PASSWORD.name, ""))
        proposal = await second_factor.propose(local_of(request), known)
    except WrongPassword:
        return await _page(request, holder, {PASSWORD.name: WRONG_PASSWORD}, "factor")
    except NoSecondFactor:
        return see_other(HOME)
    return security_page.proposal(request, proposal, {})


async def begin_factor(request: Request, given: Given) -> Response:
    """The second factor from its first code on, and its recovery codes, shown once."""
    _, known = await _owner(request)
    try:
        codes = await second_factor.begin(local_of(request), known, given.get(CODE.name, "")[:40])
    except CodeRefused:
        return security_page.proposal(request, second_factor.proposed(local_of(request), known), {CODE.name: WRONG_CODE})
    except NoSecondFactor:
        return see_other(HOME)
    return security_page.recovery_codes(request, codes)


async def end_factor(request: Request, given: Given) -> Response:
    """No second factor any more."""
    holder, known = await _owner(request)
    try:
        await local_security.prove(local_of(request), known, given.get(PASSWORD.name, ""))
        await second_factor.end(local_of(request), known)
    except WrongPassword:
        return await _page(request, holder, {PASSWORD.name: WRONG_PASSWORD}, "factor")
    except NoSecondFactor:
        return see_other(HOME)
    return see_other(f"{HOME}?done=factor-ended")


async def new_codes(request: Request, given: Given) -> Response:
    """Other recovery codes, shown once."""
    holder, known = await _owner(request)
    try:
        await local_security.prove(local_of(request), known, given.get(PASSWORD.name, ""))
        codes = await second_factor.new_codes(local_of(request), known)
    except WrongPassword:
        return await _page(request, holder, {PASSWORD.name: WRONG_PASSWORD}, "codes")
    except NoSecondFactor:
        return see_other(HOME)
    return security_page.recovery_codes(request, codes)


async def end_session(request: Request, given: Given) -> Response:
    """Signs one browser out; one that is out already is as wished."""
    holder = await _holder(request)
    try:
        session = UUID(given.get("session", ""))
        async with local_of(request).pool.acquire() as connection:
            await web_sessions.end_one(connection, holder, session)
    except (ValueError, NotFound.refusal):
        return see_other(HOME)
    return see_other(f"{HOME}?done=session")


async def end_others(request: Request, _: Given) -> Response:
    """Signs every other browser out."""
    holder = await _holder(request)
    async with local_of(request).pool.acquire() as connection:
        await web_sessions.end_others(connection, holder)
    return see_other(f"{HOME}?done=sessions")


async def _holder(request: Request) -> Holder:
    """The holder who is signed in. Raises `NotSignedIn`."""
    secret = cookie_of(request)
    who = await web_sessions.signed_in(request.state.pool, secret) if secret else None
    if who is None or who.holder is None:
        raise NotSignedIn
    return who.holder


async def _owner(request: Request) -> tuple[Holder, LocalAccount]:
    """The holder with his local account. Raises `NotSignedIn`."""
    holder = await _holder(request)
    return holder, await local_security.own(local_of(request), holder)


async def _page(request: Request, holder: Holder, errors: Errors, of: str = "") -> Response:
    """The page, with the errors of one of its forms."""
    local = local_of(request)
    known = await of_account(local.pool, holder.id)
    shown = Shown(
        holder,
        known.address(local.keys) if known else None,
        known is not None and known.has_second_factor,
        await second_factor.codes_left(local, known) if known else 0,
        await SESSIONS.rows(local.pool, account=holder.id, session=holder.session, idle=IDLE, app_idle=app_tokens.IDLE),
    )
    return security_page.security(request, shown, errors, of)
