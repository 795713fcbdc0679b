"""What happens in the browser between an app and its code: who may ask, where answers go, what the person sees."""

from collections.abc import AsyncIterator

import pytest

from resolvers import apps, web_sessions
from resolvers.apps import App
from resolvers.callers import Caller
from resolvers.web_sessions import ProviderSession
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.mobile import BOTH, HOLDERS, ISSUER, Phone, answer_of, hidden
from tests.people import signed_in
from tests.signing import US, signing

AGENTS = App("fr.exemple.session", "Sessions", ("http://[::1]/retour",), False, True)


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def phone(client: Client, connection: DatabaseConnection) -> Phone:
    """An app for holders on the telephone of Éloïse, whose browser is signed in."""
    for app in (HOLDERS, BOTH, AGENTS):
        await apps.add(connection, app)
    return Phone(client, HOLDERS, (await signed_in(connection)).secret)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
    ],
    ids=str,
)
async def test_a_request_that_is_wrong_is_told_to_the_app_whether_or_not_anybody_is_signed_in(
    phone: Phone, changed: dict[str, str | None], error: str
) -> None:
    for answer in (await phone.opens(**changed), await phone.agrees(**changed)):
        told = answer_of(answer, phone.redirect_uri)
        assert told.pop("error_description")
        assert told == {"error": error, "state": "état 1", "iss": ISSUER}
    phone.cookie = None
    assert answer_of(await phone.opens(**changed), phone.redirect_uri)["error"] == error


async def test_a_parameter_that_is_there_twice_is_told_to_the_app_and_an_unknown_one_is_ignored(
    phone: Phone, client: Client
) -> None:
    path = (await phone.opens()).request.url.raw_path.decode()
    answer = answer_of(await client.send("GET", f"{path}&response_type=code"), phone.redirect_uri)
    assert answer["error"] == "invalid_request"
    assert (await phone.opens(prompt="login", nonce="1")).status_code == 200


async def test_a_state_is_optional_and_one_that_is_too_long_to_keep_is_refused(phone: Phone) -> None:
    assert answer_of(await phone.agrees(state=None)).keys() == {"code", "iss"}
    refused = answer_of(await phone.opens(state="x" * 1000), phone.redirect_uri)
    assert refused["error"] == "invalid_request"
    assert "state" not in refused


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None}, {"client_id": "nobody"}, {"client_id": "fr.exemple.diplomes\0"}, {"redirect_uri": None},
        {"redirect_uri": "https://voleur.exemple/retour"}, {"redirect_uri": BOTH.redirect_uris[0]},
    ],
    ids=str,
)  # fmt: skip
async def test_nothing_is_sent_to_an_address_that_is_not_the_apps(phone: Phone, changed: dict[str, str | None]) -> None:
    for answer in (await phone.opens(**changed, scope="x"), await phone.agrees(**changed)):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "voleur" not in answer.text
        assert "Cette application n’est pas connue ici" in answer.text


async def test_an_address_or_app_that_is_there_twice_is_nobodys(phone: Phone, client: Client) -> None:
    path = (await phone.opens()).request.url.raw_path.decode()
    for again in ("client_id=x", "redirect_uri=https://voleur.exemple/"):
        assert (await client.send("GET", f"{path}&{again}")).status_code == 400


CLAIMED = "https://jury.exemple.fr/retour"
PRIVATE = "fr.exemple.diplomes:/retour"
LOOPBACK = "http://127.0.0.1/retour"


@pytest.mark.parametrize(
    ("registered", "asked", "same"),
    [
        (CLAIMED, CLAIMED, True),
        (CLAIMED, CLAIMED + "/", False),
        (CLAIMED, CLAIMED + "?a=1", False),
        (CLAIMED, CLAIMED + "#a", False),
        (CLAIMED, CLAIMED + "/../vol", False),
        (CLAIMED, "https://JURY.exemple.fr/retour", False),
        (CLAIMED, "https://jury.exemple.fr:8443/retour", False),
        (CLAIMED, "https://jury.exemple.fr.voleur.exemple/retour", False),
        (CLAIMED, "https://jury.exemple.fr@voleur.exemple/retour", False),
        (CLAIMED, "http://jury.exemple.fr/retour", False),
        (PRIVATE, PRIVATE, True),
        (PRIVATE, "fr.exemple.diplomes://retour", False),
        (PRIVATE, "fr.exemple.diplomes:/retour/", False),
        (PRIVATE, "fr.exemple.diplome:/retour", False),
        (LOOPBACK, LOOPBACK, True),
        (LOOPBACK, "http://127.0.0.1:51004/retour", True),
        (LOOPBACK, "http://127.0.0.1:51004/autre", False),
        (LOOPBACK, "http://127.0.0.1:51004/retour?a=1", False),
        (LOOPBACK, "http://127.0.0.1:x/retour", False),
        (LOOPBACK, "http://127.0.0.1:/retour", False),
        (LOOPBACK, "http://127.0.0.1:80@voleur.exemple/retour", False),
        (LOOPBACK, "http://voleur.exemple@127.0.0.1/retour", False),
        (LOOPBACK, "http://127.0.0.1.voleur.exemple/retour", False),
        (LOOPBACK, "http://localhost:51004/retour", False),
        (LOOPBACK, "https://127.0.0.1:51004/retour", False),
        (LOOPBACK, "http://[::1]:51004/retour", False),
        ("http://[::1]/retour", "http://[::1]:51004/retour", True),
        ("http://[::1]/retour", "http://127.0.0.1:51004/retour", False),
    ],
)
def test_an_address_is_compared_character_for_character_but_for_the_port_of_a_loopback(
    registered: str, asked: str, same: bool
) -> None:
    assert App("fr.exemple", "App", (registered,), True, False).may_redirect_to(asked) is same


