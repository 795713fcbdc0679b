"""What the demonstration providers ask of a client, as FranceConnect v2 and ProConnect do."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.text import Text

PIVOT = ("given_name", "given_name_array", "family_name", "birthdate", "gender", "birthplace", "birthcountry")
STANDARD = frozenset({
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "acr_values", "prompt", "claims", "code_challenge",
    "code_challenge_method",
})  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """One provider's rules: the shortest `state` and `nonce`, the levels, and the claims that each scope opens."""

    name: str
    label: str
    path: str
    warning: Text
    shortest: int
    levels: tuple[str, ...]
    scopes: Mapping[str, tuple[str, ...]]


FRANCECONNECT = Rules(
    name="franceconnect-demonstration",
    label="FranceConnect de démonstration",
    path="/demonstration/franceconnect/api/v2",
    warning=Text(
        "Ceci n’est pas FranceConnect : c’est un fournisseur d’identité fictif, pour la démonstration. Les personnes sont inventées.",
        "This is not FranceConnect but a fictitious identity provider, for the demonstration. The people are invented.",
    ),
    shortest=22,
    levels=("eidas1",),
    scopes={
        "openid": (),
        "profile": ("given_name", "given_name_array", "family_name", "birthdate", "gender", "preferred_username"),
        "birth": ("birthplace", "birthcountry"),
        "identite_pivot": PIVOT,
        "idp_birthdate": ("idp_birthdate",),
        "preferred_username": ("preferred_username",),
        "email": ("email",),
    },
)
PROCONNECT = Rules(
    name="proconnect-demonstration",
    label="ProConnect de démonstration",
    path="/demonstration/proconnect/api/v2",
    warning=Text(
        "Ceci n’est pas ProConnect : c’est un fournisseur d’identité fictif, pour la démonstration. Les agents sont inventés.",
        "This is not ProConnect but a fictitious identity provider, for the demonstration. The agents are invented.",
    ),
    shortest=32,
    levels=("eidas1", "eidas2", "eidas3"),
    scopes={
        "openid": (),
        **{name: (name,) for name in ("given_name", "usual_name", "email", "uid", "siret", "idp_id", "phone")},
    },
)


@dataclass(frozen=True)
class Refusal:
    """What is wrong with an authorization request. `error` is told to the client; without one, the browser is not sent back."""

    code: str
    error: str | None = None


def refusal(rules: Rules, given: Mapping[str, str]) -> Refusal | None:
    """What is wrong with a request whose client and address are known, or None."""
    if set(given) - STANDARD or any(len(given.get(name, "")) < rules.shortest for name in ("state", "nonce")):
        return Refusal("Y000400")
    if not given.get("acr_values"):
        return Refusal("Y030007")
    if given.get("response_type") != "code":
        return Refusal("Y030001", "unsupported_response_type")
    scopes = given.get("scope", "").split()
    if "openid" not in scopes or not set(scopes) <= set(rules.scopes):
        return Refusal("Y030002", "invalid_scope")
    if not set(given["acr_values"].split()) & set(rules.levels):
        return Refusal("Y030006", "invalid_acr")
    if ("code_challenge" in given) != (given.get("code_challenge_method") == "S256"):
        return Refusal("Y030005", "invalid_request")
    if given.get("prompt") == "none":  # nobody is ever signed in here without a choice
        return Refusal("Y030004", "login_required")
    return None
