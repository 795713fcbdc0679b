"""Acts on a published diploma: two agents, one version, nothing lost; and what an edition may not undo."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from db.pool import connect
from graph.acts import ActNotPossible, ActOutdated, ActPending, CellRefused, DiplomaActKind
from graph.problems import AlreadyDone, NotFound, SecondAgentNeeded
from resolvers import acts, callers
from resolvers.act_contents import Cell
from resolvers.callers import Forbidden
from tests.acting import MEANS, Desk, Life, living
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, candidate

Kind = DiplomaActKind


@pytest.fixture
async def life(url: str, connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path) -> AsyncIterator[Life]:
    async with living(url, connection, monitor, folder, candidate(2, nom_naissance="Autre", sexe="M")) as life:
        yield life


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.ERASURE])
async def test_every_act_takes_effect_when_a_second_agent_approves_it_and_not_before(life: Life, kind: Kind) -> None:
    from tests.acting import FIRST

    if kind in FIRST:
        await life.acts(FIRST[kind])
    before = dict(await life.row())
    act = await life.prepares(kind)
    assert dict(await life.row()) == before
    await acts.approve(life.connection, MEANS, life.pair(kind)[1], act)
    assert dict(await life.row()) != before
    done = await life.connection.fetch("select act from journal where facts ->> 'diploma_act' = $1 order by id", str(act))
    assert [row["act"] for row in done] == ["PREPARE_ACT", "APPROVE_ACT"]


async def test_a_correction_goes_from_the_desk_of_one_agent_to_that_of_another(life: Life) -> None:
    one, two = await Desk.of(life, life.agents[0]), await Desk.of(life, life.agents[1])
    query = """{ registeredDiploma(family: "bac", academy: "01", year: 2026, candidateNumber: "c000001") {
      id keptUntil person { birthName } diploma { version } pendingAct { kind } acts { state } versions { version cause } } }"""
    found = (await one.client.data(query, token=one.token))["registeredDiploma"]
    assert (found["person"], found["diploma"], found["pendingAct"]) == ({"birthName": "Lecœur"}, {"version": 1}, None)
    act = await one.prepares(life, "MATERIAL_CORRECTION", {"nom_naissance": "Le Cœur", "date_jury": "05/07/2026"})
    assert act["state"] == "PENDING" and act["newVersion"] is None
    assert act["changes"] == [
        {"column": "nom_naissance", "before": "Lecœur", "after": "Le Cœur"},
        {"column": "date_jury", "before": None, "after": "2026-07-05"},
    ]
    listed = await two.client.data("{ diplomaActs(pending: true) { edges { node { id state } } } }", token=two.token)
    assert [edge["node"]["id"] for edge in listed["diplomaActs"]["edges"]] == [act["id"]]
    assert (await one.approves(act))["__typename"] == "SecondAgentNeeded"
    approved = await two.approves(act)
    assert (approved["state"], approved["newVersion"], approved["approvedBy"], approved["changes"]) == (
        "APPROVED",
        2,
        "Dominique",
        [],
    )
    found = (await one.client.data(query, token=one.token))["registeredDiploma"]
    assert (found["person"], found["diploma"]) == ({"birthName": "Le Cœur"}, {"version": 2})
    assert found["versions"] == [{"version": 2, "cause": "MATERIAL_CORRECTION"}, {"version": 1, "cause": "PUBLICATION"}]
    assert found["acts"] == [{"state": "APPROVED"}]
    assert (await two.approves(act))["__typename"] == "AlreadyDone"


async def test_a_title_and_the_lines_of_a_family_are_checked_and_written_as_an_import_would(life: Life) -> None:
    await life.acts(Kind.JURY_REVISION, mention="TB", specialites="Mathématiques|Physique-chimie")
    version = (await life.versions())[-1]
    assert (version["mention"], version["details"]["specialities"]) == ("TRES_BIEN", ["Mathématiques", "Physique-chimie"])
    assert (version["title"], version["birth_name"]) == ((await life.versions())[0]["title"], "Lecœur")


async def test_a_jury_lowers_a_mention_within_four_months_of_the_publication_and_raises_it_at_any_time(life: Life) -> None:
    await life.acts(Kind.JURY_REVISION, mention="TB")
    await life.acts(Kind.JURY_REVISION, mention="B")
    await life.connection.execute("alter table diploma_version disable trigger append_only")
    await life.connection.execute("update diploma_version set recorded_at = now() - interval '5 months' where version = 1")
    with pytest.raises(ActNotPossible.refusal, match="four months"):
        await life.prepares(Kind.JURY_REVISION, mention="AB")
    with pytest.raises(ActNotPossible.refusal, match="four months"):
        await life.prepares(Kind.JURY_REVISION, mention="")
    await life.acts(Kind.JURY_REVISION, mention="TB")
    assert (await life.versions())[-1]["mention"] == "TRES_BIEN"


@pytest.mark.parametrize(
    ("kind", "cells", "refusal"),
    [
        (Kind.MATERIAL_CORRECTION, {"date_naissance": "31/02/2008"}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"code_diplome": "00000000"}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"pays_naissance": "99109"}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"nom_naissance": ""}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"decision": "ADMIS"}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"unknown": "x"}, CellRefused),
        (Kind.IDENTITY_CHANGE, {"mention": "TB"}, CellRefused),
        (Kind.JURY_REVISION, {"nom_naissance": "Autre"}, CellRefused),
        (Kind.MATERIAL_CORRECTION, {"nom_naissance": "Lecœur"}, ActNotPossible),
        (Kind.SUSPENSION, {"mention": "TB"}, ActNotPossible),
        (Kind.SUSPENSION_LIFTED, {}, ActNotPossible),
        (Kind.REINSTATEMENT, {}, ActNotPossible),
        (Kind.ERASURE, {}, ActNotPossible),
    ],
)
async def test_what_cannot_be_written_is_refused_before_anybody_approves_it(
    life: Life, kind: Kind, cells: dict[str, str], refusal: type
) -> None:
    with pytest.raises(refusal.refusal):
        await life.prepares_cells(kind, cells)
    assert await life.connection.fetchval("select count(*) from diploma_act") == 0


async def test_an_act_that_writes_needs_values(life: Life) -> None:
    with pytest.raises(ActNotPossible.refusal):
        await acts.prepare(
            life.connection, KEYRING, life.agents[0], life.diploma, Kind.IDENTITY_CHANGE, reason="x", reference="x", cells=()
        )


@pytest.mark.parametrize("text", ["Mme LECOEUR a changé", "acte de Durand Petit"])
async def test_a_reason_that_names_the_holder_by_an_old_or_a_new_name_is_refused(life: Life, text: str) -> None:
    with pytest.raises(ActNotPossible.refusal, match="name no person"):
        await acts.prepare(
            life.connection, KEYRING, life.agents[0], life.diploma, Kind.IDENTITY_CHANGE, reason=text, reference="x",
            cells=[Cell("nom_naissance", "Durand-Petit")],
        )  # fmt: skip


async def test_one_act_waits_on_a_diploma_at_a_time_and_can_be_taken_back(life: Life) -> None:
    one = await Desk.of(life, life.agents[0])
    first = await one.prepares(life, "MATERIAL_CORRECTION", {"sexe": ""})
    assert (await one.prepares(life, "IDENTITY_CHANGE", {"nom_usage": "Petit"}))["__typename"] == "ActPending"
    cancelled = await one.cancels(first)
    assert (cancelled["state"], cancelled["cancelledBy"], cancelled["changes"]) == ("CANCELLED", "Claude", [])
    assert (await one.cancels(first))["__typename"] == "AlreadyDone"
    assert (await one.prepares(life, "IDENTITY_CHANGE", {"nom_usage": "Petit"}))["__typename"] == "DiplomaAct"


async def test_rights_are_those_of_the_kind(life: Life) -> None:
    (agent, head), (delegate, other) = life.agents, life.delegates
    for caller, kind in ((agent, Kind.SUSPENSION), (agent, Kind.JURY_REVISION), (delegate, Kind.IDENTITY_CHANGE)):
        with pytest.raises(Forbidden):
            await acts.prepare(life.connection, KEYRING, caller, life.diploma, kind, reason="x", reference="x")
    revision = await life.prepares(Kind.JURY_REVISION)
    second_head = await callers.add(life.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    for caller in (agent, second_head):
        with pytest.raises(Forbidden):
            await acts.approve(life.connection, MEANS, caller, revision)
    await acts.approve(life.connection, MEANS, other, revision)
    suspension = await life.prepares(Kind.SUSPENSION)
    with pytest.raises(SecondAgentNeeded.refusal):
        await acts.approve(life.connection, MEANS, delegate, suspension)
    with pytest.raises(Forbidden):
        await acts.cancel(life.connection, head, suspension)


async def test_the_table_itself_refuses_one_agent_in_both_roles(life: Life) -> None:
    act = await life.prepares(Kind.SUSPENSION)
    with pytest.raises(asyncpg.CheckViolationError, match="two_agents_act"):
        await life.connection.execute("update diploma_act set approved_by = prepared_by, approved_at = now() where id = $1", act)


async def test_an_agent_of_another_academy_finds_neither_the_diploma_nor_the_act(life: Life) -> None:
    act = await life.prepares(Kind.MATERIAL_CORRECTION)
    stranger = await callers.add(life.connection, "Sacha", "HEAD_OF_SERVICE", ["10"])
    for attempt in (
        acts.approve(life.connection, MEANS, stranger, act), acts.cancel(life.connection, stranger, act),
        acts.prepare(life.connection, KEYRING, stranger, life.diploma, Kind.MATERIAL_CORRECTION, reason="x", reference="x"),
    ):  # fmt: skip
        with pytest.raises(NotFound.refusal):
            await attempt
    desk = await Desk.of(life, stranger)
    query = """{ registeredDiploma(family: "bac", academy: "01", year: 2026, candidateNumber: "C000001") { id }
      diplomaActs { edges { node { id } } } }"""
    assert await desk.client.data(query, token=desk.token) == {"registeredDiploma": None, "diplomaActs": {"edges": []}}


async def test_of_two_agents_who_prepare_at_once_one_waits_and_is_told_of_the_other(life: Life, url: str) -> None:
    other = await connect(url)
    async with life.connection.transaction():
        await life.prepares(Kind.MATERIAL_CORRECTION)
        import asyncio

        second = asyncio.create_task(
            acts.prepare(
                other, KEYRING, life.agents[0], life.diploma, Kind.IDENTITY_CHANGE, reason="x", reference="x",
                cells=[Cell("nom_usage", "Petit")],
            )
        )  # fmt: skip
        await asyncio.sleep(0.3)
        assert not second.done()
    with pytest.raises(ActPending.refusal):
        await second
    await other.close()


async def test_of_two_agents_who_approve_at_once_one_is_told_that_it_is_done(life: Life, url: str) -> None:
    import asyncio

    other = await connect(url)
    third = await callers.add(life.connection, "Alix", "AGENT", ["01"])
    act = await life.prepares(Kind.IDENTITY_CHANGE)
    async with life.connection.transaction():
        await acts.approve(life.connection, MEANS, life.agents[0], act)
        second = asyncio.create_task(acts.approve(other, MEANS, third, act))
        await asyncio.sleep(0.3)
        assert not second.done()
    with pytest.raises(AlreadyDone.refusal):
        await second
    await other.close()
    assert [row["version"] for row in await life.versions()] == [1, 2]


async def test_an_act_prepared_on_a_version_that_has_moved_is_prepared_anew(life: Life) -> None:
    act = await life.prepares(Kind.MATERIAL_CORRECTION)
    await life.published_again(candidate(1, mention="B", moyenne="14,50"), candidate(2, nom_naissance="Autre", sexe="M"))
    with pytest.raises(ActOutdated.refusal):
        await acts.approve(life.connection, MEANS, life.agents[0], act)
    desk = await Desk.of(life, life.agents[0])
    listed = await desk.client.data("{ diplomaActs { edges { node { state } } } }", token=desk.token)
    assert listed["diplomaActs"]["edges"] == [{"node": {"state": "OUTDATED"}}]
    await acts.cancel(life.connection, life.agents[1], act)
    await life.acts(Kind.MATERIAL_CORRECTION)
    assert [(row["version"], row["mention"]) for row in await life.versions()] == [(1, None), (2, "BIEN"), (3, "BIEN")]


async def test_an_act_waits_while_the_session_is_withdrawn(life: Life) -> None:
    from resolvers import publication

    act = await life.prepares(Kind.MATERIAL_CORRECTION)
    third = await callers.add(life.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    await publication.request_withdrawal(life.connection, life.journey.second, life.journey.session, "erreur")
    await publication.withdraw(life.connection, third, life.journey.session)
    with pytest.raises(ActOutdated.refusal):
        await acts.approve(life.connection, MEANS, life.agents[0], act)


# What a later edition of the session may not undo


SAME = candidate(1), candidate(2, nom_naissance="Autre", sexe="M")
MOVED = SAME[::-1]
"""The same lines as another file has them."""


async def test_an_edition_with_the_same_lines_keeps_a_correction_its_version_and_its_key(life: Life) -> None:
    await life.acts(Kind.MATERIAL_CORRECTION, nom_naissance="Le Cœur", mention="AB")
    before, key = dict(await life.row()), await life.key()
    await life.published_again(*MOVED)
    assert dict(await life.row()) == before
    assert (await life.client.verified(key, "Le Cœur"))["diploma"]["mention"] == "ASSEZ_BIEN"


async def test_an_edition_with_other_lines_undoes_no_act_and_warns_of_it(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    await life.published_again(candidate(1, mention="B", moyenne="14,50"), SAME[1])
    assert [row["cause"] for row in await life.versions()] == ["PUBLICATION", "IDENTITY_CHANGE"]
    warnings = await life.connection.fetchval("select warnings from publication order by prepared_at desc limit 1")
    assert [warning["en"] for warning in warnings] == [
        "1 diplomas keep what agents have decided of them since, whatever the file says."
    ]


@pytest.mark.parametrize(
    ("kind", "status"), [(Kind.WITHDRAWAL, "REVOKED"), (Kind.ANNULMENT, "REVOKED"), (Kind.SUSPENSION, "SUSPENDED")]
)
async def test_an_edition_brings_no_withdrawn_or_suspended_diploma_back(life: Life, kind: Kind, status: str) -> None:
    await life.acts(kind)
    before = dict(await life.row())
    for lines in (MOVED, (candidate(1, mention="B", moyenne="14,50"), SAME[1])):
        await life.published_again(*lines)
        assert dict(await life.row()) == before
        assert before["status"] == status
        counted = await life.connection.fetchval("select published_count from exam_session")
        assert counted == (2 if status == "SUSPENDED" else 1)


async def test_an_edition_of_the_import_that_stands_releases_although_a_line_names_nobody_any_more(life: Life) -> None:
    await life.acts(Kind.IDENTITY_CHANGE)
    before = dict(await life.row())
    await life.published_again()
    assert dict(await life.row()) == before
    assert await life.journey.state() == "PUBLISHED"


async def test_an_edition_that_no_longer_awards_a_corrected_diploma_revokes_it(life: Life) -> None:
    await life.acts(Kind.MATERIAL_CORRECTION)
    await life.published_again(SAME[1])
    assert ((await life.row())["status"], [row["status"] for row in await life.versions()]) == (
        "REVOKED",
        ["VALID", "VALID", "REVOKED"],
    )
