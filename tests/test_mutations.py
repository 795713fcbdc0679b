"""The journey of a session by the graph and by uploads alone, and every refusal that an agent may read on his way."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx2 import Response
from strawberry.relay.utils import from_base64, to_base64

from db.pool import connect
from resolvers import callers, imports, publication, sessions
from resolvers.callers import Caller
from resolvers.imports import read_upload
from resolvers.keys import Keyring
from server.transfers import csv_lines, report_line
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Line, candidate, write_file

SESSION = """id state edition undecided unconfirmed missing publishedCount juryGroups { code closedAt closedBy }
  imports { id state } publications { edition count preparedBy approvedBy releasedAt withdrawnBy }"""
PROBLEM = "message ... on WrongState { state } ... on NotComplete { missing } ... on ClosedGroupChanged { decisions }"


class Agent:
    """An agent who acts by the graph alone."""

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.token = token

    async def does(self, mutation: str, **values: Any) -> dict[str, Any]:
        """What a mutation answers."""
        kind = INPUTS.get(mutation, "SessionInput")
        answer = f"__typename ... on ExamSession {{ {SESSION} }} ... on Problem {{ {PROBLEM} }}"
        document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} }} }}"
        return (await self.client.data(document, {"input": values}, token=self.token, language="en"))[mutation]

    async def refused(self, mutation: str, **values: Any) -> str:
        """The name of the problem that a mutation answers."""
        answer = await self.does(mutation, **values)
        assert answer["message"]
        return answer["__typename"]

    async def upload(self, content: bytes, query: str = "family=bac&academy=01&year=2026&name=bac.csv") -> Response:
        """The answer to an upload."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        return await self.client.send("POST", f"/imports?{query}", content=content, headers=headers)

    async def reads(self, fields: str, id_: str) -> dict[str, Any]:
        """Fields of an import."""
        document = f"query ($id: ID!) {{ node(id: $id) {{ ... on Import {{ {fields} }} }} }}"
        return (await self.client.data(document, {"id": id_}, token=self.token, language="en"))["node"]


INPUTS = {
    "openSession": "OpenSessionInput",
    "applyImport": "ImportInput",
    "discardImport": "ImportInput",
    "confirmDecisions": "ConfirmDecisionsInput",
    "closeJuryGroup": "JuryGroupInput",
    "reopenJuryGroup": "JuryGroupInput",
    "approvePublication": "ApprovePublicationInput",
    "requestWithdrawal": "RequestWithdrawalInput",
}
GROUPS = ("PREMIER", "SECOND", "REMPLACEMENT")


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


async def agent_of(client: Client, connection: DatabaseConnection, caller: Caller) -> Agent:
    return Agent(client, await callers.new_token(connection, caller, timedelta(minutes=5)))


@pytest.fixture
async def claude(client: Client, connection: DatabaseConnection, first: Caller) -> Agent:
    """Who prepares."""
    return await agent_of(client, connection, first)


@pytest.fixture
async def dominique(client: Client, connection: DatabaseConnection, second: Caller) -> Agent:
    """Who releases."""
    return await agent_of(client, connection, second)


