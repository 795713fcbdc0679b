"""Every effect of every act, cell by cell, as the table of `docs/life.md` says it."""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import pytest
from strawberry.relay.utils import to_base64

from db.embedded import EmbeddedServer
from db.pool import connect
from graph.acts import DiplomaActKind
from resolvers import redaction
from resolvers.document_store import DocumentLost, DocumentStore
from tests.acting import FIRST, Life, living
from tests.journey import KEYRING

PAGE = (Path(__file__).parent.parent / "docs" / "life.md").read_text("utf-8")
NUMBERS = count()
Observed: TypeAlias = dict[str, str]

VERIFICATION = """query ($key: String!, $name: String!) { verification(key: $key, birthName: $name) { __typename
  ... on VerifiedDiploma { replacedOn invalidSince diploma { status version } } } }"""
SHARED = """query ($secret: String!) { sharedDiploma(secret: $secret) { __typename
  ... on SharedDiploma { replacedOn invalidSince diploma { status version } } } }"""
FILE = """query ($document: String!) { verifyDocument(document: $document) { ... on FileVerification { status invalidSince
  registered { version holder { birthName } } } } }"""
HELD = "{ viewer { diplomas { edges { node { diploma { status } } } } } }"


def table() -> dict[str, dict[str, str]]:
    """The cells by act and column."""
    text = PAGE.split("## Every effect")[1].split("\n## ")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    columns, rows = lines[0], [line for line in lines[1:] if line[0].startswith("`")]
    return {row[0].strip("`"): dict(zip(columns[1:], row[1:], strict=True)) for row in rows}


CELLS = [(act, column, cell) for act, cells in table().items() for column, cell in cells.items()]


def test_the_table_has_every_act_and_every_effect_that_is_observed() -> None:
    assert list(table()) == [kind.name for kind in DiplomaActKind]
    assert {column for _, column, _ in CELLS} == {
        "version", "status", "old file", "old file leads to", "printed link", "holder's link", "old key, old name", "old key, new name",
        "new key", "dashboard", "attestation", "old file kept", "holder told", "counted",
    }  # fmt: skip
    assert not re.search(r"\| +\|", PAGE.split("## Every effect")[1].split("\n## ")[0])


@pytest.fixture(scope="module")
async def observing(
    postgres: EmbeddedServer, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[str], Awaitable[Observed]]]:
    """What comes of an act, observed once by each process."""
    known: dict[str, Observed] = {}

    async def observed(act: str) -> Observed:
        if act not in known:
            async with _life(postgres, template, tmp_path_factory.mktemp(act), act) as life:
                known[act] = await _observed(life, DiplomaActKind[act])
        return known[act]

    yield observed


@asynccontextmanager
async def _life(postgres: EmbeddedServer, template: str, folder: Path, act: str) -> AsyncGenerator[Life]:
    name = f"life_{next(NUMBERS)}"
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    connection, monitor = await connect(postgres.url(name)), await connect(postgres.url(name))
    cells = {"date_jury": "05/07/1970"} if act == "ERASURE" else {}
    async with living(postgres.url(name), connection, monitor, folder, **cells) as life:
        yield life
    await connection.close()
    await monitor.close()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.mark.parametrize(("act", "column", "cell"), CELLS)
async def test_what_an_act_does_is_what_its_cell_says(
    observing: Callable[[str], Awaitable[Observed]], act: str, column: str, cell: str
) -> None:
    assert (await observing(act))[column] == cell


