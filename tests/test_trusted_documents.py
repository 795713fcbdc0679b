"""Documents that front ends and apps list beforehand: their manifests, the requests that name them, and a register that takes no others."""

import json
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from resolvers.schema import deployed
from server.app import create_app
from server.cli import main
from server.graph import trusted
from server.graph.manifest import FORMAT, digest_of, manifest_of, read_manifests
from server.graph.request import Asked
from server.graph.trusted import TrustedDocuments
from server.settings import SettingsError, read_settings
from tests.browser import served as on_a_port
from tests.client import Client, served, settings_of_tests, with_state
from tests.test_http import RESPONSE, post, refusal

FAMILIES = "query Families { families { code } }"
VIEWER = "query Mine { viewer { __typename } }"
OTHER = "{ academies { code } }"


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """Two apps' manifests, one of each form."""
    (tmp_path / "web.json").write_text(json.dumps(manifest_of({digest_of(FAMILIES): FAMILIES})), "utf-8")
    (tmp_path / "app.json").write_text(json.dumps({digest_of(VIEWER): VIEWER}), "utf-8")
    return tmp_path


def persisted(text: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest_of(text)}}, **more}


async def codes(client: Client, value: object) -> list[str]:
    return [family["code"] for family in (await post(client, value)).json()["data"]["families"]]


async def test_a_document_is_asked_for_by_its_digest(url: str, manifests: Path) -> None:
    async with served(url, trusted_documents=manifests) as client:
        whole = await codes(client, {"query": FAMILIES})
        assert whole[0] == "dnb"
        assert await codes(client, {"documentId": f"sha256:{digest_of(FAMILIES)}", "operationName": "Families"}) == whole
        assert await codes(client, persisted(FAMILIES)) == whole
        by_get = await client.send("GET", "/graphql", params={"documentId": f"sha256:{digest_of(FAMILIES)}"})
        assert by_get.json()["data"] and "public" in by_get.headers["cache-control"]
        by_apollo = {"extensions": json.dumps(persisted(FAMILIES)["extensions"])}
        assert (await client.send("GET", "/graphql", params=by_apollo)).json() == by_get.json()
        private = await client.send("GET", "/graphql", params={"documentId": f"sha256:{digest_of(VIEWER)}"})
        assert refusal(private) == (405, "POST_REQUIRED")
        assert (await post(client, persisted(VIEWER))).json() == {"data": {"viewer": None}}


async def test_a_digest_that_nobody_knows_is_told_so_and_not_learnt(url: str) -> None:
    async with served(url) as client:
        for _ in range(2):
            assert refusal(await post(client, persisted(OTHER))) == (200, "PERSISTED_QUERY_NOT_FOUND")
            assert refusal(await post(client, {"documentId": "x"}, RESPONSE)) == (400, "PERSISTED_QUERY_NOT_FOUND")
            assert "data" in (await post(client, persisted(OTHER, query=OTHER))).json()


async def test_a_register_of_trusted_documents_takes_no_others(url: str, manifests: Path) -> None:
    async with served(url, trusted_documents=manifests, trusted_only=True) as client:
        assert await codes(client, {"query": FAMILIES}) == await codes(client, persisted(FAMILIES))
        for value in ({"query": OTHER}, persisted(OTHER, query=OTHER), persisted(FAMILIES, query=OTHER), {"query": FAMILIES + " "}):
            assert refusal(await post(client, value, RESPONSE)) == (400, "DOCUMENT_NOT_TRUSTED")
        by_get = await client.send("GET", "/graphql", params={"query": OTHER})
        assert refusal(by_get) == (200, "DOCUMENT_NOT_TRUSTED")
        events = await client.send(
            "POST", "/graphql", json={"query": "subscription { viewerChanged { kind } }"}, headers={"Accept": "text/event-stream"}
        )
        assert refusal(events) == (200, "DOCUMENT_NOT_TRUSTED")


async def test_nor_does_it_over_a_socket(url: str, manifests: Path) -> None:
    app = create_app(settings_of_tests(trusted_documents=manifests, trusted_only=True), url)
    async with (
        app.router.lifespan_context(app) as state,
        on_a_port(with_state(app, dict(state or {}))) as origin,
        connect(origin.replace("http", "ws") + "/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket,
    ):

        async def said(message: dict[str, Any]) -> dict[str, Any]:
            await socket.send(json.dumps(message))
            return json.loads(await socket.recv())

        assert await said({"type": "connection_init"}) == {"type": "connection_ack"}
        refused = await said({"id": "1", "type": "subscribe", "payload": {"query": OTHER}})
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "DOCUMENT_NOT_TRUSTED")
        for payload in ("x", [], {"query": 1}, {}):
            refused = await said({"id": "2", "type": "subscribe", "payload": payload})
            assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "BAD_REQUEST")
        answer = await said({"id": "3", "type": "subscribe", "payload": persisted(VIEWER)})
        assert answer == {"id": "3", "type": "next", "payload": {"data": {"viewer": None}}}


