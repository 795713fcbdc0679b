"""What a link shows: `/v#secret`. Browsers keep what follows the # to themselves; the reader's click sends it.

Nothing is read before the click: the reader is told first that the holder will see the consultation.
"""

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Text
from resolvers import shares
from resolvers.viewer_query import LINK_CLOSED, declared
from server.checking import forms, page
from server.checking.facts import facts, read_now, replaced, standing
from server.forms import FormRefused, posted
from server.identity import language_of


async def show(request: Request) -> Response:
    """What the link shows, or that it opens nothing."""
    language = language_of(request.headers)
    try:
        given = await posted(request)
    except FormRefused:
        given = {}
    secret = given.get("secret", "").strip().rpartition("#")[2]
    row = await shares.opened(request.state.pool, request.state.keyring, secret, declared(given.get("organisation")))
    if row is None:
        return page.again(request, LINK_CLOSED, forms.by_link(language), 404)
    older = replaced(row, language) if row["replaced_on"] is not None and row["invalid_since"] is None else ""
    shown = (standing(row, language), older, facts(row, row["scope"], language), read_now(language))
    return page.answer(request, Text(row["title"], row["title"]), "\n".join(shown))
