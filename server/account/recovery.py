"""The routes of a forgotten password, and of the two links of a change of address."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from resolvers import local_recovery, local_security
from resolvers.emails import read_email
from resolvers.letters import CONFIRM_LASTS, RESET_LASTS
from resolvers.local_recovery import PasswordRefused
from resolvers.single_use import LinkOver, Purpose
from server.account import pages
from server.account.browser import drop_token, keep_token, local_of, remember, see_other, token_of
from server.account.fields import EMAIL, NEW_PASSWORD
from server.account.opening import NOT_AN_EMAIL
from server.account.posting import Given
from server.identity import language_of

ADDRESS_PAGES: dict[Purpose, str] = {"EMAIL_OLD": "/account/old-address", "EMAIL_NEW": "/account/new-address"}


async def forgotten_page(request: Request) -> Response:
    """Where to write."""
    return pages.forgotten(request, {}, "")


async def forgotten(request: Request, given: Given) -> Response:
    """Writes to the address. The answer does not depend on whether it has an account."""
    written = given.get(EMAIL.name, "")
    email = read_email(written)
    if email is None:
        return pages.forgotten(request, {EMAIL.name: NOT_AN_EMAIL}, written)
    address = request.client.host if request.client else ""
    await local_recovery.ask(local_of(request), email, language_of(request.headers), address)
    return see_other("/account/sent")


async def follow_reset(request: Request) -> Response:
    """The link of the letter; opening it does nothing yet."""
    return keep_token(request, request.path_params["token"], "/account/reset", int(RESET_LASTS.total_seconds()))


async def reset_page(request: Request) -> Response:
    """Another password, when the link still serves."""
    if not await local_security.is_open(local_of(request), token_of(request), "RESET"):
        raise LinkOver
    return pages.reset(request, {})


async def reset(request: Request, given: Given) -> Response:
    """Changes the password. The browser is known from now on: whoever exhausted the limits of the address does not keep it out."""
    try:
        opened = await local_recovery.reset(local_of(request), token_of(request), given.get(NEW_PASSWORD.name, ""))
    except PasswordRefused as refused:
        return pages.reset(request, {NEW_PASSWORD.name: refused.fault.value})
    return remember(request, opened, drop_token(pages.was_reset(request)))


def follow_address(purpose: Purpose) -> Callable[[Request], Awaitable[Response]]:
    """The link of one side of a change of address; opening it does nothing yet."""

    async def follow(request: Request) -> Response:
        return keep_token(request, request.path_params["token"], ADDRESS_PAGES[purpose], int(CONFIRM_LASTS.total_seconds()))

    return follow


def address_page(purpose: Purpose) -> Callable[[Request], Awaitable[Response]]:
    """The button that confirms one side, when its link still serves."""

    async def show(request: Request) -> Response:
        if not await local_security.is_open(local_of(request), token_of(request), purpose):
            raise LinkOver
        return pages.confirm_address(request, ADDRESS_PAGES[purpose])

    return show


def confirm_address(purpose: Purpose) -> Callable[[Request, Given], Awaitable[Response]]:
    """Confirms one side."""

    async def act(request: Request, _: Given) -> Response:
        agreed = await local_security.confirm_email_change(local_of(request), token_of(request), purpose)
        return drop_token(pages.address_confirmed(request, agreed=agreed))

    return act
