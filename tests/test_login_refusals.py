"""Every way in which a sign-in fails is a page with a status, what to do, and a reference that stands in the log."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from httpx2 import Request, Response
from joserfc import jwe, jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from structlog.testing import capture_logs

from server.identity import COOKIE
from server.login import relying_party
from server.login.claims import FRANCECONNECT, PROCONNECT, ClaimRefused, checked, person_of
from server.login.providers import Kind
from server.login.refusals import OF_ERROR, Reason
from server.provider import protocol
from server.provider import rules as rules_of_providers
from tests.conftest import DatabaseConnection
from tests.encrypting import encrypting
from tests.signing import CLAIRE, MEHDI, Site, another_key, reference_of, signing

Lies = Callable[[Site], None]


async def refused(site: Site, reason: Reason, detail: str | None = None, *, choice: str = "claire") -> None:
    """Signs in and meets this refusal, with its page and its line in the log."""
    with capture_logs() as logs:
        answer = await site.sign_in(choice)
    met(answer, logs, reason, detail)
    assert COOKIE not in site.browser.cookies and await site.kind() is None


def met(answer: Response, logs: Any, reason: Reason, detail: str | None = None) -> None:
    [line] = [line for line in logs if line["event"] in ("login_refused", "login_failed")]
    assert line["reason"] == reason.name, line
    assert detail is None or line["detail"] == detail
    assert answer.status_code == reason.value.status
    assert reference_of(answer.text) == line["reference"]
    assert answer.headers["cache-control"] == "no-store"


def within(where: str, **claims: Any) -> Lies:
    """Claims that the provider changes, or leaves out when they are None."""

    def lie(site: Site) -> None:
        def changed(told: dict[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in (told | claims).items() if value is not None}

        setattr(site.provider, where, changed)

    return lie


NOW = int(time.time())


@pytest.mark.parametrize(
    ("lies", "reason"),
    [
        (within("in_id_token", nonce="another nonce, of the right length"), Reason.UNTRUSTED),
        (within("in_id_token", nonce=None), Reason.UNTRUSTED),
        (within("in_id_token", aud="somebody else"), Reason.UNTRUSTED),
        (within("in_id_token", aud=["somebody else", "parchemin"], azp="somebody else"), Reason.UNTRUSTED),
        (within("in_id_token", aud=None), Reason.UNTRUSTED),
        (within("in_id_token", iss="http://evil.test"), Reason.UNTRUSTED),
        (within("in_id_token", iss=None), Reason.UNTRUSTED),
        (within("in_id_token", exp=NOW - 60), Reason.EXPIRED),
        (within("in_id_token", exp=None), Reason.UNTRUSTED),
        (within("in_id_token", iat=NOW + 3600), Reason.UNTRUSTED),
        (within("in_id_token", sub=None), Reason.UNTRUSTED),
        (within("in_id_token", sub="s" * 256), Reason.UNTRUSTED),
        (within("in_id_token", sid=12), Reason.UNTRUSTED),
        (within("in_id_token", acr="eidas0"), Reason.LEVEL_TOO_LOW),
        (within("in_id_token", acr=None), Reason.LEVEL_TOO_LOW),
        (within("in_userinfo", sub="somebody else"), Reason.UNTRUSTED),
        (within("in_userinfo", sub=None), Reason.UNTRUSTED),
        (within("in_userinfo", aud="somebody else"), Reason.UNTRUSTED),
        (within("in_userinfo", iss="http://evil.test"), Reason.UNTRUSTED),
        (within("in_userinfo", aud=None), Reason.UNTRUSTED),
        (within("in_userinfo", exp=NOW - 60), Reason.EXPIRED),
    ],
)
async def test_a_token_with_a_wrong_claim_signs_nobody_in(url: str, lies: Lies, reason: Reason) -> None:
    async with signing(url) as site:
        lies(site)
        await refused(site, reason)


async def test_a_higher_level_than_asked_for_is_taken(url: str) -> None:
    async with signing(url) as site:
        within("in_id_token", acr="eidas3")(site)
        assert (await site.sign_in()).status_code == 303


def unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none"}, claims]
    encoded = [jws.serialize_compact({"alg": "HS256"}, json.dumps(part), OctKey.generate_key()).split(".")[1] for part in parts]
    return ".".join([*encoded, ""])


def with_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "ES256", "kid": "another"}, claims, another_key())


def with_the_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("client-secret-of-tests"))


FORGERIES: dict[str, Callable[[Site], Callable[[dict[str, Any]], str]]] = {
    "none": lambda site: unsigned,
    "another key": lambda site: with_another_key,
    "another key under the published identifier": lambda site: (
        lambda claims: jwt.encode({"alg": "ES256", "kid": site.provider.key.kid}, claims, another_key())
    ),
    "HS256 with the client's secret": lambda site: with_the_secret,
    "HS256 with the public key": lambda site: (
        lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(site.provider.key.as_pem(private=False).hex()))
    ),
    "an unknown critical header": lambda site: lambda claims: critical(site, claims),
    "no token at all": lambda site: lambda claims: "token",
}


def critical(site: Site, claims: dict[str, Any]) -> str:
    registry = jws.JWSRegistry({"b42": jws.JWSRegistry.default_header_registry["kid"]}, ["ES256"])
    return jwt.encode(
        {"alg": "ES256", "kid": site.provider.key.kid, "crit": ["b42"], "b42": "x"}, claims, site.provider.key, registry=registry
    )


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("where", ["id_token", "userinfo"])
async def test_a_forged_signature_signs_nobody_in(url: str, forgery: str, where: str) -> None:
    async with signing(url) as site:
        forged, honest = FORGERIES[forgery](site), site.provider.signed

        def sign(claims: dict[str, Any]) -> str:
            site.provider.sign = None
            try:
                return forged(claims) if ("nonce" in claims) == (where == "id_token") else honest(claims)
            finally:
                site.provider.sign = sign

        site.provider.sign = sign
        await refused(site, Reason.UNTRUSTED)


def answering(end: str, change: Callable[[Response], Response]) -> Lies:
    """The provider's answer at the end of a path is another one."""

    def lie(site: Site) -> None:
        def changed(request: Request, response: Response) -> Response:
            if request.url.host == "provider.test" and request.url.path.endswith(end):
                new = change(response)
                new.request = request
                return new
            return response

        site.network.change = changed

    return lie


