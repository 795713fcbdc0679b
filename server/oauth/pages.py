"""What a person sees between an app and the register."""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Language, Text
from resolvers.app_tokens import LONGEST
from resolvers.apps import App
from resolvers.web_sessions import SignedIn
from server.identity import language_of
from server.pages import page, paragraph, policy, say


def _page(request: Request, title: Text, body: str, *, status: int = 200, security: str | None = None) -> Response:
    return page(request, title, body, owner="Parchemin", style="/login/style.css", status=status, security=security)


def consent_page(request: Request, app: App, who: SignedIn, fields: Mapping[str, str], cancelled: str) -> Response:
    """Whether to go on to an app. `fields` are posted when the person does; `cancelled` is where he goes when he does not."""
    language = language_of(request.headers)
    told = Text(
        f"{app.name} pourra faire en votre nom ce que vous faites ici. Vous pourrez déconnecter cette application à tout moment, dans la "
        f"liste de vos sessions ; sinon, elle vous demandera de nouveau qui vous êtes dans {LONGEST.days} jours au plus tard.",
        f"{app.name} will be able to do on your behalf what you do here. You can sign this app out at any time, in the list of your "
        f"sessions; otherwise, it will ask again who you are in {LONGEST.days} days at the latest.",
    )
    warned = Text(
        "Continuez seulement si vous venez d’ouvrir cette application sur cet appareil.",
        "Go on only if you have just opened this app on this device.",
    )
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n' for name, value in fields.items())
    onward, cancel = (say(text, language) for text in (Text("Continuer", "Continue"), Text("Annuler", "Cancel")))
    body = (
        f'<p class="who">{escape(name_of(who))}</p>\n{paragraph(told, language)}\n{paragraph(warned, language)}\n'
        f'<form method="post" action="/oauth/authorize">\n{hidden}<p><button>{onward}</button></p>\n</form>\n'
        f'<p><a href="{escape(cancelled)}">{cancel}</a></p>\n{_another(language)}'
    )
    title = Text(f"Vous connecter à {app.name} ?", f"Sign in to {app.name}?")
    return _page(request, title, body, security=policy(f"'self' {_source(fields['redirect_uri'])}"))


def wrong_people_page(request: Request, app: App, who: SignedIn, cancelled: str) -> Response:
    """The app is not for people like the one who is signed in."""
    language = language_of(request.headers)
    told = (
        Text(f"{app.name} est pour les titulaires de diplômes, et vous êtes connecté comme agent.",
             f"{app.name} is for holders of diplomas, and you are signed in as an agent.")
        if who.agent
        else Text(f"{app.name} est pour les agents des services d’examens, et vous êtes connecté comme titulaire.",
                  f"{app.name} is for agents of exam services, and you are signed in as a holder.")
    )  # fmt: skip
    back = say(Text("Revenir à l’application", "Back to the app"), language)
    body = (
        f'<p class="who">{escape(name_of(who))}</p>\n{paragraph(told, language)}\n'
        f'<p><a href="{escape(cancelled)}">{back}</a></p>\n{_another(language)}'
    )
    return _page(request, Text("Cette application n’est pas pour vous", "This app is not for you"), body, status=403)


def no_way_back_page(request: Request) -> Response:
    """The request says nothing by which an app could be answered."""
    told = Text(
        "La demande ne vient pas d’une application connue ici, ou l’application doit être mise à jour. Rien ne lui a été transmis.",
        "The request does not come from an app that is known here, or the app needs an update. Nothing was passed on to it.",
    )
    title = Text("Cette application n’est pas connue ici", "This app is not known here")
    return _page(request, title, paragraph(told, language_of(request.headers)), status=400)


def not_ours_page(request: Request) -> Response:
    """Another site sent the form."""
    told = Text("Pour vous connecter, recommencez depuis l’application.", "To sign in, start again from the app.")
    title = Text("Cette demande vient d’un autre site", "This request comes from another site")
    return _page(request, title, paragraph(told, language_of(request.headers)), status=403)


def name_of(who: SignedIn) -> str:
    """What the person who is signed in is called."""
    if who.agent is not None:
        return who.agent.name
    assert who.holder is not None
    person = who.holder.person
    return f"{' '.join(person.given_names)} {person.used_name or person.family_name}"


def _another(language: Language) -> str:
    text = say(Text("Ce n’est pas vous ? Changer de compte", "Not you? Change accounts"), language)
    return f'<p><a href="/login">{text}</a></p>'


def _source(redirect_uri: str) -> str:
    """Where the form may lead once it is posted: browsers hold its redirection to the page's own policy too."""
    parts = urlsplit(redirect_uri)
    if parts.scheme == "https" or parts.hostname == "127.0.0.1":
        return f"{parts.scheme}://{parts.netloc}"
    # an address of IPv6 and an app's own scheme have no host that a policy can name
    return f"{parts.scheme}:"