@pytest.fixture
async def alix(client: Client, connection: DatabaseConnection) -> Agent:
    """Another head of service of Paris."""
    return await agent_of(client, connection, await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"]))


@pytest.fixture
async def sacha(client: Client, connection: DatabaseConnection, stranger: Caller) -> Agent:
    """A head of service of Lyon."""
    return await agent_of(client, connection, stranger)


@pytest.fixture
async def opened(claude: Agent) -> str:
    """The id of the open session of the bac of Paris."""
    return (await claude.does("openSession", family="bac", academy="01", year=2026))["id"]


class Worker:
    """What the worker process does, when a test says so."""

    def __init__(self, connection: DatabaseConnection, monitor: DatabaseConnection, keyring: Keyring, folder: Path) -> None:
        self.connection, self.monitor, self.keyring, self.folder = connection, monitor, keyring, folder

    async def reads(self) -> bool:
        return await read_upload(self.connection, self.monitor, self.keyring, self.folder)

    async def releases(self) -> bool:
        return await publication.release_due(self.connection, self.monitor, self.keyring)


@pytest.fixture
def worker(connection: DatabaseConnection, monitor: DatabaseConnection, keyring: Keyring, folder: Path) -> Worker:
    return Worker(connection, monitor, keyring, folder)


def content(folder: Path, *lines: Line) -> bytes:
    return write_file(folder / f"{uuid4()}.csv", lines).read_bytes()


async def applied(agent: Agent, worker: Worker, *lines: Line) -> str:
    """The id of an import that was uploaded, read and applied."""
    uploaded = await agent.upload(content(worker.folder, *lines))
    assert uploaded.status_code == 202, uploaded.text
    import_id = uploaded.json()["importId"]
    assert await worker.reads()
    assert (await agent.does("applyImport", importId=import_id))["__typename"] == "ExamSession"
    return import_id


async def completed(agent: Agent, worker: Worker, session: str, *lines: Line) -> None:
    await applied(agent, worker, *lines)
    for group in GROUPS:
        await agent.does("closeJuryGroup", sessionId=session, group=group)


async def published(claude: Agent, dominique: Agent, worker: Worker, session: str, *lines: Line) -> None:
    await completed(claude, worker, session, *lines)
    await claude.does("preparePublication", sessionId=session)
    await dominique.does("approvePublication", sessionId=session)
    assert await worker.releases()


async def test_a_session_goes_from_upload_to_verification_by_the_graph_alone(
    client: Client, claude: Agent, dominique: Agent, worker: Worker, keyring: Keyring, connection: DatabaseConnection
) -> None:
    opening = await claude.does("openSession", family="bac", academy="01", year=2026)
    session = opening["id"]
    assert (opening["state"], opening["edition"]) == ("OPEN", 1)
    assert [group["code"] for group in opening["juryGroups"]] == list(GROUPS)

    await applied(claude, worker, candidate(1, moyenne="11,00"), candidate(9))
    uploaded = await claude.upload(
        content(
            worker.folder,
            candidate(1),
            candidate(2, moyenne="9,80"),
            candidate(3, nom_naissance="=1+1", sexe="H"),
            candidate(4, nom_naissance="-2"),
        )
    )
    assert (uploaded.status_code, uploaded.json()["new"], uploaded.json()["lines"]) == (202, True, 4)
    import_id = uploaded.json()["importId"]
    assert (await claude.reads("state lines", import_id)) == {"state": "WAITING", "lines": 0}
    assert await worker.reads()
    report = await claude.reads(
        """fileName state encoding lines totalLines accepted refused flagged problem submittedBy
        difference { added changed removed unchanged }
        refusals(first: 2) { edges { node { line column value reason remedy } } pageInfo { hasNextPage endCursor } }
        flags { edges { node { line candidateNumber decision expectedDecision reason reference confirmedBy } } }
        differenceLines { edges { node { candidateNumber change decisionBefore decisionAfter } } }""",
        import_id,
    )
    assert {name: report[name] for name in ("fileName", "state", "encoding", "lines", "totalLines", "accepted", "refused", "flagged")} == {
        "fileName": "bac.csv", "state": "STAGED", "encoding": "utf-8", "lines": 4, "totalLines": 4, "accepted": 2, "refused": 2,
        "flagged": 1,
    }  # fmt: skip
    assert report["difference"] == {"added": 1, "changed": 1, "removed": 1, "unchanged": 0}
    assert [(edge["node"]["line"], edge["node"]["column"], edge["node"]["value"]) for edge in report["refusals"]["edges"]] == [
        (4, "nom_naissance", "=1+1"),
        (4, "sexe", "H"),
    ]
    assert report["refusals"]["pageInfo"]["hasNextPage"]
    after = report["refusals"]["pageInfo"]["endCursor"]
    rest = await claude.reads(f'refusals(after: "{after}") {{ edges {{ node {{ line }} }} pageInfo {{ hasNextPage }} }}', import_id)
    assert rest == {"refusals": {"edges": [{"node": {"line": 5}}], "pageInfo": {"hasNextPage": False}}}
    [flag] = [edge["node"] for edge in report["flags"]["edges"]]
    assert (flag["line"], flag["decision"], flag["expectedDecision"], flag["confirmedBy"]) == (3, "ADMIS", "SECOND_GROUPE", None)
    assert flag["reference"]
    assert [tuple(edge["node"].values()) for edge in report["differenceLines"]["edges"]] == [
        ("C000001", "CHANGED", "ADMIS", "ADMIS"),
        ("C000002", "ADDED", None, "ADMIS"),
        ("C000009", "REMOVED", "ADMIS", None),
    ]

    standing = await claude.does("applyImport", importId=import_id)
    assert (standing["state"], standing["unconfirmed"]) == ("OPEN", 1)
    await claude.does("closeJuryGroup", sessionId=session, group="PREMIER")
    await claude.does("closeJuryGroup", sessionId=session, group="SECOND")
    closed = await claude.does("closeJuryGroup", sessionId=session, group="REMPLACEMENT")
    assert (closed["state"], closed["missing"]) == ("OPEN", ["Decisions against the rules, to confirm: 1."])
    confirmed = await claude.does("confirmDecisions", sessionId=session, lines=[3])
    assert (confirmed["state"], confirmed["missing"]) == ("COMPLETE", [])
    prepared = await claude.does("preparePublication", sessionId=session)
    assert (prepared["state"], prepared["publications"][0]["count"]) == ("PREPARED", 2)
    approved = await dominique.does("approvePublication", sessionId=session)
    assert (approved["state"], approved["publications"][0]["approvedBy"]) == ("PREPARED", "Dominique")
    assert await worker.releases()
    row = await connection.fetchrow("select id, version, key_generation from diploma where candidate_number = 'C000002'")
    assert row is not None
    found = await client.verified(keyring.control_key(row["id"].bytes, row["version"], row["key_generation"]), "LECOEUR")
    assert found["diploma"]["holder"] == {"birthName": "Lecœur"}


async def test_the_refusals_are_downloaded_as_a_csv_that_no_spreadsheet_computes(
    client: Client, claude: Agent, dominique: Agent, sacha: Agent, opened: str, worker: Worker
) -> None:
    lines = [candidate(1, nom_naissance="=1+1"), candidate(2, nom_naissance="+33 1"), candidate(3, sexe="@x"), candidate(4)]
    uploaded = await claude.upload(content(worker.folder, *lines), "family=bac&academy=01&year=2026&name=r%C3%A9sultats.csv")
    import_id = uploaded.json()["importId"]
    await worker.reads()
    path = f"/imports/{import_id}/refusals.csv"
    answer = await client.send("GET", path, headers={"Authorization": f"Bearer {claude.token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "r%C3%A9sultats-refus.csv" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeffligne;colonne;valeur;motif;remede;contenu\r\n")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))[1:]
    assert [row[:3] for row in rows] == [
        ["2", "nom_naissance", "'=1+1"],
        ["3", "nom_naissance", "'+33 1"],
        ["4", "sexe", "'@x"],
    ]
    assert all(row[5].startswith(f"C00000{number}") for number, row in enumerate(rows, start=1))
    english = await client.send("GET", path, headers={"Authorization": f"Bearer {dominique.token}", "Accept-Language": "en"})
    assert "is not a civil registry name" in english.text
    assert (await client.send("GET", path)).status_code == 401
    foreign = {"Authorization": f"Bearer {sacha.token}"}
    for other in (path, "/imports/rubbish/refusals.csv", f"/imports/{to_base64('Academy', '01')}/refusals.csv"):
        assert (await client.send("GET", other, headers=foreign)).status_code == 404


