"""Files of requests: what is taken, who reads it, what becomes of it."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from strawberry.relay.utils import to_base64

from resolvers import pieces
from resolvers.document_store import DocumentStore
from resolvers.piece_content import JPEG, PDF, PNG, Nature, media_type, nature_of
from resolvers.pieces import remove_next
from tests.conftest import DatabaseConnection
from tests.requesting import Sides, both_sides, image, link_of, pdf


@pytest.fixture
async def sides(url: str, connection: DatabaseConnection, folder: Path) -> AsyncIterator[Sides]:
    async with both_sides(url, connection, folder) as sides:
        yield sides


def made(change: object) -> bytes:
    """A PDF of one page after a change."""
    assert callable(change)
    with pikepdf.new() as document:
        document.add_blank_page()
        change(document)
        written = io.BytesIO()
        document.save(written)
    return written.getvalue()


# What is taken


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("carte.pdf", pdf(), PDF), ("Carte d’identité.JPG", image("JPEG"), JPEG), ("carte.jpeg", image("JPEG"), JPEG),
        ("carte.png", image(), PNG),
    ],
)  # fmt: skip
async def test_the_applicant_sends_a_file_and_gets_it_again_as_a_file_to_keep(
    sides: Sides, name: str, content: bytes, media: str
) -> None:
    request = await sides.asked(missing=("IDENTITY",))
    sent = await sides.sends(sides.applicant, request, name=name.replace("’", "%E2%80%99").replace("é", "%C3%A9"), content=content)
    assert sent.status_code == 201, sent.text
    got = await sides.gets(sides.applicant, sent.json()["link"])
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, content, media)
    expected = {
        "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'",
        "cross-origin-resource-policy": "same-origin",
    }  # fmt: skip
    assert {key: got.headers[key] for key in expected} == expected
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    [row] = await sides.pieces(request)
    assert (row["kind"], row["file_name"], row["media_type"], row["size"]) == ("IDENTITY", name, media, len(content))
    assert await sides.history(request) == [("PIECE", None, "IDENTITY")]
    assert (await sides.row(request))["missing_pieces"] == []


async def test_what_is_stored_is_neither_in_the_database_nor_readable_on_the_disk(sides: Sides) -> None:
    content = pdf("Éloïse")
    await sides.sends(sides.applicant, await sides.asked(), content=content)
    [file] = sides.files()
    assert content[:100] not in file.read_bytes()
    assert await sides.connection.fetchval("select count(*) from document_request_piece p where p::text like '%25504446%'") == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("carte.png", image("JPEG")), ("carte.jpg", image()), ("carte.pdf", image()), ("carte.png", pdf()), ("carte.pdf", b"MZ\x90\0" * 20),
        ("carte.pdf", b"<!doctype html><script>1</script>"), ("carte.pdf", b"\n" + pdf()), ("carte.exe", pdf()), ("carte", pdf()),
        ("carte.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), ("carte.png", image()[:20]), ("carte.jpg", image("JPEG")[:30]),
        ("../carte.pdf", pdf()), ("carte\n.pdf", pdf()), ("c" * 200 + ".pdf", pdf()), ("carte.pdf", b""),
        ("carte.pdf", b"%PDF-1.7\n%%EOF\n"),
    ],
)  # fmt: skip
async def test_a_piece_that_is_not_what_its_name_says_is_refused(sides: Sides, name: str, content: bytes) -> None:
    request = await sides.asked()
    answer = await sides.sends(sides.applicant, request, name=name.replace("\n", "%0A"), content=content)
    assert answer.status_code == 409, answer.text
    assert answer.json()["message"].startswith(("This file is not", "A file name has", "This PDF cannot be read"))
    assert await sides.pieces(request) == []
    assert sides.files() == []


def script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def nested_script(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Annots = Array(
        [Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, Next=Array([Dictionary(S=Name.Launch)])))]
    )


def additional_action(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.GoTo))


def attachment(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = b"MZ"


def form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = Dictionary(XFA=String("x"), Fields=Array())


def film(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.RichMedia, RichMediaContent=Dictionary())])


@pytest.mark.parametrize(
    "change", [script, nested_script, additional_action, attachment, form, film], ids=lambda each: each.__name__
)
async def test_a_pdf_that_does_something_or_carries_a_file_is_refused_with_what_to_do(sides: Sides, change: object) -> None:
    request = await sides.asked()
    answer = await sides.sends(sides.applicant, request, content=made(change))
    assert answer.status_code == 409
    assert "print it to a PDF" in answer.json()["message"]
    assert sides.files() == []


async def test_a_pdf_with_a_password_is_refused(sides: Sides) -> None:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(written, encryption=pikepdf.Encryption(owner="a", user="b"))
    answer = await sides.sends(sides.applicant, await sides.asked(), content=written.getvalue())
    assert (answer.status_code, "password" in answer.json()["message"]) == (409, True)


def test_links_and_places_in_a_pdf_do_nothing_until_somebody_clicks() -> None:
    def links(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])
        document.pages[0].obj.Annots = Array(
            [Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://a.example")))]
        )

    assert nature_of(made(links)) is Nature.STILL


def test_an_image_that_claims_more_than_a_sheet_of_paper_has_is_none() -> None:
    png = image()
    assert media_type(png) == PNG
    assert media_type(png[:16] + (100_000).to_bytes(4) + (100_000).to_bytes(4) + png[24:]) is None


async def test_a_file_of_more_than_ten_megabytes_is_refused_before_it_has_come(sides: Sides) -> None:
    answer = await sides.sends(sides.applicant, await sides.asked(), content=pdf() + bytes(pieces.LARGEST))
    assert (answer.status_code, sides.files()) == (413, [])


@pytest.mark.parametrize("query", ["", "?kind=PASSPORT&name=a.pdf", "?kind=IDENTITY"])
async def test_a_file_without_kind_or_name_is_a_bad_request(sides: Sides, query: str) -> None:
    path = f"/requests/{to_base64('DocumentRequest', str(await sides.asked()))}/pieces{query}"
    answer = await sides.client.send("POST", path, content=pdf(), headers=await sides.headers(sides.applicant))
    assert answer.status_code == 400


# How much


async def test_a_side_adds_no_more_files_or_bytes_than_it_may_even_all_at_once(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST", 3)
    request = await sides.asked()
    answers = await asyncio.gather(
        *(sides.sends(sides.applicant, request, "OTHER", "a.png", image(size=(8, 8 + n))) for n in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409, 409]
    assert len(await sides.pieces(request)) == 3
    monkeypatch.setattr(pieces, "MOST", 20)
    monkeypatch.setattr(pieces, "LARGEST_OF_ALL", sum(row["size"] for row in await sides.pieces(request)) + 10)
    refused = await sides.sends(sides.applicant, request, "OTHER", "b.png", image(size=(9, 9)))
    assert (refused.status_code, "at most" in refused.json()["message"]) == (409, True)


async def test_the_same_file_sent_again_is_the_same_piece(sides: Sides) -> None:
    request = await sides.asked()
    first, again = [await sides.sends(sides.applicant, request) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(await sides.pieces(request)) == 1
    other = await sides.asked()
    assert (await sides.sends(sides.applicant, other)).status_code == 201
    assert len(sides.files()) == 1


# Who


async def test_nobody_else_sends_or_reads_and_a_missing_request_looks_the_same(sides: Sides) -> None:
    request, nothing = await sides.asked(), UUID(int=7)
    link = (await sides.sends(sides.applicant, request)).json()["link"]
    other, elsewhere = await sides.somebody_else(), await sides.agent("Sacha", academies=("10",))
    for stranger in (other, elsewhere):
        kind = "DELIVERED" if stranger is elsewhere else "IDENTITY"
        answers = [await sides.sends(stranger, one, kind) for one in (request, nothing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
        got = [await sides.gets(stranger, one) for one in (link, link_of(nothing), "/requests/pieces/x")]
        assert [answer.status_code for answer in got] == [404, 404, 404]
        assert got[0].json() == got[1].json()
    assert (await sides.sends(None, request)).status_code == 401
    assert (await sides.gets(None, link)).status_code == 401
    assert (await sides.gets(await sides.agent(), link)).content == pdf()
    auditor = await sides.agent("Andrea", "AUDITOR")
    assert [(await sides.gets(auditor, link)).status_code, (await sides.sends(auditor, request, "DELIVERED")).status_code] == [
        403,
        403,
    ]


@pytest.mark.parametrize("state", ["ACCEPTED", "REFUSED", "WITHDRAWN", "DELIVERED"])
async def test_a_request_that_is_decided_or_closed_takes_nothing_of_its_applicant(sides: Sides, state: str) -> None:
    request = await sides.asked()
    await moved(sides, request, state)
    answer = await sides.sends(sides.applicant, request)
    assert (answer.status_code, "takes no more" in answer.json()["message"]) == (409, True)


async def moved(sides: Sides, request: UUID, state: str) -> None:
    await sides.connection.execute(
        """update document_request set state = $2, waiting_since = null,
          ended_at = case when $2 in ('REFUSED', 'WITHDRAWN', 'DELIVERED') then now() end where id = $1""",
        request, state,
    )  # fmt: skip


async def test_an_agent_adds_scans_to_an_accepted_request_and_its_applicant_has_them_once_it_is_delivered(sides: Sides) -> None:
    agent, request = await sides.agent(), await sides.asked("SCRIPTS")
    early = await sides.sends(agent, request, "DELIVERED")
    assert (early.status_code, early.json()["message"]) == (409, "Only an accepted request is delivered.")
    await moved(sides, request, "ACCEPTED")
    sent = await sides.sends(agent, request, "DELIVERED", "copies.pdf")
    assert sent.status_code == 201
    assert (await sides.sends(agent, request, "OTHER")).status_code == 409
    assert (await sides.gets(sides.applicant, sent.json()["link"])).status_code == 404
    await moved(sides, request, "DELIVERED")
    assert (await sides.gets(sides.applicant, sent.json()["link"])).content == pdf()


# What it changes


async def test_the_review_goes_on_when_the_last_awaited_piece_has_come_and_the_delay_with_it(sides: Sides) -> None:
    request = await sides.asked(state="INFORMATION_REQUESTED", missing=("IDENTITY", "MANDATE"))
    before = await sides.row(request)
    await sides.sends(sides.applicant, request, "IDENTITY")
    waiting = await sides.row(request)
    assert (waiting["state"], waiting["missing_pieces"], waiting["due_on"]) == (
        "INFORMATION_REQUESTED",
        ["MANDATE"],
        before["due_on"],
    )
    await sides.sends(sides.applicant, request, "MANDATE", "mandat.png", image())
    after = await sides.row(request)
    assert (after["state"], after["missing_pieces"], after["waiting_since"]) == ("IN_REVIEW", [], None)
    assert (after["due_on"] - before["due_on"]).days >= 3
    assert await sides.history(request) == [("PIECE", None, "IDENTITY"), ("PIECE", None, "MANDATE"), ("STATE", "IN_REVIEW", None)]


# What becomes of it


@pytest.mark.parametrize("state", ["ACCEPTED", "REFUSED", "WITHDRAWN", "DELIVERED"])
async def test_identity_pieces_are_destroyed_with_the_decision_and_their_files_after_it(sides: Sides, state: str) -> None:
    request = await sides.asked()
    links = [
        (await sides.sends(sides.applicant, request, kind, f"{kind}.pdf", pdf(kind))).json()["link"]
        for kind in ("IDENTITY", "MANDATE", "AUTHORITY", "CIVIL_STATUS", "OTHER")
    ]
    await moved(sides, request, state)
    agent = await sides.agent()
    assert [(await sides.gets(agent, link)).status_code for link in links] == [404, 404, 404, 404, 200]
    gone = [(row["destroyed_at"] is not None, row["file_name"]) for row in await sides.pieces(request)]
    assert gone == [(True, "")] * 4 + [(False, "OTHER.pdf")]
    assert len(sides.files()) == 5
    await an_hour_later(sides)
    await worked(sides)
    assert len(sides.files()) == 1
    assert (await sides.gets(agent, links[-1])).content == pdf("OTHER")


async def an_hour_later(sides: Sides) -> None:
    """Files that are being written are left alone for an hour."""
    await sides.connection.execute("update piece_file set due_at = now()")


async def worked(sides: Sides) -> None:
    """The worker looks at every file that is due."""
    while await remove_next(sides.connection, sides.store):
        pass


async def test_a_file_that_another_request_still_needs_stays(sides: Sides) -> None:
    one, other = await sides.asked(), await sides.asked()
    for request in (one, other):
        await sides.sends(sides.applicant, request)
    await moved(sides, one, "REFUSED")
    await an_hour_later(sides)
    await worked(sides)
    [kept] = await sides.pieces(other)
    assert (await sides.gets(sides.applicant, link_of(kept["id"]))).content == pdf()


async def test_a_worker_that_dies_between_file_and_commit_finds_the_file_to_remove_again(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await sides.asked()
    await sides.sends(sides.applicant, request)
    await moved(sides, request, "REFUSED")
    await an_hour_later(sides)
    drop = DocumentStore.drop

    def died(store: DocumentStore, digest: bytes) -> None:
        drop(store, digest)
        raise KeyboardInterrupt

    monkeypatch.setattr(DocumentStore, "drop", died)
    with pytest.raises(KeyboardInterrupt):
        await remove_next(sides.connection, sides.store)
    monkeypatch.undo()
    assert await sides.connection.fetchval("select count(*) from piece_file") == 1
    await worked(sides)
    assert (sides.files(), await sides.connection.fetchval("select count(*) from piece_file")) == ([], 0)


async def test_a_file_that_was_written_for_nothing_is_removed_and_one_that_is_being_written_is_not(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object) -> None:
        raise OSError(28, "no room")

    request = await sides.asked()
    monkeypatch.setattr(pieces, "_added", refused)
    assert (await sides.sends(sides.applicant, request)).status_code == 507
    await worked(sides)
    assert len(sides.files()) == 1  # as if its row were about to be written
    await an_hour_later(sides)
    await worked(sides)
    assert sides.files() == []


async def test_a_lost_file_is_told_and_no_error(sides: Sides) -> None:
    link = (await sides.sends(sides.applicant, await sides.asked())).json()["link"]
    [file] = sides.files()
    file.unlink()
    assert (await sides.gets(sides.applicant, link)).status_code == 503


async def test_the_journal_says_what_was_sent_and_names_nobody(sides: Sides) -> None:
    request = await sides.asked()
    await sides.sends(sides.applicant, request, name="Lecoeur.pdf")
    row = await sides.connection.fetchrow("select account_id, facts from journal where act = 'SEND_PIECE'")
    assert row is not None
    assert row["account_id"] == sides.applicant.holder.id
    assert row["facts"] == row["facts"] | {"request": str(request), "kind": "IDENTITY", "resumed": False}
    assert "Lecoeur" not in str(row["facts"])