def without(name: str) -> Callable[[Response], Response]:
    return lambda response: Response(200, json={key: value for key, value in response.json().items() if key != name})


def replaced(name: str, value: Any) -> Callable[[Response], Response]:
    return lambda response: Response(200, json=response.json() | {name: value})


def always(status: int, **options: Any) -> Callable[[Response], Response]:
    return lambda _: Response(status, **options)


CLEAR = {"sub": "x", "family_name": "Lecœur"}


@pytest.mark.parametrize(
    ("end", "change", "reason", "detail"),
    [
        ("/token", without("id_token"), Reason.UNTRUSTED, "no_id_token"),
        ("/token", without("access_token"), Reason.UNTRUSTED, None),
        ("/token", always(200, text="no JSON"), Reason.UNTRUSTED, None),
        ("/token", always(500), Reason.PROVIDER_FAILED, "http_500"),
        ("/token", always(400, json={"error": "invalid_grant"}), Reason.EXPIRED, "invalid_grant"),
        ("/token", always(401, json={"error": "invalid_client"}), Reason.REFUSED_US, "invalid_client"),
        ("/token", always(400, json={"error": "unheard_of"}), Reason.PROVIDER_FAILED, "unknown_error"),
        ("/userinfo", always(401, json={"error": "invalid_token"}), Reason.PROVIDER_FAILED, "userinfo_401"),
        ("/userinfo", always(200, json=CLEAR), Reason.UNTRUSTED, "userinfo_unsigned"),
        ("/userinfo", always(200, text="x", headers={"content-type": "text/html"}), Reason.UNTRUSTED, "userinfo_unsigned"),
        ("/jwks", always(500), Reason.PROVIDER_FAILED, None),
        ("/jwks", always(200, json={}), Reason.UNTRUSTED, None),
        ("/jwks", always(200, json={"keys": []}), Reason.UNTRUSTED, None),
    ],
)
async def test_an_answer_that_is_not_what_the_rules_say_signs_nobody_in(
    url: str, end: str, change: Callable[[Response], Response], reason: Reason, detail: str | None
) -> None:
    async with signing(url) as site:
        answering(end, change)(site)
        await refused(site, reason, detail)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (always(500), Reason.UNREACHABLE),
        (always(302, headers={"location": "http://evil.test"}), Reason.UNREACHABLE),
        (always(200, text="<html>"), Reason.UNREACHABLE),
        (replaced("issuer", "http://evil.test"), Reason.UNTRUSTED),
        (replaced("token_endpoint", "file:///etc/passwd"), Reason.UNTRUSTED),
        (without("jwks_uri"), Reason.UNTRUSTED),
        (always(200, json=[]), Reason.UNTRUSTED),
    ],
)
async def test_a_discovery_document_that_cannot_be_used_stops_before_the_provider(
    url: str, change: Callable[[Response], Response], reason: Reason
) -> None:
    async with signing(url) as site:
        answering("/openid-configuration", change)(site)
        with capture_logs() as logs:
            answer = await site.browser.get(site.login)
        met(answer, logs, reason)
        site.network.change = None  # and the next one tries again
        assert (await site.browser.get(site.login)).status_code == 302