def test_a_cell_that_a_spreadsheet_would_compute_is_escaped_in_a_report() -> None:
    row = {"line": 2, "column_name": "x", "value": "\t=1", "reason_fr": "a;b", "remedy_fr": 'dire "non"', "raw": "-1;@2"}
    assert csv_lines([report_line(row, "fr")]) == '2;x;\'\t=1;"a;b";"dire ""non""";"\'-1;@2"\r\n'


# Refusals that an agent reads


async def test_a_session_that_cannot_be_held_is_not_opened(claude: Agent) -> None:
    for family, academy, year in (
        ("bep", "01", 2022),
        ("bac", "05", 2020),
        ("bac", "70", 2019),
        ("bac", "54", 2026),
        ("x", "01", 2026),
    ):
        assert await claude.refused("openSession", family=family, academy=academy, year=year) == "SessionNotHeld"


async def test_a_session_is_opened_once_and_by_its_own_academy(claude: Agent, opened: str) -> None:
    assert await claude.refused("openSession", family="bac", academy="01", year=2026) == "SessionExists"
    assert await claude.refused("openSession", family="bac", academy="10", year=2026) == "NotFound"


@pytest.mark.parametrize(
    ("mutation", "values"),
    [
        ("applyImport", {}),
        ("discardImport", {}),
        ("confirmDecisions", {"lines": [2]}),
        ("closeJuryGroup", {"group": "PREMIER"}),
        ("reopenJuryGroup", {"group": "PREMIER"}),
        ("reopenSession", {}),
        ("preparePublication", {}),
        ("cancelPublication", {}),
        ("approvePublication", {}),
        ("requestWithdrawal", {"reason": "erreur"}),
        ("refuseWithdrawal", {}),
        ("withdrawPublication", {}),
    ],
)
async def test_what_does_not_exist_or_is_another_academys_is_not_found(
    sacha: Agent, claude: Agent, opened: str, worker: Worker, mutation: str, values: dict[str, Any]
) -> None:
    name = "importId" if "Import" in mutation else "sessionId"
    foreign = opened
    if name == "importId":
        foreign = (await claude.upload(content(worker.folder, candidate(1)))).json()["importId"]
        await worker.reads()
    kind = from_base64(foreign)[0]
    for id_ in (foreign, to_base64(kind, str(uuid4())), to_base64(kind, "x"), to_base64("Academy", "01"), "rubbish"):
        assert await sacha.refused(mutation, **{name: id_}, **values) == "NotFound", id_


