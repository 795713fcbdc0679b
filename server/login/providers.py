"""Identity providers of a deployment, as the file of PARCHEMIN_PROVIDERS declares them. `docs/login.md` shows one."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from resolvers.local import PROVIDER
from server.login.claims import FRANCECONNECT, MAPPED, NAMED, PROCONNECT, Claim, mapped


class ProvidersError(ValueError):
    """The file cannot be used; the sentence says which line and why, and holds no secret."""


class Kind(Enum):
    """Whose rules a provider follows."""

    FRANCECONNECT = "franceconnect"
    FRANCECONNECT_PLUS = "franceconnect+"
    PROCONNECT = "proconnect"
    OIDC = "oidc"


@dataclass(frozen=True, repr=False)
class Provider:
    """An identity provider and what we are for it.

    `for_agents`: it signs agents in, and holders otherwise. `proven`: it vouches for who its people are. `decrypts` opens what a
    provider of the kind FRANCECONNECT_PLUS encrypts for us.
    """

    name: str
    label: str
    kind: Kind
    discovery: str
    client_id: str
    secret: str
    acr_values: tuple[str, ...]
    scopes: tuple[str, ...]
    claims: tuple[Claim, ...]
    for_agents: bool
    proven: bool
    decrypts: Key | None = None

    @property
    def issuer(self) -> str:
        """The issuer, which the discovery address names (OpenID Connect Discovery 1.0, §4)."""
        return self.discovery.removesuffix(WELL_KNOWN)


WELL_KNOWN = "/.well-known/openid-configuration"
DEMONSTRATION = "/demonstration/"
"""Where a demonstration provider is mounted: production takes none, wherever it runs."""

PIVOT = ("openid", "identite_pivot", "idp_birthdate", "preferred_username")
REQUIRED = ("name", "label", "kind", "discovery", "client_id", "secret")
OPTIONAL = ("acr_values", "scopes")
OF_KIND = {
    Kind.FRANCECONNECT: (),
    Kind.FRANCECONNECT_PLUS: ("decryption_key",),
    Kind.PROCONNECT: (),
    Kind.OIDC: ("for", "proven", "claims"),
}
ACR = {
    Kind.FRANCECONNECT: ("eidas1",),
    Kind.FRANCECONNECT_PLUS: ("eidas2",),
    Kind.PROCONNECT: ("eidas1",),
    Kind.OIDC: (),
}
SCOPES = {
    Kind.FRANCECONNECT: PIVOT,
    Kind.FRANCECONNECT_PLUS: PIVOT,
    Kind.PROCONNECT: ("openid", "given_name", "usual_name", "email", "siret", "idp_id"),
    Kind.OIDC: ("openid", "profile"),
}
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


def read_providers(path: Path, environment: Mapping[str, str], *, production: bool) -> tuple[Provider, ...]:
    """The providers that a file declares. Raises `ProvidersError`."""
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise ProvidersError(f"the file cannot be read ({error.strerror}).") from error
    except ValueError as error:  # TOML says the line, and UTF-8 has none
        raise ProvidersError(f"this is no TOML file: {error}.") from error
    if set(found) != {"provider"} or not isinstance(found["provider"], list):
        raise ProvidersError("the file is a list of [[provider]] tables, and nothing else.")
    read: list[Provider] = []
    for number, table in enumerate(found["provider"]):
        entry = _Entry(text, number, table, environment, production)
        provider = entry.provider()
        if provider.name == PROVIDER:
            raise entry.wrong("name", f"'{PROVIDER}' is what our own accounts are called")
        if any(other.name == provider.name for other in read):
            raise entry.wrong("name", f"another provider is called '{provider.name}'")
        read.append(provider)
    return tuple(read)


@dataclass(frozen=True, repr=False)
class _Entry:
    """One [[provider]] table as it is read."""

    text: str
    number: int
    table: Mapping[str, Any]
    environment: Mapping[str, str]
    production: bool

    def provider(self) -> Provider:
        """The provider of the table. Raises `ProvidersError`."""
        kind = self._kind()
        if unknown := set(self.table) - {*REQUIRED, *OPTIONAL, *OF_KIND[kind]}:
            name = min(unknown)
            raise self.wrong(name, f"a provider of kind '{kind.value}' has no '{name}'")
        name = self._matching("name", NAME, "lower case letters, digits and dashes, 40 at most")
        scopes = self._strings("scopes", SCOPES[kind])
        if "openid" not in scopes:
            raise self.wrong("scopes", "scopes hold 'openid'")
        return Provider(
            name=name,
            label=self._string("label"),
            kind=kind,
            discovery=self._discovery(),
            client_id=self._string("client_id"),
            secret=self._secret("secret"),
            acr_values=self._strings("acr_values", ACR[kind]),
            scopes=scopes,
            claims=self._claims(kind),
            for_agents=self._for_agents(kind),
            proven=self._flag("proven") if kind is Kind.OIDC else kind is not Kind.PROCONNECT,
            decrypts=self._key() if kind is Kind.FRANCECONNECT_PLUS else None,
        )

    def wrong(self, name: str, why: str) -> ProvidersError:
        """What is wrong with a setting of the table, with its line."""
        return ProvidersError(f"line {self._line(name)}: {why}.")

    def _line(self, name: str) -> int:
        """The line of a setting of this table, or that of the table when it does not have it."""
        tables, start = -1, 1
        for number, line in enumerate(self.text.splitlines(), 1):
            if re.match(r"\s*\[\[\s*provider\s*]]", line):
                tables, start = tables + 1, start if tables >= self.number else number
            elif tables == self.number and re.match(rf"\s*(\[provider\.)?\"?{re.escape(name)}\b", line):
                return number
        return start

    def _kind(self) -> Kind:
        text = self._string("kind")
        for kind in Kind:
            if kind.value == text:
                return kind
        raise self.wrong("kind", f"kind is one of {', '.join(kind.value for kind in Kind)}, not '{text}'")

    def _string(self, name: str) -> str:
        value = self.table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(name, f"'{name}' is missing, or is no text")
        return value.strip()

    def _matching(self, name: str, pattern: re.Pattern[str], what: str) -> str:
        value = self._string(name)
        if not pattern.fullmatch(value):
            raise self.wrong(name, f"'{name}' is {what}")
        return value

    def _strings(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        values = self.table.get(name, list(default))
        if not isinstance(values, list) or not all(isinstance(value, str) and re.fullmatch(r"\S+", value) for value in values):
            raise self.wrong(name, f"'{name}' is a list of texts without spaces")
        return tuple(values)

    def _flag(self, name: str) -> bool:
        value = self.table.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name, f"'{name}' is true or false")
        return value

    def _discovery(self) -> str:
        address = self._string("discovery")
        parts = urlsplit(address)
        if parts.scheme not in ("https", "http") or not parts.netloc or not address.endswith(WELL_KNOWN):
            raise self.wrong("discovery", f"discovery is an address that ends with {WELL_KNOWN}")
        if self.production and parts.scheme != "https":
            raise self.wrong("discovery", "in production, discovery is an https address")
        if self.production and parts.path.startswith(DEMONSTRATION):
            raise self.wrong("discovery", "this is a demonstration provider, which proves nothing: production refuses it")
        return address

    def _secret(self, name: str) -> str:
        variable = self._string(name)
        value = self.environment.get(variable, "")
        if not value:
            raise self.wrong(name, f"'{name}' is the name of an environment variable, and {variable} is not set")
        return value

    def _key(self) -> Key:
        """The private key, a PEM in an environment variable, whose public part the provider encrypts for."""
        pem = self._secret("decryption_key")
        for kind in (ECKey, RSAKey):
            try:
                key = kind.import_key(pem, {"use": "enc"})
            except (JoseError, ValueError):
                continue
            if key.is_private:
                key.ensure_kid()
                return key
        raise self.wrong("decryption_key", "the environment variable does not hold a private EC or RSA key in PEM")

    def _for_agents(self, kind: Kind) -> bool:
        if kind is not Kind.OIDC:
            return kind is Kind.PROCONNECT
        whose = self._string("for")
        if whose not in ("holders", "agents"):
            raise self.wrong("for", "'for' is holders or agents")
        return whose == "agents"

    def _claims(self, kind: Kind) -> tuple[Claim, ...]:
        if kind is not Kind.OIDC:
            return PROCONNECT if kind is Kind.PROCONNECT else FRANCECONNECT
        if self._for_agents(kind):
            return NAMED
        names = self.table.get("claims", {})
        if not isinstance(names, dict) or not all(isinstance(value, str) for value in names.values()):
            raise self.wrong("claims", "claims is a table: the name of a claim here, the provider's name for it")
        known = {claim.name for claim in MAPPED}
        if unknown := set(names) - known:
            raise self.wrong(min(unknown), f"claims maps {', '.join(sorted(known))}, not '{min(unknown)}'")
        return mapped(names)