async def test_what_discovery_lists_neither_widens_the_algorithms_nor_touches_the_client(url: str) -> None:
    async with signing(url) as site:
        weak = {
            "id_token_signing_alg_values_supported": ["none", "HS256", "ES256"],
            "verify": False,
            "trust_env": False,
            "scope": "x",
        }
        answering("/openid-configuration", lambda response: Response(200, json=response.json() | weak))(site)
        site.provider.sign = with_the_secret
        await refused(site, Reason.UNTRUSTED)


async def test_a_provider_that_is_down_says_when_to_come_back(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()
        del site.network.apps["provider.test"]
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.UNREACHABLE)
    async with signing(url) as site:
        del site.network.apps["provider.test"]
        with capture_logs() as logs:
            met(await site.browser.get(site.login), logs, Reason.UNREACHABLE, "discovery_ConnectError")


async def test_a_provider_that_takes_too_long_is_not_waited_for(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()

        def late(request: Request, response: Response) -> Response:
            if request.url.path.endswith("/token"):
                raise httpx2.ReadTimeout("late", request=request)
            return response

        site.network.change = late
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.UNREACHABLE, "ReadTimeout")


@pytest.mark.parametrize("error", [*OF_ERROR, "unheard_of"])
async def test_an_error_of_the_provider_is_a_page_that_says_what_to_do(url: str, error: str) -> None:
    async with signing(url) as site:
        state = state_of((await site.browser.get(site.login)).headers["location"])
        with capture_logs() as logs:
            answer = await site.browser.get(
                f"{site.login}/callback", params={"error": error, "state": state, "error_description": "<b>"}
            )
        met(answer, logs, OF_ERROR.get(error, Reason.PROVIDER_FAILED), error if error in OF_ERROR else "unknown_error")
        assert "<b>" not in answer.text


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


