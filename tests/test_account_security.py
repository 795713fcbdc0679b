"""What the owner of a local account changes when he is signed in: his password, his address, his second factor, his browsers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from resolvers import attempts, second_factor
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.people import signed_in
from tests.visitor import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    SITE,
    Visitor,
    code_of,
    link_to,
    mailbox,
    problems,
    recovery_codes,
    secret_of,
    title,
    with_account,
    with_second_factor,
)

NEW = "nouvelle@example.fr"
WRONG = "pas le bon du tout"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come as soon as they are known."""
    monkeypatch.setattr(attempts, "ANSWERED_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes do not change while a test runs."""
    monkeypatch.setattr(second_factor, "current_step", lambda: 59_000_000)


@pytest.fixture
async def client(url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(url, public_url=SITE, data=tmp_path) as client:
        yield client


@pytest.fixture
async def owner(client: Client, connection: DatabaseConnection) -> Visitor:
    """A browser of Éloïse, signed in to her account."""
    return await with_account(client, connection)


async def subjects(connection: DatabaseConnection, to: str = EMAIL) -> list[str]:
    return [letter["subject"] for letter in await mailbox(connection, to)]


async def acts(connection: DatabaseConnection) -> list[str]:
    return [row["act"] for row in await connection.fetch("select act from journal order by id")]


# The password


async def test_a_changed_password_ends_every_other_session_and_gives_this_browser_a_new_one(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    elsewhere = Visitor(client)
    await elsewhere.signs_in()
    before = owner.cookies["parchemin"]
    page = await owner.fills("/account/security/password", password=PASSWORD, new_password=OTHER_PASSWORD)
    assert "Le mot de passe a changé." in page.text
    assert owner.cookies["parchemin"] != before
    assert await owner.is_let_in()
    assert not await elsewhere.is_let_in()
    assert not await Visitor(client, cookies={"parchemin": before}).is_let_in()
    assert "Le mot de passe a changé" in await subjects(connection)
    assert "CHANGE_PASSWORD" in await acts(connection)


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/account/security/password", {"new_password": OTHER_PASSWORD}),
        ("/account/security/email", {"email": NEW}),
        ("/account/security/factor", {}),
    ],
)
async def test_what_changes_how_an_account_opens_asks_for_its_password_a_few_times(
    owner: Visitor, connection: DatabaseConnection, path: str, given: dict[str, str]
) -> None:
    page = await owner.fills(path, password=WRONG, **given)
    assert (page.status_code, problems(page)[-1]) == (422, "Ce n’est pas le mot de passe.")
    for _ in range(9):
        await owner.fills(path, password=WRONG, **given)
    assert (await owner.fills(path, password=PASSWORD, **given)).status_code == 429
    assert await subjects(connection) == []


async def test_a_new_password_is_held_to_the_same_rules(owner: Visitor) -> None:
    for password in ("court", "lecoeur eloise", "motdepasse1234"):
        page = await owner.fills("/account/security/password", password=PASSWORD, new_password=password)
        assert page.status_code == 422


# The address


async def test_an_address_changes_once_both_have_confirmed_it(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    page = await owner.fills("/account/security/email", email=NEW, password=PASSWORD)
    assert "Un courriel part à chacune des deux adresses." in page.text
    old_side, new_side = Visitor(client), Visitor(client)
    new_link = await link_to(connection, "new-address", NEW)
    await new_side.opens(new_link)
    assert title(await new_side.fills("/account/new-address")) == "C’est confirmé de ce côté"
    assert (await Visitor(client).signs_in(NEW)).status_code == 422
    await old_side.opens(await link_to(connection, "old-address"))
    assert title(await old_side.fills("/account/old-address")) == "L’adresse a changé"
    assert not await owner.is_let_in()
    assert (await Visitor(client).signs_in()).status_code == 422
    await owner.signs_in(NEW)
    assert NEW in (await owner.opens("/account/security")).text
    assert "L’adresse du compte a changé" in await subjects(connection)
    assert "L’adresse du compte a changé" in await subjects(connection, NEW)
    assert (await new_side.opens(new_link)).status_code == 410


async def test_an_address_that_has_an_account_is_told_so_and_the_asker_is_not(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    await with_account(client, connection, NEW)
    taken = await owner.fills("/account/security/email", email=NEW, password=PASSWORD)
    free = await owner.fills("/account/security/email", email="libre@example.fr", password=PASSWORD)
    assert taken.text == free.text
    assert await subjects(connection, NEW) == ["Cette adresse a déjà un compte"]


async def test_an_address_that_gets_an_account_meanwhile_is_not_taken_from_it(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    await owner.fills("/account/security/email", email=NEW, password=PASSWORD)
    old, new = await link_to(connection, "old-address"), await link_to(connection, "new-address", NEW)
    other = await with_account(client, connection, NEW)
    await owner.opens(old)
    await owner.fills("/account/old-address")
    await owner.opens(new)
    assert (await owner.fills("/account/new-address")).status_code == 410
    assert await other.is_let_in()
    assert await owner.is_let_in()


async def test_a_change_of_address_that_is_asked_for_again_forgets_the_first(
    owner: Visitor, connection: DatabaseConnection
) -> None:
    await owner.fills("/account/security/email", email="premiere@example.fr", password=PASSWORD)
    first = await link_to(connection, "new-address", "premiere@example.fr")
    await owner.fills("/account/security/email", email=NEW, password=PASSWORD)
    assert (await owner.opens(first)).status_code == 410


async def test_the_links_of_one_side_do_not_serve_the_other(owner: Visitor, connection: DatabaseConnection) -> None:
    await owner.fills("/account/security/email", email=NEW, password=PASSWORD)
    await owner.opens(await link_to(connection, "new-address", NEW))
    assert (await owner.fills("/account/old-address")).status_code == 410
    assert (await owner.fills("/account/reset", new_password=OTHER_PASSWORD)).status_code == 410


# The second factor


async def test_with_a_second_factor_a_password_alone_opens_nothing(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    secret, _ = await with_second_factor(owner)
    visitor = Visitor(client)
    assert title(await visitor.signs_in()) == "Second facteur"
    assert not visitor.is_signed_in
    page = await visitor.fills("/login/local/code", code="000000")
    assert page.status_code == 422
    await visitor.fills("/login/local/code", code=code_of(secret))
    assert await visitor.is_let_in()
    assert "Second facteur ajouté" in await subjects(connection)
    assert "BEGIN_SECOND_FACTOR" in await acts(connection)


async def test_a_second_factor_is_asked_for_only_once_its_first_code_was_given(client: Client, owner: Visitor) -> None:
    page = await owner.fills("/account/security/factor", password=PASSWORD)
    assert 'src="data:image/svg+xml' in page.text
    assert (await owner.fills("/account/security/factor/begin", code="000000")).status_code == 422
    visitor = Visitor(client)
    await visitor.signs_in()
    assert await visitor.is_let_in()


async def test_a_code_counts_once_and_no_earlier_one_counts_after_it(client: Client, owner: Visitor) -> None:
    secret, _ = await with_second_factor(owner)
    visitor = Visitor(client)
    await visitor.signs_in()
    assert (await visitor.fills("/login/local/code", code=code_of(secret, -1))).status_code == 422  # it began the factor
    await visitor.fills("/login/local/code", code=code_of(secret))
    assert await visitor.is_let_in()
    again = Visitor(client)
    await again.signs_in()
    assert (await again.fills("/login/local/code", code=code_of(secret))).status_code == 422
    await again.fills("/login/local/code", code=code_of(secret, 1))
    assert await again.is_let_in()


async def test_one_code_given_many_times_at_once_signs_one_browser_in(client: Client, owner: Visitor) -> None:
    secret, _ = await with_second_factor(owner)
    visitors = [Visitor(client) for _ in range(4)]
    for visitor in visitors:
        await visitor.signs_in()
    code = code_of(secret)
    await asyncio.gather(*(visitor.fills("/login/local/code", code=code) for visitor in visitors))
    assert sum([visitor.is_signed_in for visitor in visitors]) == 1


async def test_codes_two_steps_away_do_not_count(client: Client, owner: Visitor) -> None:
    secret, _ = await with_second_factor(owner)
    visitor = Visitor(client)
    await visitor.signs_in()
    for steps in (-2, 3):
        assert (await visitor.fills("/login/local/code", code=code_of(secret, steps))).status_code == 422


async def test_codes_are_tried_ten_times_an_hour_at_the_most(client: Client, owner: Visitor) -> None:
    secret, _ = await with_second_factor(owner)
    visitor = Visitor(client)
    await visitor.signs_in()
    for _ in range(10):
        await visitor.fills("/login/local/code", code="000000")
    assert (await visitor.fills("/login/local/code", code=code_of(secret))).status_code == 429


async def test_the_step_between_password_and_code_lasts_five_minutes(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    secret, _ = await with_second_factor(owner)
    visitor = Visitor(client)
    await visitor.signs_in()
    lasts = await connection.fetchval("select extract(epoch from expires_at - now())::int from single_use")
    assert 280 < lasts <= 300
    await connection.execute("update single_use set expires_at = now()")
    assert (await visitor.fills("/login/local/code", code=code_of(secret))).status_code == 410


async def test_a_recovery_code_opens_once_in_any_spelling_and_the_owner_is_told(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    _, codes = await with_second_factor(owner)
    assert len(set(codes)) == 10
    visitor, again = Visitor(client), Visitor(client)
    await visitor.signs_in()
    await visitor.fills("/login/local/code", code=f" {codes[3].lower().replace('-', ' ')} ")
    assert await visitor.is_let_in()
    await again.signs_in()
    assert (await again.fills("/login/local/code", code=codes[3])).status_code == 422
    assert "Codes de secours restants : 9" in (await owner.opens("/account/security")).text
    assert "Un code de secours a servi" in await subjects(connection)


async def test_new_recovery_codes_end_the_old_ones(client: Client, owner: Visitor) -> None:
    _, old = await with_second_factor(owner)
    new = recovery_codes(await owner.fills("/account/security/codes", password=PASSWORD))
    assert not set(old) & set(new)
    visitor = Visitor(client)
    await visitor.signs_in()
    assert (await visitor.fills("/login/local/code", code=old[0])).status_code == 422
    await visitor.fills("/login/local/code", code=new[0])
    assert await visitor.is_let_in()


async def test_a_second_factor_is_taken_away_by_the_password_and_outlives_a_reset(
    client: Client, owner: Visitor, connection: DatabaseConnection
) -> None:
    secret, _ = await with_second_factor(owner)
    await owner.fills("/account/forgotten", email=EMAIL)
    await owner.opens(await link_to(connection, "reset"))
    await owner.fills("/account/reset", new_password=OTHER_PASSWORD)
    assert title(await owner.signs_in(password=OTHER_PASSWORD)) == "Second facteur"
    await owner.fills("/login/local/code", code=code_of(secret))
    page = await owner.fills("/account/security/factor/end", password=OTHER_PASSWORD)
    assert "Le second facteur est retiré." in page.text
    visitor = Visitor(client)
    await visitor.signs_in(password=OTHER_PASSWORD)
    assert await visitor.is_let_in()
    assert "Second facteur retiré" in await subjects(connection)


async def test_a_second_factor_that_stands_is_not_replaced_by_a_proposal(owner: Visitor, connection: DatabaseConnection) -> None:
    await with_second_factor(owner)
    before = await connection.fetchval("select totp from local_account")
    assert title(await owner.fills("/account/security/factor", password=PASSWORD)) == "Sécurité du compte"
    assert await connection.fetchval("select totp from local_account") == before


async def test_the_secret_of_a_second_factor_is_sealed_for_its_account(owner: Visitor, connection: DatabaseConnection) -> None:
    secret = secret_of(await owner.fills("/account/security/factor", password=PASSWORD))
    sealed = await connection.fetchval("select totp from local_account")
    assert secret.encode() not in sealed
    assert len(secret) == 32  # 160 bits (RFC 4226, §4)


# Browsers


async def test_the_owner_sees_his_browsers_and_signs_them_out(client: Client, owner: Visitor) -> None:
    other, third = Visitor(client), Visitor(client)
    await other.signs_in()
    await third.signs_in()
    page = await owner.opens("/account/security")
    assert page.text.count("Firefox") == 3
    session = page.text.partition('name="session" value="')[2].partition('"')[0]
    await owner.fills("/account/security/sessions/end", session=session)
    assert not await third.is_let_in()  # the latest comes first
    await owner.fills("/account/security/sessions/end-others")
    assert not await other.is_let_in()
    assert await owner.is_let_in()


async def test_nobody_signs_anothers_browser_out(client: Client, owner: Visitor, connection: DatabaseConnection) -> None:
    session = await connection.fetchval("select id from web_session where ended_at is null")
    other = await with_account(client, connection, NEW)
    for given in (str(session), "x"):
        await other.fills("/account/security/sessions/end", session=given)
    assert await owner.is_let_in()


async def test_an_account_of_an_identity_provider_shows_its_browsers_and_no_password(
    client: Client, connection: DatabaseConnection
) -> None:
    browser = await signed_in(connection, client=client)
    visitor = Visitor(client, cookies={"parchemin": browser.secret})
    page = await visitor.opens("/account/security")
    assert "fournisseur d’identité" in page.text
    assert "password" not in page.text
    assert (await visitor.fills("/account/security/password", password=PASSWORD)).url.path == "/login/local"
