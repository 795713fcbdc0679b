"""Why a sign-in fails: what the person is told, what he can do, and with which status."""

from dataclasses import dataclass
from enum import Enum

from graph.text import Text


@dataclass(frozen=True)
class Refusal:
    """A page: its status, and what to say. `{provider}` is the label of the provider."""

    status: int
    title: Text
    remedy: Text


TRY_AGAIN = Text("Recommencez la connexion.", "Start signing in again.")
LATER = Text(
    "Réessayez dans quelques minutes. Votre compte et vos diplômes ne sont pas touchés.",
    "Try again in a few minutes. Your account and diplomas are not affected.",
)
OURS = Text(
    "Réessayez plus tard. Si cela dure, écrivez à l’assistance en donnant la référence ci-dessous.",
    "Try again later. If it lasts, write to support with the reference below.",
)


class Reason(Enum):
    """Each refusal of a sign-in."""

    CANCELLED = Refusal(
        403,
        Text("Vous avez annulé la connexion avec {provider}", "You cancelled signing in with {provider}"),
        Text(
            "Rien n’a été transmis. Vous pouvez recommencer quand vous voulez.",
            "Nothing was passed on. You may start again at any time.",
        ),
    )
    LOGIN_REQUIRED = Refusal(
        403, Text("{provider} demande que vous vous identifiiez", "{provider} asks you to identify yourself"), TRY_AGAIN
    )
    LEVEL_TOO_LOW = Refusal(
        403,
        Text(
            "Cette façon de vous identifier n’est pas assez sûre ici", "This way of identifying yourself is not secure enough here"
        ),
        Text(
            "Recommencez, et choisissez chez {provider} un compte ou un moyen d’identification plus sûr.",
            "Start again, and choose a more secure account or means at {provider}.",
        ),
    )
    EXPIRED = Refusal(
        400,
        Text("La connexion a trop duré", "Signing in took too long"),
        Text(
            "Elle doit finir dans les dix minutes, dans le navigateur où elle a commencé, et ne sert qu’une fois. Recommencez-la.",
            "It has to end within ten minutes, in the browser where it began, and works once. Start again.",
        ),
    )
    STATE_MISMATCH = Refusal(
        400,
        Text("Cette page ne répond à aucune connexion en cours", "This page answers no sign-in under way"),
        Text(
            "Une autre connexion a commencé depuis, celle-ci est déjà finie, ou les cookies sont refusés. Recommencez-la ; "
            "si vous n’aviez rien demandé, fermez cette page.",
            "Another sign-in began since, this one is over, or cookies are refused. Start again, or close this page.",
        ),
    )
    IDENTITY_INCOMPLETE = Refusal(
        422,
        Text("{provider} n’a pas donné toute votre identité", "{provider} did not give your whole identity"),
        Text(
            "Il manque un élément de votre état civil, ou l’un d’eux est illisible : nous ne pouvons pas relier vos diplômes. "
            "Essayez un autre compte chez {provider}, ou écrivez à l’assistance en donnant la référence ci-dessous.",
            "Part of your civil status is missing or cannot be read, so your diplomas cannot be found. Try another account at {provider}, "
            "or write to support with the reference below.",
        ),
    )
    UNREACHABLE = Refusal(503, Text("{provider} ne répond pas", "{provider} does not answer"), LATER)
    PROVIDER_FAILED = Refusal(502, Text("{provider} a rencontré une erreur", "{provider} met an error"), LATER)
    REFUSED_US = Refusal(502, Text("{provider} refuse notre demande", "{provider} refuses our request"), OURS)
    UNTRUSTED = Refusal(
        502, Text("La réponse de {provider} ne peut pas être vérifiée", "The answer of {provider} cannot be verified"), OURS
    )


OF_ERROR = {
    "access_denied": Reason.CANCELLED,
    "login_required": Reason.LOGIN_REQUIRED,
    "interaction_required": Reason.LOGIN_REQUIRED,
    "consent_required": Reason.LOGIN_REQUIRED,
    "account_selection_required": Reason.LOGIN_REQUIRED,
    "unmet_authentication_requirements": Reason.LEVEL_TOO_LOW,
    "invalid_grant": Reason.EXPIRED,
    "server_error": Reason.PROVIDER_FAILED,
    "temporarily_unavailable": Reason.UNREACHABLE,
    "invalid_request": Reason.REFUSED_US,
    "unauthorized_client": Reason.REFUSED_US,
    "unsupported_response_type": Reason.REFUSED_US,
    "invalid_scope": Reason.REFUSED_US,
    "invalid_acr": Reason.REFUSED_US,
    "invalid_client": Reason.REFUSED_US,
}
"""By the error codes of OAuth 2.0 (RFC 6749, §4.1.2.1 and §5.2), OpenID Connect Core 1.0 (§3.1.2.6) and FranceConnect."""


class LoginRefused(Exception):
    """A sign-in fails. `detail` is for the log: a code, never what somebody sent."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.detail = detail

    @classmethod
    def of_error(cls, code: str) -> "LoginRefused":
        """The refusal that a provider's error code stands for; an unknown code is a failure of the provider."""
        known = code in OF_ERROR
        return cls(OF_ERROR[code] if known else Reason.PROVIDER_FAILED, code if known else "unknown_error")