async def test_documents_are_learnt_where_that_is_asked_for(url: str) -> None:
    async with served(url, automatic_documents=True) as client:
        assert refusal(await post(client, persisted(OTHER))) == (200, "PERSISTED_QUERY_NOT_FOUND")
        learnt = (await post(client, persisted(OTHER, query=OTHER))).json()
        assert (await post(client, persisted(OTHER))).json() == learnt
        assert refusal(await post(client, persisted(OTHER, query=FAMILIES) | persisted(VIEWER))) == (400, "BAD_DIGEST")


def test_learnt_documents_have_a_bounded_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted, "MOST_AUTOMATIC", 100)
    known = TrustedDocuments(automatic=True)
    texts = [f"{{ a{number} }}".ljust(30) for number in range(4)]
    for text in texts:
        known.text_of(Asked(text, digest_of(text), None, {}))
    assert [text for text in texts if known.text_of(Asked(text, digest_of(text), None, {})) == text] == texts
    kept = [text for text in texts if text in known._automatic.values()]  # pyright: ignore
    assert len(kept) == 3


# Manifests


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "a manifest is JSON"),
        ("[]", "a manifest is an object"),
        ('{"ab": 1}', "has an id and a text"),
        (json.dumps({"format": FORMAT, "version": 2, "operations": []}), "version 1"),
        (json.dumps({"format": FORMAT, "version": 1, "operations": [1]}), "has an id and a text"),
        (json.dumps({"0" * 64: "{ families { code } }"}), "0{64}: the id of a document is the SHA-256"),
        (json.dumps({digest_of("{ nothing }"): "{ nothing }"}), "Cannot query field 'nothing'"),
        (json.dumps({digest_of("{"): "{"}), "Syntax Error"),
    ],
)
def test_a_manifest_that_cannot_be_used_stops_the_start_with_its_file_and_document(
    tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "app.json"
    file.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match=f"PARCHEMIN_TRUSTED_DOCUMENTS: .*app.json.*{words}"):
        create_app(settings_of_tests(trusted_documents=tmp_path), "postgresql://unused")


def test_a_manifest_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    for path, words in ((tmp_path, "holds no manifest"), (tmp_path / "none.json", "cannot be read")):
        with pytest.raises(SettingsError, match=words):
            create_app(settings_of_tests(trusted_documents=path), "postgresql://unused")


def test_settings_that_contradict_each_other_stop_the_start(tmp_path: Path) -> None:
    environment = {"PARCHEMIN_DATA": str(tmp_path), "PARCHEMIN_TRUSTED_ONLY": "1"}
    with pytest.raises(SettingsError, match="needs PARCHEMIN_TRUSTED_DOCUMENTS"):
        read_settings(environment)
    with pytest.raises(SettingsError, match="contradict"):
        read_settings(environment | {"PARCHEMIN_TRUSTED_DOCUMENTS": str(tmp_path), "PARCHEMIN_AUTOMATIC_DOCUMENTS": "1"})


# The command


def test_the_command_makes_a_manifest_that_the_register_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "families.graphql").write_text(FAMILIES, "utf-8")
    (tmp_path / "mine.graphql").write_text(VIEWER, "utf-8")
    assert main(["documents", str(tmp_path / "families.graphql"), str(tmp_path / "mine.graphql")]) == 0
    made = tmp_path / "made.json"
    made.write_text(capsys.readouterr().out, "utf-8")
    assert read_manifests(made, deployed()) == {digest_of(FAMILIES): FAMILIES, digest_of(VIEWER): VIEWER}
    [families, _] = json.loads(made.read_text("utf-8"))["operations"]
    assert families == {"id": digest_of(FAMILIES), "name": "Families", "type": "query", "body": FAMILIES}
    assert main(["documents", str(made)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(made.read_text("utf-8"))


def test_the_command_names_the_document_that_this_deployment_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wrong.graphql").write_text("{ nothing }", "utf-8")
    assert main(["documents", str(tmp_path / "wrong.graphql")]) == 1
    said = capsys.readouterr()
    assert "wrong.graphql" in said.err and "nothing" in said.err and not said.out