async def test_an_incomplete_session_says_all_that_it_misses(claude: Agent, opened: str, worker: Worker) -> None:
    nothing = await claude.does("preparePublication", sessionId=opened)
    assert nothing["__typename"] == "NotComplete"
    assert nothing["missing"] == ["No results are imported.", "Jury groups to close: PREMIER, SECOND, REMPLACEMENT."]
    await applied(claude, worker, candidate(1, moyenne="9,80"), candidate(2, decision="EN_ATTENTE", moyenne=""))
    await claude.does("closeJuryGroup", sessionId=opened, group="SECOND")
    assert (await claude.does("preparePublication", sessionId=opened))["missing"] == [
        "Jury groups to close: PREMIER, REMPLACEMENT.",
        "Candidates without a final decision: 1.",
        "Decisions against the rules, to confirm: 1.",
    ]


async def test_a_group_is_closed_and_opened_once(claude: Agent, opened: str) -> None:
    closed = await claude.does("closeJuryGroup", sessionId=opened, group="SECOND")
    assert {group["code"]: group["closedBy"] for group in closed["juryGroups"]}["SECOND"] == "Claude"
    assert await claude.refused("closeJuryGroup", sessionId=opened, group="SECOND") == "GroupUnchanged"
    assert (await claude.does("reopenJuryGroup", sessionId=opened, group="SECOND"))["__typename"] == "ExamSession"
    assert await claude.refused("reopenJuryGroup", sessionId=opened, group="SECOND") == "GroupUnchanged"
    assert await claude.refused("closeJuryGroup", sessionId=opened, group="CONTROLE") == "GroupUnchanged"


async def test_a_file_that_changes_a_closed_group_says_how_many_decisions(claude: Agent, opened: str, worker: Worker) -> None:
    await applied(claude, worker, candidate(1), candidate(2), candidate(3))
    await claude.does("closeJuryGroup", sessionId=opened, group="PREMIER")
    uploaded = await claude.upload(content(worker.folder, candidate(1), candidate(2, moyenne="11"), candidate(4)))
    await worker.reads()
    answer = await claude.does("applyImport", importId=uploaded.json()["importId"])
    assert (answer["__typename"], answer["decisions"]) == ("ClosedGroupChanged", 3)


