"""Local accounts: opened by a mailed link and a password, entered, recovered, secured; nobody learns who has one."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from time import perf_counter
from unittest.mock import ANY

import pytest
from httpx2 import Response

from resolvers import attempts
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.visitor import EMAIL, OTHER_PASSWORD, PASSWORD, SITE, Visitor, link_to, mailbox, problems, title, with_account


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come as soon as they are known."""
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.0)


@pytest.fixture
async def client(url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(url, public_url=SITE, data=tmp_path) as client:
        yield client


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client)


# Opening


async def test_an_account_is_opened_by_the_mailed_link_with_the_password_chosen(
    visitor: Visitor, connection: DatabaseConnection
) -> None:
    assert title(await visitor.asks_for_an_account()) == "Regardez vos courriels"
    [letter] = await mailbox(connection)
    assert letter["subject"] == "Confirmez votre adresse"
    assert title(await visitor.opens(await link_to(connection, "confirm"))) == "Confirmer votre adresse"
    assert not visitor.is_signed_in
    page = await visitor.fills("/account/confirm", password=PASSWORD)
    assert title(page) == "Sécurité du compte"
    assert EMAIL in page.text


async def test_what_is_declared_is_kept_as_declared_and_proves_nothing(client: Client, connection: DatabaseConnection) -> None:
    visitor = await with_account(
        client, connection, used_name="Martin", given_names="Anne Marie, Lou", birth_commune="Saint-Denis (93)"
    )
    row = await connection.fetchrow("select provider, person, proven from identity")
    assert row is not None
    assert row["person"] == {
        "family_name": "Lecœur", "given_names": ["Anne Marie", "Lou"], "used_name": "Martin", "birth_date": "2008-03-12", "sex": "F",
        "birth_country": "99100", "birth_commune": "93066", "declared_birth_date": None, "identity": "DECLARED",
    }  # fmt: skip
    assert (row["provider"], row["proven"]) == ("local", False)
    data = await client.data("{ viewer { identity { familyName proven } } }", cookie=visitor.cookies["parchemin"])
    assert data["viewer"]["identity"] == {"familyName": "Lecœur", "proven": False}


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"email": "eloise"}, "Écrivez une adresse complète"),
        ({"email": "eloise@example.fr\r\nBcc: x@example.fr"}, "Écrivez une adresse complète"),
        ({"password": "onze lettre"}, "12 caractères au moins"),
        ({"password": "x" * 60 + "é" * 70}, "128 caractères au plus"),
        ({"password": "MotDePasse2026!"}, "trop courant"),
        ({"password": "azertyazerty12"}, "trop courant"),
        ({"password": "012345678901"}, "trop courant"),
        ({"password": "abababababab"}, "trop courant"),
        ({"password": "moi c'est LECOEUR"}, "ni votre nom ni votre adresse"),
        ({"password": "mon mail eloise..."}, "ni votre nom ni votre adresse"),
        ({"family_name": ""}, "nécessaire"),
        ({"family_name": "<b>"}, "Écrivez un nom"),
        ({"given_names": " , "}, "nécessaire"),
        ({"birth_date": "2999-01-01"}, "date passée"),
        ({"birth_date": "hier"}, "date passée"),
        ({"sex": "X"}, "nécessaire"),
        ({"birth_country": "99000"}, "nécessaire"),
        ({"birth_commune": "Nulle-Part-sur-Rien"}, "ne connaissons pas"),
        ({"birth_commune": "Saint-Denis"}, "ajoutez le département"),
        ({"birth_commune": ""}, "nécessaire"),
    ],
)
async def test_a_field_that_is_wrong_is_told_beside_it_and_nothing_is_written(
    visitor: Visitor, connection: DatabaseConnection, changed: dict[str, str], wrong: str
) -> None:
    page = await visitor.asks_for_an_account(**changed)
    assert page.status_code == 422
    assert title(page) == "Créer un compte"
    assert page.text.count("autofocus") == ("sex" not in changed)  # on the first that is wrong
    _, *told = problems(page)
    assert any(wrong in one for one in told), told
    assert 'aria-invalid="true"' in page.text or "sex" in changed
    assert changed.get("password", PASSWORD) not in page.text
    assert await mailbox(connection) == []


