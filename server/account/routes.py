"""The addresses of local accounts."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.account import entering, opening, pages, recovery, security
from server.account.posting import Given, form, page

Show = Callable[[Request], Awaitable[Response]]
Act = Callable[[Request, Given], Awaitable[Response]]


def account_routes() -> list[BaseRoute]:
    """The pages of local accounts. They come before those of identity providers, which `local` is not the name of."""
    return [
        Route(pages.STYLE, pages.style, methods=["GET"]),
        *_both("/account/create", opening.create_page, opening.create),
        *_shown("/account/sent", opening.sent),
        *_shown("/account/confirm/{token}", opening.follow),
        *_both("/account/confirm", opening.confirm_page, opening.confirm),
        *_both("/login/local", entering.sign_in_page, entering.sign_in),
        *_both("/login/local/code", entering.code_page, entering.code),
        *_both("/account/forgotten", recovery.forgotten_page, recovery.forgotten),
        *_shown("/account/reset/{token}", recovery.follow_reset),
        *_both("/account/reset", recovery.reset_page, recovery.reset),
        *_shown("/account/old-address/{token}", recovery.follow_address("EMAIL_OLD")),
        *_both("/account/old-address", recovery.address_page("EMAIL_OLD"), recovery.confirm_address("EMAIL_OLD")),
        *_shown("/account/new-address/{token}", recovery.follow_address("EMAIL_NEW")),
        *_both("/account/new-address", recovery.address_page("EMAIL_NEW"), recovery.confirm_address("EMAIL_NEW")),
        *_shown("/account/security", security.show),
        *_sent("/account/security/password", security.change_password),
        *_sent("/account/security/email", security.change_email),
        *_sent("/account/security/factor", security.propose_factor),
        *_sent("/account/security/factor/begin", security.begin_factor),
        *_sent("/account/security/factor/end", security.end_factor),
        *_sent("/account/security/codes", security.new_codes),
        *_sent("/account/security/sessions/end", security.end_session),
        *_sent("/account/security/sessions/end-others", security.end_others),
    ]


def _shown(path: str, show: Show) -> list[BaseRoute]:
    return [Route(path, page(show), methods=["GET"])]


def _sent(path: str, act: Act) -> list[BaseRoute]:
    return [Route(path, form(act), methods=["POST"])]


def _both(path: str, show: Show, act: Act) -> list[BaseRoute]:
    return [*_shown(path, show), *_sent(path, act)]
