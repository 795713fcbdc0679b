"""The pages of the demonstration providers, which do not look like Parchemin and say that they are none of the State's."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Language, Text
from server.identity import language_of
from server.pages import page, paragraph, policy, say, style_sheet
from server.provider.people import CASES, Subject
from server.provider.rules import Rules

STYLE = (Path(__file__).parent / "style.css").read_text("utf-8")
TITLE = Text("Qui êtes-vous ?", "Who are you?")


async def style(_: Request) -> Response:
    """The style sheet of these pages."""
    return style_sheet(STYLE)


def choice_page(request: Request, rules: Rules, given: Mapping[str, str], people: Sequence[Subject], client: str) -> Response:
    """Whom one may be for a request; `client` is the origin that the form leads to."""
    language = language_of(request.headers)
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in given.items())
    choices = "".join(_choice(person, language) for person in people)
    cancel = escape(say(Text("Annuler", "Cancel"), language))
    body = (
        f'<form method="post">{hidden}<ul class="people">{choices}</ul>'
        f'<p><button class="cancel" name="choose" value="cancel">{cancel}</button></p></form>'
    )
    return _page(request, rules, TITLE, body, form_action=client)


def _choice(person: Subject, language: Language) -> str:
    born = (person.claims.get("idp_birthdate"), person.claims.get("birthplace") or person.claims.get("birthcountry"))
    parts = [say(CASES[person.case], language), *(part for part in born if part)]
    if person.record:
        diploma = Text("diplôme : {family} {year}, académie {academy}", "diploma: {family} {year}, academy {academy}")
        parts.append(say(diploma.format(**person.record), language))
    case = escape(" · ".join(parts))
    return (
        f'<li><button name="choose" value="{escape(person.choice)}" aria-describedby="{person.choice}">{escape(person.name)}</button>'
        f'<p id="{escape(person.choice)}">{case}</p></li>'
    )


def error_page(request: Request, rules: Rules, code: str) -> Response:
    """A request that is not sent back to its client, with the code of the rule that it breaks."""
    told = Text("La demande du site est incorrecte.", "The site's request is wrong.")
    language = language_of(request.headers)
    body = f'{paragraph(told, language)}<p class="code">{escape(code)}</p>'
    return _page(request, rules, Text("Erreur", "Error"), body, status=400)


def session_page(request: Request, rules: Rules, name: str | None) -> Response:
    """Who is signed in at the provider itself, with a button to sign out of every site."""
    language = language_of(request.headers)
    if name is None:
        body = paragraph(Text("Aucune session n’est ouverte ici.", "No session is open here."), language)
    else:
        leave = escape(say(Text("Se déconnecter partout", "Sign out everywhere"), language))
        body = f'<p>{escape(name)}</p><form method="post"><button>{leave}</button></form>'
    return _page(request, rules, Text("Votre session", "Your session"), body)


def _page(request: Request, rules: Rules, title: Text, body: str, *, status: int = 200, form_action: str = "") -> Response:
    warning = f'<p class="warning" role="note">{escape(say(rules.warning, language_of(request.headers)))}</p>'
    return page(
        request, title, warning + body, owner=rules.label, style="/demonstration/style.css", status=status,
        security=policy(f"'self' {form_action}"),
    )  # fmt: skip
