"""The demonstration's providers are as strict as the real ones, say that they are none, and list people of the register."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc import jwt
from structlog.testing import capture_logs

from resolvers.callers import Caller
from server.app import create_app
from server.login.claims import FRANCECONNECT as PIVOT
from server.login.claims import PROCONNECT as OF_AGENTS
from server.login.claims import checked, person_of
from server.login.providers import Kind
from server.provider import protocol
from server.provider.people import AGENTS, CASES, agents, holders
from server.provider.registration import demonstrations
from server.provider.rules import PROCONNECT
from tests.client import Client, served, settings_of_tests
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, Journey, candidate
from tests.signing import Site, hidden, signing

STATE, NONCE, VERIFIER = "s" * 32, "n" * 32, "v" * 43


@pytest.fixture
async def site(url: str) -> AsyncIterator[Site]:
    async with signing(url) as site:
        yield site


def asked(site: Site, **changed: str | None) -> dict[str, str]:
    """An authorization request; a parameter that is None is left out."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "client_id": site.provider.client.id, "redirect_uri": site.provider.client.redirect, "response_type": "code",
        "scope": "openid identite_pivot", "state": STATE, "nonce": NONCE, "acr_values": "eidas1", "code_challenge": challenge,
        "code_challenge_method": "S256",
    } | changed  # fmt: skip
    return {name: value for name, value in parameters.items() if value is not None}


async def authorize(site: Site, **changed: str | None) -> Response:
    return await site.browser.get(site.provider.issuer + "/authorize", params=asked(site, **changed))


async def code(site: Site, **changed: str | None) -> str:
    page = await authorize(site, **changed)
    answer = await site.browser.post(page.url, data=hidden(page.text) | {"choose": "claire"})
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def exchange(site: Site, **changed: str | None) -> Response:
    client = site.provider.client
    given = {
        "grant_type": "authorization_code", "client_id": client.id, "client_secret": client.secret, "redirect_uri": client.redirect,
        "code_verifier": VERIFIER,
    } | changed  # fmt: skip
    data = {name: value for name, value in given.items() if value is not None}
    return await site.browser.post(site.provider.issuer + "/token", data=data)


