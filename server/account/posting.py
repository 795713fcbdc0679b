"""What every form of an account goes through before it is read, and the refusals that any of them may meet."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from resolvers.accounts import NotSignedIn
from resolvers.attempts import SIGN_IN, TooManyAttempts
from resolvers.passwords import Busy
from resolvers.single_use import LinkOver
from server.account import pages
from server.account.browser import drop_token, see_other
from server.forms import FormRefused, posted
from server.identity import is_ours

Given = Mapping[str, str]
Endpoint = Callable[[Request], Awaitable[Response]]

SIGN_IN_PAGE = "/login/local"


def page(show: Callable[[Request], Awaitable[Response]]) -> Endpoint:
    """The route of a page: a link that is over is told, and whoever must sign in is asked to."""

    async def route(request: Request) -> Response:
        try:
            return await show(request)
        except NotSignedIn:
            return see_other(SIGN_IN_PAGE)
        except LinkOver:
            return drop_token(pages.link_over(request))

    return route


def form(act: Callable[[Request, Given], Awaitable[Response]]) -> Endpoint:
    """The route of a form: it comes from a page of ours, since no other site may make a browser send it (CSRF), and it is one."""

    async def route(request: Request) -> Response:
        if not is_ours(request):
            return pages.from_elsewhere(request)
        try:
            return await act(request, await posted(request))
        except FormRefused:
            return pages.not_a_form(request)
        except TooManyAttempts as refused:
            return pages.too_many(request, _minutes(refused.until), signing_in=refused.allowance in SIGN_IN)
        except Busy:
            return pages.busy(request)

    return page(route)


def _minutes(until: datetime) -> int:
    """Whole minutes from now, one at least."""
    return max(1, round((until - datetime.now(until.tzinfo)).total_seconds() / 60))