async def test_cancelling_at_the_provider_leaves_everything_as_it_was(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await refused(site, Reason.CANCELLED, "access_denied", choice="cancel")
        english = await site.browser.get(await site.choose("cancel"), headers={"Accept-Language": "en"})
        assert "You cancelled signing in with Fournisseur" in english.text
    assert await connection.fetchval("select count(*) from account") == 0


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"code": "x", "state": "forged"}, {"state": ""}, {"error": "access_denied"}])
async def test_a_callback_that_answers_no_sign_in_of_this_browser_is_refused(url: str, query: dict[str, str]) -> None:
    async with signing(url) as site:
        await site.browser.get(site.login)
        with capture_logs() as logs:
            met(await site.browser.get(f"{site.login}/callback", params=query), logs, Reason.STATE_MISMATCH)


async def test_a_forged_callback_does_not_disturb_a_sign_in_under_way(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()
        assert (await site.browser.get(f"{site.login}/callback?code=x&state=forged")).status_code == 400
        assert (await site.browser.get(address)).status_code == 303


async def test_the_answer_of_one_provider_is_not_taken_for_anothers(url: str) -> None:
    async with signing(url, more=1) as site:
        address = (await site.choose()).replace("/login/fc/", "/login/fc-1/")
        with capture_logs() as logs:
            answer = await site.browser.get(address)
        assert answer.status_code == Reason.STATE_MISMATCH.value.status and logs[-1]["provider"] == "fc-1"


async def test_a_callback_in_another_browser_is_refused(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()
        async with site.another_browser() as victim:
            with capture_logs() as logs:
                met(await victim.get(address), logs, Reason.STATE_MISMATCH)
            await victim.get(site.login)  # also when a sign-in of his own is under way
            with capture_logs() as logs:
                met(await victim.get(address), logs, Reason.STATE_MISMATCH)
            assert await site.kind(browser=victim) is None


async def test_a_callback_serves_once(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()
        kept = dict(site.browser.cookies)
        assert (await site.browser.get(address)).status_code == 303
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.STATE_MISMATCH)
        async with site.another_browser() as thief:  # with the cookie of the round trip too: the provider refuses the code
            thief.cookies.set("parchemin-login", kept["parchemin-login"])
            with capture_logs() as logs:
                met(await thief.get(address), logs, Reason.EXPIRED, "invalid_grant")


async def test_an_answer_of_another_issuer_is_refused(url: str) -> None:
    async with signing(url) as site:
        state = state_of((await site.browser.get(site.login)).headers["location"])
        with capture_logs() as logs:
            answer = await site.browser.get(
                f"{site.login}/callback", params={"code": "x", "state": state, "iss": "http://evil.test"}
            )
        met(answer, logs, Reason.UNTRUSTED, "iss")


async def test_a_round_trip_of_more_than_ten_minutes_is_over(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with signing(url) as site:
        address = await site.choose()
        past = site.browser.cookies["parchemin-login"]
        clock = time.time
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: clock() + 601)
        site.browser.cookies.set("parchemin-login", past, domain="register.test", path="/login")
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.STATE_MISMATCH)


async def test_a_round_trip_that_somebody_wrote_himself_is_none(url: str) -> None:
    async with signing(url) as site:
        address = await site.choose()
        payload, _, rest = site.browser.cookies["parchemin-login"].partition(".")
        site.browser.cookies.set("parchemin-login", f"{payload[:-4]}AAAA.{rest}", domain="register.test", path="/login")
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.STATE_MISMATCH)


