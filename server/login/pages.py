"""The pages of signing in. They bear no mark of the State."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Language, Text
from resolvers.roles import ROLES
from resolvers.web_sessions import SignedIn
from server.identity import language_of
from server.login.providers import Kind, Provider
from server.pages import page, paragraph, say, style_sheet

STYLE = (Path(__file__).parent / "style.css").read_text("utf-8")
ABOUT_FRANCECONNECT = "https://franceconnect.gouv.fr/"


async def style(_: Request) -> Response:
    """The style sheet of these pages."""
    return style_sheet(STYLE)


def _page(request: Request, title: Text, body: str, *, status: int = 200, head: str = "") -> Response:
    return page(request, title, body, owner="Parchemin", style="/login/style.css", status=status, head=head)


def login_page(request: Request, providers: Iterable[Provider], who: SignedIn | None, back: str | None, *, local: bool) -> Response:
    """The ways to sign in, with `local` accounts if there are any, or who is signed in."""
    if who is not None:
        return _signed_in_page(request, who, local=local)
    language, listed = language_of(request.headers), list(providers)
    holders = [provider for provider in listed if not provider.for_agents]
    agents = [provider for provider in listed if provider.for_agents]
    body = ""
    if holders or local:
        body += _group("holders", Text("Vos diplômes", "Your diplomas"), holders, back, language, local=local)
    if agents:
        body += _group("agents", Text("Agents des services d’examens", "Agents of exam services"), agents, back, language)
    if not body:
        nothing = Text("Aucun moyen de se connecter n’est configuré ici.", "No way to sign in is configured here.")
        body = paragraph(nothing, language)
    return _page(request, Text("Se connecter", "Sign in"), body)


def _group(name: str, title: Text, providers: list[Provider], back: str | None, language: Language, *, local: bool = False) -> str:
    query = f"?next={quote(back, safe='')}" if back else ""
    ways = "".join(_way(provider, query, language) for provider in providers)
    if local:
        label = say(Text("Se connecter avec un compte Parchemin", "Sign in with a Parchemin account"), language)
        ways += f'<li><a class="button" href="/login/local{escape(query)}">{escape(label)}</a></li>'
    heading = f'<h2 id="{name}">{escape(say(title, language))}</h2>'
    return f'<section aria-labelledby="{name}">\n{heading}\n<ul class="ways">{ways}</ul>\n</section>\n'


def _way(provider: Provider, query: str, language: Language) -> str:
    label = say(Text(f"S’identifier avec {provider.label}", f"Sign in with {provider.label}"), language)
    about = ""
    if provider.kind in (Kind.FRANCECONNECT, Kind.FRANCECONNECT_PLUS):
        what = say(Text("Qu’est-ce que FranceConnect ?", "What is FranceConnect?"), language)
        window = say(Text("nouvelle fenêtre", "new window"), language)
        about = (
            f'<p class="about"><a href="{ABOUT_FRANCECONNECT}" target="_blank" rel="noopener" title="{escape(f"{what} – {window}")}">'
            f"{escape(what)}</a></p>"
        )
    return f'<li><a class="button" href="/login/{provider.name}{escape(query)}">{escape(label)}</a>{about}</li>'


def _signed_in_page(request: Request, who: SignedIn, *, local: bool) -> Response:
    language = language_of(request.headers)
    if who.agent is not None:
        role = say(ROLES[who.agent.role].label, language)
        name = f"{who.agent.name} ({role})"
    else:
        assert who.holder is not None
        person = who.holder.person
        name = f"{' '.join(person.given_names)} {person.used_name or person.family_name}"
    body = f'<p class="who">{escape(name)}</p>\n'
    if local and who.holder is not None:
        security = say(Text("Sécurité du compte", "Account security"), language)
        body += f'<p><a href="/account/security">{escape(security)}</a></p>\n'
    body += '<form method="post" action="/logout"><button>'
    body += escape(say(Text("Se déconnecter", "Sign out"), language)) + "</button></form>"
    return _page(request, Text("Vous êtes connecté", "You are signed in"), body)


def refusal_page(
    request: Request, title: Text, remedy: Text, *, status: int, reference: str = "", label: Text | None = None, again: bool = True
) -> Response:
    """Why it did not work, what to do, and the reference to quote."""
    language = language_of(request.headers)
    body = paragraph(remedy, language)
    if reference:
        told = say(label or Text("Référence", "Reference"), language)
        body += f'\n<p class="reference">{escape(told)} <strong>{escape(reference)}</strong></p>'
    if again:
        back = say(Text("Revenir aux moyens de se connecter", "Back to the ways to sign in"), language)
        body += f'\n<p><a class="button" href="/login">{escape(back)}</a></p>'
    return _page(request, title, body, status=status)


def leaving_page(request: Request, provider: Provider, address: str) -> Response:
    """We are signed out, and the browser goes on to the provider.

    A page that refreshes and not a redirection: browsers hold every redirection after a form to the form's own policy
    (`form-action`), and a provider may redirect to others.
    """
    language = language_of(request.headers)
    told = Text(
        f"Votre session est fermée ici. Elle se ferme maintenant chez {provider.label}.",
        f"You are signed out here. You are being signed out of {provider.label}.",
    )
    onward = say(Text("Continuer", "Go on"), language)
    body = f'{paragraph(told, language)}\n<p><a class="button" href="{escape(address)}">{onward}</a></p>'
    return _page(
        request, Text("Déconnexion", "Signing out"), body, head=f'<meta http-equiv="refresh" content="0; url={escape(address)}">\n'
    )


def signed_out_page(request: Request, label: str | None) -> Response:
    """Signed out: of a provider too, when it said so."""
    language = language_of(request.headers)
    told = (
        Text(f"Votre session est fermée ici et chez {label}.", f"You are signed out here and of {label}.")
        if label
        else Text("Votre session est fermée ici.", "You are signed out here.")
    )
    again = say(Text("Se connecter de nouveau", "Sign in again"), language)
    body = f'{paragraph(told, language)}\n<p><a class="button" href="/login">{escape(again)}</a></p>'
    return _page(request, Text("Vous êtes déconnecté", "You are signed out"), body)
