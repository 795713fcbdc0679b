"""What a control key and the holder's birth name show: the use case, limits and refusal of the graph's `verification`."""

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Text
from resolvers.query import NOTHING_SHOWN
from resolvers.viewer_query import declared
from server.checking import forms, page
from server.checking.facts import facts, read_now, replaced, standing
from server.forms import FormRefused, posted
from server.identity import language_of


async def show(request: Request) -> Response:
    """What the register says, or the one refusal."""
    language = language_of(request.headers)
    try:
        given = await posted(request)
    except FormRefused:
        given = {}
    address = request.client.host if request.client else ""
    key, name, organisation = (given.get(field, "") for field in ("key", "name", "organisation"))
    row = await request.state.verifier.verify(request.state.pool, key, name, address, declared(organisation))
    if row is None:
        return page.again(request, NOTHING_SHOWN, forms.by_key(language, given), 404)
    older = replaced(row, language) if row["replaced_on"] is not None and row["invalid_since"] is None else ""
    shown = (standing(row, language), older, facts(row, "STANDARD", language), read_now(language))
    return page.answer(request, Text(row["title"], row["title"]), "\n".join(shown))