async def test_a_page_that_comes_back_keeps_what_was_written_and_escapes_it(visitor: Visitor) -> None:
    page = await visitor.asks_for_an_account(family_name='"><script>alert(1)</script>')
    assert "<script" not in page.text
    assert "&quot;&gt;&lt;script&gt;" in page.text
    assert 'value="Éloïse, Marie"' in page.text
    assert 'value="F" required checked' in page.text


async def test_whoever_signs_up_with_anothers_address_gets_nothing_when_its_owner_follows_the_link(
    client: Client, visitor: Visitor, connection: DatabaseConnection
) -> None:
    await visitor.asks_for_an_account(password="celui de l'attaquant")
    owner = Visitor(client)
    await owner.opens(await link_to(connection, "confirm"))
    page = await owner.fills("/account/confirm", password=PASSWORD)
    assert problems(page)[-1] == "Ce n’est pas le mot de passe."
    assert await connection.fetchval("select count(*) from local_account") == 0


async def test_a_link_opens_one_account_however_many_use_it_at_once(
    client: Client, visitor: Visitor, connection: DatabaseConnection
) -> None:
    await visitor.asks_for_an_account()
    link = await link_to(connection, "confirm")
    visitors = [Visitor(client) for _ in range(4)]
    for one in visitors:
        await one.opens(link)
    pages = await asyncio.gather(*(one.fills("/account/confirm", password=PASSWORD) for one in visitors))
    assert sorted(page.status_code for page in pages) == [200, 410, 410, 410]
    assert await connection.fetchval("select count(*) from account") == 1
    assert title(await visitor.opens(link)) == "Ce lien ne sert plus"


async def test_of_two_links_of_one_address_one_opens_its_account(
    client: Client, visitor: Visitor, connection: DatabaseConnection
) -> None:
    await visitor.asks_for_an_account()
    first = await link_to(connection, "confirm")
    await connection.execute("update mail set due_at = due_at - interval '1 second'")
    await visitor.asks_for_an_account()
    second = await link_to(connection, "confirm")
    assert first != second
    visitors = [Visitor(client), Visitor(client)]
    for one, link in zip(visitors, (first, second), strict=True):
        await one.opens(link)
    pages = await asyncio.gather(*(one.fills("/account/confirm", password=PASSWORD) for one in visitors))
    assert sorted(page.status_code for page in pages) == [200, 410]
    assert await connection.fetchval("select count(*) from identity") == 1


async def test_a_confirmation_link_lasts_a_day(visitor: Visitor, connection: DatabaseConnection) -> None:
    await visitor.asks_for_an_account()
    lasts = await connection.fetchval("select extract(epoch from expires_at - now())::int from sign_up")
    assert 86_000 < lasts <= 86_400
    await connection.execute("update sign_up set expires_at = now()")
    assert (await visitor.opens(await link_to(connection, "confirm"))).status_code == 410


# Entering


async def test_an_address_is_found_whatever_its_case_and_mail_goes_to_it_as_written(
    client: Client, connection: DatabaseConnection
) -> None:
    await with_account(client, connection, email="Eloise@Example.FR")
    visitor = Visitor(client)
    await visitor.signs_in(email=" eloise@example.fr ")
    assert visitor.is_signed_in
    assert len(await mailbox(connection, "Eloise@Example.FR")) == 1


async def test_a_password_is_the_same_however_the_keyboard_composes_it(client: Client, connection: DatabaseConnection) -> None:
    await with_account(client, connection, password="mon été à la plage")
    visitor = Visitor(client)
    await visitor.signs_in(password="mon e\u0301te\u0301 a\u0300 la\u00a0plage")
    assert visitor.is_signed_in


