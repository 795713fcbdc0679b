"""The file of identity providers, and what production refuses of it: each fault is a sentence with its line."""

from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from server.login.providers import SCOPES, Kind, ProvidersError, read_providers
from server.settings import SettingsError, read_settings
from tests.client import settings_of_tests

FRANCECONNECT = """
# who signs holders in
[[provider]]
name = "franceconnect"
label = "FranceConnect"
kind = "franceconnect"
discovery = "https://oidc.example/api/v2/.well-known/openid-configuration"
client_id = "id"
secret = "FC_SECRET"
"""
SECRET = "the-client-secret"
OTHER = FRANCECONNECT.replace('"franceconnect"', '"other"', 1).replace('kind = "franceconnect"', 'kind = "oidc"')


def read(tmp_path: Path, text: str, *, production: bool = False, **environment: str) -> Any:
    path = tmp_path / "providers.toml"
    path.write_text(text, "utf-8")
    return read_providers(path, {"FC_SECRET": SECRET} | environment, production=production)


def test_a_provider_of_the_state_needs_six_lines(tmp_path: Path) -> None:
    [provider] = read(tmp_path, FRANCECONNECT, production=True)
    assert (provider.name, provider.kind, provider.issuer) == ("franceconnect", Kind.FRANCECONNECT, "https://oidc.example/api/v2")
    assert (provider.acr_values, provider.scopes) == (("eidas1",), SCOPES[Kind.FRANCECONNECT])
    assert (provider.for_agents, provider.proven, provider.secret) == (False, True, SECRET)
    assert SECRET not in repr(provider)