async def test_an_import_is_applied_or_discarded_once(claude: Agent, opened: str, worker: Worker) -> None:
    import_id = await applied(claude, worker, candidate(1))
    assert await claude.refused("applyImport", importId=import_id) == "ImportOutdated"
    assert await claude.refused("discardImport", importId=import_id) == "NotFound"
    uploaded = await claude.upload(content(worker.folder, candidate(2)))
    await worker.reads()
    discarded = await claude.does("discardImport", importId=uploaded.json()["importId"])
    assert [one["state"] for one in discarded["imports"]] == ["DISCARDED", "CURRENT"]


async def test_what_a_session_is_past_says_its_state(claude: Agent, dominique: Agent, opened: str, worker: Worker) -> None:
    for agent, mutation in ((claude, "cancelPublication"), (dominique, "approvePublication"), (dominique, "withdrawPublication")):
        answer = await agent.does(mutation, sessionId=opened)
        assert (answer["__typename"], answer["state"]) == ("WrongState", "OPEN"), mutation
    await completed(claude, worker, opened, candidate(1))
    assert (await claude.does("confirmDecisions", sessionId=opened, lines=[2]))["state"] == "COMPLETE"
    uploaded = await claude.upload(content(worker.folder, candidate(1), candidate(2, decision="EN_ATTENTE", moyenne="")))
    await worker.reads()
    await claude.does("preparePublication", sessionId=opened)
    for mutation, values in (
        ("preparePublication", {"sessionId": opened}),
        ("closeJuryGroup", {"sessionId": opened, "group": "PREMIER"}),
        ("reopenJuryGroup", {"sessionId": opened, "group": "PREMIER"}),
        ("confirmDecisions", {"sessionId": opened, "lines": [2]}),
        ("applyImport", {"importId": uploaded.json()["importId"]}),
    ):
        answer = await claude.does(mutation, **values)
        assert (answer["__typename"], answer["state"]) == ("WrongState", "PREPARED"), mutation
    assert (await claude.upload(content(worker.folder, candidate(3)))).status_code == 409
    assert (await claude.does("cancelPublication", sessionId=opened))["state"] == "COMPLETE"


async def test_a_publication_takes_a_second_agent_once_and_in_time(
    dominique: Agent, alix: Agent, opened: str, worker: Worker
) -> None:
    await completed(dominique, worker, opened, candidate(1))
    await dominique.does("preparePublication", sessionId=opened)
    assert await dominique.refused("approvePublication", sessionId=opened) == "SecondAgentNeeded"
    now = datetime.now(UTC)
    for at in (now - timedelta(days=1), now + timedelta(days=365)):
        assert await alix.refused("approvePublication", sessionId=opened, releaseAt=at.isoformat()) == "OutOfTime"
    later = (now + timedelta(days=2)).isoformat()
    assert (await alix.does("approvePublication", sessionId=opened, releaseAt=later))["state"] == "PREPARED"
    assert await alix.refused("approvePublication", sessionId=opened) == "AlreadyDone"
    assert not await worker.releases()


async def test_a_withdrawal_takes_two_agents_and_the_session_opens_again(
    claude: Agent, dominique: Agent, alix: Agent, opened: str, worker: Worker, connection: DatabaseConnection
) -> None:
    assert await dominique.refused("requestWithdrawal", sessionId=opened, reason="erreur") == "WrongState"
    assert await claude.refused("reopenSession", sessionId=opened) == "AlreadyDone"
    await published(claude, dominique, worker, opened, candidate(1))
    assert await dominique.refused("refuseWithdrawal", sessionId=opened) == "WrongState"
    assert (await dominique.does("requestWithdrawal", sessionId=opened, reason="erreur"))["publishedCount"] == 1
    assert await alix.refused("requestWithdrawal", sessionId=opened, reason="erreur") == "AlreadyDone"
    assert await dominique.refused("withdrawPublication", sessionId=opened) == "SecondAgentNeeded"
    assert (await alix.does("refuseWithdrawal", sessionId=opened))["state"] == "PUBLISHED"
    await dominique.does("requestWithdrawal", sessionId=opened, reason="erreur")
    released = await connection.fetchval(
        "update publication set released_at = released_at - interval '8 days' returning released_at"
    )
    assert await alix.refused("withdrawPublication", sessionId=opened) == "OutOfTime"
    await connection.execute("update publication set released_at = $1::timestamptz + interval '8 days'", released)
    withdrawn = await alix.does("withdrawPublication", sessionId=opened)
    assert (withdrawn["state"], withdrawn["publishedCount"]) == ("WITHDRAWN", 0)
    again = await claude.does("reopenSession", sessionId=opened)
    assert (again["state"], again["edition"]) == ("OPEN", 2)