async def test_signing_in_gives_a_new_session_and_ends_the_one_that_the_browser_had(
    client: Client, connection: DatabaseConnection
) -> None:
    visitor = await with_account(client, connection)
    before = visitor.cookies["parchemin"]
    await visitor.signs_in()
    assert visitor.cookies["parchemin"] != before
    stale = Visitor(client, cookies={"parchemin": before})
    assert not await stale.is_let_in()
    assert await visitor.is_let_in()


async def test_the_ways_to_sign_in_lead_to_local_accounts_and_back_to_where_one_began(
    client: Client, connection: DatabaseConnection
) -> None:
    await with_account(client, connection)
    visitor = Visitor(client)
    page = await visitor.opens("/login?next=/login%3Fx")
    assert 'href="/login/local?next=%2Flogin%3Fx"' in page.text
    page = await visitor.opens("/login/local?next=%2Flogin%3Fx")
    assert 'action="/login/local?next=%2Flogin%3Fx"' in page.text
    page = await visitor.fills("/login/local?next=%2Flogin%3Fx", email=EMAIL, password=PASSWORD)
    assert (page.url.path, title(page)) == ("/login", "Vous êtes connecté")
    assert 'href="/account/security"' in page.text
    elsewhere = await visitor.fills("/login/local?next=https://elsewhere.test/", email=EMAIL, password=PASSWORD)
    assert str(elsewhere.url) == f"{SITE}/account/security"
    await visitor.fills("/logout")
    assert not visitor.is_signed_in


async def test_the_owner_is_told_of_a_browser_that_he_never_used_and_not_of_his_own(
    client: Client, connection: DatabaseConnection
) -> None:
    visitor = await with_account(client, connection)
    await visitor.signs_in()
    assert await mailbox(connection) == []
    await Visitor(client).signs_in()
    [letter] = await mailbox(connection)
    assert letter["subject"] == "Connexion depuis un autre navigateur"


async def test_a_stranger_who_fails_often_is_stopped_for_the_hour_and_the_owner_is_not(
    client: Client, connection: DatabaseConnection
) -> None:
    owner = await with_account(client, connection)
    stranger = Visitor(client, address="198.51.100.7")
    for _ in range(10):
        assert (await stranger.signs_in(password="pas le bon du tout")).status_code == 422
    stopped = await stranger.signs_in()
    assert (stopped.status_code, title(stopped)) == (429, "Trop d’essais")
    assert (await Visitor(client, address="203.0.113.9").signs_in()).status_code == 429  # the address counts, from anywhere
    assert [letter["subject"] for letter in await mailbox(connection)] == ["Beaucoup d’essais de mot de passe"]
    await owner.signs_in()
    assert await owner.is_let_in()
    reset = Visitor(client, address="203.0.113.9")
    await reset.fills("/account/forgotten", email=EMAIL)
    await reset.opens(await link_to(connection, "reset"))
    await reset.fills("/account/reset", new_password=OTHER_PASSWORD)
    await reset.signs_in(password=OTHER_PASSWORD)
    assert await reset.is_let_in()


