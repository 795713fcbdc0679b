"""An installed app signs a person in, stays signed in by tokens that rotate, and is out as soon as anything says so."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from resolvers import accounts, app_tokens, apps, callers, web_sessions
from resolvers.app_tokens import GRACE
from resolvers.callers import Caller
from resolvers.subscription import STILL_OPEN
from resolvers.web_sessions import ProviderSession
from server.identity import COOKIE
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.mobile import BOTH, HOLDERS, ISSUER, Phone, answer_of, error_of, hidden
from tests.people import Browser, signed_in

AFTER_GRACE = f"update app_token set used_at = used_at - interval '{GRACE.total_seconds() + 1} seconds'"
JOURNAL = "select act || coalesce(' ' || (facts ->> 'why'), '') from journal where act like '%SIGN%' order by id"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture(autouse=True)
async def _apps(connection: DatabaseConnection) -> None:
    for app in (HOLDERS, BOTH):
        await apps.add(connection, app)


@pytest.fixture
async def browser(client: Client, connection: DatabaseConnection) -> Browser:
    """The browser of Éloïse's telephone."""
    return await signed_in(connection, client=client)


@pytest.fixture
def phone(client: Client, browser: Browser) -> Phone:
    """An app for holders on the telephone of Éloïse, whose browser is signed in."""
    return Phone(client, HOLDERS, browser.secret)


@pytest.fixture
async def agents_phone(client: Client, connection: DatabaseConnection, second: Caller) -> Phone:
    """An app for both on the telephone of Dominique, whose browser is signed in."""
    secret = await web_sessions.begin(connection, second, ProviderSession("proconnect", "dominique"), "Firefox")
    return Phone(client, BOTH, secret)