async def test_a_code_lives_thirty_seconds_and_a_token_sixty(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with signing(url) as site:
        address = await site.choose()
        monkeypatch.setattr(protocol, "CODE_LASTS", -1)
        with capture_logs() as logs:
            met(await site.browser.get(address), logs, Reason.EXPIRED, "invalid_grant")
    async with signing(url) as site:
        monkeypatch.setattr(protocol, "CODE_LASTS", 30)
        monkeypatch.setattr(protocol, "TOKEN_LASTS", -60)
        await refused(site, Reason.EXPIRED, "id_token")


async def test_keys_are_fetched_again_when_the_provider_changes_them(url: str) -> None:
    async with signing(url) as site:
        assert (await site.sign_in()).status_code == 303
        site.provider.key = ECKey.generate_key("P-256", {"kid": "next", "use": "sig", "alg": "ES256"})
        assert (await site.sign_in()).status_code == 303


async def test_unknown_keys_do_not_make_us_flood_the_provider(url: str) -> None:
    async with signing(url) as site:
        await site.sign_in()
        for _ in range(5):
            assert (await site.backchannel(with_another_key({"x": 1}))).status_code == 400
        asked = [answer for answer in site.network.answers if answer.request.url.path.endswith("/jwks")]
        assert len(asked) == 2


async def test_metadata_are_read_once_an_hour(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with signing(url) as site:
        for _ in range(3):
            await site.sign_in()
        assert len(discoveries(site)) == 1
        monkeypatch.setattr(relying_party, "METADATA_LASTS", 0.0)
        assert (await site.sign_in()).status_code == 303
        assert len(discoveries(site)) > 1


def discoveries(site: Site) -> list[Response]:
    return [answer for answer in site.network.answers if answer.request.url.path.endswith("/openid-configuration")]


# FranceConnect+


async def test_userinfo_in_clear_is_refused_from_franceconnect_plus(url: str) -> None:
    own = ECKey.generate_key("P-256", {"use": "enc"})
    async with encrypting(url, own, "ECDH-ES") as site:
        site.network.change = None
        await refused(site, Reason.UNTRUSTED)


@pytest.mark.parametrize(
    ("algorithm", "encryption"), [("RSA-OAEP", "A256GCM"), ("RSA-OAEP-256", "A128CBC-HS256"), ("RSA1_5", "A256GCM")]
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_another_encryption_than_those_agreed_on_is_refused(url: str, algorithm: str, encryption: str) -> None:
    async with encrypting(url, RSAKey.generate_key(2048, {"use": "enc"}), algorithm, encryption) as site:
        await refused(site, Reason.UNTRUSTED)


async def test_userinfo_encrypted_for_another_is_refused(url: str) -> None:
    own, other = (ECKey.generate_key("P-256", {"use": "enc"}) for _ in range(2))
    async with encrypting(url, own, "ECDH-ES") as site:

        def change(request: Request, response: Response) -> Response:
            if not request.url.path.endswith("/userinfo"):
                return response
            sealed = jwe.encrypt_compact(
                {"alg": "ECDH-ES", "enc": "A256GCM"}, response.text, other, algorithms=["ECDH-ES", "A256GCM"]
            )
            return Response(200, text=sealed, headers={"content-type": "application/jwt"}, request=request)

        site.network.change = change
        await refused(site, Reason.UNTRUSTED)


# Claims


@pytest.mark.parametrize("name", ["family_name", "given_name", "birthdate", "gender", "birthcountry", "birthplace"])
async def test_a_missing_claim_is_a_page_that_says_whom_to_ask(url: str, name: str) -> None:
    async with signing(url) as site:
        within("in_userinfo", **{name: None})(site)
        await refused(site, Reason.IDENTITY_INCOMPLETE, f"{name}_missing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("family_name", 12), ("family_name", "a" * 201), ("family_name", "Le\x00cœur"), ("family_name", "Le\u202ecœur"),
        ("given_name", ["Claire"]), ("given_name_array", "Claire Marie-Ève"), ("given_name_array", []),
        ("given_name_array", ["Claire", "Odile"]), ("birthdate", "2001"), ("birthdate", "2001-02-30"), ("birthdate", "2001-00-00"),
        ("birthdate", "03/02/2001"), ("birthdate", "2999-01-01"), ("birthdate", 20010203), ("idp_birthdate", "2001-00-03"),
        ("idp_birthdate", "2001"), ("idp_birthdate", "2001-13-01"), ("gender", "M"), ("gender", "other"), ("gender", ["female"]),
        ("birthplace", "Besançon"), ("birthplace", "2505"), ("birthplace", "25056 "), ("birthcountry", "FRA"), ("birthcountry", "99"),
        ("birthcountry", 99100),
    ],
)  # fmt: skip
def test_a_malformed_claim_is_refused_by_its_name_and_never_by_its_value(name: str, value: Any) -> None:
    with pytest.raises(ClaimRefused) as stopped:
        person_of(FRANCECONNECT, CLAIRE | {name: value})
    assert (stopped.value.claim, stopped.value.fault) == (name, "malformed")
    assert str(value) not in str(stopped.value)


@pytest.mark.parametrize("value", [12, "", "a" * 300, "Du\nrand", None, ["Durand"]])
def test_a_claim_that_nobody_vouches_for_is_left_out_when_it_cannot_be_used(value: Any) -> None:
    assert person_of(FRANCECONNECT, CLAIRE | {"preferred_username": value}).used_name is None


@pytest.mark.parametrize("declared", ["1998-01-00", "1998-00-00", "1998-01-01"])
def test_a_partial_date_is_kept_as_it_was_declared(declared: str) -> None:
    assert person_of(FRANCECONNECT, MEHDI | {"idp_birthdate": declared}).declared_birth_date == declared


def test_the_given_names_are_those_of_the_array_where_a_name_has_a_space() -> None:
    person = person_of(FRANCECONNECT, CLAIRE | {"given_name": "Jean Pierre Paul", "given_name_array": ["Jean Pierre", "Paul"]})
    assert person.given_names == ("Jean Pierre", "Paul")


def test_a_name_in_the_decomposed_form_is_composed() -> None:
    assert person_of(FRANCECONNECT, CLAIRE | {"family_name": " Le\u0301vy "}).family_name == "L\u00e9vy"


def test_an_agents_claims_are_checked_and_other_claims_are_not_looked_at() -> None:
    told = {"given_name": "Claude", "usual_name": "Préparant", "siret": "11004301500012", "email": 3, "role": "ADMIN"}
    assert checked(PROCONNECT, told) == {"given_name": "Claude", "usual_name": "Préparant", "siret": "11004301500012"}
    with pytest.raises(ClaimRefused, match="siret is malformed"):
        checked(PROCONNECT, told | {"siret": "1100430150001"})


async def test_an_agent_without_his_claims_is_refused_even_when_he_is_linked(url: str) -> None:
    async with signing(url, rules_of_providers.PROCONNECT, Kind.PROCONNECT) as site:
        within("in_userinfo", usual_name=None)(site)
        await refused(site, Reason.IDENTITY_INCOMPLETE, "usual_name_missing", choice="first")


# Nothing of a person in a log


async def test_no_name_no_token_and_no_claim_is_ever_logged(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with capture_logs() as logs:
        async with signing(url) as site:
            assert (await site.sign_in()).status_code == 303
            cookie = site.browser.cookies[COOKIE]
            await site.browser.post("/logout")
            for lies in (
                within("in_userinfo", gender="x"),
                within("in_id_token", nonce="n" * 40),
                within("in_userinfo", sub="other"),
            ):
                lies(site)
                await site.sign_in()
            site.provider.sign = with_another_key
            await site.sign_in()
            await site.backchannel(site.provider.signed({"sub": "x"}))
            codes = list(site.provider.tokens)
            [tokens] = [
                [answer.json()["id_token"] for answer in site.network.answers if answer.request.url.path.endswith("/token")]
            ]
    written = json.dumps(logs) + "".join(record.getMessage() for record in caplog.records if not ours_of_tests(record.name))
    written += "".join(capfd.readouterr())
    for secret in ("Lecœur", "Claire", "claire@", "2001-02-03", "25056", cookie, site.provider.client.secret, *codes, *tokens):
        assert secret not in written
    assert any(line["event"] == "login_refused" for line in logs)


def ours_of_tests(logger: str) -> bool:
    """What the libraries say at the level DEBUG, which no deployment turns on: Authlib writes its code verifier there."""
    return logger.startswith(("authlib", "asyncio", "httpcore"))
