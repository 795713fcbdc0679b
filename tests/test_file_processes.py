"""The processes that read files: bounded, one for each file, and gone when the application stops."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from graph.limits import MOST_ROOT_FIELDS
from resolvers.file_verifier import MOST_WAITING, Busy, FileVerifier
from seal.report import Verdict
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.hostile import HOSTILE, asleep, dead, endless, greedy, holding
from tests.registered import VERIFY, trust_in


def reads_with(monkeypatch: pytest.MonkeyPatch, function: object) -> None:
    monkeypatch.setattr("resolvers.file_process.verified", function)


async def started(count: int) -> None:
    """Waits until so many processes are there."""
    while len(multiprocessing.active_children()) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileVerifier]:
    files = FileVerifier(trust_in(tmp_path / "trust"))
    yield files
    files.close()
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(
    ("fault", "exit_code"), [(endless, -24), (greedy, 1), (dead, 1)], ids=lambda given: getattr(given, "__name__", "")
)
async def test_a_hostile_file_ends_its_own_process_and_those_beside_it_are_answered(
    files: FileVerifier, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fault: object, exit_code: int
) -> None:
    reads_with(monkeypatch, fault)
    monkeypatch.setattr("resolvers.file_verifier.SECONDS", 1)
    with capture_logs() as logged:
        reports = await asyncio.gather(*(files.verify(content) for content in (HOSTILE, b"1", b"2")))
    assert [report and report.verdict for report in reports] == [None, Verdict.NOT_GENUINE, Verdict.NOT_GENUINE]
    assert [(entry["event"], entry["size"], entry["exit_code"]) for entry in logged] == [("file_verification_ended", 7, exit_code)]
    assert capfd.readouterr().err == ""
    after = await files.verify(b"3")
    assert after is not None


async def test_a_process_that_sleeps_is_ended(files: FileVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    reads_with(monkeypatch, asleep)
    monkeypatch.setattr("resolvers.file_verifier.PATIENCE", 0.3)
    assert await files.verify(HOSTILE) is None


async def test_an_application_that_stops_waits_for_no_file_and_leaves_no_process(
    files: FileVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_with(monkeypatch, asleep)
    waiting = [asyncio.create_task(files.verify(HOSTILE)) for _ in range(3)]
    await started(2)
    await asyncio.to_thread(files.close)
    assert multiprocessing.active_children() == []
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert ended[:2] == [None, None] and isinstance(ended[2], asyncio.CancelledError)


async def test_more_files_than_may_wait_are_told_to_come_back(files: FileVerifier) -> None:
    ended = await asyncio.gather(*(files.verify(b"x") for _ in range(MOST_WAITING + 2)), return_exceptions=True)
    assert [type(end) for end in ended[MOST_WAITING:]] == [Busy, Busy]
    assert Busy not in [type(end) for end in ended[:MOST_WAITING]]


# In the application


@pytest.fixture
async def client(url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(url, trust=trust_in(tmp_path / "trust")) as client:
        yield client


async def sent(client: Client, content: bytes) -> str:
    return (await client.send("POST", "/documents", content=content)).json()["document"]


async def asked(client: Client, token: str, address: str = "192.0.2.1") -> dict[str, str]:
    return (await client.data(VERIFY, {"document": token}, address=address, language="en"))["verifyDocument"]


async def test_a_file_that_was_too_much_is_undetermined_and_is_not_read_again(
    client: Client, connection: DatabaseConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_with(monkeypatch, dead)
    token = await sent(client, HOSTILE)
    # many times in one request: it costs one process
    with capture_logs() as logged:
        fields = " ".join(f"a{n}: verifyDocument(document: $d) {{ __typename }}" for n in range(MOST_ROOT_FIELDS))
        many = f"query ($d: String!) {{ {fields} }}"
        answers = [answer["__typename"] for answer in (await client.data(many, {"d": token})).values()]
    assert sorted(answers) == ["FileNotThere"] * (MOST_ROOT_FIELDS - 1) + ["FileVerification"]
    assert len(logged) == 1
    found = await asked(client, await sent(client, HOSTILE))
    assert found["verdict"] == "UNDETERMINED" and found["steps"] == [] and "ask for the original" in found["summary"]
    assert await connection.fetchval("select count(*) from document_upload where sealed = ''") == 2


async def test_one_network_leaves_a_process_to_the_others_and_nobody_waits_for_a_file_to_read_the_rest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_with(monkeypatch, asleep)
    monkeypatch.setattr("resolvers.file_verifier.PATIENCE", 3.0)
    tokens = [await sent(client, HOSTILE) for _ in range(3)]
    other = await sent(client, b"x")
    asking = [asyncio.create_task(asked(client, token)) for token in tokens]
    await started(1)
    assert (await client.data("{ __typename }"))["__typename"] == "Query"
    assert (await asked(client, other, "198.51.100.7"))["verdict"] == "NOT_GENUINE"
    assert len(multiprocessing.active_children()) == 1
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_process_holds_no_connection_of_the_application(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_with(monkeypatch, holding)
    await asked(client, await sent(client, b"x"))
    held = (tmp_path / "trust" / "held").read_text()
    assert "pipe" in held and "socket" not in held