@pytest.mark.parametrize(
    ("mutation", "values"),
    [
        ("confirmDecisions", {"lines": []}),
        ("confirmDecisions", {"lines": list(range(1001))}),
        ("requestWithdrawal", {"reason": "  "}),
        ("requestWithdrawal", {"reason": "x" * 1001}),
        ("approvePublication", {"releaseAt": "2026-07-05T10:00:00"}),
    ],
)
async def test_input_that_the_types_let_through_is_bad_input(
    client: Client, dominique: Agent, opened: str, mutation: str, values: dict[str, Any]
) -> None:
    document = f"mutation ($input: {INPUTS[mutation]}!) {{ {mutation}(input: $input) {{ __typename }} }}"
    given = {"input": {"sessionId": opened} | values}
    assert await client.error(document, given, token=dominique.token) == "BAD_USER_INPUT"


async def test_a_withdrawal_reason_with_a_nul_is_bad_input(
    client: Client, claude: Agent, dominique: Agent, opened: str, worker: Worker
) -> None:
    await published(claude, dominique, worker, opened, candidate(1))
    document = "mutation ($input: RequestWithdrawalInput!) { requestWithdrawal(input: $input) { __typename } }"
    given = {"input": {"sessionId": opened, "reason": "a\0b"}}
    assert await client.error(document, given, token=dominique.token) == "BAD_USER_INPUT"


# Uploads


async def test_an_upload_needs_a_token_and_a_session_of_its_agent(
    client: Client, claude: Agent, sacha: Agent, opened: str, folder: Path
) -> None:
    file = content(folder, candidate(1))
    assert (await client.send("POST", "/imports?family=bac&academy=01&year=2026", content=file)).status_code == 401
    assert (await Agent(client, "of-nobody").upload(file)).status_code == 401
    assert (await sacha.upload(file)).status_code == 404
    for query, status in (
        ("family=bac&academy=01&year=2025", 404),
        ("family=cap&academy=01&year=2026", 404),
        ("family=bac&academy=01&year=99999999", 404),
        ("family=bac&academy=01", 400),
        ("family=bac&academy=01&year=%C2%B2", 400),
        ("family=bac%00&academy=01&year=2026", 400),
        ("family=bac&academy=01&year=2026&name=%00", 400),
        ("", 400),
    ):
        assert (await claude.upload(file, query)).status_code == status, query


async def test_a_file_that_cannot_be_one_is_answered_with_what_to_do(claude: Agent, opened: str, folder: Path) -> None:
    for file, words in ((b"", "empty"), (b"numero;nom\r\n", "Unknown column"), (content(folder, candidate(1))[:-40], "cut")):
        answer = await claude.upload(file)
        assert answer.status_code == 422
        assert words in answer.json()["message"]


async def test_a_file_beyond_the_limit_is_refused_while_it_comes(
    url: str, connection: DatabaseConnection, claude: Agent, opened: str
) -> None:
    async with served(url, largest_upload=1 << 20) as client:
        answer = await Agent(client, claude.token).upload(b"x" * ((1 << 20) + 1))
    assert answer.status_code == 413
    assert "1 MB" in answer.json()["message"]
    assert await connection.fetchval("select count(*) from import") == 0