async def test_attempts_made_together_are_all_counted(client: Client, connection: DatabaseConnection) -> None:
    await with_account(client, connection)
    stranger = Visitor(client)
    answers = await asyncio.gather(*(stranger.signs_in(password="pas le bon du tout") for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [422] * 10 + [429] * 6


async def test_a_network_that_tries_many_addresses_is_stopped(
    client: Client, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = attempts.Allowance("SIGN_IN_NETWORK", 3, attempts.HOUR)
    monkeypatch.setattr("resolvers.local_sign_in.SIGN_IN_NETWORK", few)
    statuses = [
        (await Visitor(client, address=f"192.0.2.{number}").signs_in(email=f"p{number}@example.fr")).status_code
        for number in range(5)
    ]
    assert statuses == [422, 422, 422, 429, 429]


async def test_what_succeeds_is_not_counted_as_a_failure(client: Client, connection: DatabaseConnection) -> None:
    await with_account(client, connection)
    for _ in range(12):
        assert (await Visitor(client).signs_in()).status_code == 200


# No enumeration


def acts(client: Client) -> list[Callable[[str], Awaitable[Response]]]:
    """What anybody may do with an address."""

    async def sign_up(email: str) -> Response:
        return await Visitor(client).asks_for_an_account(email)

    async def sign_in(email: str) -> Response:
        return await Visitor(client).signs_in(email, "pas le bon du tout")

    async def ask_for_a_link(email: str) -> Response:
        return await Visitor(client).fills("/account/forgotten", email=email)

    return [sign_up, sign_in, ask_for_a_link]


def anonymous(page: str) -> str:
    """A page without the address that its form was filled with."""
    return re.sub(r"[a-z]+@example\.fr", "", page)


async def test_signing_up_signing_in_and_asking_for_a_link_say_the_same_of_an_address_with_an_account_and_of_one_without(
    client: Client, connection: DatabaseConnection
) -> None:
    await with_account(client, connection)
    for act in acts(client):
        with_one, without = await act(EMAIL), await act("nobody@example.fr")
        assert anonymous(with_one.text) == anonymous(without.text)
        assert with_one.status_code == without.status_code
        assert {name for name in with_one.headers if name != "content-length"} == {
            name for name in without.headers if name != "content-length"
        }
    subjects = [letter["subject"] for letter in await mailbox(connection)]
    assert subjects == ["Vous avez déjà un compte", "Choisissez un autre mot de passe"]
    others = [letter["subject"] for letter in await mailbox(connection, "nobody@example.fr")]
    assert others == ["Confirmez votre adresse", "Aucun compte avec cette adresse"]


async def test_they_take_the_same_time_too(client: Client, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    await with_account(client, connection)
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.8)  # far more than what it hides takes
    for act in acts(client):
        taken: list[float] = []
        for email in (EMAIL, "nobody@example.fr"):
            began = perf_counter()
            await act(email)
            taken.append(perf_counter() - began)
        assert min(taken) >= 0.8
        assert max(taken) - min(taken) < 0.1, taken


async def test_an_address_is_written_to_three_times_an_hour_and_the_page_does_not_say_so(
    client: Client, connection: DatabaseConnection
) -> None:
    await with_account(client, connection)
    await connection.execute("delete from verification_failure")
    pages = [await Visitor(client).fills("/account/forgotten", email=EMAIL) for _ in range(5)]
    assert len({page.text for page in pages}) == 1
    assert len(await mailbox(connection)) == 3


async def test_nobody_uses_up_the_letters_that_an_owner_may_ask_for(client: Client, connection: DatabaseConnection) -> None:
    await with_account(client, connection)
    stranger = Visitor(client, address="198.51.100.7")
    for _ in range(5):
        await stranger.asks_for_an_account()
        await stranger.fills("/account/forgotten", email=EMAIL)
    await connection.execute("delete from mail")
    await Visitor(client).fills("/account/forgotten", email=EMAIL)
    assert [letter["subject"] for letter in await mailbox(connection)] == ["Choisissez un autre mot de passe"]


async def test_a_network_that_causes_many_letters_is_stopped(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    few = attempts.Allowance("MAIL_NETWORK", 2, attempts.HOUR)
    monkeypatch.setattr("resolvers.local_accounts.MAIL_NETWORK", few)
    asked = [(await Visitor(client).fills("/account/forgotten", email=f"p{n}@example.fr")).status_code for n in range(3)]
    assert asked == [200, 200, 429]


# Recovering


async def test_a_forgotten_password_is_replaced_by_the_mailed_link_and_every_session_ends(
    client: Client, connection: DatabaseConnection
) -> None:
    elsewhere = await with_account(client, connection)
    visitor = Visitor(client)
    await visitor.fills("/account/forgotten", email=EMAIL)
    link = await link_to(connection, "reset")
    assert title(await visitor.opens(link)) == "Choisir un autre mot de passe"
    page = await visitor.fills("/account/reset", new_password="court")
    assert problems(page)[-1] == "12 caractères au moins."
    assert title(await visitor.fills("/account/reset", new_password=OTHER_PASSWORD)) == "Le mot de passe a changé"
    assert not await elsewhere.is_let_in()
    assert (await visitor.signs_in()).status_code == 422
    await visitor.signs_in(password=OTHER_PASSWORD)
    assert await visitor.is_let_in()
    assert (await visitor.opens(link)).status_code == 410
    assert [letter["subject"] for letter in await mailbox(connection)][-1] == "Le mot de passe a changé"


async def test_a_reset_link_serves_once_however_many_use_it_at_once(client: Client, connection: DatabaseConnection) -> None:
    await with_account(client, connection)
    visitor = Visitor(client)
    await visitor.fills("/account/forgotten", email=EMAIL)
    await visitor.opens(await link_to(connection, "reset"))
    cookies = dict(visitor.cookies)
    pages = await asyncio.gather(
        *(
            Visitor(client, cookies=dict(cookies)).fills("/account/reset", new_password=f"{OTHER_PASSWORD} {number}")
            for number in range(4)
        )
    )
    assert sorted(page.status_code for page in pages) == [200, 410, 410, 410]


async def test_a_reset_link_lasts_half_an_hour_and_ends_with_any_change_of_the_password(
    client: Client, connection: DatabaseConnection
) -> None:
    owner = await with_account(client, connection)
    await owner.fills("/account/forgotten", email=EMAIL)
    lasts = await connection.fetchval("select extract(epoch from expires_at - now())::int from single_use")
    assert 1_700 < lasts <= 1_800
    link = await link_to(connection, "reset")
    await owner.fills("/account/security/password", password=PASSWORD, new_password=OTHER_PASSWORD)
    assert (await owner.opens(link)).status_code == 410
    await owner.fills("/account/forgotten", email=EMAIL)
    await connection.execute("update single_use set expires_at = now()")
    assert (await owner.opens(await link_to(connection, "reset"))).status_code == 410


async def test_the_token_of_a_link_is_in_no_page_and_in_no_address_but_its_own(
    client: Client, connection: DatabaseConnection
) -> None:
    await with_account(client, connection)
    visitor = Visitor(client)
    await visitor.fills("/account/forgotten", email=EMAIL)
    link = await link_to(connection, "reset")
    token = link.rpartition("/")[2]
    first = await client.send("GET", link)
    assert (first.status_code, first.headers["location"]) == (303, "/account/reset")
    assert (first.headers["cache-control"], first.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert re.search(r"parchemin-token=\S+; HttpOnly; Max-Age=1800; Path=/account; SameSite=lax", first.headers["set-cookie"])
    page = await visitor.opens(link)
    assert token not in page.text
    assert page.headers["cache-control"] == "no-store"
    stored = [str(dict(row)) for row in await connection.fetch("select * from single_use")]
    assert all(token not in row for row in stored)


# Every form and page


FORMS = [
    "/account/create", "/account/confirm", "/login/local", "/login/local/code", "/account/forgotten", "/account/reset",
    "/account/old-address", "/account/new-address", "/account/security/password", "/account/security/email", "/account/security/factor",
    "/account/security/factor/begin", "/account/security/factor/end", "/account/security/codes", "/account/security/sessions/end",
    "/account/security/sessions/end-others",
]  # fmt: skip


@pytest.mark.parametrize("path", FORMS)
async def test_no_other_site_makes_a_browser_send_a_form(client: Client, connection: DatabaseConnection, path: str) -> None:
    visitor = await with_account(client, connection)
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    for said in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.test"},
        {"Origin": "null"},
    ):
        answer = await client.send("POST", path, data={"password": PASSWORD}, headers={"Cookie": cookie, **said})
        assert (answer.status_code, title(answer)) == (403, "Cette demande vient d’un autre site")


@pytest.mark.parametrize("path", [*FORMS, "/account/security"])
async def test_whoever_is_not_signed_in_changes_nothing(client: Client, path: str) -> None:
    visitor = Visitor(client)
    page = await (visitor.fills(path, x="1") if path != "/account/security" else visitor.opens(path))
    assert page.status_code in (200, 410, 422)
    if path.startswith("/account/security"):
        assert page.url.path == "/login/local"


async def test_every_page_is_kept_by_nobody_runs_no_script_and_speaks_the_readers_language(
    client: Client, connection: DatabaseConnection
) -> None:
    visitor = await with_account(client, connection)
    for path in ("/account/create", "/account/sent", "/login/local", "/account/forgotten", "/account/security", "/account/reset"):
        for language in ("fr", "en"):
            visitor.language = language
            page = await visitor.opens(path)
            assert f'<html lang="{language}">' in page.text
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
            assert "script" not in page.text
            ids = re.findall(r' id="([^"]+)"', page.text)
            assert len(ids) == len(set(ids)), path
            assert set(re.findall(r'<label for="([^"]+)"', page.text)) <= set(ids)


async def test_fields_tell_password_managers_what_they_are(client: Client, connection: DatabaseConnection) -> None:
    visitor = await with_account(client, connection)
    for path, wanted in (
        ("/account/create", {"username", "new-password", "family-name", "bday"}),
        ("/login/local", {"username", "current-password"}),
        ("/account/security", {"username", "email", "current-password", "new-password"}),
    ):
        assert set(re.findall(r'autocomplete="([^"]+)"', (await visitor.opens(path)).text)) == wanted


async def test_no_name_address_password_or_token_is_logged_or_in_an_address(
    client: Client, connection: DatabaseConnection, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await with_account(client, connection)
    await visitor.signs_in(password="pas le bon du tout")
    await visitor.fills("/account/forgotten", email=EMAIL)
    token = (await link_to(connection, "reset")).rpartition("/")[2]
    page = await visitor.opens(f"/account/reset/{token}")
    assert token not in str(page.url)
    said = "".join(capsys.readouterr()) + caplog.text
    for secret in (EMAIL, "eloise", "Lecœur", PASSWORD, token, visitor.cookies["parchemin"]):
        assert secret not in said


async def test_a_stolen_database_shows_neither_an_address_nor_a_token_nor_a_password(
    client: Client, visitor: Visitor, connection: DatabaseConnection
) -> None:
    await with_account(client, connection)
    await visitor.asks_for_an_account("pending@example.fr")
    await visitor.fills("/account/forgotten", email=EMAIL)
    token = (await link_to(connection, "reset")).rpartition("/")[2]
    for table in (
        "local_account",
        "sign_up",
        "single_use",
        "email_change",
        "recovery_code",
        "mail",
        "journal",
        "verification_failure",
    ):
        stored = "".join(str(dict(row)) for row in await connection.fetch(f"select * from {table}"))
        for secret in ("example.fr", "Besançon", "Lecœur", PASSWORD, token):
            assert secret not in stored, table
    kept = await connection.fetchval("select password from local_account")
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


async def test_a_deployment_that_sends_no_mail_has_no_local_accounts(url: str) -> None:
    async with served(url) as client:
        assert (await client.send("GET", "/account/create")).status_code == 404
        assert (await client.send("GET", "/demonstration/mail")).status_code == 404


async def test_closing_and_exporting_cover_local_accounts(client: Client, connection: DatabaseConnection) -> None:
    visitor = await with_account(client, connection)
    await visitor.fills("/account/security/email", email="new@example.fr", password=PASSWORD)
    headers = {"Cookie": f"parchemin={visitor.cookies['parchemin']}"}
    found = (await client.send("GET", "/account/export.json", headers=headers)).json()["localAccount"]
    assert found == {
        "email": EMAIL, "language": "fr", "createdAt": ANY, "secondFactorSince": None, "recoveryCodesLeft": 0, "emailChangeUntil": ANY,
    }  # fmt: skip
    await client.data(
        'mutation { closeAccount(input: {confirmation: "lecoeur"}) { __typename } }', cookie=visitor.cookies["parchemin"]
    )
    for table in ("local_account", "single_use", "email_change", "recovery_code", "identity"):
        assert await connection.fetchval(f"select count(*) from {table}") == 0, table
    assert [letter["subject"] for letter in await mailbox(connection)][-1] == "Votre compte est fermé"
    assert (await Visitor(client).signs_in()).status_code == 422
    again = await with_account(client, connection)
    assert await again.is_let_in()
