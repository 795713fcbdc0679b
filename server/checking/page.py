"""What the pages of checking share: their frame, their script and style, and the first of them, with its three forms."""

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from graph.text import Language, Text
from server.checking import forms
from server.identity import language_of
from server.pages import page, paragraph, policy, say, style_sheet

HERE = Path(__file__).parent
ADDRESS = "/v"
SCRIPT = (HERE / "open.js").read_text("utf-8")
STYLE = "".join(sheet.read_text("utf-8") for sheet in (HERE.parent / "login" / "style.css", HERE / "style.css"))

TITLE = Text("Vérifier un diplôme", "Check a diploma")
WAYS = Text(
    "Trois moyens, selon ce que l’on vous a remis. Aucun compte n’est nécessaire.",
    "Three ways, according to what you were given. You need no account.",
)
NOTICE = Text(
    "Le titulaire verra dans son journal que son diplôme a été consulté, et l’organisme que vous indiquez.",
    "The consultation, with the organisation that you name, will stand in the holder’s journal.",
)
OTHER_WAYS = Text("Autres moyens de vérifier", "Other ways to check")
ANOTHER = Text("Vérifier un autre diplôme", "Check another diploma")


async def script(_: Request) -> Response:
    """Puts the secret of the address in the form, and takes it out of the address."""
    return Response(
        SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    )


async def style(_: Request) -> Response:
    """The style sheet of these pages."""
    return style_sheet(STYLE)


async def to_the_page(_: Request) -> Response:
    """Where somebody goes who types the name of the host alone, or comes back to an address that only takes forms."""
    return RedirectResponse(ADDRESS, 302)


async def ask(request: Request) -> Response:
    """The three forms. That of a link comes first: with the secret of a link in the address, the script leaves it alone."""
    language = language_of(request.headers)
    body = (
        f'<div class="others">{paragraph(WAYS, language)}</div>\n{paragraph(NOTICE, language)}\n'
        f'{forms.by_link(language)}\n<div class="others">\n{forms.by_key(language)}\n{forms.by_file(language)}\n</div>'
    )
    return checking_page(request, TITLE, body)


def again(request: Request, why: Text, form: str, status: int) -> Response:
    """Why nothing is shown, and the form once more."""
    language = language_of(request.headers)
    alert = f'<p role="alert">{escape(say(why, language))}</p>'
    return checking_page(request, TITLE, f"{alert}\n{form}\n{_back(OTHER_WAYS, language)}", status)


def answer(request: Request, title: Text, body: str) -> Response:
    """What was found."""
    return checking_page(request, title, f"{body}\n{_back(ANOTHER, language_of(request.headers))}")


def checking_page(request: Request, title: Text, body: str, status: int = 200) -> Response:
    """A page of checking, which no search engine keeps."""
    shown = page(
        request, title, body, owner="Parchemin", style=f"{ADDRESS}/style.css", status=status,
        head=f'<meta name="robots" content="noindex">\n<script src="{ADDRESS}/open.js" defer></script>\n',
        security=f"{policy()}; script-src 'self'",
    )  # fmt: skip
    shown.headers["X-Robots-Tag"] = "noindex"
    return shown


def _back(label: Text, language: Language) -> str:
    return f'<p class="back"><a href="{ADDRESS}">{escape(say(label, language))}</a></p>'
