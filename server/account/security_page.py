"""What the owner of an account sees of how it opens: address, password, second factor, browsers."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import segno
from starlette.requests import Request
from starlette.responses import Response

from db.statements import Row
from graph.text import Language, Text
from resolvers.accounts import Holder
from resolvers.second_factor import Proposal
from server.account.fields import CODE, EMAIL, NEW_PASSWORD, PASSWORD, Errors, Field, form, labelled, summary
from server.account.pages import account_page, link
from server.identity import language_of
from server.pages import paragraph, say

NEW_EMAIL = Field(EMAIL.name, Text("Nouvelle adresse", "New address"), attributes={**EMAIL.attributes, "autocomplete": "email"})
CURRENT = Field(PASSWORD.name, Text("Mot de passe actuel", "Current password"), attributes=PASSWORD.attributes)

DONE = {
    "password": Text("Le mot de passe a changé.", "The password has changed."),
    "email": Text(
        "Un courriel part à chacune des deux adresses. L’adresse change quand les deux liens ont été ouverts.",
        "A letter goes to each of the two addresses. The address changes once both links were opened.",
    ),
    "factor-ended": Text("Le second facteur est retiré.", "The second factor is removed."),
    "session": Text("Ce navigateur est déconnecté.", "This browser is signed out."),
    "sessions": Text("Les autres navigateurs sont déconnectés.", "The other browsers are signed out."),
}
"""What is said once a form has done its work, by the `done` of the page's address."""


@dataclass(frozen=True, repr=False)
class Shown:
    """What the page shows. `address` is None when the account does not open by a password."""

    holder: Holder
    address: str | None
    has_second_factor: bool
    codes_left: int
    sessions: Sequence[Row]


def security(request: Request, shown: Shown, errors: Errors, of: str) -> Response:
    """The page; `of` says which of its forms the errors are about."""
    language = language_of(request.headers)
    done = DONE.get(request.query_params.get("done", ""))
    told = f'<p class="done" role="status">{escape(say(done, language))}</p>\n' if done and not errors else ""
    person = shown.holder.person
    name = f"{' '.join(person.given_names)} {person.used_name or person.family_name}"
    body = summary(errors, language) + told + f'<p class="who">{escape(name)}</p>\n'
    if shown.address is None:
        elsewhere = Text(
            "Ce compte s’ouvre par un fournisseur d’identité : son mot de passe se change là-bas.",
            "This account opens through an identity provider: its password is changed there.",
        )
        body += paragraph(elsewhere, language)
    else:
        body += _address(shown.address, errors if of == "email" else {}, language)
        body += _password(shown.address, errors if of == "password" else {}, language)
        body += _factor(shown, errors, of, language)
    body += _sessions(shown, language) + _leaving(language)
    return account_page(request, Text("Sécurité du compte", "Account security"), body, errors=errors)


def proposal(request: Request, proposed: Proposal, errors: Errors) -> Response:
    """The secret, as a QR code and as text, and the form of its first code."""
    language = language_of(request.headers)
    image = segno.make(proposed.address, error="m").svg_data_uri(border=4, scale=4)
    told = Text(
        "Photographiez ce carré avec votre application de codes, ou recopiez-y la clé. Donnez ensuite le code qu’elle montre.",
        "Scan this square with your code application, or copy the key into it. Then give the code that it shows.",
    )
    alt = say(Text("Carré à photographier ; la clé est écrite dessous", "Square to scan; the key is written below"), language)
    key = say(Text("Clé", "Key"), language)
    body = (
        summary(errors, language) + paragraph(told, language)
        + f'<img class="qr" src="{escape(image)}" alt="{escape(alt)}">\n<p>{key} <span class="secret">{proposed.secret}</span></p>\n'
        + form("/account/security/factor/begin", labelled(CODE, language, errors), Text("Vérifier le code", "Check the code"), language)
        + link("/account/security", Text("Renoncer", "Give up"), language)
    )  # fmt: skip
    return account_page(request, Text("Ajouter un second facteur", "Add a second factor"), body, errors=errors)


def recovery_codes(request: Request, codes: Sequence[str]) -> Response:
    """The recovery codes, which nobody can show again."""
    language = language_of(request.headers)
    told = Text(
        "Notez ces codes et gardez-les ailleurs que sur votre téléphone : chacun sert une fois, quand votre application n’est plus là. "
        "Ils ne seront plus montrés. Sans eux ni l’application, personne ne peut vous rendre l’accès à ce compte.",
        "Write these codes down and keep them elsewhere than on your phone: each works once, when your application is gone. They will not "
        "be shown again. Without them and without the application, nobody can give you access to this account.",
    )
    listed = "".join(f"<li>{code}</li>" for code in codes)
    body = paragraph(told, language) + f'<ul class="codes">{listed}</ul>\n'
    body += f'<p><a class="button" href="/account/security">{escape(say(Text("Je les ai notés", "I wrote them down"), language))}</a></p>'
    return account_page(request, Text("Vos codes de secours", "Your recovery codes"), body)


