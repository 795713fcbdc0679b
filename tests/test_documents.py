"""A holder asks for an attestation and is told when it is sealed; nobody else sees it; its printed link shows what stands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from db.embedded import EmbeddedServer
from graph.documents import NoAttestation
from graph.problems import NotFound
from graph.viewer import ViewerChangeKind
from resolvers import callers, documents, holdings, publication
from resolvers.notices import Notices
from seal.attestation import Attestation
from tests.issuing import CANDIDATES, Desk, Front, front, opened, verified
from tests.journey import KEYRING
from tests.people import ELOISE, signed_in
from tests.test_viewer import OPEN

SHOWN = """query { viewer { diplomas { edges { node { attestation { id state version url size } } } }
  consultations { edges { node { channel outcome shareLabel } } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { id } }"


@pytest.fixture
async def desk(postgres: EmbeddedServer, template: str, folder: Path) -> AsyncIterator[Desk]:
    async with opened(postgres, template, folder) as desk:
        yield desk


@pytest.fixture
async def holder(desk: Desk) -> AsyncIterator[Front]:
    async with front(desk) as holder:
        yield holder


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "PATIENCE", 0.05)
    monkeypatch.setattr("resolvers.shares.FAILURE_SECONDS", 0.0)


async def shown(holder: Front) -> dict[str, Any] | None:
    """The attestation of the holder's diploma on the dashboard."""
    [edge] = (await holder.does(SHOWN))["viewer"]["diplomas"]["edges"]
    return edge["node"]["attestation"]


# Asking


async def test_an_attestation_is_pending_until_it_is_sealed_and_the_dashboard_shows_it(holder: Front) -> None:
    assert await shown(holder) is None
    asked = await holder.issues()
    assert asked == asked | {"state": "PENDING", "version": 1, "sealedAt": None, "size": None, "digest": None, "url": None}
    assert await holder.desk.seal() == 1
    ready = await holder.issues()
    assert ready == ready | {
        "id": asked["id"],
        "state": "READY",
        "askedAt": asked["askedAt"],
        "url": f"/attestations/{asked['id']}",
    }
    content = holder.desk.file(await holder.desk.row())
    assert ready["size"] == len(content) < 80_000
    assert await shown(holder) == {name: ready[name] for name in ("id", "state", "version", "url", "size")}
    assert (await holder.does(NODE, id=asked["id"]))["node"] == {"id": asked["id"]}


async def test_the_answer_waits_for_the_seal_and_comes_as_soon_as_it_is_set(holder: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "PATIENCE", 30.0)
    desk = holder.desk
    await listened(desk)
    asking = asyncio.create_task(holder.issues())
    while not asking.done() and not await desk.rows():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert not asking.done()
    await desk.seal()
    assert (await asyncio.wait_for(asking, 5))["state"] == "READY"


async def listened(desk: Desk) -> None:
    """Until the application hears notices."""
    hears = "select count(*) from pg_stat_activity where datname = current_database() and query ilike 'listen %'"
    for _ in range(250):
        if await desk.connection.fetchval(hears):
            return
        await asyncio.sleep(0.02)
    pytest.fail("nobody listens")


async def test_what_is_sealed_is_told_to_who_watches_his_account(desk: Desk) -> None:
    notices = Notices()
    await desk.ask()
    async with AsyncExitStack() as open_:
        await open_.enter_async_context(notices.listening(desk.url))
        await listened(desk)
        changes = await open_.enter_async_context(notices.of(desk.holder.id))
        await desk.seal()
        assert await asyncio.wait_for(changes.get(), 5) == "ATTESTATION_READY"
    assert "ATTESTATION_READY" in ViewerChangeKind.__members__


async def test_asking_again_and_again_or_all_at_once_makes_one_document(desk: Desk) -> None:
    asked = await asyncio.gather(*(desk.ask() for _ in range(6)))
    assert len({*asked, await desk.ask()}) == 1
    row = await desk.row()
    assert (row["id"], row["urgent"], row["state"]) == (asked[0], True, "WAITING")
    assert await desk.connection.fetchval("select count(*) from journal where act = 'ISSUE_ATTESTATION'") == 7


@pytest.mark.parametrize("status", ["SUSPENDED", "REVOKED"])
async def test_a_diploma_that_is_not_valid_has_no_attestation_but_keeps_the_one_that_it_had(holder: Front, status: str) -> None:
    desk = holder.desk
    await desk.sealed()
    await desk.connection.execute("update diploma set status = $1", status)
    assert (await holder.issues())["__typename"] == "NoAttestation"
    url = (await shown(holder) or {})["url"]
    assert (await holder.get(url)).status_code == 200


async def test_a_key_renewed_meanwhile_makes_another_document_and_the_old_one_is_not_sealed(desk: Desk) -> None:
    first = await desk.ask()
    await holdings.renew_key(desk.connection, KEYRING, desk.holder, await desk.diploma())
    second = await desk.ask()
    assert first != second
    assert await desk.seal() == 2
    assert [row["state"] for row in await desk.rows()] == ["OVERTAKEN", "SEALED"]
    printed = (await verified(desk.file((await desk.rows())[1]))).attestation
    assert isinstance(printed, Attestation)
    assert printed.control_key == KEYRING.shown_key(await desk.diploma(), 1, 2)


# Nobody else


async def test_whoever_does_not_hold_the_diploma_gets_the_answers_of_what_does_not_exist(holder: Front) -> None:
    desk = holder.desk
    await desk.sealed()
    url = (await holder.issues())["url"]
    other = await signed_in(desk.connection, replace(ELOISE, family_name="Petit"), "petit")
    token = await callers.new_token(desk.connection, desk.journey.second, timedelta(hours=1))
    nothing = f"/attestations/{to_base64('Attestation', '00000000-0000-0000-0000-000000000000')}"
    stranger = replace(holder, secret=other.secret)
    for theirs, missing in ((url, nothing), (url, "/attestations/x"), (url, nothing.replace("QXR", "Qxr"))):
        answers = [await stranger.get(path) for path in (theirs, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert (await stranger.get(url)).text == (await stranger.get(nothing)).text
    for nobody in (replace(holder, secret=None), replace(holder, secret="x" * 43)):
        assert [(await nobody.get(path)).status_code for path in (url, nothing)] == [401, 401]
    bearer = {"Authorization": f"Bearer {token}"}
    assert [(await replace(holder, secret=None).get(path, **bearer)).status_code for path in (url, nothing)] == [401, 401]
    id_ = url.rpartition("/")[2]
    for cookie, bearer_ in ((other.secret, None), (None, None), (None, token)):
        assert (await holder.client.data(NODE, {"id": id_}, cookie=cookie, token=bearer_))["node"] is None
    assert (await stranger.issues())["__typename"] == "NotFound"


# What the register says meanwhile


async def test_a_diploma_corrected_before_the_seal_is_not_sealed_as_it_was_and_asking_again_gives_what_stands(desk: Desk) -> None:
    first = await desk.ask()
    await desk.correct(CANDIDATES[0] | {"mention": "B", "moyenne": "15,00"})
    assert await desk.seal() == 1
    assert (await desk.row())["state"] == "OVERTAKEN"
    second = await desk.ask()
    assert second != first and await desk.seal() == 1
    attested = (await verified(desk.file((await desk.rows())[1]))).attestation
    assert isinstance(attested, Attestation)
    assert (attested.version, attested.supersedes_version, attested.particulars[0].value) == (2, 1, "bien")


async def test_a_correction_makes_another_document_and_the_old_one_can_still_be_downloaded(holder: Front) -> None:
    desk = holder.desk
    old = await desk.sealed()
    url = (await holder.issues())["url"]
    await desk.correct(CANDIDATES[0] | {"mention": "B", "moyenne": "15,00"})
    assert await shown(holder) is None
    asked = await holder.issues()
    assert (asked["state"], asked["version"]) == ("PENDING", 2)
    assert asked["url"] != url and (await holder.get(url)).content == old


async def test_an_attestation_of_a_withdrawn_session_is_not_there_and_is_again_when_it_is_published_again(holder: Front) -> None:
    desk = holder.desk
    old = await desk.sealed()
    url = (await holder.issues())["url"]
    third = await callers.add(desk.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
    await publication.request_withdrawal(desk.connection, desk.journey.second, desk.journey.session, "erreur de saisie")
    await publication.withdraw(desk.connection, third, desk.journey.session)
    assert (await holder.get(url)).status_code == 404
    assert (await holder.issues())["__typename"] == "NotFound"
    assert (await holder.does(NODE, id=url.rpartition("/")[2]))["node"] is None
    await desk.connection.execute("update exam_session set state = 'PUBLISHED'")
    assert (await holder.get(url)).content == old


async def test_a_document_overtaken_by_a_withdrawal_is_sealed_when_the_same_is_published_again_and_asked_for(desk: Desk) -> None:
    asked = await desk.ask()
    await desk.connection.execute("update exam_session set state = 'WITHDRAWN'")
    await desk.seal()
    await desk.connection.execute("update exam_session set state = 'PUBLISHED'")
    assert (await desk.row())["state"] == "OVERTAKEN"
    assert await desk.ask() == asked
    assert await desk.seal() == 1 and (await desk.row())["state"] == "SEALED"


async def test_who_asks_while_the_key_is_renewed_gets_the_document_of_the_new_key(desk: Desk) -> None:
    diploma = await desk.diploma()
    async with desk.connection.transaction():
        await holdings.renew_key(desk.connection, KEYRING, desk.holder, diploma)
        asking = asyncio.create_task(desk.ask())
        await asyncio.sleep(0.1)
    await asking
    row = await desk.row()
    assert (row["generation"], row["link_closed_at"]) == (2, None)


async def test_the_diploma_of_nobody_else_is_asked_for(desk: Desk) -> None:
    with pytest.raises(NotFound.refusal):
        await desk.ask(2)
    await desk.connection.execute("update diploma set status = 'REVOKED'")
    with pytest.raises(NoAttestation.refusal):
        await desk.ask()
    assert await desk.rows() == []


# The link of the code


async def printed_secret(desk: Desk) -> str:
    """The secret of the link that the only document bears."""
    attested = (await verified(desk.file(await desk.row()))).attestation
    assert attested is not None
    return attested.link.rpartition("#")[2]


async def seen(holder: Front, secret: str) -> dict[str, Any]:
    """What whoever reads a printed code sees."""
    return (await holder.client.data(OPEN, {"secret": secret, "organisation": None}))["sharedDiploma"]


async def test_the_printed_link_shows_the_diploma_as_it_stands_and_the_holder_sees_that_it_was_opened(holder: Front) -> None:
    desk = holder.desk
    await desk.sealed()
    secret = await printed_secret(desk)
    assert len(secret) == 22
    assert await seen(holder, secret) == {
        "__typename": "SharedDiploma", "birth": None,
        "diploma": {"title": "Baccalauréat général", "holder": {"birthName": "Lecœur"}},
    }  # fmt: skip
    [edge] = (await holder.does(SHOWN))["viewer"]["consultations"]["edges"]
    assert edge["node"] == {"channel": "PRINTED_LINK", "outcome": "SHOWN", "shareLabel": None}
    await desk.correct(CANDIDATES[0] | {"mention": "B", "moyenne": "15,00"})
    assert (await seen(holder, secret))["__typename"] == "SharedDiploma", "a corrected diploma is still shown"


async def test_a_renewed_key_closes_the_printed_link_which_then_answers_as_any_that_opens_nothing(holder: Front) -> None:
    desk = holder.desk
    await desk.sealed()
    secret = await printed_secret(desk)
    await holdings.renew_key(desk.connection, KEYRING, desk.holder, await desk.diploma())
    answers = [await seen(holder, text) for text in (secret, "A" * 22, secret[:-1], "")]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["__typename"] == "VerificationRefused"
    assert (await holder.does(SHOWN))["viewer"]["consultations"]["edges"] == []


async def test_the_secret_of_a_printed_link_is_nowhere_in_the_database(desk: Desk) -> None:
    await desk.sealed()
    secret = await printed_secret(desk)
    stored = str([tuple(row) for row in await desk.rows()])
    assert secret not in stored
    assert KEYRING.share_lookup_of(secret) == (await desk.row())["link_lookup"]
