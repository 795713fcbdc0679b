"""Signing in with an identity provider: the whole journey, the session that it opens, and what is kept of it."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, RSAKey

from resolvers import agent_links, callers
from resolvers.web_sessions import digest
from server.cli import main
from server.identity import COOKIE, SECURE_COOKIE
from server.login.claims import NAMED, mapped
from server.login.providers import SCOPES, Kind
from server.provider.rules import PROCONNECT
from tests.client import served
from tests.conftest import DatabaseConnection
from tests.encrypting import encrypting
from tests.signing import CLAIRE, Liar, reference_of, signing


async def acts(connection: DatabaseConnection) -> list[str]:
    return [row["act"] for row in await connection.fetch("select act from journal order by id")]


async def test_a_holder_signs_in_and_lands_where_he_wanted_to_go(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        assert await site.kind() is None
        done = await site.sign_in(next="/graphiql?tab=2")
        assert (done.status_code, done.headers["location"]) == (303, "/graphiql?tab=2")
        assert await site.kind() == "holder"
        row = await connection.fetchrow("select provider, subject, person, proven from identity")
        assert row is not None
        assert (row["provider"], row["proven"]) == ("fc", True)
        assert re.fullmatch(r"[0-9a-f]{64}v1", row["subject"])
        person = row["person"]
        assert (person["family_name"], person["given_names"], person["used_name"]) == ("Lecœur", ["Claire", "Marie-Ève"], "Durand")
        assert (person["birth_date"], person["declared_birth_date"], person["sex"]) == ("2001-02-03", "2001-02-03", "F")
        assert (person["birth_commune"], person["birth_country"]) == ("25056", "99100")
        assert "claire@exemple.test" not in str(dict(row))


async def test_someone_born_abroad_keeps_what_is_unknown_of_his_date(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        assert (await site.sign_in("mehdi")).status_code == 303
    person = await connection.fetchval("select person from identity")
    assert (person["birth_date"], person["declared_birth_date"]) == ("1998-01-01", "1998-00-00")
    assert (person["birth_commune"], person["birth_country"], person["used_name"]) == (None, "99352", None)


async def test_the_same_subject_finds_his_account_again_and_another_gets_his_own(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        for choice in ("claire", "mehdi", "claire"):
            assert (await site.sign_in(choice)).status_code == 303
    assert await connection.fetchval("select count(*) from account") == 2
    assert (await acts(connection)).count("OPEN_ACCOUNT") == 2


async def test_the_same_address_of_another_subject_opens_another_account(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        site.provider.secret = b"other subjects"  # the same claims, e-mail address included
        await site.sign_in()
    assert await connection.fetchval("select count(*) from account") == 2


async def test_the_request_to_the_provider_follows_its_rules(url: str) -> None:
    async with signing(url) as site:
        address = (await site.browser.get(site.login)).headers["location"]
    asked = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32 and asked["state"] != asked["nonce"]
    assert (asked["response_type"], asked["acr_values"], asked["code_challenge_method"]) == ("code", "eidas1", "S256")
    assert asked["scope"].split() == list(SCOPES[Kind.FRANCECONNECT])
    assert set(asked) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "acr_values", "code_challenge", "code_challenge_method",
    }  # fmt: skip


async def test_the_session_is_a_secret_that_the_register_does_not_keep(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        done = await site.sign_in()
        [cookie] = [text for text in done.headers.get_list("set-cookie") if text.startswith(f"{COOKIE}=")]
        secret = cookie.partition("=")[2].partition(";")[0]
        assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "path=/", "samesite=lax"}
        assert len(secret) == 43
        row = await connection.fetchrow("select * from web_session")
        assert row is not None
        assert row["digest"] == digest(secret)
        assert secret not in str(dict(row))


async def test_over_https_the_cookies_are_bound_to_the_host(url: str) -> None:
    async with signing(url, us="https://register.test") as site:
        done = await site.sign_in()
        [cookie] = [text for text in done.headers.get_list("set-cookie") if text.startswith(f"{SECURE_COOKIE}=")]
        assert "Secure" in cookie and "Path=/;" in cookie and "Domain" not in cookie
        [trip] = [text for text in done.headers.get_list("set-cookie") if text.startswith("parchemin-login=")]
        assert "secure" in trip and "path=/login" in trip
        assert await site.kind() == "holder"


async def test_each_sign_in_makes_a_new_secret_and_ends_the_old_session(url: str, connection: DatabaseConnection) -> None:
    async with signing(url) as site:
        await site.sign_in()
        first = site.browser.cookies[COOKIE]
        await site.sign_in()
        assert site.browser.cookies[COOKIE] != first
        async with site.another_browser() as thief:
            thief.cookies.set(COOKIE, first)
            assert await site.kind(browser=thief) is None
        assert await site.kind() == "holder"
    assert await acts(connection) == ["OPEN_ACCOUNT", "SIGN_IN", "SIGN_OUT", "SIGN_IN"]


async def test_a_secret_that_somebody_planted_before_the_sign_in_opens_nothing(url: str) -> None:
    async with signing(url) as site:
        site.browser.cookies.set(COOKIE, "planted", domain="register.test", path="/")
        done = await site.sign_in()
        assert f"{COOKIE}=planted" not in done.headers["set-cookie"]
        async with site.another_browser() as thief:
            thief.cookies.set(COOKIE, "planted")
            assert await site.kind(browser=thief) is None


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "evil",
        "/a\nb",
        "/" + "a" * 2000,
        "",
    ],
)
async def test_nobody_is_sent_to_another_site_after_signing_in(url: str, next_: str) -> None:
    async with signing(url) as site:
        done = await site.sign_in(next=next_)
        assert (done.status_code, done.headers["location"]) == (303, "/login")


async def test_a_cookie_counts_for_nothing_when_another_site_makes_the_request(url: str) -> None:
    async with signing(url) as site:
        await site.sign_in()
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.test"},
            {"Origin": "null"},
        ):
            assert (await site.browser.get("/session", headers=headers)).json() == {"signedIn": False, "kind": None}
            assert (await site.browser.post("/logout", headers=headers)).status_code == 403
        for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://register.test"}, {}):
            assert (await site.browser.get("/session", headers=headers)).json() == {"signedIn": True, "kind": "holder"}


async def test_the_session_endpoint_is_kept_by_no_cache(url: str) -> None:
    async with signing(url) as site:
        answer = await site.browser.get("/session")
    assert (answer.headers["cache-control"], answer.json()) == ("no-store", {"signedIn": False, "kind": None})


async def test_the_graph_knows_who_is_signed_in_by_cookie(url: str, connection: DatabaseConnection) -> None:
    async with signing(url, PROCONNECT, Kind.PROCONNECT) as site:
        agent = await callers.add(connection, "Claude Préparant", "AGENT", ["01"])
        await linked(connection, site.provider, agent, "first")
        await site.sign_in("first")
        body = {"query": 'mutation { openSession(input: {family: "bac", academy: "01", year: 2026}) { __typename } }'}
        answer = (await site.browser.post("/graphql", json=body)).json()
        assert answer["data"]["openSession"]["__typename"] == "ExamSession"
        forged = (await site.browser.post("/graphql", json=body, headers={"Origin": "https://evil.test"})).json()
        assert forged["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


# Agents


async def linked(connection: DatabaseConnection, provider: Liar, agent: callers.Caller, choice: str) -> None:
    people = {person.choice: person for person in await provider.people(connection)}
    await agent_links.attach(connection, agent, "pc", provider.subject(people[choice]))


async def test_an_agent_signs_in_with_the_role_and_academies_of_our_own_table(url: str, connection: DatabaseConnection) -> None:
    agent = await callers.add(connection, "Camille", "HEAD_OF_SERVICE", ["70"])
    async with signing(url, PROCONNECT, Kind.PROCONNECT) as site:
        await linked(connection, site.provider, agent, "first")
        site.provider.in_userinfo = lambda claims: claims | {"role": "ADMIN", "usual_name": "Another"}
        assert (await site.sign_in("first")).status_code == 303
        assert await site.kind() == "agent"
        page = (await site.browser.get("/login")).text
        assert "Camille (chef de service)" in page and "Another" not in page
    assert await connection.fetchval("select count(*) from account") == 0
    assert await acts(connection) == ["SIGN_IN"]


async def test_an_unknown_agent_is_told_whom_to_ask_and_is_linked_by_the_reference(
    url: str, connection: DatabaseConnection
) -> None:
    agent = await callers.add(connection, "Sacha", "AGENT", ["01"])
    async with signing(url, PROCONNECT, Kind.PROCONNECT) as site:
        refused = await site.sign_in("unknown")
        assert refused.status_code == 403 and "administrateur" in refused.text
        assert COOKIE not in site.browser.cookies
        first = reference_of(refused.text)
        reference = reference_of((await site.sign_in("unknown")).text)
        with pytest.raises(Exception, match="does not exist"):  # a later request replaces it
            await agent_links.link(connection, agent, first)
        asked = await agent_links.asked(connection, reference.lower().replace("-", " "))
        assert asked.declared["usual_name"] == "Inconnue" and asked.declared["siret"] == "11004301500012"
        await agent_links.link(connection, agent, reference)
        assert (await site.sign_in("unknown")).status_code == 303
        assert await site.kind() == "agent"
        with pytest.raises(Exception, match="does not exist"):  # and serves once
            await agent_links.link(connection, agent, reference)
    assert await acts(connection) == ["LINK_IDENTITY", "SIGN_IN"]


async def test_a_reference_that_is_too_old_links_nobody(url: str, connection: DatabaseConnection) -> None:
    agent = await callers.add(connection, "Sacha", "AGENT", ["01"])
    reference = await agent_links.ask(connection, "pc", "subject", {})
    await connection.execute("update agent_link set expires_at = now() - $1::interval", timedelta(seconds=1))
    with pytest.raises(Exception, match="over three days old"):
        await agent_links.link(connection, agent, reference)


async def test_an_agent_who_is_retired_or_unlinked_is_signed_out(url: str, connection: DatabaseConnection) -> None:
    agent = await callers.add(connection, "Camille", "AGENT", ["70"])
    async with signing(url, PROCONNECT, Kind.PROCONNECT) as site:
        await linked(connection, site.provider, agent, "first")
        await site.sign_in("first")
        assert await agent_links.unlink(connection, agent) == 1
        assert await site.kind() is None
        await linked(connection, site.provider, agent, "first")
        await site.sign_in("first")
        await callers.retire(connection, agent)
        assert await site.kind() is None
        assert (await site.sign_in("first")).status_code == 403


# FranceConnect+ and other providers


@pytest.mark.parametrize(("key", "algorithm"), [("EC", "ECDH-ES"), ("RSA", "RSA-OAEP-256")])
async def test_franceconnect_plus_encrypts_userinfo_for_us(url: str, key: str, algorithm: str) -> None:
    own = ECKey.generate_key("P-256", {"use": "enc"}) if key == "EC" else RSAKey.generate_key(2048, {"use": "enc"})
    async with encrypting(url, own, algorithm) as site:
        assert (await site.sign_in()).status_code == 303
        published = (await site.browser.get(f"{site.login}/keys")).json()["keys"]
        assert len(published) == 1 and "d" not in published[0]


async def test_a_provider_that_is_not_the_states_needs_configuration_only(url: str, connection: DatabaseConnection) -> None:
    claims = mapped({"family_name": "nom", "given_name": "prenoms"})
    async with signing(url, kind=Kind.OIDC, claims=claims, proven=False, acr_values=("eidas1",)) as site:
        site.provider.in_userinfo = lambda told: {
            "nom" if name == "family_name" else "prenoms" if name == "given_name" else name: value
            for name, value in told.items()
            if name not in ("birthcountry", "birthplace", "given_name_array")
        }
        assert (await site.sign_in()).status_code == 303
    row = await connection.fetchrow("select person, proven from identity")
    assert row is not None
    assert (row["proven"], row["person"]["family_name"], row["person"]["birth_commune"]) == (False, CLAIRE["family_name"], None)


async def test_agents_of_another_provider_are_linked_as_those_of_proconnect_are(url: str, connection: DatabaseConnection) -> None:
    agent = await callers.add(connection, "Sacha", "AGENT", ["01"])
    async with signing(url, PROCONNECT, Kind.OIDC, claims=NAMED, for_agents=True, proven=False, scopes=("openid", "email")) as site:
        reference = reference_of((await site.sign_in("unknown")).text)
        assert (await agent_links.asked(connection, reference)).declared == {"email": "unknown@academie.exemple.test"}
        await agent_links.link(connection, agent, reference)
        assert (await site.sign_in("unknown")).status_code == 303
        assert await site.kind() == "agent"


# The page


async def test_the_login_page_lists_the_providers_in_both_languages(url: str) -> None:
    async with signing(url) as site:
        french = await site.browser.get("/login?next=/graphiql")
        english = await site.browser.get("/login", headers={"Accept-Language": "en-GB,en;q=0.9,fr;q=0.1"})
    assert '<html lang="fr">' in french.text and "S’identifier avec Fournisseur" in french.text
    assert 'href="/login/fc?next=%2Fgraphiql"' in french.text
    assert '<html lang="en">' in english.text and "Sign in with Fournisseur" in english.text
    assert "Qu’est-ce que FranceConnect" in french.text


async def test_every_page_comes_from_our_own_origin_under_a_strict_policy(url: str) -> None:
    async with signing(url) as site:
        pages = [await site.browser.get("/login"), await site.browser.get("/login/nobody"), await site.browser.get("/logout/done")]
        sheet = await site.browser.get("/login/style.css")
    assert [page.status_code for page in pages] == [200, 404, 200]
    for page in pages:
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "script" not in page.text and not re.search(r"<style| style=| on\w+=", page.text)
        assert re.findall(r'(?:src|rel="stylesheet" href)="(?!/)', page.text) == []
        assert page.headers["cache-control"] == "no-store"
    assert sheet.headers["content-type"].startswith("text/css") and "url(" not in sheet.text


async def test_without_providers_the_page_says_so(url: str) -> None:
    async with served(url) as client:
        page = await client.send("GET", "/login")
    assert page.status_code == 200 and "Aucun moyen de se connecter" in page.text


async def test_a_name_cannot_put_markup_in_a_page(url: str) -> None:
    async with signing(url, label="<b>Fournisseur") as site:
        site.provider.in_userinfo = lambda claims: claims | {"preferred_username": '"><script>alert(1)</script>'}
        assert "<b>" not in (await site.browser.get("/login")).text
        await site.sign_in()
        assert "<script>" not in (await site.browser.get("/login")).text


async def test_an_administrator_links_an_agent_on_the_command_line(
    url: str, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await callers.add(connection, "Sacha", "AGENT", ["01"])
    reference = await agent_links.ask(connection, "proconnect", "subject", {"usual_name": "Inconnue", "siret": "11004301500012"})
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PARCHEMIN_SECRET", "ab" * 32)
    monkeypatch.setattr("server.cli.configure_logs", lambda: None)  # the logs of later tests would go where this one listens
    link = ["link", "Sacha", "--reference", reference]
    assert await asyncio.to_thread(main, link) == 1  # nobody is there to say yes
    assert await connection.fetchval("select count(*) from agent_identity") == 0
    assert await asyncio.to_thread(main, [*link, "--yes"]) == 0
    assert await asyncio.to_thread(main, [*link, "--yes"]) == 1
    assert await asyncio.to_thread(main, ["unlink", "Sacha"]) == 0
    told = capsys.readouterr()
    assert "usual_name Inconnue" in told.out and "1 identités retirées" in told.out
    assert "Cette référence n'existe pas" in told.err
    assert await acts(connection) == ["LINK_IDENTITY", "UNLINK_IDENTITY"]
