"""A file that claims to be an attestation: sent by anybody, read beside the application, confirmed by the register."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from db.statements import statement
from resolvers import adding, callers, holdings, publication, sessions, uploads
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import signed_in
from tests.registered import Registered, sealed_by_hand, trust_in

EMPTY_UPLOADS = statement("documents.empty_uploads")
FORGET_UPLOADS = statement("documents.forget_uploads")
JOURNAL = "{ viewer { consultations(first: 9) { edges { node { channel outcome organisation } } } } }"
OF_THE_REGISTER = ("Lecœur", "LECŒUR", "Éloïse", "2008-03-12", "Besançon", "C000001")


@pytest.fixture
async def client(url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(url, trust=trust_in(tmp_path / "trust")) as client:
        yield client


@pytest.fixture
async def register(
    client: Client, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, tmp_path: Path
) -> Registered:
    """A published diploma and its attestation."""
    journey = await Journey.begin(connection, monitor, first, second, tmp_path)
    register = Registered(journey, client, connection, tmp_path)
    await journey.publish(register.keyring, candidate(1))
    await register.seal()
    return register


async def withdrawn(register: Registered) -> None:
    third = await callers.add(register.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    session = register.journey.session
    await publication.request_withdrawal(register.connection, register.journey.second, session, "erreur de saisie")
    await publication.withdraw(register.connection, third, session)


async def published_again(register: Registered, *lines: dict[str, str]) -> None:
    await withdrawn(register)
    await sessions.reopen_withdrawn(register.connection, register.journey.first, register.journey.session)
    await register.journey.publish(register.keyring, *lines)


# What the register says of a genuine file


async def test_whoever_has_a_genuine_file_sees_what_the_register_says_and_its_holder_sees_that_he_asked(
    register: Registered,
) -> None:
    browser = await signed_in(register.connection, client=register.client)
    await adding.add(register.connection, browser.holder, Wanted("bac", 2026, "01"))
    for language in ("fr", "en"):
        found = await register.verified(register.pdf, " Université\nde Nantes ", language=language)
        assert (found["verdict"], found["status"], found["level"]) == ("GENUINE", "CURRENT", "B-T")
        assert found["registered"] == {"version": 1, "status": "VALID", "mention": None, "holder": {"birthName": "Lecœur"}}
        assert [step["number"] for step in found["steps"]] == list(range(1, len(found["steps"]) + 1))
        assert {step["outcome"] for step in found["steps"]} == {"PASSED"}
        assert found["summary"].startswith({"fr": "Attestation authentique", "en": "Genuine attestation"}[language])
    assert "110043015" in found["sealedBy"]
    edges = (await browser.data(JOURNAL))["viewer"]["consultations"]["edges"]
    assert [edge["node"] for edge in edges] == 2 * [
        {"channel": "DOCUMENT", "outcome": "SHOWN", "organisation": "Université de Nantes"}
    ]


async def test_a_renewed_key_leaves_the_file_as_genuine_as_it_was(register: Registered) -> None:
    browser = await signed_in(register.connection)
    held = await adding.add(register.connection, browser.holder, Wanted("bac", 2026, "01"))
    await holdings.renew_key(register.connection, register.keyring, browser.holder, held)
    found = await register.verified(register.pdf)
    assert (found["verdict"], found["status"]) == ("GENUINE", "CURRENT")


async def test_a_corrected_diploma_is_shown_as_it_is_now_and_a_later_revocation_makes_both_files_void(
    register: Registered,
) -> None:
    await published_again(register, candidate(1, mention="AB", moyenne="12,00"))
    found = await register.verified(register.pdf)
    assert (found["verdict"], found["status"]) == ("GENUINE", "REPLACED")
    assert found["registered"]["version"] == 2 and found["registered"]["mention"] == "ASSEZ_BIEN"
    assert found["steps"][-1]["outcome"] == "UNDETERMINED" and "Ask the holder for a new one" in found["steps"][-1]["reason"]
    before = register.pdf
    await register.seal()
    assert (await register.verified(register.pdf))["status"] == "CURRENT"
    await published_again(register, candidate(2))
    for pdf in (before, register.pdf):
        found = await register.verified(pdf)
        assert (found["verdict"], found["status"]) == ("GENUINE", "NO_LONGER_VALID")


async def test_a_withdrawn_session_shows_nothing_of_a_genuine_file(register: Registered) -> None:
    await withdrawn(register)
    found = await register.verified(register.pdf)
    assert (found["verdict"], found["status"], found["registered"]) == ("GENUINE", "NOT_SHOWN", None)
    assert await register.connection.fetchval("select count(*) from consultation") == 0


# What is shown of other files: nothing


def shows_nothing(found: dict[str, Any]) -> bool:
    return found["status"] is None and found["registered"] is None and not any(word in str(found) for word in OF_THE_REGISTER)


async def test_a_file_with_one_changed_byte_says_nothing_of_a_diploma(register: Registered) -> None:
    middle = len(register.pdf) // 2
    changed = register.pdf[:middle] + bytes([register.pdf[middle] ^ 1]) + register.pdf[middle + 1 :]
    for content in (changed, b"", b"%PDF-1.7\n%%EOF\n", register.pdf[:-1000]):
        found = await register.verified(content)
        assert found["verdict"] == "NOT_GENUINE" and shows_nothing(found)
    assert await register.connection.fetchval("select count(*) from consultation") == 0


async def test_a_genuine_seal_on_what_the_register_never_recorded_is_refused(register: Registered) -> None:
    true = await register.attested()
    forged = [
        replace(true, birth_name="AUTRE"), replace(true, version=7), replace(true, id=register.journey.session),
        replace(true, salt=bytes(32)),
    ]  # fmt: skip
    for attestation in forged:
        found = await register.verified(await sealed_by_hand(attestation))
        assert found["verdict"] == "NOT_GENUINE" and shows_nothing(found)
        assert [step["number"] for step in found["steps"] if step["outcome"] == "FAILED"] == [len(found["steps"])]
    assert await register.connection.fetchval("select count(*) from consultation") == 0
    honest = replace(true, family_label="Baccalauréat", academy_name="Paris et ses environs")
    assert (await register.verified(await sealed_by_hand(honest)))["status"] == "CURRENT"


@pytest.mark.parametrize("change", ["mention = 'TRES_BIEN'", "birth_date = '2008-99-99'", "given_names = '{Zoé}'"])
async def test_a_register_that_somebody_rewrote_does_not_confirm_what_it_said(register: Registered, change: str) -> None:
    await register.connection.execute("alter table diploma_version disable trigger append_only")
    await register.connection.execute(f"update diploma_version set {change}")
    found = await register.verified(register.pdf)
    assert found["verdict"] == "NOT_GENUINE" and shows_nothing(found)


# Files that wait


async def test_a_file_waits_encrypted_under_a_token_that_nothing_else_holds(register: Registered) -> None:
    with capture_logs() as logged:
        token = await register.sent(register.pdf, headers={"Content-Type": "text/plain"})
        await register.asked(token)
    [row] = await register.connection.fetch("select * from document_upload")
    assert b"%PDF" not in row["sealed"] and register.pdf[1000:1100] not in row["sealed"]
    assert token not in str(dict(row)) and token.encode() not in bytes(row["token_digest"]) and b"192.0.2" not in row["network"]
    assert token not in str(logged)
    assert await uploads.take(register.connection, token) == register.pdf
    for other in (token[:-1], "", "\ud800", "x" * 10_000):
        assert await uploads.take(register.connection, other) is None
        assert (await register.asked(other))["__typename"] == "FileNotThere"


async def test_a_file_is_gone_after_a_quarter_of_an_hour_and_uncounted_after_an_hour(register: Registered) -> None:
    token = await register.sent(register.pdf)
    await register.connection.execute("update document_upload set created_at = now() - interval '15 minutes'")
    assert (await register.asked(token, language="fr"))["message"].startswith("Ce fichier n'est pas là, ou plus")
    for minutes, left in ((14, len(register.pdf) + 16), (16, 0), (59, 0), (61, None)):
        await register.connection.execute(f"update document_upload set created_at = now() - interval '{minutes} minutes'")
        await EMPTY_UPLOADS.run(register.connection)
        await FORGET_UPLOADS.run(register.connection)
        assert await register.connection.fetchval("select length(sealed) from document_upload") == left


async def test_a_network_sends_so_many_files_in_an_hour(client: Client, connection: DatabaseConnection, keyring: Keyring) -> None:
    network = keyring.subject("UPLOAD:192.0.2")
    await connection.execute(
        "insert into document_upload (token_digest, network, sealed, created_at) "
        "select int4send(n), $1, '', now() - interval '59 minutes' from generate_series(2, $2) n",
        network,
        uploads.MOST,
    )
    statuses = [(await client.send("POST", "/documents", f"192.0.2.{n}", content=b"x")).status_code for n in range(3)]
    assert statuses == [201, 429, 429]
    refused = await client.send("POST", "/documents", content=b"x", headers={"Accept-Language": "en"})
    assert refused.json()["message"] == "Too many files in an hour: try later."
    assert (await client.send("POST", "/documents", "198.51.100.1", content=b"x")).status_code == 201
    await connection.execute("update document_upload set created_at = now() - interval '61 minutes'")
    assert (await client.send("POST", "/documents", content=b"x")).status_code == 201


async def test_a_file_has_at_most_two_megabytes(client: Client) -> None:
    async def parts(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 1 << 16):
            yield bytes(min(1 << 16, size - start))

    for size, status in ((uploads.LARGEST, 201), (uploads.LARGEST + 1, 413)):
        assert (await client.send("POST", "/documents", content=bytes(size))).status_code == status
        assert (await client.send("POST", "/documents", content=parts(size))).status_code == status


async def test_without_anything_to_trust_nothing_is_verified_and_the_answer_says_what_to_do(url: str, tmp_path: Path) -> None:
    async with served(url, trust=tmp_path / "nowhere") as client:
        token = (await client.send("POST", "/documents", content=b"x")).json()["document"]
        with capture_logs() as logged:
            query = "query ($d: String!) { verifyDocument(document: $d) { __typename ... on Problem { message } } }"
            answer = (await client.data(query, {"d": token}, language="en"))["verifyDocument"]
        assert answer == {"__typename": "TooBusy", "message": "Files cannot be verified here at present. Use the control key."}
        assert [entry["event"] for entry in logged] == ["trust_unreadable"]
