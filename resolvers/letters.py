"""What the owner of a local account is written, in French or English: plain text, without a name, an address or a place.

Each letter says what was asked for, what to do, and what to do when it was somebody else. It alone tells whether an address has an
account: the pages answer everybody alike.
"""

from dataclasses import dataclass
from datetime import timedelta

from graph.text import Language, Text

CONFIRM_LASTS = timedelta(hours=24)
RESET_LASTS = timedelta(minutes=30)
NEWS_LASTS = timedelta(days=2)
"""How long a letter that only tells is tried: one with a link is of use for as long as its link."""


@dataclass(frozen=True, repr=False)
class Letter:
    """A letter in one language, and how long it is of use."""

    subject: str
    text: str
    lasts: timedelta = NEWS_LASTS


@dataclass(frozen=True)
class Template:
    """A letter before it has a language and a link. `{link}` and `{site}` are addresses of ours."""

    subject: Text
    text: Text
    lasts: timedelta = NEWS_LASTS

    def letter(self, language: Language, site: str, path: str = "") -> Letter:
        """The letter, with a link to a path of the site."""
        text = getattr(self.text, language).format(link=f"{site}{path}", site=site)
        closing = CLOSING.fr if language == "fr" else CLOSING.en
        return Letter(getattr(self.subject, language), f"{text}\n\n{closing.format(site=site)}\n", self.lasts)


CLOSING = Text(
    "-- \nParchemin, {site}\nNous ne demandons jamais votre mot de passe ni un code par courriel.",
    "-- \nParchemin, {site}\nWe never ask for your password or a code by e-mail.",
)
NOT_YOU = Text(
    "Si ce n’était pas vous, choisissez un autre mot de passe : {site}/account/forgotten",
    "If it was not you, choose another password: {site}/account/forgotten",
)


def _told(subject: Text, fr: str, en: str) -> Template:
    """News of the account, with what to do when its owner knows nothing of it."""
    return Template(subject, Text(f"{fr}\n\n{NOT_YOU.fr}", f"{en}\n\n{NOT_YOU.en}"))