async def test_a_second_file_waits_its_turn_and_the_same_file_is_not_read_twice(
    claude: Agent, opened: str, worker: Worker, connection: DatabaseConnection
) -> None:
    file = content(worker.folder, candidate(1))
    uploaded = (await claude.upload(file)).json()["importId"]
    assert (await claude.upload(content(worker.folder, candidate(2)))).status_code == 409
    assert await worker.reads()
    again = await claude.upload(file)
    assert (again.status_code, again.json()["importId"], again.json()["new"]) == (200, uploaded, False)
    assert not await worker.reads()
    assert await connection.fetchval("select count(*) from import_chunk") == 0


async def test_an_upload_is_kept_in_parts_and_read_whole(
    claude: Agent, opened: str, worker: Worker, connection: DatabaseConnection, url: str
) -> None:
    file = content(worker.folder, *(candidate(number) for number in range(12_000)))
    assert 1 << 20 < len(file) < 4 << 20
    async with served(url, largest_upload=4 << 20) as client:
        uploaded = await Agent(client, claude.token).upload(file)
    assert await connection.fetchval("select count(*) from import_chunk") == 2
    await worker.reads()
    assert await claude.reads("state accepted", uploaded.json()["importId"]) == {"state": "STAGED", "accepted": 12_000}


async def test_a_killed_workers_upload_waits_again_and_is_read_once(
    claude: Agent, opened: str, worker: Worker, connection: DatabaseConnection, url: str, keyring: Keyring, folder: Path
) -> None:
    async with served(url, largest_upload=64 << 20) as client:
        file = content(folder, *(candidate(number) for number in range(120_000)))
        import_id = (await Agent(client, claude.token).upload(file)).json()["importId"]
    doomed, watching = await connect(url), await connect(url)
    reading = asyncio.create_task(read_upload(doomed, watching, keyring, folder))
    while not (await claude.reads("lines", import_id))["lines"]:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert not await worker.reads()  # one that is being read is nobody else's
    await connection.execute("select pg_terminate_backend($1)", doomed.get_server_pid())
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reading
    await watching.close()
    assert await connection.fetchval("select count(*) from candidate") == 0
    assert await worker.reads()
    assert await claude.reads("state accepted", import_id) == {"state": "STAGED", "accepted": 120_000}
    assert not await worker.reads()
    assert (
        await connection.fetchval("select count(*) from candidate where import_id = $1", UUID(from_base64(import_id)[1])) == 120_000
    )


async def test_a_file_found_wrong_by_the_worker_fails_with_its_reason(
    claude: Agent, opened: str, worker: Worker, connection: DatabaseConnection
) -> None:
    import_id = (await claude.upload(content(worker.folder, candidate(1)))).json()["importId"]
    await connection.execute("update import_chunk set content = 'numero'")
    assert await worker.reads()
    failed = await claude.reads("state problem", import_id)
    assert failed["state"] == "FAILED" and "Unknown column" in failed["problem"]
    assert (await claude.upload(content(worker.folder, candidate(1)))).status_code == 202


async def test_the_worker_finds_nothing_when_nothing_waits(worker: Worker) -> None:
    assert not await worker.reads()
    assert not await worker.releases()
    assert not await imports.CLAIM.rows(worker.connection)


async def test_a_file_that_the_database_refuses_fails_and_does_not_stop_the_worker(
    url: str, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, keyring: Keyring, folder: Path
) -> None:
    session = await sessions.open_session(connection, first, "bac", "01", 2026)
    file = imports.examined_for(write_file(folder / "a.csv", [candidate(1)]), "bac")
    import_id, _ = await imports.submit_upload(connection, first, session, file, "a.csv", 1 << 20)
    await connection.execute("alter table candidate add constraint none check (line < 0)")
    assert await imports.read_upload(connection, monitor, keyring, folder) is True
    row = await connection.fetchrow("select state, problem from import where id = $1", import_id)
    assert row is not None and row["state"] == "FAILED" and "journal du serveur" in row["problem"]["fr"]
    assert await imports.read_upload(connection, monitor, keyring, folder) is False
    assert await connection.fetchval("select count(*) from import_chunk") == 0