def _section(name: str, title: Text, inside: str, language: Language) -> str:
    heading = f'<h2 id="{name}">{escape(say(title, language))}</h2>'
    return f'<section aria-labelledby="{name}">\n{heading}\n{inside}</section>\n'


def _address(address: str, errors: Errors, language: Language) -> str:
    inside = labelled(NEW_EMAIL, language, errors, prefix="email-") + labelled(CURRENT, language, errors, prefix="email-")
    body = f"<p>{escape(address)}</p>\n"
    body += form("/account/security/email", inside, Text("Changer d’adresse", "Change the address"), language, quiet=True)
    return _section("address", Text("Adresse électronique", "E-mail address"), body, language)


def _password(address: str, errors: Errors, language: Language) -> str:
    # password managers want to know whose password it is
    whose = f'<input type="hidden" name="username" autocomplete="username" value="{escape(address)}">\n'
    inside = labelled(CURRENT, language, errors, prefix="password-") + labelled(NEW_PASSWORD, language, errors, prefix="password-")
    body = form(
        "/account/security/password", whose + inside, Text("Changer le mot de passe", "Change the password"), language, quiet=True
    )
    return _section("password", Text("Mot de passe", "Password"), body, language)


def _factor(shown: Shown, errors: Errors, of: str, language: Language) -> str:
    if not shown.has_second_factor:
        told = Text(
            "Avec un second facteur, ouvrir le compte demande aussi un code, que montre une application de votre téléphone.",
            "With a second factor, opening the account also takes a code, which an application of your phone shows.",
        )
        inside = labelled(CURRENT, language, errors if of == "factor" else {}, prefix="factor-")
        add = Text("Ajouter un second facteur", "Add a second factor")
        body = paragraph(told, language) + form("/account/security/factor", inside, add, language, quiet=True)
        return _section("factor", Text("Second facteur", "Second factor"), body, language)
    left = Text(
        f"Le compte demande un code en plus du mot de passe. Codes de secours restants : {shown.codes_left}.",
        f"The account asks for a code besides the password. Recovery codes left: {shown.codes_left}.",
    )
    codes = labelled(CURRENT, language, errors if of == "codes" else {}, prefix="codes-")
    ending = labelled(CURRENT, language, errors if of == "factor" else {}, prefix="factor-")
    renew = Text("Faire de nouveaux codes de secours", "Make new recovery codes")
    end = Text("Retirer le second facteur", "Remove the second factor")
    body = (
        paragraph(left, language)
        + form("/account/security/codes", codes, renew, language, quiet=True)
        + form("/account/security/factor/end", ending, end, language, quiet=True)
    )
    return _section("factor", Text("Second facteur", "Second factor"), body, language)


def _sessions(shown: Shown, language: Language) -> str:
    listed = "".join(_session(row, language, current=row["id"] == shown.holder.session) for row in shown.sessions)
    body = f'<ul class="sessions">{listed}</ul>\n'
    if len(shown.sessions) > 1:
        others = Text("Déconnecter tous les autres", "Sign all others out")
        body += form("/account/security/sessions/end-others", "", others, language, quiet=True)
    return _section("sessions", Text("Navigateurs et applications connectés", "Signed-in browsers and apps"), body, language)


def _session(row: Row, language: Language, *, current: bool) -> str:
    seen = row["seen_at"]
    device = row["app"] or row["device"] or say(Text("Navigateur inconnu", "Unknown browser"), language)
    about = say(
        Text(f"Vu pour la dernière fois le {seen:%d/%m/%Y à %H:%M} UTC", f"Last seen {seen:%Y-%m-%d at %H:%M} UTC"), language
    )
    inside = f'{escape(device)}<p class="about">{escape(about)}</p>'
    if current:
        return f"<li>{inside}<strong>{escape(say(Text('C’est ce navigateur', 'This browser'), language))}</strong></li>"
    hidden = f'<input type="hidden" name="session" value="{row["id"]}">'
    return (
        f"<li>{inside}{form('/account/security/sessions/end', hidden, Text('Déconnecter', 'Sign out'), language, quiet=True)}</li>"
    )


def _leaving(language: Language) -> str:
    told = Text("Tout ce que le registre a sur vous (JSON)", "All that the register holds on you (JSON)")
    body = link("/account/export.json", told, language)
    body += form("/logout", "", Text("Se déconnecter", "Sign out"), language)
    return _section("leaving", Text("Vos données", "Your data"), body, language)