async def _observed(life: Life, kind: DiplomaActKind) -> Observed:
    before, key, counted = await life.row(), await life.key(), await _counted(life)
    store = DocumentStore.of(life.registered.folder / "documents", KEYRING)
    digest = await life.connection.fetchval("select digest from document")
    printed = KEYRING.document_secret(life.diploma, before["version"], before["key_generation"])
    if kind in FIRST:
        await life.acts(FIRST[kind])
    told = await _told_during(life, life.acts(kind))
    after = await life.row()
    last = await life.connection.fetchval(
        "select birth_name from diploma_version where diploma_id = $1 order by version desc", life.diploma
    )
    await redaction.drop_files(life.connection, store)
    file = (await life.client.data(FILE, {"document": await life.registered.sent(life.registered.pdf)}))["verifyDocument"]
    return {
        "version": "same" if after["version"] == before["version"] else "new",
        "status": after["status"],
        "old file": file["status"],
        "old file leads to": _leads_to(file, after["version"]),
        "printed link": await _shared(life, printed),
        "holder's link": await _shared(life, KEYRING.share_secret(life.share)),
        "old key, old name": await _verified(life, key, "Lecœur"),
        "old key, new name": await _verified(life, key, last or "Durand-Petit"),
        "new key": await _verified(life, await life.key(), last or "Lecœur"),
        "dashboard": _dashboard(await life.browser.data(HELD)),
        "attestation": await _attestation(life, after),
        "old file kept": _kept(store, digest),
        "holder told": "yes" if told else "no",
        "counted": {0: "same", -1: "one less"}[await _counted(life) - counted],
    }


async def _counted(life: Life) -> int:
    return await life.connection.fetchval("select published_count from exam_session")


async def _told_during(life: Life, act: Awaitable[Any]) -> list[str]:
    heard: list[str] = []
    listener = life.journey.monitor

    def hear(*received: Any) -> None:
        heard.append(received[-1])

    await listener.add_listener("parchemin_account", hear)
    await act
    await listener.execute("select 1")
    await listener.remove_listener("parchemin_account", hear)
    return [notice for notice in heard if notice == f"{life.browser.holder.id} DIPLOMA_CHANGED"]


def _leads_to(file: dict[str, Any], version: int) -> str:
    shown = file["registered"]
    assert (file["invalidSince"] is not None) == (file["status"] == "NO_LONGER_VALID")
    if shown is None:
        return "nothing"
    return "today's record" if shown["version"] == version else "its own record"


async def _shared(life: Life, secret: str) -> str:
    shown = (await life.client.data(SHARED, {"secret": secret}))["sharedDiploma"]
    if shown["__typename"] == "VerificationRefused":
        return "closed"
    return _said(shown) if _said(shown) != "valid" else "follows"


async def _verified(life: Life, key: str, name: str) -> str:
    shown = (await life.client.data(VERIFICATION, {"key": key, "name": name}))["verification"]
    return "nothing" if shown["__typename"] == "VerificationRefused" else _said(shown)


def _said(shown: dict[str, Any]) -> str:
    match shown["diploma"]["status"]:
        case "SUSPENDED":
            return "unavailable"
        case "REVOKED":
            assert shown["invalidSince"] is not None
            return "no longer valid since"
        case _:
            assert shown["invalidSince"] is None
            return "replaced since" if shown["replacedOn"] is not None else "valid"


def _dashboard(data: dict[str, Any]) -> str:
    edges = data["viewer"]["diplomas"]["edges"]
    return edges[0]["node"]["diploma"]["status"] if edges else "gone"


async def _attestation(life: Life, after: Any) -> str:
    state = await life.connection.fetchval(
        "select state from document where diploma_id = $1 and version = $2 and generation = $3", life.diploma, after["version"],
        after["key_generation"],
    )  # fmt: skip
    if after["status"] == "VALID":
        return {"WAITING": "asked again", "SEALED": "as before"}[state]
    issued = await life.browser.does(
        "issueAttestation", "HeldDiplomaInput", "", diplomaId=to_base64("HeldDiploma", str(life.diploma))
    )
    return "refused" if issued["__typename"] in ("NoAttestation", "NotFound") else issued["__typename"]


def _kept(store: DocumentStore, digest: bytes) -> str:
    try:
        store.get(digest)
    except DocumentLost:
        return "dropped"
    return "kept"
