"""Registering the apps that may sign people in, by the command line."""

import asyncio

import pytest

from graph.problems import Refused
from resolvers import apps
from resolvers.apps import App
from server.cli import main
from tests.conftest import DatabaseConnection

ADD = ["app", "add", "fr.exemple.diplomes", "--name", "Mes diplômes"]


@pytest.fixture(autouse=True)
def _environment(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PARCHEMIN_SECRET", "5e" * 32)
    monkeypatch.setattr("server.cli.configure_logs", lambda: None)  # it would outlive this test


async def test_an_app_is_added_changed_listed_and_retired(
    connection: DatabaseConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    uris = ("--redirect", "https://diplomes.exemple.fr/retour", "--redirect", "fr.exemple.diplomes:/retour")
    assert await asyncio.to_thread(main, [*ADD, *uris, "--for", "holders"]) == 0
    found = await apps.by_id(connection, "fr.exemple.diplomes")
    assert found == App("fr.exemple.diplomes", "Mes diplômes", uris[1::2], True, False)
    assert await asyncio.to_thread(main, [*ADD, *uris[:2], "--for", "both"]) == 0
    found = await apps.by_id(connection, "fr.exemple.diplomes")
    assert found == App("fr.exemple.diplomes", "Mes diplômes", uris[1:2], True, True)
    capsys.readouterr()
    assert await asyncio.to_thread(main, ["app", "list"]) == 0
    listed = "fr.exemple.diplomes : Mes diplômes, pour titulaires et agents ; 0 connectées ; retour vers https://diplomes.exemple.fr/retour\n"
    assert capsys.readouterr().out == listed
    assert await asyncio.to_thread(main, ["app", "retire", "fr.exemple.diplomes"]) == 0
    assert await apps.by_id(connection, "fr.exemple.diplomes") is None
    assert await asyncio.to_thread(main, ["app", "retire", "fr.exemple.diplomes"]) == 1
    assert "Aucune application en service" in capsys.readouterr().err
    assert await asyncio.to_thread(main, [*ADD, *uris, "--for", "agents"]) == 0
    assert await apps.by_id(connection, "fr.exemple.diplomes") is not None


@pytest.mark.parametrize(
    "uri",
    [
        "https://diplomes.exemple.fr/retour", "https://diplomes.exemple.fr:8443/retour", "fr.exemple.diplomes:/retour",
        "fr.ex-emple.diplomes:/a/b", "http://127.0.0.1/retour", "http://[::1]/",
    ],
)  # fmt: skip
async def test_the_three_kinds_of_addresses_are_taken(connection: DatabaseConnection, uri: str) -> None:
    await apps.add(connection, App("fr.exemple", "App", (uri,), True, False))


@pytest.mark.parametrize(
    "uri",
    [
        "", "/retour", "retour", "http://diplomes.exemple.fr/retour", "https:///retour", "https://diplomes/retour",
        "https://diplomes.exemple.fr", "https://a@diplomes.exemple.fr/retour", "https://diplomes.exemple.fr/retour?a=1",
        "https://diplomes.exemple.fr/retour?", "https://diplomes.exemple.fr/retour#a", "https://diplomes.exemple.fr/retour#",
        "https://diplomes.exemple.fr/re tour", "https://diplômes.exemple.fr/retour", "http://localhost/retour",
        "http://127.0.0.1:8080/retour", "http://127.0.0.2/retour", "http://[::1]:80/retour", "http://[::1/retour", "diplomes:/retour",
        "javascript:/alert(1)", "data:/text", "fr.exemple.diplomes:retour", "fr.exemple.diplomes://retour",
        "fr.exemple.diplomes:///retour", "https://diplomes.exemple.fr/" + "x" * 200,
    ],
)  # fmt: skip
async def test_no_other_address_is_taken(connection: DatabaseConnection, uri: str) -> None:
    with pytest.raises(Refused, match="redirect URI"):
        await apps.add(connection, App("fr.exemple", "App", ("https://diplomes.exemple.fr/retour", uri), True, False))
    assert await apps.by_id(connection, "fr.exemple") is None


@pytest.mark.parametrize("id_", ["", "ab", "Diplomes", ".diplomes", "di plomes", "x" * 65, "diplômes", "diplomes\n"])
async def test_an_id_is_short_and_plain(connection: DatabaseConnection, id_: str) -> None:
    with pytest.raises(Refused, match="is no id"):
        await apps.add(connection, App(id_, "App", ("https://diplomes.exemple.fr/retour",), True, False))
    assert await apps.by_id(connection, id_) is None
