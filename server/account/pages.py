"""The pages of opening, entering and recovering a local account. They look like those of signing in (`server/login`)."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from graph.text import Language, Text
from resolvers.people import FRANCE
from server.account import declared
from server.account.fields import CODE, EMAIL, NEW_PASSWORD, PASSWORD, Errors, chosen, form, labelled, radios, summary
from server.identity import language_of
from server.login.journey import own_path
from server.pages import page, paragraph, say, style_sheet

SHEETS = (Path(__file__).parent.parent / "login" / "style.css", Path(__file__).parent / "style.css")
STYLE = "/account/style.css"
NO_ERRORS: Errors = {}
FORGOTTEN = Text("Mot de passe oublié", "Forgotten password")
SIGN_IN = Text("Se connecter", "Sign in")


async def style(_: Request) -> Response:
    """The style sheet: that of signing in, and what forms need."""
    return style_sheet("\n".join(sheet.read_text("utf-8") for sheet in SHEETS))


def account_page(request: Request, title: Text, body: str, *, status: int = 200, errors: Errors = NO_ERRORS) -> Response:
    """A page of an account; 422 when its form comes back with errors."""
    return page(request, title, body, owner="Parchemin", style=STYLE, status=422 if errors else status)


def onward(request: Request, path: str) -> str:
    """A path of ours that keeps where to go after the sign-in."""
    back = own_path(request)
    return f"{path}?next={quote(back, safe='')}" if back else path


def link(path: str, text: Text, language: Language) -> str:
    """A link in a paragraph of its own."""
    return f'<p><a href="{path}">{escape(say(text, language))}</a></p>\n'


def create(request: Request, given: Mapping[str, str], errors: Errors) -> Response:
    """The form of a new account."""
    language = language_of(request.headers)
    told = Text(
        "Un compte Parchemin ne prouve pas qui vous êtes : pour y ajouter un diplôme, il faudra un élément qui figure sur votre dossier "
        "d’examen, ou FranceConnect.",
        "A Parchemin account does not prove who you are: to add a diploma to it, you will need a detail of your exam record, or "
        "FranceConnect.",
    )
    text = "".join(
        labelled(field, language, errors, given.get(field.name, ""))
        for field in (declared.FAMILY_NAME, declared.GIVEN_NAMES, declared.USED_NAME, declared.BIRTH_DATE)
    )
    person = (
        text
        + radios(declared.SEX, language, errors, declared.SEXES, given.get("sex", ""))
        + chosen(declared.BIRTH_COUNTRY, language, errors, declared.countries(), given.get("birth-country", FRANCE))
        + labelled(declared.BIRTH_COMMUNE, language, errors, given.get("birth-commune", ""))
    )
    you = say(Text("Votre état civil", "Your civil status"), language)
    way = say(Text("Votre connexion", "Your sign-in"), language)
    inside = (
        f"<h2>{way}</h2>\n{labelled(EMAIL, language, errors, given.get('email', ''))}{labelled(NEW_PASSWORD, language, errors)}"
        f"<h2>{you}</h2>\n{person}"
    )
    body = (
        summary(errors, language)
        + paragraph(told, language)
        + form("/account/create", inside, Text("Créer le compte", "Create the account"), language)
        + link("/login/local", Text("J’ai déjà un compte", "I already have an account"), language)
    )
    return account_page(request, Text("Créer un compte", "Create an account"), body, errors=errors)


def sent(request: Request) -> Response:
    """What whoever asked for a letter is told, whatever was written in it and whether or not one was."""
    language = language_of(request.headers)
    told = Text(
        "Si l’adresse que vous avez donnée est la bonne, un courriel y arrive dans quelques minutes : il dit quoi faire. Regardez aussi "
        "parmi les courriers indésirables.",
        "If the address that you gave is right, a letter reaches it within minutes and says what to do. Look among the unwanted mail too.",
    )
    again = Text(
        "Nous n’écrivons que trois fois par heure à une même adresse.", "We write to one address three times an hour at the most."
    )
    body = (
        paragraph(told, language) + f'<p class="hint">{escape(say(again, language))}</p>' + link("/login/local", SIGN_IN, language)
    )
    return account_page(request, Text("Regardez vos courriels", "Look at your mail"), body)


def confirm(request: Request, errors: Errors) -> Response:
    """The password chosen, which the link alone does not replace."""
    language = language_of(request.headers)
    told = Text(
        "Donnez le mot de passe que vous avez choisi : il montre que c’est bien vous qui avez demandé ce compte.",
        "Give the password that you chose: it shows that it was you who asked for this account.",
    )
    body = summary(errors, language) + paragraph(told, language)
    body += form("/account/confirm", labelled(PASSWORD, language, errors), Text("Ouvrir le compte", "Open the account"), language)
    return account_page(request, Text("Confirmer votre adresse", "Confirm your address"), body, errors=errors)


def sign_in(request: Request, email: str, errors: Errors) -> Response:
    """Address and password. The form keeps where to go afterwards (`next`)."""
    language = language_of(request.headers)
    inside = labelled(EMAIL, language, errors, email) + labelled(PASSWORD, language, errors)
    body = (
        summary(errors, language)
        + form(onward(request, "/login/local"), inside, SIGN_IN, language)
        + link("/account/forgotten", FORGOTTEN, language)
        + link("/account/create", Text("Créer un compte", "Create an account"), language)
        + link("/login", Text("Les autres moyens de se connecter", "The other ways to sign in"), language)
    )
    return account_page(request, Text("Se connecter à un compte Parchemin", "Sign in to a Parchemin account"), body, errors=errors)


def code(request: Request, errors: Errors) -> Response:
    """The code of the second factor."""
    language = language_of(request.headers)
    told = Text(
        "Donnez le code que montre votre application, ou l’un de vos codes de secours.",
        "Give the code that your application shows, or one of your recovery codes.",
    )
    inside = labelled(CODE, language, errors)
    body = (
        summary(errors, language)
        + paragraph(told, language)
        + form(onward(request, "/login/local/code"), inside, SIGN_IN, language)
    )
    return account_page(request, Text("Second facteur", "Second factor"), body, errors=errors)


def forgotten(request: Request, errors: Errors, email: str) -> Response:
    """Where to write."""
    language = language_of(request.headers)
    told = Text(
        "Nous vous écrivons un lien, qui sert une fois dans les 30 minutes.",
        "We send you a link, which works once within 30 minutes.",
    )
    inside = labelled(EMAIL, language, errors, email)
    body = summary(errors, language) + paragraph(told, language)
    body += form("/account/forgotten", inside, Text("Recevoir un lien", "Receive a link"), language)
    return account_page(request, FORGOTTEN, body, errors=errors)


def reset(request: Request, errors: Errors) -> Response:
    """Another password."""
    language = language_of(request.headers)
    told = Text(
        "Tous les navigateurs connectés à ce compte seront déconnectés. Le second facteur, s’il y en a un, reste le même.",
        "All browsers signed in to this account will be signed out. The second factor, if there is one, stays the same.",
    )
    inside = labelled(NEW_PASSWORD, language, errors)
    body = summary(errors, language) + paragraph(told, language)
    body += form("/account/reset", inside, Text("Changer le mot de passe", "Change the password"), language)
    return account_page(request, Text("Choisir un autre mot de passe", "Choose another password"), body, errors=errors)


def was_reset(request: Request) -> Response:
    """The password is another one."""
    told = Text("Connectez-vous avec le nouveau mot de passe.", "Sign in with the new password.")
    return _told(request, Text("Le mot de passe a changé", "The password has changed"), told)


def confirm_address(request: Request, action: str) -> Response:
    """One side of a change of address: a button, since mail programs follow links by themselves."""
    language = language_of(request.headers)
    told = Text(
        "Le compte change d’adresse quand l’ancienne et la nouvelle l’ont toutes deux confirmé.",
        "The address of the account changes once the old and the new one have both confirmed it.",
    )
    body = paragraph(told, language) + form(action, "", Text("Confirmer", "Confirm"), language)
    return account_page(request, Text("Changement d’adresse", "Change of address"), body)


def address_confirmed(request: Request, *, agreed: bool) -> Response:
    """What is left to do."""
    if agreed:
        told = Text(
            "Le compte a changé d’adresse. Connectez-vous avec la nouvelle.", "The address has changed. Sign in with the new one."
        )
        return _told(request, Text("L’adresse a changé", "The address has changed"), told)
    told = Text(
        "Il reste à ouvrir le lien que l’autre adresse a reçu.", "What is left is to open the link that the other address received."
    )
    return _told(request, Text("C’est confirmé de ce côté", "Confirmed on this side"), told)


def link_over(request: Request) -> Response:
    """A link, or the step between a password and a code, that serves no more."""
    told = Text(
        "Ce lien a déjà servi, ou il est trop ancien. Recommencez : vous en recevrez un autre.",
        "This link was used, or is too old. Start again: you will receive another one.",
    )
    return _told(request, Text("Ce lien ne sert plus", "This link works no more"), told, status=410)


def too_many(request: Request, minutes: int, *, signing_in: bool) -> Response:
    """A limit is exhausted: whose it is, an address with an account or without, is not told."""
    title = Text("Trop d’essais", "Too many attempts")
    if not signing_in:
        return _told(request, title, Text(f"Réessayez dans {minutes} min.", f"Try again in {minutes} min."), status=429)
    told = Text(
        f"Réessayez dans {minutes} min. Le lien que donne « Mot de passe oublié » vous laisse entrer tout de suite.",
        f"Try again in {minutes} min. The link that “Forgotten password” sends lets you in at once.",
    )
    return _told(request, title, told, status=429, path="/account/forgotten", way=FORGOTTEN)


def busy(request: Request) -> Response:
    """More sign-ins than the machine checks."""
    told = Text("Réessayez dans une minute. Rien n’est perdu.", "Try again in a minute. Nothing is lost.")
    return _told(request, Text("Beaucoup de monde en ce moment", "Many people at this moment"), told, status=503)


def from_elsewhere(request: Request) -> Response:
    """A form that another site had the browser send."""
    told = Text("Pour continuer, passez par nos pages.", "To go on, use our own pages.")
    return _told(request, Text("Cette demande vient d’un autre site", "This request comes from another site"), told, status=403)


def not_a_form(request: Request) -> Response:
    """A body that no form of ours sends."""
    told = Text("Recommencez depuis la page.", "Start again from the page.")
    return _told(request, Text("Cette demande est illisible", "This request cannot be read"), told, status=400)


def _told(
    request: Request, title: Text, told: Text, *, status: int = 200, path: str = "/login/local", way: Text = SIGN_IN
) -> Response:
    language = language_of(request.headers)
    onward = f'<p><a class="button" href="{path}">{escape(say(way, language))}</a></p>'
    return account_page(request, title, paragraph(told, language) + onward, status=status)
