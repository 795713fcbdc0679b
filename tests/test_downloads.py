"""A sealed document over HTTP (RFC 9110), and the store that keeps it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.embedded import EmbeddedServer
from resolvers import documents
from resolvers.document_store import DocumentLost, DocumentStore
from resolvers.keys import Keyring
from tests.issuing import Desk, Front, front, opened
from tests.journey import KEYRING


@pytest.fixture
async def desk(postgres: EmbeddedServer, template: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr(documents, "PATIENCE", 0.05)
    async with opened(postgres, template, folder) as desk:
        yield desk


@pytest.fixture
async def holder(desk: Desk) -> AsyncIterator[Front]:
    async with front(desk) as holder:
        yield holder


async def test_a_document_is_downloaded_whole_or_from_where_a_download_stopped(holder: Front) -> None:
    content = await holder.desk.sealed()
    issued = await holder.issues()
    url, size = issued["url"], len(content)
    whole = await holder.get(url)
    assert (whole.status_code, whole.content) == (200, content)
    tag = f'"{issued["digest"]}"'
    expected = {
        "content-type": "application/pdf", "cache-control": "no-store", "x-content-type-options": "nosniff", "accept-ranges": "bytes",
        "etag": tag, "content-length": str(size),
        "content-disposition": f'attachment; filename="attestation-{issued["sealedAt"][:10]}.pdf"',
    }  # fmt: skip
    assert {name: whole.headers[name] for name in expected} == expected
    for asked, first, end in (
        ("bytes=0-99", 0, 100), ("bytes=100-", 100, size), ("bytes=-50", size - 50, size), ("bytes=5-5", 5, 6),
        (f"bytes=10-{size * 2}", 10, size), (f"bytes=-{size * 2}", 0, size), (f"bytes={size - 1}-", size - 1, size),
    ):  # fmt: skip
        part = await holder.get(url, Range=asked)
        assert (part.status_code, part.content) == (206, content[first:end]), asked
        assert part.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert part.headers["cache-control"] == "no-store"
    for asked in (f"bytes={size}-", f"bytes={size}-{size + 5}", "bytes=-0"):
        none = await holder.get(url, Range=asked)
        assert (none.status_code, none.content, none.headers["content-range"]) == (416, b"", f"bytes */{size}"), asked
    for asked in ("bytes=-", "bytes=a-b", "bytes=0-1,5-6", "bytes=9-5", "lines=0-5", "bytes=0", f"bytes={'9' * 5000}-"):
        assert (await holder.get(url, Range=asked)).status_code == 200, asked
    assert (await holder.get(url, Range="bytes=5-9", If_Range=tag)).content == content[5:10]
    for other in ('"another"', f"W/{tag}", "Tue, 24 Nov 2026 19:00:00 GMT"):
        changed = await holder.get(url, Range="bytes=5-9", If_Range=other)
        assert (changed.status_code, changed.content) == (200, content), other
    head = await holder.get(url, "HEAD", Range="bytes=5-9")
    assert (head.status_code, head.headers["content-length"], head.headers["etag"]) == (200, str(size), tag)


async def test_a_document_that_is_not_sealed_or_whose_file_is_lost_is_not_downloaded(holder: Front) -> None:
    desk = holder.desk
    url = f"/attestations/{(await holder.issues())['id']}"
    waiting = await holder.get(url)
    assert (waiting.status_code, waiting.json()) == (409, {"message": "This attestation is not sealed yet."})
    await desk.seal()
    assert (await holder.get(url)).status_code == 200
    [file] = desk.files()
    file.unlink()
    lost = await holder.get(url)
    assert (lost.status_code, "try again later" in lost.json()["message"]) == (503, True)
    assert (await holder.get(url)).status_code == 409
    await desk.seal()
    assert (await holder.get(url)).status_code == 200
    assert (await holder.get(url, "POST")).status_code == 405


async def test_a_download_finds_the_file_that_took_the_place_of_the_one_that_it_looked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.sealed()
    row = await desk.row()
    archived = desk.store.put(b"with its proofs")
    found = documents.found

    async def overtaken(*given: object) -> object:
        read = await found(*given)  # pyright: ignore[reportArgumentType]
        if read["digest"] != archived:
            await desk.connection.execute("update document set digest = $1", archived)
            desk.store.drop(row["digest"])
        return read

    monkeypatch.setattr(documents, "found", overtaken)
    _, content = await documents.file_of(desk.pool, desk.store, desk.holder, row["id"]) or (None, b"")
    assert content == b"with its proofs"


CONTENT = b"%PDF-1.7 " + "Lecœur 7KQM-4XRD".encode() * 40


def test_a_kept_document_is_encrypted_read_by_its_owner_alone_and_named_by_what_is_in_it(tmp_path: Path) -> None:
    store = DocumentStore.of(tmp_path, KEYRING)
    digest = store.put(CONTENT)
    assert store.put(CONTENT) == digest, "the same twice is one file"
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (file.name, file.parent.name) == (digest.hex(), digest.hex()[:2])
    assert file.stat().st_mode & 0o777 == 0o600
    for trace in (b"%PDF", "Lecœur".encode(), b"7KQM", CONTENT[20:36]):
        assert trace not in file.read_bytes()
    assert store.get(digest) == CONTENT
    with pytest.raises(DocumentLost):
        DocumentStore.of(tmp_path, Keyring.of(b"another master secret of 32 bytes")).get(digest)


def test_a_file_that_is_altered_moved_cut_or_missing_is_lost(tmp_path: Path) -> None:
    store = DocumentStore.of(tmp_path, KEYRING)
    digest, other = store.put(CONTENT), store.put(b"another")
    path, elsewhere = (tmp_path / each.hex()[:2] / each.hex() for each in (digest, other))
    kept = path.read_bytes()
    for wrong in (kept[:-1] + bytes([kept[-1] ^ 1]), kept[:20], b"", kept[:5], elsewhere.read_bytes()):
        path.write_bytes(wrong)
        with pytest.raises(DocumentLost):
            store.get(digest)
    store.drop(digest)
    store.drop(digest)
    with pytest.raises(DocumentLost):
        store.get(digest)


def test_a_store_without_room_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("resolvers.document_store.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        DocumentStore.of(tmp_path, KEYRING).put(CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
