"""The page behind a link that a holder shared: `/v#secret`. Browsers keep what follows the # to themselves; the reader's click sends it.

Nothing is read before the click: the reader is told first that the holder will see the consultation.
"""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from db.statements import Row
from graph.enums import Mention
from graph.text import Language, Text
from plugins.mentions import LABELS
from resolvers import shares
from resolvers.viewer_query import LINK_CLOSED, LONGEST_ORGANISATION, declared
from server.forms import FormRefused, posted
from server.identity import language_of
from server.pages import page, paragraph, policy, say, style_sheet

HERE = Path(__file__).parent
SCRIPT = (HERE / "open.js").read_text("utf-8")
STYLE = "".join(sheet.read_text("utf-8") for sheet in (HERE.parent / "login" / "style.css", HERE / "style.css"))

STATUS = {
    "VALID": Text("Ce diplôme est valide.", "This diploma is valid."),
    "SUSPENDED": Text("Ce diplôme est suspendu.", "This diploma is suspended."),
    "REVOKED": Text("Ce diplôme n’est plus valide.", "This diploma is no longer valid."),
}
TITLE = Text("Vérifier un diplôme", "Check a diploma")
NOTICE = Text(
    "Un titulaire vous montre son diplôme par ce lien. Il verra dans son journal que vous l’avez consulté, et l’organisme que vous "
    "indiquez.",
    "A holder shows you a diploma by this link. Your consultation, with the organisation that you name, will stand in the holder's "
    "journal.",
)


def link_routes() -> list[BaseRoute]:
    """The page, its script and style."""
    return [
        Route("/v", ask, methods=["GET"]),
        Route("/v", show, methods=["POST"]),
        Route("/v/open.js", script),
        Route("/v/style.css", style),
    ]


async def script(_: Request) -> Response:
    """Puts the secret of the address in the form, and takes it out of the address."""
    return Response(
        SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    )


async def style(_: Request) -> Response:
    """The style sheet of these pages."""
    return style_sheet(STYLE)


async def ask(request: Request) -> Response:
    """The form. Without script the reader pastes the link."""
    return _page(request, TITLE, _form(language_of(request.headers)))


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
        return _page(request, TITLE, f'<p role="alert">{escape(say(LINK_CLOSED, language))}</p>\n{_form(language)}', status=404)
    shown = "\n".join(f"<dt>{escape(say(name, language))}</dt><dd>{escape(value)}</dd>" for name, value in _facts(row, language))
    now = datetime.now(UTC)
    read = Text(f"Lu dans le registre le {now:%d/%m/%Y à %H:%M} UTC.", f"Read in the register on {now:%Y-%m-%d at %H:%M} UTC.")
    status = f'<p class="status {row["status"].lower()}">{escape(say(STATUS[row["status"]], language))}</p>'
    return _page(request, Text(row["title"], row["title"]), f"{status}\n<dl>{shown}</dl>\n{paragraph(read, language)}")


def _facts(row: Row, language: Language) -> list[tuple[Text, str]]:
    """What the scope of the link shows, line by line."""
    found = [(Text("Session", "Session"), str(row["session_year"]))]
    if row["scope"] == "EXISTS":
        return found
    found.append((Text("Académie", "Academy"), row["academy_name"]))
    if row["mention"]:
        found.append((Text("Mention", "Mention"), LABELS[Mention[row["mention"]]]))
    found.append((Text("Nom de naissance", "Birth name"), row["birth_name"]))
    if row["used_name"]:
        found.append((Text("Nom d’usage", "Used name"), row["used_name"]))
    found.append((Text("Prénoms", "Given names"), ", ".join(row["given_names"]) or "–"))
    if row["scope"] == "FULL":
        unknown = say(Text("inconnu", "unknown"), language)
        found.append((Text("Date de naissance", "Date of birth"), _day(row["birth_date"], language) or unknown))
        found.append((Text("Lieu de naissance", "Place of birth"), row["birth_place"] or unknown))
    return found


def _day(date: str | None, language: Language) -> str | None:
    """A date of a record, with 00 for what is unknown, as each language writes it."""
    return "/".join(reversed(date.split("-"))) if date and language == "fr" else date


def _form(language: Language) -> str:
    link = escape(say(Text("Lien reçu", "Link received"), language))
    organisation = escape(say(Text("Votre organisme (facultatif)", "Your organisation (optional)"), language))
    button = escape(say(Text("Voir le diplôme", "See the diploma"), language))
    return (
        f'{paragraph(NOTICE, language)}\n<form method="post" action="/v">\n'
        f'<p id="pasted"><label for="secret">{link}</label><input id="secret" name="secret" required autocomplete="off"></p>\n'
        f'<p><label for="organisation">{organisation}</label>'
        f'<input id="organisation" name="organisation" maxlength="{LONGEST_ORGANISATION}" autocomplete="organization"></p>\n'
        f"<p><button>{button}</button></p>\n</form>"
    )


def _page(request: Request, title: Text, body: str, *, status: int = 200) -> Response:
    answer = page(
        request, title, body, owner="Parchemin", style="/v/style.css", status=status,
        head='<meta name="robots" content="noindex">\n<script src="/v/open.js" defer></script>\n',
        security=f"{policy()}; script-src 'self'",
    )  # fmt: skip
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