async def test_the_page_names_the_app_and_the_person_and_lets_nobody_else_in(phone: Phone) -> None:
    page = await phone.opens()
    assert "Vous connecter à Mes diplômes ?" in page.text
    assert "Éloïse Marie LECŒUR" in page.text
    assert hidden(page.text) == phone.request
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' fr.exemple.diplomes:;" in policy
    assert page.headers["cache-control"] == "no-store"


async def test_what_an_app_sends_or_is_called_cannot_become_markup(
    client: Client, phone: Phone, connection: DatabaseConnection
) -> None:
    await apps.add(connection, App(HOLDERS.id, "<i>A</i> & B", HOLDERS.redirect_uris, True, False))
    page = await phone.opens(state='"><script>alert(1)</script>')
    assert "<script" not in page.text
    assert "<i>" not in page.text
    assert "&lt;i&gt;A&lt;/i&gt; &amp; B" in page.text


async def test_whoever_cancels_goes_back_to_the_app_which_is_told_so(phone: Phone, connection: DatabaseConnection) -> None:
    page = (await phone.opens()).text
    state = "state=%C3%A9tat+1"
    assert f'<a href="{phone.redirect_uri}?error=access_denied&amp;{state}&amp;iss=http%3A%2F%2Fregister.test">Annuler</a>' in page
    assert await connection.fetchval("select count(*) from app_code") == 0


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://voleur.exemple"}, {"Origin": "null"}],
)
async def test_another_site_cannot_agree_for_the_person(
    phone: Phone, client: Client, connection: DatabaseConnection, headers: dict[str, str]
) -> None:
    sent = {"Cookie": f"parchemin={phone.cookie}", **headers}
    answer = await client.send("POST", "/oauth/authorize", data=phone.request, headers=sent)
    assert (answer.status_code, "location" in answer.headers) == (403, False)
    assert await connection.fetchval("select count(*) from app_code") == 0


async def test_opening_the_page_gives_no_code(phone: Phone, connection: DatabaseConnection) -> None:
    await phone.opens()
    assert await connection.fetchval("select count(*) from app_code") == 0


@pytest.mark.parametrize(
    "ended", ["update web_session set ended_at = now()", "update web_session set seen_at = now() - interval '31 minutes'"]
)
async def test_whoever_is_signed_out_meanwhile_signs_in_again_first(
    phone: Phone, connection: DatabaseConnection, ended: str
) -> None:
    await connection.execute(ended)
    for answer in (await phone.opens(), await phone.agrees()):
        assert answer_of(answer, "/login")["next"].startswith("/oauth/authorize?response_type=code&client_id=fr.exemple.diplomes&")


async def test_an_app_signs_in_those_alone_for_whom_it_is(
    client: Client, phone: Phone, connection: DatabaseConnection, second: Caller
) -> None:
    agent = await web_sessions.begin(connection, second, ProviderSession("proconnect", "dominique"), "Firefox")
    for app, cookie, allowed in (
        (HOLDERS, agent, False), (AGENTS, phone.cookie, False), (AGENTS, agent, True), (BOTH, agent, True), (BOTH, phone.cookie, True),
    ):  # fmt: skip
        there = Phone(client, app, cookie)
        page, answer = await there.opens(), await there.agrees()
        assert (page.status_code, answer.status_code) == ((200, 303) if allowed else (403, 403))
        if not allowed:
            assert "Cette application n’est pas pour vous" in page.text
            assert f"{app.redirect_uris[0]}?error=access_denied" in page.text


async def test_pages_speak_english_to_who_asks(phone: Phone, client: Client) -> None:
    headers = {"Cookie": f"parchemin={phone.cookie}", "Accept-Language": "en"}
    page = await client.send("GET", "/oauth/authorize", params=phone.request, headers=headers)
    assert "Sign in to Mes diplômes?" in page.text
    assert 'lang="en"' in page.text


async def test_whoever_has_to_sign_in_comes_back_with_the_same_request(
    url: str, connection: DatabaseConnection, phone: Phone
) -> None:
    async with signing(url) as site:
        sent = await site.browser.get("/oauth/authorize", params=phone.request)
        back = answer_of(sent, "/login")["next"]
        assert (await site.sign_in(next=back)).headers["location"] == back
        page = await site.browser.get(back, headers={"Sec-Fetch-Site": "cross-site"})
        assert "Claire Marie-Ève Durand" in page.text
        assert hidden(page.text) == phone.request
        answer = await site.browser.post("/oauth/authorize", data=hidden(page.text), headers={"Sec-Fetch-Site": "same-origin"})
        assert answer_of(answer, phone.redirect_uri)["iss"] == US


async def test_the_issuer_is_the_origin_that_is_set_whatever_host_a_request_names(url: str) -> None:
    async with served(url, public_url="https://diplomes.exemple.fr") as client:
        found = (await client.send("GET", "/.well-known/oauth-authorization-server", headers={"Host": "autre.exemple"})).json()
        assert found["issuer"] == "https://diplomes.exemple.fr"
        assert found["token_endpoint"] == "https://diplomes.exemple.fr/oauth/token"