@pytest.mark.parametrize(
    ("changed", "code_"),
    [
        ({"state": None}, "Y000400"),
        ({"state": "s" * 21}, "Y000400"),
        ({"nonce": None}, "Y000400"),
        ({"nonce": "n" * 21}, "Y000400"),
        ({"unheard_of": "x"}, "Y000400"),
        ({"acr_values": None}, "Y030007"),
        ({"client_id": "another"}, "Y030003"),
        ({"redirect_uri": "http://register.test/login/fc/callback/"}, "Y030003"),
        ({"redirect_uri": None}, "Y030003"),
    ],
)
async def test_a_request_that_breaks_a_rule_is_an_error_page_with_its_code(site: Site, changed: dict[str, Any], code_: str) -> None:
    page = await authorize(site, **changed)
    assert page.status_code == 400 and code_ in page.text and "location" not in page.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"acr_values": "eidas9"}, "invalid_acr"),
        ({"scope": "openid unheard_of"}, "invalid_scope"),
        ({"scope": "identite_pivot"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
async def test_other_errors_go_back_to_the_client_with_its_state(site: Site, changed: dict[str, Any], error: str) -> None:
    answer = await authorize(site, **changed)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, told["error"], told["state"], told["iss"]) == (303, [error], [STATE], [site.provider.issuer])


async def test_proconnect_wants_longer_secrets_than_franceconnect(url: str) -> None:
    async with signing(url, PROCONNECT, Kind.PROCONNECT) as site:
        scope = "openid usual_name"
        assert (await authorize(site, scope=scope)).status_code == 200
        for name in ("state", "nonce"):
            assert (await authorize(site, scope=scope, **{name: "x" * 31})).status_code == 400


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": "http://register.test/"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_grant"),
        ({"code": "another"}, 400, "invalid_grant"),
        ({"code": None}, 400, "invalid_grant"),
    ],
)
async def test_a_code_is_exchanged_by_its_client_alone(site: Site, changed: dict[str, Any], status: int, error: str) -> None:
    answer = await exchange(site, **({"code": await code(site)} | changed))
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_a_code_serves_once_and_not_after_thirty_seconds(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    given = await code(site)
    assert (await exchange(site, code=given)).status_code == 200
    assert (await exchange(site, code=given)).json() == {"error": "invalid_grant"}
    late = await code(site)
    clock = protocol.time.time
    monkeypatch.setattr(protocol.time, "time", lambda: clock() + 31)
    assert (await exchange(site, code=late)).json() == {"error": "invalid_grant"}


async def test_the_answers_of_the_provider_are_signed_and_short_lived(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = await exchange(site, code=await code(site))
    token = answer.json()
    assert answer.headers["cache-control"] == "no-store" and token["expires_in"] == 60
    claims = jwt.decode(token["id_token"], site.provider.key, algorithms=["ES256"]).claims
    assert claims["nonce"] == NONCE and claims["exp"] - claims["iat"] == 60 and claims["acr"] == "eidas1"
    header = {"Authorization": f"Bearer {token['access_token']}"}
    told = await site.browser.get(site.provider.issuer + "/userinfo", headers=header)
    assert told.headers["content-type"] == "application/jwt"
    claims = jwt.decode(told.text, site.provider.key, algorithms=["ES256"]).claims
    assert claims["family_name"] == "Lecœur"
    assert "preferred_username" not in claims and "email" not in claims, "no scope opens them"
    clock = protocol.time.time
    monkeypatch.setattr(protocol.time, "time", lambda: clock() + 61)
    assert (await site.browser.get(site.provider.issuer + "/userinfo", headers=header)).status_code == 401
    assert (await site.browser.get(site.provider.issuer + "/userinfo")).status_code == 401


async def test_a_subject_depends_on_the_client_and_on_who_the_person_is(site: Site) -> None:
    [claire, mehdi] = await site.provider.people(None)  # pyright: ignore[reportArgumentType]
    subject = site.provider.subject(claire)
    assert subject == site.provider.subject(claire) != site.provider.subject(mehdi)
    renamed = claire.claims | {"family_name": "Lecoeur"}
    assert site.provider.subject(type(claire)("claire", "", "", renamed)) != subject
    moved = claire.claims | {"email": "elsewhere@exemple.test"}
    assert site.provider.subject(type(claire)("claire", "", "", moved)) == subject


@pytest.mark.parametrize("query", ["", "?id_token_hint=x&post_logout_redirect_uri=http://register.test/logout/done"])
async def test_a_logout_without_a_good_hint_is_an_error(site: Site, query: str) -> None:
    assert (await site.browser.get(site.provider.issuer + "/session/end" + query)).status_code == 400


async def test_a_logout_goes_back_to_the_declared_address_alone(site: Site) -> None:
    token = (await exchange(site, code=await code(site))).json()["id_token"]
    evil = {"id_token_hint": token, "post_logout_redirect_uri": "http://evil.test/"}
    assert (await site.browser.get(site.provider.issuer + "/session/end", params=evil)).status_code == 400


async def test_the_page_says_that_it_is_not_the_real_one(site: Site) -> None:
    french = (await authorize(site)).text
    english = await site.browser.get(site.provider.issuer + "/authorize", params=asked(site), headers={"Accept-Language": "en"})
    assert "Ceci n’est pas FranceConnect" in french and "This is not FranceConnect" in english.text
    assert "Annuler" in french and "naissance à l’étranger" in french


async def test_a_request_cannot_put_markup_in_the_page(site: Site) -> None:
    page = await authorize(site, state='"><script>' + STATE)
    assert page.status_code == 200 and "<script>" not in page.text
    assert hidden(page.text)["state"] == '"><script>' + STATE


async def test_the_demonstration_warns_at_its_start(url: str) -> None:
    with capture_logs() as logs:
        create_app(settings_of_tests(demonstration=True, public_url="http://127.0.0.1:8000"), url)
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["mail_to_files", "demonstration_providers"]


async def test_without_the_demonstration_its_providers_are_not_there(url: str) -> None:
    async with served(url) as client:
        assert (await client.send("GET", "/demonstration/franceconnect/api/v2/jwks")).status_code == 404
    async with served(url, demonstration=True, public_url="http://register.test") as demonstration:
        assert await titles(demonstration) == ["Vos diplômes", "Agents des services d’examens"]


async def titles(client: Client) -> list[str]:
    page = (await client.send("GET", "/login")).text
    return [part.split("</h2>")[0].split(">")[1] for part in page.split("<h2")[1:]]


# People


async def test_the_people_are_those_of_the_published_register_with_a_case_each(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> None:
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(
        KEYRING,
        candidate(1, nom_naissance="Martin", prenoms="Louise Jeanne", date_naissance="03/04/2008"),
        candidate(2, nom_naissance="Haddad", prenoms="Adam", date_naissance="05/04/2008"),
        candidate(3, nom_naissance="Haddad", prenoms="Adam", date_naissance="05/04/2008", commune_naissance="75056"),
        candidate(4, nom_naissance="Petit", prenoms="Jules", date_naissance="06/04/2008"),
        candidate(5, nom_naissance="Petit", prenoms="Zoé", date_naissance="06/04/2008"),
        candidate(
            6, nom_naissance="Ben Ali", prenoms="Nour", date_naissance="00/04/2006", commune_naissance="", pays_naissance="99352"
        ),
        candidate(7, nom_naissance="Blanc", nom_usage="Roche", prenoms="Inès", date_naissance="08/04/2000"),
        candidate(8, nom_naissance="LEFEVRE", prenoms="JEAN-PIERRE", date_naissance="09/04/2007"),
    )
    people = {person.choice: person for person in await holders(connection)}
    assert {person.case for person in people.values()} <= set(CASES)
    assert {people[f"homonyms-{number}"].name for number in (1, 2)} == {"Adam Haddad"}
    assert len({people[f"homonyms-{number}"].claims["birthplace"] for number in (1, 2)}) == 2
    assert {people[f"twins-{number}"].claims["given_name"] for number in (1, 2)} == {"Jules", "Zoé"}
    abroad = people["abroad-partial-1"].claims
    assert (abroad["birthdate"], abroad["idp_birthdate"], abroad["birthplace"]) == ("2006-04-01", "2006-04-00", "")
    assert people["used-name-1"].name == "Inès Blanc (usage : Roche)"
    assert people["capitals-1"].name == "Jean-Pierre Lefevre"
    assert people["no-diploma"].record == {}
    assert people["ordinary-1"].record == {"family": "bac", "year": 2026, "academy": "01"}
    different = people["different-1"]
    number = different.claims["family_name"]
    recorded = await connection.fetchval("select birth_date from diploma_version where birth_name = $1 limit 1", number)
    assert different.claims["birthdate"] != recorded
    for person in people.values():
        person_of(PIVOT, person.claims)


async def test_the_agents_have_the_claims_of_proconnect(connection: DatabaseConnection) -> None:
    listed = await agents(connection)
    assert [person.case for person in listed] == [*["AGENT"] * len(AGENTS), "UNKNOWN_AGENT"]
    for person in listed:
        assert set(checked(OF_AGENTS, person.claims)) == {"given_name", "usual_name", "siret", "idp_id", "email"}


def test_the_subjects_are_the_same_at_every_start() -> None:
    person = asyncio.run(agents(None))[0]  # pyright: ignore[reportArgumentType]
    (_, before), (_, after) = (demonstrations("http://127.0.0.1:8000", b"m" * 32) for _ in range(2))
    assert before.provider.subject(person) == after.provider.subject(person)
    (_, elsewhere) = demonstrations("http://127.0.0.1:8000", b"n" * 32)
    assert elsewhere.provider.subject(person) != before.provider.subject(person)