async def test_the_whole_way(client: Client, connection: DatabaseConnection, browser: Browser) -> None:
    phone = Phone(client, HOLDERS)
    # nobody is signed in: by way of the login, and back here
    sent = await phone.opens()
    assert sent.status_code == 303
    next_ = answer_of(sent, "/login")["next"]
    assert next_.startswith("/oauth/authorize?")
    phone.cookie = browser.secret
    page = await client.send("GET", next_, headers={"Cookie": f"{COOKIE}={phone.cookie}", "Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert "Mes diplômes" in page.text
    assert "Éloïse Marie LECŒUR" in page.text
    assert hidden(page.text) == phone.request
    # consent, and a code
    answer = answer_of(await phone.agrees(), phone.redirect_uri)
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("état 1", ISSUER)
    # tokens
    given = await phone.redeems(answer["code"])
    assert given.status_code == 200
    assert given.headers["cache-control"] == "no-store"
    first = phone.tokens = given.json()
    assert first.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (first["token_type"], first["expires_in"]) == ("Bearer", 600)
    # the graph
    viewer = await phone.viewer()
    assert viewer is not None
    assert viewer["identity"] == {"familyName": "LECŒUR"}
    in_app, in_browser = viewer["sessions"]
    assert (in_app["app"], in_app["device"], in_app["provider"], in_app["current"]) == (
        "Mes diplômes", "Diplomes/1.0", "franceconnect", True,
    )  # fmt: skip
    assert (in_browser["app"], in_browser["current"]) == (None, False)
    # a refresh
    phone.tokens = (await phone.refreshes()).json()
    assert not set(phone.tokens.values()) & {first["access_token"], first["refresh_token"]}
    assert await phone.viewer() is not None
    # the first refresh token again, by whoever took it: everything ends
    await connection.execute(AFTER_GRACE)
    with structlog.testing.capture_logs() as logs:
        assert error_of(await phone.refreshes(first["refresh_token"])) == "invalid_grant"
    assert logs == [{"event": "app_token_reused", "log_level": "warning", "app": HOLDERS.id, "kind": "REFRESH"}]
    assert await phone.viewer() is None
    assert await phone.viewer(first["access_token"]) is None
    assert error_of(await phone.refreshes()) == "invalid_grant"
    # again, and out of its own will
    await phone.signs_in()
    assert await phone.viewer() is not None
    revoked = await phone.asks("revoke", token=phone.tokens["refresh_token"])
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_grant"
    done = [row[0] for row in await connection.fetch(JOURNAL)]
    assert [act for act in done if act != "SIGN_IN"] == ["APP_SIGNED_OUT REUSED", "APP_SIGNED_OUT REVOKED"]
    assert done.count("SIGN_IN") >= 2
    # the browser was never touched
    assert await browser.data("{ viewer { identity { proven } } }") == {"viewer": {"identity": {"proven": True}}}


async def test_the_metadata_are_valid_and_lead_to_the_endpoints(client: Client) -> None:
    found = (await client.send("GET", "/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == ISSUER
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    # Authlib's own check, as an issuer over HTTPS would be checked
    AuthorizationServerMetadata(
        {name: value.replace("http:", "https:") if isinstance(value, str) else value for name, value in found.items()}
    ).validate()
    for name in ("token_endpoint", "revocation_endpoint"):
        assert error_of(await client.send("POST", found[name].removeprefix(ISSUER))) == "invalid_request"
    assert (await client.send("GET", found["authorization_endpoint"].removeprefix(ISSUER))).status_code == 400


# Codes


@pytest.mark.parametrize("verifier", ["x" * 43, "short", "é" * 43, "a" * 129])
async def test_another_verifier_opens_nothing_and_the_right_one_still_does(phone: Phone, verifier: str) -> None:
    code = await phone.code()
    assert error_of(await phone.redeems(code, code_verifier=verifier)) == "invalid_grant"
    assert (await phone.redeems(code)).status_code == 200


async def test_a_challenge_sent_as_the_verifier_opens_nothing(phone: Phone) -> None:
    code = await phone.code()
    assert error_of(await phone.redeems(code, code_verifier=phone.request["code_challenge"])) == "invalid_grant"


@pytest.mark.parametrize("name", ["code", "redirect_uri", "code_verifier", "client_id", "grant_type"])
@pytest.mark.parametrize("value", [None, ""])
async def test_each_parameter_of_a_code_is_needed(phone: Phone, name: str, value: str | None) -> None:
    code = await phone.code()
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": phone.redirect_uri, "code_verifier": phone.verifier}
    assert error_of(await phone.asks("token", **{**fields, name: value})) == "invalid_request"


async def test_a_code_is_for_the_address_to_which_it_went(phone: Phone) -> None:
    code = await phone.code(redirect_uri="http://127.0.0.1:5000/retour")
    for other in (phone.redirect_uri, "http://127.0.0.1:5001/retour", "http://127.0.0.1/retour", "\0"):
        assert error_of(await phone.redeems(code, redirect_uri=other)) == "invalid_grant"
    assert (await phone.redeems(code, redirect_uri="http://127.0.0.1:5000/retour")).status_code == 200


async def test_a_code_is_for_the_app_that_asked(client: Client, browser: Browser, phone: Phone) -> None:
    code = await phone.code()
    other = Phone(client, BOTH, browser.secret, phone.verifier)
    for redirect_uri in (phone.redirect_uri, other.redirect_uri):
        assert error_of(await other.redeems(code, redirect_uri=redirect_uri)) == "invalid_grant"
    assert (await phone.redeems(code)).status_code == 200


async def test_a_code_lasts_a_minute(phone: Phone, connection: DatabaseConnection) -> None:
    code = await phone.code()
    left = await connection.fetchval("select expires_at - now() from app_code")
    assert 50 < left.total_seconds() <= 60
    await connection.execute("update app_code set expires_at = now() - interval '1 millisecond'")
    assert error_of(await phone.redeems(code)) == "invalid_grant"


async def test_a_code_that_is_used_again_signs_the_app_out(phone: Phone) -> None:
    code = await phone.code()
    phone.tokens = (await phone.redeems(code)).json()
    with structlog.testing.capture_logs() as logs:
        assert error_of(await phone.redeems(code)) == "invalid_grant"
    assert [(entry["event"], entry["kind"]) for entry in logs] == [("app_token_reused", "CODE")]
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_grant"


async def test_of_two_uses_of_a_code_at_once_one_is_refused_and_the_other_ends(
    phone: Phone, connection: DatabaseConnection
) -> None:
    code = await phone.code()
    answers = await asyncio.gather(*(phone.redeems(code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert await connection.fetchval("select count(*) from web_session where app_id is not null") == 1
    [tokens] = [answer.json() for answer in answers if answer.status_code == 200]
    assert await phone.viewer(tokens["access_token"]) is None


async def test_a_code_is_worth_nothing_once_the_browser_that_gave_it_is_signed_out(
    phone: Phone, browser: Browser, connection: DatabaseConnection
) -> None:
    code = await phone.code()
    await web_sessions.end(connection, browser.secret)
    assert error_of(await phone.redeems(code)) == "invalid_grant"


# Refreshing


async def test_a_lost_answer_is_given_once_more_until_it_is_used(phone: Phone, connection: DatabaseConnection) -> None:
    first = await phone.signs_in()
    lost, heard = (await phone.refreshes()).json(), (await phone.refreshes()).json()
    assert {**lost, "expires_in": 0} == {**heard, "expires_in": 0}
    assert await connection.fetchval("select count(*) from app_token") == 2
    phone.tokens = heard
    assert await phone.viewer() is not None
    # the answer arrived, since it was used: the first token is now somebody else's
    phone.tokens = (await phone.refreshes()).json()
    assert error_of(await phone.refreshes(first["refresh_token"])) == "invalid_grant"
    assert await phone.viewer() is None


async def test_of_refreshes_at_once_one_rotates_and_all_hear_the_same(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.signs_in()
    answers = [answer.json() for answer in await asyncio.gather(*(phone.refreshes() for _ in range(8)))]
    assert len({(answer["access_token"], answer["refresh_token"]) for answer in answers}) == 1
    assert await connection.fetchval("select count(*) from app_token where used_at is not null") == 1
    assert await connection.fetchval("select count(*) from app_token") == 2
    phone.tokens = answers[0]
    assert await phone.viewer() is not None


async def test_a_thief_within_the_grace_is_found_out_at_the_next_refresh(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.signs_in()
    phone.tokens = (await phone.refreshes()).json()
    stolen = (await phone.refreshes(phone.tokens["refresh_token"])).json()
    await connection.execute(AFTER_GRACE)
    theirs = (await phone.refreshes(stolen["refresh_token"])).json()
    assert await phone.viewer(theirs["access_token"]) is not None
    await connection.execute(AFTER_GRACE)
    assert error_of(await phone.refreshes(stolen["refresh_token"])) == "invalid_grant"
    assert await phone.viewer(theirs["access_token"]) is None


async def test_a_refresh_token_is_for_its_own_app(client: Client, browser: Browser, phone: Phone) -> None:
    await phone.signs_in()
    other = Phone(client, BOTH, browser.secret)
    assert error_of(await other.refreshes(phone.tokens["refresh_token"])) == "invalid_grant"
    assert (await phone.refreshes()).status_code == 200


@pytest.mark.parametrize(
    ("table", "column"), [("app_token", "refresh_expires_at"), ("web_session", "ends_at")], ids=["unused", "signed in"]
)
async def test_a_sign_in_ends_when_it_is_unused_for_long_and_at_the_latest_after_half_a_year(
    phone: Phone, connection: DatabaseConnection, table: str, column: str
) -> None:
    await phone.signs_in()
    of_app = "where app_id is not null" if table == "web_session" else ""
    days = (await connection.fetchval(f"select {column} - now() from {table} {of_app}")).total_seconds() / 86400
    assert round(days, 2) == {"app_token": 30, "web_session": 180}[table]
    await connection.execute(f"update {table} set {column} = now() {of_app}")
    assert error_of(await phone.refreshes()) == "invalid_grant"


async def test_tokens_do_not_outlive_the_sign_in(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.signs_in()
    await connection.execute("update web_session set ends_at = now() + interval '90 seconds' where app_id is not null")
    assert (await phone.refreshes()).json()["expires_in"] <= 90
    assert await connection.fetchval(
        "select max(refresh_expires_at) <= max(ends_at) from app_token, web_session where used_at is null and app_id is not null"
    )


@pytest.mark.parametrize("name", ["grant_type", "client_id", "refresh_token"])
async def test_each_parameter_of_a_refresh_is_needed(phone: Phone, name: str) -> None:
    await phone.signs_in()
    fields = {"grant_type": "refresh_token", "refresh_token": phone.tokens["refresh_token"]}
    assert error_of(await phone.asks("token", **{**fields, name: None})) == "invalid_request"


async def test_the_token_endpoint_says_what_is_wrong(phone: Phone, client: Client) -> None:
    assert error_of(await phone.asks("token", grant_type="password")) == "unsupported_grant_type"
    assert error_of(await phone.asks("token", grant_type="refresh_token", client_id="nobody")) == "invalid_client"
    assert error_of(await phone.refreshes("unknown")) == "invalid_grant"
    assert error_of(await phone.refreshes("unknown", scope="all")) == "invalid_scope"
    twice = await client.send("POST", "/oauth/token", content=f"client_id={HOLDERS.id}&client_id=x", headers=FORM)
    assert error_of(twice) == "invalid_request"
    assert error_of(await client.send("POST", "/oauth/token", json={"grant_type": "refresh_token"})) == "invalid_request"
    secret = await client.send("POST", "/oauth/token", data={"grant_type": "refresh_token"}, auth=(HOLDERS.id, "secret"))
    assert (secret.status_code, error_of(secret), secret.headers["www-authenticate"]) == (401, "invalid_client", "Basic")
    assert (await client.send("GET", "/oauth/token", params={"grant_type": "refresh_token"})).status_code == 405


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# Signing out


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_either_token_signs_the_app_out(phone: Phone, kind: str) -> None:
    await phone.signs_in()
    assert (await phone.asks("revoke", token=phone.tokens[kind], token_type_hint="anything")).status_code == 200
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_grant"
    assert (await phone.asks("revoke", token=phone.tokens[kind])).status_code == 200


async def test_revoking_says_nothing_of_a_token_that_nobody_knows_and_refuses_another_apps(
    client: Client, browser: Browser, phone: Phone
) -> None:
    await phone.signs_in()
    assert (await phone.asks("revoke", token="unknown")).status_code == 200
    assert error_of(await phone.asks("revoke")) == "invalid_request"
    other = Phone(client, BOTH, browser.secret)
    assert error_of(await other.asks("revoke", token=phone.tokens["access_token"])) == "invalid_grant"
    assert await phone.viewer() is not None


async def test_a_holder_signs_an_app_out_from_his_browser(phone: Phone, browser: Browser) -> None:
    await phone.signs_in()
    listed = await browser.data("{ viewer { sessions { id app } } }")
    [app] = [session for session in listed["viewer"]["sessions"] if session["app"]]
    await browser.does("endSignIn", "SignInInput", "... on Viewer { sessions { id } }", signInId=app["id"])
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_grant"


async def test_a_holder_signs_his_other_apps_and_browsers_out_from_an_app(client: Client, phone: Phone, browser: Browser) -> None:
    await phone.signs_in()
    tablet = Phone(client, BOTH, browser.secret)
    await tablet.signs_in()
    answer = await client.data("mutation { endOtherSignIns { sessions { app current } } }", token=phone.tokens["access_token"])
    assert answer["endOtherSignIns"]["sessions"] == [{"app": "Mes diplômes", "current": True}]
    assert await tablet.viewer() is None
    assert await browser.data("{ viewer { identity { proven } } }") == {"viewer": None}
    assert await phone.viewer() is not None


@pytest.mark.parametrize(("days", "open_"), [(29, True), (31, False)])
async def test_an_app_is_idle_after_thirty_days_and_not_after_the_half_hour_of_a_browser(
    phone: Phone, browser: Browser, connection: DatabaseConnection, days: int, open_: bool
) -> None:
    await phone.signs_in()
    await connection.execute(f"update web_session set seen_at = now() - interval '{days} days' where app_id is not null")
    listed = (await browser.data("{ viewer { sessions { app } } }"))["viewer"]["sessions"]
    assert [session["app"] for session in listed] == (["Mes diplômes", None] if open_ else [None])
    watched = await connection.fetchval("select id from web_session where app_id is not null")
    assert await STILL_OPEN.value(connection, session=watched, idle=web_sessions.IDLE, app_idle=app_tokens.IDLE) is (open_ or None)


async def test_an_app_stays_signed_in_when_the_browser_signs_out(
    phone: Phone, browser: Browser, connection: DatabaseConnection
) -> None:
    await phone.signs_in()
    await web_sessions.end(connection, browser.secret)
    assert await phone.viewer() is not None
    assert (await phone.refreshes()).status_code == 200


async def test_closing_the_account_signs_apps_out_and_leaves_nothing_of_their_tokens(
    phone: Phone, browser: Browser, connection: DatabaseConnection
) -> None:
    await phone.signs_in()
    code = await phone.code()
    await accounts.close(connection, browser.holder, "Lecœur")
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_grant"
    assert error_of(await phone.redeems(code)) == "invalid_grant"
    assert await connection.fetchval("select count(*) from app_token") == 0
    assert await connection.fetchval("select count(*) from app_code") == 0
    assert await connection.fetchval("select array_agg(distinct device || subject) from web_session") == [""]


async def test_the_export_of_an_account_has_its_apps(phone: Phone, browser: Browser, client: Client) -> None:
    await phone.signs_in()
    headers = {"Authorization": f"Bearer {phone.tokens['access_token']}"}
    answer = await client.send("GET", "/account/export.json", headers=headers)
    in_browser, in_app = answer.json()["sessions"]
    assert (in_browser["app"], in_browser["tokensIssuedAt"]) == (None, [])
    assert (in_app["app"], len(in_app["tokensIssuedAt"])) == ("Mes diplômes", 1)
    assert phone.tokens["refresh_token"] not in answer.text


async def test_an_agent_acts_by_the_app_until_he_is_retired_even_if_he_comes_back(
    agents_phone: Phone, client: Client, connection: DatabaseConnection, second: Caller
) -> None:
    await agents_phone.signs_in()
    wanted = "{ examSessions { edges { node { id } } } }"
    token = agents_phone.tokens["access_token"]
    assert (await client.data(wanted, token=token))["examSessions"] == {"edges": []}
    assert await agents_phone.viewer() is None
    await callers.retire(connection, second)
    assert await client.error(wanted, token=token) == "UNAUTHENTICATED"
    await callers.add(connection, second.name, second.role, list(second.academies))
    assert await client.error(wanted, token=token) == "UNAUTHENTICATED"
    assert error_of(await agents_phone.refreshes()) == "invalid_grant"


async def test_an_app_for_both_keeps_holder_and_agent_apart(
    agents_phone: Phone, client: Client, browser: Browser, connection: DatabaseConnection
) -> None:
    holders = Phone(client, BOTH, browser.secret)
    await holders.signs_in()
    await agents_phone.signs_in()
    of_agents = "{ examSessions { edges { node { id } } } }"
    assert await holders.viewer() is not None
    assert await client.error(of_agents, token=holders.tokens["access_token"]) == "UNAUTHENTICATED"
    assert await agents_phone.viewer() is None
    assert await client.data(of_agents, token=agents_phone.tokens["access_token"])


async def test_a_retired_app_is_out_everywhere_and_gets_nothing_any_more(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.signs_in()
    code = await phone.code()
    assert await apps.retire(connection, HOLDERS.id) == 1
    assert await phone.viewer() is None
    assert error_of(await phone.refreshes()) == "invalid_client"
    assert error_of(await phone.redeems(code)) == "invalid_client"
    assert (await phone.opens()).status_code == 400


# Access tokens


async def test_an_access_token_lasts_ten_minutes(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.signs_in()
    await connection.execute("update app_token set access_expires_at = now()")
    assert await phone.viewer() is None
    phone.tokens = (await phone.refreshes()).json()
    assert await phone.viewer() is not None


async def test_only_an_access_token_opens_the_graph(phone: Phone, client: Client, browser: Browser) -> None:
    await phone.signs_in()
    for other in (phone.tokens["refresh_token"], browser.secret, await phone.code(), phone.tokens["access_token"][:-1]):
        assert await phone.viewer(other) is None
    as_cookie = await client.answer("{ viewer { identity { proven } } }", cookie=phone.tokens["access_token"])
    assert as_cookie == {"data": {"viewer": None}}


async def test_a_token_says_what_it_is_and_the_register_keeps_none(phone: Phone, connection: DatabaseConnection) -> None:
    code = await phone.code()
    await phone.signs_in()
    phone.tokens = (await phone.refreshes()).json()
    secrets = {"parchemin_ac_": code, "parchemin_at_": phone.tokens["access_token"], "parchemin_rt_": phone.tokens["refresh_token"]}
    for prefix, secret in secrets.items():
        assert secret.startswith(prefix)
        assert len(secret) == len(prefix) + 43
    for table in ("app_code", "app_token", "web_session", "journal"):
        kept = str(await connection.fetch(f"select t::text, row_to_json(t) from {table} t"))
        assert not any(secret in kept or secret.encode().hex() in kept for secret in secrets.values())


async def test_nothing_that_is_logged_holds_a_token(
    phone: Phone, connection: DatabaseConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    code = await phone.code()
    phone.tokens = (await phone.redeems(code)).json()
    first = dict(phone.tokens)
    phone.tokens = (await phone.refreshes()).json()
    await connection.execute(AFTER_GRACE)
    with structlog.testing.capture_logs() as logs:
        answers = [await phone.refreshes(first["refresh_token"]), await phone.redeems(code), await phone.asks("revoke", token=code)]
    assert logs
    said = str(logs) + "".join(capfd.readouterr()) + "".join(answer.text for answer in answers)
    for secret in (code, phone.verifier, *first.values(), *phone.tokens.values()):
        assert str(secret) not in said or secret in ("Bearer", 600)


async def test_what_is_past_its_end_is_forgotten(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.code()
    await phone.signs_in()
    for name in ("forget", "forget_codes"):
        await app_tokens.statement(f"app_tokens.{name}").run(connection)
    assert await connection.fetchval("select count(*) from app_code") == 2
    assert await connection.fetchval("select count(*) from app_token") == 1
    await connection.execute("update app_code set expires_at = now() - interval '25 hours'")
    await connection.execute("update app_token set refresh_expires_at = now() - interval '1 second'")
    for name in ("forget", "forget_codes"):
        await app_tokens.statement(f"app_tokens.{name}").run(connection)
    assert await connection.fetchval("select count(*) from app_code") == 0
    assert await connection.fetchval("select count(*) from app_token") == 0