def test_several_providers_stand_in_one_file(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    text = FRANCECONNECT + FRANCECONNECT.replace("franceconnect", "proconnect").replace("FranceConnect", "ProConnect")
    text += FRANCECONNECT.replace('"franceconnect"', '"plus"', 1).replace('kind = "franceconnect"', 'kind = "franceconnect+"')
    text += 'decryption_key = "FC_KEY"\n' + OTHER + 'for = "holders"\nproven = false\n'
    text += '[provider.claims]\nfamily_name = "surname"\ngender = "sex"\n'
    providers = read(tmp_path, text, FC_KEY=key)
    assert [(one.kind, one.for_agents, one.proven) for one in providers] == [
        (Kind.FRANCECONNECT, False, True),
        (Kind.PROCONNECT, True, False),
        (Kind.FRANCECONNECT_PLUS, False, True),
        (Kind.OIDC, False, False),
    ]
    assert providers[2].decrypts is not None and providers[2].decrypts.is_private
    names = {claim.name: claim.there for claim in providers[3].claims}
    assert (names["family_name"], names["gender"], names["birthdate"]) == ("surname", "sex", "birthdate")


def with_line(name: str, line: str) -> str:
    """The file with one setting replaced."""
    return "\n".join(line if text.startswith(f"{name} ") else text for text in FRANCECONNECT.splitlines())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = \n", r"this is no TOML file: .*line 1"),
        ("", r"a list of \[\[provider\]\] tables"),
        ("[provider]\nname = 'x'\n", r"a list of \[\[provider\]\] tables"),
        (FRANCECONNECT + "\n[other]\n", r"a list of \[\[provider\]\] tables"),
        (with_line("kind", 'kind = "saml"'), "line 6: kind is one of franceconnect, .*not 'saml'"),
        (with_line("kind", ""), "line 3: 'kind' is missing"),
        (with_line("name", 'name = "France Connect"'), "line 4: 'name' is lower case letters"),
        (with_line("label", "label = 3"), "line 5: 'label' is missing, or is no text"),
        (with_line("discovery", 'discovery = "https://oidc.example/"'), "line 7: discovery is an address that ends with"),
        (with_line("discovery", 'discovery = "ftp://x/.well-known/openid-configuration"'), "line 7: discovery is an address"),
        (
            with_line("secret", 'secret = "NOT_SET"'),
            "line 9: 'secret' is the name of an environment variable, and NOT_SET is not set",
        ),
        (FRANCECONNECT + "scopes = [1]\n", "line 10: 'scopes' is a list of texts"),
        (FRANCECONNECT + 'scopes = ["profile"]\n', "line 10: scopes hold 'openid'"),
        (FRANCECONNECT + 'acr_values = "eidas1"\n', "line 10: 'acr_values' is a list"),
        (FRANCECONNECT + "proven = true\n", "line 10: a provider of kind 'franceconnect' has no 'proven'"),
        (FRANCECONNECT.replace('name = "franceconnect"', 'name = "local"'), "'local' is what our own accounts are called"),
        (FRANCECONNECT + FRANCECONNECT, "line 13: another provider is called 'franceconnect'"),
        (with_line("kind", 'kind = "franceconnect+"'), "line 3: 'decryption_key' is missing"),
        (with_line("kind", 'kind = "franceconnect+"') + '\ndecryption_key = "FC_SECRET"\n', "line 10: .*private EC or RSA key"),
        (OTHER, "'for' is missing"),
        (OTHER + 'for = "everybody"\nproven = true\n', "line 10: 'for' is holders or agents"),
        (OTHER + 'for = "holders"\n', "line 3: 'proven' is true or false"),
        (OTHER + 'for = "holders"\nproven = true\nclaims = 3\n', "line 12: claims is a table"),
        (OTHER + 'for = "holders"\nproven = true\n[provider.claims]\nemail = "x"\n', "line 13: claims maps .*, not 'email'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ProvidersError, match=words) as stopped:
        read(tmp_path, text)
    assert SECRET not in str(stopped.value)


@pytest.mark.parametrize(
    "discovery",
    [
        "http://oidc.example/.well-known/openid-configuration",
        "https://other.example/demonstration/franceconnect/api/v2/.well-known/openid-configuration",
    ],
)
def test_production_takes_neither_http_nor_a_demonstration_provider(tmp_path: Path, discovery: str) -> None:
    text = with_line("discovery", f'discovery = "{discovery}"')
    assert len(read(tmp_path, text)) == 1
    with pytest.raises(ProvidersError, match=r"line 7: .*production"):
        read(tmp_path, text, production=True)


def test_production_cannot_have_the_demonstration_s_providers() -> None:
    assert settings_of_tests(demonstration=True).demonstration
    with pytest.raises(SettingsError, match="prove nothing"):
        settings_of_tests(demonstration=True, production=True)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PARCHEMIN_PUBLIC_URL": "diplomes.example"}, "is an origin"),
        ({"PARCHEMIN_PUBLIC_URL": "https://diplomes.example/"}, "is an origin"),
        ({"PARCHEMIN_PUBLIC_URL": "https://diplomes.example/path"}, "is an origin"),
        ({"PARCHEMIN_PROVIDERS": "{path}"}, "needs PARCHEMIN_PUBLIC_URL"),
        ({"PARCHEMIN_PROVIDERS": "/nonexistent", "PARCHEMIN_PUBLIC_URL": "https://d.example"}, "cannot be read"),
        ({"PARCHEMIN_ENV": "production", "PARCHEMIN_PUBLIC_URL": "http://d.example"}, "needs an https PARCHEMIN_PUBLIC_URL"),
    ],
)
def test_the_settings_of_signing_in_are_checked_at_start(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(FRANCECONNECT)
    given = {name: value.format(path=path) for name, value in environment.items()}
    with pytest.raises(SettingsError, match=words):
        read_settings({"PARCHEMIN_DATA": str(tmp_path), "PARCHEMIN_SECRET": "ab" * 32, "DATABASE_URL": "postgresql://x"} | given)


def test_an_rsa_key_decrypts_too(tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048).as_pem(private=True).decode()
    text = with_line("kind", 'kind = "franceconnect+"') + '\ndecryption_key = "FC_KEY"\n'
    [provider] = read(tmp_path, text, FC_KEY=key)
    assert provider.decrypts is not None and provider.decrypts.kid
