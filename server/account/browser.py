"""What the pages of accounts keep in a browser: the session, a mark that knows it again, and the token of the page that is open."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from resolvers import web_sessions
from resolvers.local import PROVIDER, Local
from resolvers.local_accounts import Opened
from resolvers.web_sessions import ProviderSession
from server.identity import COOKIE, SECURE_COOKIE, cookie_of

MARK = "parchemin-browser"
MARK_LASTS = 180 * 86400
TOKEN = "parchemin-token"  # noqa: S105 the name of a cookie
TOKEN_PATHS = ("/account", "/login")


def local_of(request: Request) -> Local:
    """What the use cases of local accounts work with."""
    return request.state.local


def mark_of(request: Request) -> str:
    """The mark by which the browser is known, or nothing."""
    return request.cookies.get(MARK, "")


def token_of(request: Request) -> str:
    """The token that a link or a first step left, or nothing."""
    return request.cookies.get(TOKEN, "")


def see_other(path: str) -> Response:
    """Goes on to a page of ours, which shows what became of a form."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def keep_token(request: Request, token: str, page: str, seconds: int) -> Response:
    """Goes on to a page whose address does not hold the token: a cookie does, which scripts and other sites do not read."""
    answer = see_other(page)
    answer.set_cookie(
        TOKEN, token, max_age=seconds, path=f"/{page.split('/')[1]}", secure=_secure(request), httponly=True, samesite="lax"
    )
    return answer


def drop_token(answer: Response) -> Response:
    """The token served."""
    for path in TOKEN_PATHS:
        answer.delete_cookie(TOKEN, path=path)
    return answer


async def begin_session(request: Request, opened: Opened, path: str) -> Response:
    """Goes on to a page in a new session; the one that the browser had is over (rotation). The browser is known from now on."""
    local, secure = local_of(request), _secure(request)
    if (old := cookie_of(request)) is not None:
        await web_sessions.end(local.pool, old)
    by = ProviderSession(PROVIDER, str(opened.local_account))
    secret = await web_sessions.begin(local.pool, opened.account, by, request.headers.get("user-agent", ""))
    answer = drop_token(see_other(path))
    answer.set_cookie(SECURE_COOKIE if secure else COOKIE, secret, path="/", secure=secure, httponly=True, samesite="lax")
    return remember(request, opened, answer)


def remember(request: Request, opened: Opened, answer: Response) -> Response:
    """Marks the browser as one of the account's owner."""
    mark = local_of(request).keys.device_mark(opened.local_account)
    answer.set_cookie(MARK, mark, max_age=MARK_LASTS, path="/", secure=_secure(request), httponly=True, samesite="lax")
    return answer


def _secure(request: Request) -> bool:
    return local_of(request).site.startswith("https:")
