"""The page whose address stands on attestations: what its forms find of a control key and of a file, and what they refuse."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from db.statements import statement
from resolvers import consultations, uploads, verification
from resolvers.accounts import LAST
from resolvers.attestations import attestation_of
from resolvers.callers import Caller
from resolvers.file_verifier import Busy
from resolvers.keys import Keyring
from resolvers.throttle import LIMITS
from seal.attestation import Attestation, Issuer
from seal.report import OFFLINE, REGISTER, Bilingual, Level, Outcome, Report, SealCertificate, Step, TrustUnreadable
from server.app import create_app
from server.checking.uploaded import LONGEST
from tests.client import Client, settings_of_tests, with_state
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate

PDF = b"%PDF-1.7\r\n--x\r\n\r\n\x00\xff%%EOF"
VERSION = statement("documents.version")


@dataclass
class Files:
    """Stands for the processes that verify files (tests/test_verify_file.py tries those): finds what it is told."""

    finds: Report | Exception | None = None
    given: bytes = b""

    async def verify(self, pdf: bytes) -> Report | None:
        self.given = pdf
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
async def client(url: str, files: Files, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.0)
    app = create_app(settings_of_tests(), url)
    async with app.router.lifespan_context(app) as state:
        yield Client(with_state(app, dict(state or {}) | {"files": files}))


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Any, keyring: Keyring
) -> Journey:
    """A published session of one diploma."""
    journey = await Journey.begin(connection, monitor, first, second, folder)
    await journey.publish(keyring, candidate(1, nom_usage="D'Arc"))
    return journey


async def ask(client: Client, key: str, name: str, language: str = "fr", **more: Any) -> Any:
    given = {"key": key, "name": name, "organisation": "École de Nantes"}
    return await client.send("POST", "/v/key", data=given, headers={"Accept-Language": language}, **more)


async def send(client: Client, content: bytes = PDF, language: str = "fr", **more: Any) -> Any:
    return await client.send(
        "POST", "/v/file", files={"file": ("diplôme \"1\".pdf", content)}, data={"organisation": "École de Nantes"},
        headers={"Accept-Language": language}, **more,
    )  # fmt: skip


async def journal(journey: Journey, keyring: Keyring) -> list[tuple[str, str, str | None]]:
    diploma = await journey.connection.fetchval("select id from diploma")
    read = await consultations.read(journey.connection, keyring, {diploma: datetime(2026, 1, 1, tzinfo=UTC)}, LAST, 50)
    return [(one.entry.channel, one.entry.outcome, one.entry.organisation) for one in reversed(read) if one.entry]


def report(*outcomes: Outcome, attestation: Attestation | None = None) -> Report:
    """What eleven steps find, each well unless told otherwise."""
    found = dict.fromkeys(range(1, 12), Outcome.PASSED) | dict(enumerate(outcomes, 1))
    steps = [Step(number, Bilingual(f"Étape {number}", f"Step {number}"), outcome, Bilingual(f"cause {number}", f"reason {number}"))
             for number, outcome in found.items()]  # fmt: skip
    return Report(
        steps=tuple(steps), register=Step(12, REGISTER, Outcome.UNDETERMINED, OFFLINE), attestation=attestation, level=Level.B_T,
        sealed_at=datetime(2026, 7, 10, 9, 30, tzinfo=UTC),
        certificate=SealCertificate("CN=Cachet\\, d'essai,2.5.4.97=NTRFR-110043015,O=Registre d'essai,C=FR", "NTRFR-110043015", "1f"),
    )  # fmt: skip


async def genuine(journey: Journey, keyring: Keyring) -> Report:
    """That of the first version of the only diploma."""
    diploma = await journey.connection.fetchval("select id from diploma")
    row = await VERSION.row(journey.connection, diploma=diploma, version=1)
    assert row is not None
    issuer = Issuer("Registre d'essai", "110043015", "NTRFR-110043015")
    return report(attestation=attestation_of(row, 1, keyring, issuer, "https://diplomes.example"))


async def test_the_address_that_attestations_print_is_that_of_the_page(client: Client, journey: Journey, keyring: Keyring) -> None:
    attestation = (await genuine(journey, keyring)).attestation
    assert attestation is not None and attestation.site == "diplomes.example/v"
    for path in ("/", "/v/key", "/v/file"):
        answer = await client.send("GET", path)
        assert (answer.status_code, answer.headers["location"]) == (302, "/v")


async def test_every_field_has_a_label_of_its_own_and_every_form_a_heading(client: Client) -> None:
    page = (await client.send("GET", "/v", headers={"Accept-Language": "en"})).text
    assert "<h1>Check a diploma</h1>" in page and '<html lang="en">' in page
    fields = re.findall(r'<input id="([\w-]+)"', page)
    assert len(fields) == len(set(fields)) == 7
    assert sorted(re.findall(r'<label for="([\w-]+)"', page)) == sorted(fields)
    named = re.findall(r'aria-(?:labelledby|describedby)="([\w-]+)"', page)
    assert len(re.findall("<form ", page)) == 3 and [name for name in named if f'id="{name}"' not in page] == []


async def test_a_key_and_a_name_show_what_the_register_says(client: Client, journey: Journey, keyring: Keyring) -> None:
    answer = await ask(client, (await journey.key_of(keyring, 1)).lower(), "lecoeur")
    assert answer.status_code == 200
    shown = ("Baccalauréat général", "Ce diplôme est valide", "Paris", "Lecœur", "D&#x27;Arc", "Éloïse, Marie")
    assert [text for text in shown if text not in answer.text] == []
    assert "2008" not in answer.text and "remplacée" not in answer.text
    assert await journal(journey, keyring) == [("KEY", "SHOWN", "École de Nantes")]


async def test_a_key_of_an_older_version_says_since_when(client: Client, journey: Journey, keyring: Keyring) -> None:
    old = await journey.key_of(keyring, 1)
    await corrected(journey)
    answer = await ask(client, old, "Lecœur", "en")
    assert f"was replaced on {datetime.now(UTC):%Y-%m-%d}" in answer.text
    assert "Éloïse, Marie, Anne" in answer.text


async def corrected(journey: Journey) -> None:
    """Writes a second version of the only diploma."""
    copied = [row["name"] for row in await journey.connection.fetch(
        "select column_name as name from information_schema.columns where table_name = 'diploma_version' and is_generated = 'NEVER' "
        "and column_name not in ('version', 'given_names', 'recorded_at')"
    )]  # fmt: skip
    names = ", ".join(copied)
    await journey.connection.execute(
        f"insert into diploma_version (version, given_names, {names}) select 2, given_names || 'Anne'::text, {names} from diploma_version"
    )
    await journey.connection.execute("update diploma set version = 2")


async def test_whatever_a_key_does_not_open_has_one_answer_until_its_network_has_tried_enough(
    client: Client, journey: Journey, keyring: Keyring
) -> None:
    key = await journey.key_of(keyring, 1)
    answers = [await ask(client, typed, name) for typed, name in ((key, "Dupont"), ("00000000", "Lecœur"), ("<b>", '"><script>'))]
    said = {re.sub(r' value="[^"]*"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len(said) == 1 and "Le registre ne montre rien" in said.pop()
    assert 'role="alert"' in answers[0].text and 'value="Dupont"' in answers[0].text
    assert "<script>" not in answers[2].text
    assert await journal(journey, keyring) == [("KEY", "WRONG_NAME", "École de Nantes")]
    for number in range(3, LIMITS[0].most):
        assert (await ask(client, f"0000000{number}", f"Nom {number}")).status_code == 404
    refused = await ask(client, key, "Lecœur")
    assert refused.status_code == 404
    assert (await ask(client, key, "Lecœur", address="198.51.100.7")).status_code == 200


async def test_a_body_that_is_no_form_is_refused_as_an_unknown_key_is(client: Client) -> None:
    answer = await client.send("POST", "/v/key", content=b"{}", headers={"Content-Type": "application/json"})
    assert answer.status_code == 404 and "Le registre ne montre rien" in answer.text


async def test_a_genuine_file_shows_the_verdict_the_seal_and_the_values_to_compare(
    client: Client, files: Files, journey: Journey, keyring: Keyring
) -> None:
    files.finds = await genuine(journey, keyring)
    answer = await send(client)
    assert (answer.status_code, files.given) == (200, PDF)
    shown = ("Attestation authentique", "Le diplôme est valable", "10/07/2026 à 09:30 UTC", "Registre d&#x27;essai (NTRFR-110043015)",
             "Cachet, d&#x27;essai", "Baccalauréat général", "Lecœur", "12\u00a0mars\u00a02008",
             "12 conformes sur 12", "cause 11")  # fmt: skip
    assert [text for text in shown if text not in answer.text] == []
    assert '<details class="steps">' in answer.text  # folded
    assert await journal(journey, keyring) == [("DOCUMENT", "SHOWN", "École de Nantes")]
    assert await journey.connection.fetchval("select max(length(sealed)) from document_upload") < len(PDF)  # the count alone


async def test_a_genuine_file_of_a_diploma_that_changed_since_says_so_first(
    client: Client, files: Files, journey: Journey, keyring: Keyring
) -> None:
    files.finds = await genuine(journey, keyring)
    await corrected(journey)
    answer = await send(client, language="en")
    assert "The register does not confirm it as of today" in answer.text and "was replaced on" in answer.text
    assert "Éloïse, Marie, Anne" in answer.text and "2008" not in answer.text
    await journey.connection.execute("update diploma set status = 'REVOKED'")
    answer = await send(client, language="en")
    assert "This diploma is no longer valid" in answer.text and 'class="status genuine"' not in answer.text


async def test_a_file_that_is_not_genuine_says_why_and_nothing_of_what_it_claims(client: Client, files: Files) -> None:
    files.finds = report(Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, *[Outcome.UNDETERMINED] * 8)
    answer = await send(client, language="en")
    assert answer.status_code == 200
    assert "Not genuine" in answer.text and answer.text.index("reason 3") < answer.text.index("reason 1")
    assert '<details class="steps" open>' in answer.text and answer.text.count('class="mark ') == 3
    assert "essai" not in answer.text


async def test_a_file_that_the_register_never_recorded_is_not_genuine(
    client: Client, files: Files, journey: Journey, keyring: Keyring
) -> None:
    found = await genuine(journey, keyring)
    assert found.attestation is not None
    files.finds = replace(found, attestation=replace(found.attestation, birth_name="Autre"))
    answer = await send(client)
    assert "Fichier non authentique" in answer.text and "Autre" not in answer.text and "Lecœur" not in answer.text
    assert await journal(journey, keyring) == []


async def test_a_file_that_could_not_be_read_or_waits_is_told(client: Client, files: Files) -> None:
    answer = await send(client)
    assert answer.status_code == 200 and "n&#x27;a pas pu être lu" in answer.text
    for problem in (Busy(), TrustUnreadable("trust")):
        files.finds = problem
        answer = await send(client)
        assert answer.status_code == 503 and 'role="alert"' in answer.text


async def test_a_body_larger_than_any_attestation_is_refused_before_it_is_read(client: Client, files: Files) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += 1 << 16
            yield bytes(1 << 16)

    typed = {"Content-Type": "multipart/form-data; boundary=x"}
    declared = await client.send("POST", "/v/file", content=body(), headers=typed | {"Content-Length": str(64 << 16)})
    assert (declared.status_code, files.given) == (413, b"")
    assert read <= 1 << 16  # what httpx takes beforehand
    read = 0
    assert (await client.send("POST", "/v/file", content=body(), headers=typed)).status_code == 413
    assert (await send(client, bytes(uploads.LARGEST + 1))).status_code == 413
    await send(client, bytes(uploads.LARGEST))
    assert len(files.given) == uploads.LARGEST < LONGEST


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF\r\n'


WITHOUT_A_FILE = [
    ("application/pdf", PDF),
    ("application/x-www-form-urlencoded", b"file=x"),
    ("multipart/form-data", PART + b"--x--\r\n"),  # no boundary
    ("multipart/form-data; boundary=x", b""),
    ("multipart/form-data; boundary=x", PART),  # cut
    ("multipart/form-data; boundary=x", b"--x--\r\n"),
    ("multipart/form-data; boundary=x", PART * 2 + b"--x--\r\n"),  # a name twice
    ("multipart/form-data; boundary=x", PART * 20 + b"--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n--x--\r\n"),  # no name
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n',
    ),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n\xff\r\n--x--\r\n'),
    ("multipart/form-data; boundary=" + "x" * 71, PART),
    ("multipart/form-data; boundary=é", PART),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 1000 + PART[5:] + b"--x--\r\n"),
]


async def test_a_body_without_one_file_is_asked_again(client: Client, files: Files) -> None:
    for kind, body in WITHOUT_A_FILE:
        answer = await client.send("POST", "/v/file", content=body, headers={"Content-Type": kind.encode("latin-1")})
        assert answer.status_code == 400, (kind, body)
        assert 'role="alert"' in answer.text and '<form method="post" action="/v/file"' in answer.text
        assert files.given == b""


async def test_files_count_with_those_that_programs_send(client: Client, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 2)
    assert (await client.send("POST", "/documents", content=PDF)).status_code == 201
    assert (await send(client)).status_code == 200
    files.given = b""
    assert ((await send(client)).status_code, files.given) == (429, b"")
    assert (await client.send("POST", "/documents", content=PDF)).status_code == 429
    assert (await send(client, address="198.51.100.7")).status_code == 200