CONFIRM = Template(
    Text("Confirmez votre adresse", "Confirm your address"),
    Text(
        "Quelqu’un a demandé un compte avec cette adresse. Si c’était vous, ouvrez ce lien dans les 24 heures et donnez le mot de passe "
        "que vous avez choisi :\n\n{link}\n\nSinon, ne faites rien : sans ce mot de passe, aucun compte ne s’ouvre.",
        "Somebody asked for an account with this address. If it was you, open this link within 24 hours and give the password you "
        "chose:\n\n{link}\n\nOtherwise do nothing: without that password no account is opened.",
    ),
    CONFIRM_LASTS,
)
HAS_ACCOUNT = Template(
    Text("Vous avez déjà un compte", "You already have an account"),
    Text(
        "Quelqu’un a demandé un compte avec cette adresse, qui en a déjà un. Rien n’a changé.\n\nVous connecter : {site}/login/local\n"
        "Mot de passe oublié : {site}/account/forgotten\n\nSi ce n’était pas vous, ne faites rien.",
        "Somebody asked for an account with this address, which already has one. Nothing has changed.\n\nSign in: {site}/login/local\n"
        "Forgotten password: {site}/account/forgotten\n\nIf it was not you, do nothing.",
    ),
)
RESET = Template(
    Text("Choisissez un autre mot de passe", "Choose another password"),
    Text(
        "Quelqu’un a dit avoir oublié le mot de passe de ce compte. Si c’était vous, ouvrez ce lien dans les 30 minutes :\n\n{link}\n\n"
        "Sinon, ne faites rien : le mot de passe reste le même.",
        "Somebody said that the password of this account was forgotten. If it was you, open this link within 30 minutes:\n\n{link}\n\n"
        "Otherwise do nothing: the password stays the same.",
    ),
    RESET_LASTS,
)
NO_ACCOUNT = Template(
    Text("Aucun compte avec cette adresse", "No account with this address"),
    Text(
        "Quelqu’un a dit avoir oublié le mot de passe d’un compte de cette adresse, qui n’en a pas. Si c’était vous, essayez une autre "
        "de vos adresses, ou FranceConnect, ou créez un compte : {site}/account/create\n\nSinon, ne faites rien.",
        "Somebody said that the password of an account with this address was forgotten; it has none. If it was you, try another of "
        "your addresses, or FranceConnect, or create an account: {site}/account/create\n\nOtherwise do nothing.",
    ),
)
EMAIL_OLD = Template(
    Text("Changement d’adresse : confirmez", "Change of address: confirm"),
    Text(
        "Le titulaire de ce compte a demandé qu’une autre adresse remplace celle-ci. Si c’était vous, ouvrez ce lien dans les 24 heures, "
        "et celui que reçoit la nouvelle adresse :\n\n{link}\n\nSi ce n’était pas vous, ne l’ouvrez pas, et choisissez un autre mot de "
        "passe : {site}/account/forgotten",
        "The owner of this account asked for another address in the place of this one. If it was you, open this link within 24 hours, "
        "and the one that the new address receives:\n\n{link}\n\nIf it was not you, do not open it, and choose another password: "
        "{site}/account/forgotten",
    ),
    CONFIRM_LASTS,
)
EMAIL_NEW = Template(
    Text("Nouvelle adresse : confirmez", "New address: confirm"),
    Text(
        "Le titulaire d’un compte a demandé que cette adresse remplace la sienne. Si c’était vous, ouvrez ce lien dans les 24 heures, et "
        "celui que reçoit l’ancienne adresse :\n\n{link}\n\nSinon, ne faites rien.",
        "The owner of an account asked for this address in the place of his own. If it was you, open this link within 24 hours, and the "
        "one that the old address receives:\n\n{link}\n\nOtherwise do nothing.",
    ),
    CONFIRM_LASTS,
)
EMAIL_TAKEN = Template(
    Text("Cette adresse a déjà un compte", "This address already has an account"),
    Text(
        "Quelqu’un a demandé que cette adresse devienne celle d’un autre compte. Elle a déjà le sien : rien n’a changé.\n\n"
        "Si c’était vous, connectez-vous avec cette adresse : {site}/login/local\n\nSinon, ne faites rien.",
        "Somebody asked for this address to become that of another account. It has its own already: nothing has changed.\n\n"
        "If it was you, sign in with this address: {site}/login/local\n\nOtherwise do nothing.",
    ),
)
EMAIL_CHANGED = Template(
    Text("L’adresse du compte a changé", "The address of the account has changed"),
    Text(
        "Les deux adresses l’ont confirmé : le compte a changé d’adresse. Les autres navigateurs ont été déconnectés.\n\n"
        "Si ce n’était pas vous, écrivez à l’assistance.",
        "Both addresses confirmed it: the address of the account has changed. Other browsers were signed out.\n\n"
        "If it was not you, write to support.",
    ),
)
PASSWORD_CHANGED = _told(
    Text("Le mot de passe a changé", "The password has changed"),
    "Le mot de passe de votre compte a changé. Tous les autres navigateurs ont été déconnectés.",
    "The password of your account has changed. All other browsers were signed out.",
)
NEW_BROWSER = _told(
    Text("Connexion depuis un autre navigateur", "Sign-in from another browser"),
    "Votre compte vient d’être ouvert depuis un navigateur où vous ne vous étiez pas encore connecté.",
    "Your account was just opened from a browser in which you had not signed in before.",
)
MANY_FAILURES = Template(
    Text("Beaucoup d’essais de mot de passe", "Many passwords tried"),
    Text(
        "Quelqu’un essaie de deviner le mot de passe de votre compte, sans succès. Nous l’arrêtons pour quelque temps.\n\n"
        "Si c’était vous, ce lien vous laisse choisir un autre mot de passe : {site}/account/forgotten\n\nSinon, ne faites rien.",
        "Somebody tries to guess the password of your account, without success. We stop him for a while.\n\n"
        "If it was you, choose another password here: {site}/account/forgotten\n\nOtherwise do nothing.",
    ),
)
ACCOUNT_CLOSED = Template(
    Text("Votre compte est fermé", "Your account is closed"),
    Text(
        "Le compte de cette adresse est fermé : le registre ne sait plus rien de son titulaire. Vos diplômes y restent, comme la loi le "
        "veut.\n\nSi ce n’était pas vous, écrivez à l’assistance.",
        "The account of this address is closed: the register knows nothing of its owner any more. Your diplomas stay in it, as the law "
        "requires.\n\nIf it was not you, write to support.",
    ),
)
SECOND_FACTOR_ON = _told(
    Text("Second facteur ajouté", "Second factor added"),
    "Votre compte demande désormais un code en plus du mot de passe. Gardez vos codes de secours.",
    "Your account now asks for a code besides the password. Keep your recovery codes.",
)
SECOND_FACTOR_OFF = _told(
    Text("Second facteur retiré", "Second factor removed"),
    "Votre compte ne demande plus de code en plus du mot de passe.",
    "Your account no longer asks for a code besides the password.",
)
RECOVERY_CODE_USED = _told(
    Text("Un code de secours a servi", "A recovery code was used"),
    "Un de vos codes de secours a servi à ouvrir votre compte. Il ne sert plus.",
    "One of your recovery codes was used to open your account. It works no more.",
)
NEW_RECOVERY_CODES = _told(
    Text("Nouveaux codes de secours", "New recovery codes"),
    "Votre compte a de nouveaux codes de secours. Les anciens ne servent plus.",
    "Your account has new recovery codes. The old ones work no more.",
)
