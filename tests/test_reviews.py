"""The review desk: what agents of an academy see of a request, and what one or two of them decide."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from graph.holdings import DiplomaNotLinked
from resolvers import adding, callers
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.keys import Keyring
from tests.client import Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, candidate
from tests.people import ELOISE, Browser, signed_in

BAC = Wanted("bac", 2026, "01")
REVIEW = """id reference state familyCode session academy { code } person { familyName givenNames birthDate proven candidateNumber }
  candidates { diploma { id } person { birthName givenNames sex } heldByAnother twoAgents comparisons { field outcome explanation } }
  decisions { kind reason twoAgents preparedBy approvedBy cancelledAt }"""
HELD = "query { viewer { diplomas { edges { node { id } } } requests { edges { node { state } } } } }"


@dataclass
class Desk:
    """An agent at the review desk."""

    client: Client
    token: str

    async def queue(self) -> list[dict[str, Any]]:
        data = await self.client.data(f"{{ diplomaReviews {{ edges {{ node {{ {REVIEW} }} }} }} }}", token=self.token)
        return [edge["node"] for edge in data["diplomaReviews"]["edges"]]

    async def does(self, mutation: str, kind: str = "DecideReviewInput", **values: Any) -> dict[str, Any]:
        answer = f"__typename ... on DiplomaReview {{ {REVIEW} }} ... on Problem {{ message }}"
        document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} }} }}"
        return (await self.client.data(document, {"input": values}, token=self.token))[mutation]

    async def attaches(self, review: dict[str, Any], number: int = 0) -> dict[str, Any]:
        diploma = review["candidates"][number]["diploma"]["id"]
        return await self.does("attachDiploma", "AttachDiplomaInput", reviewId=review["id"], diplomaId=diploma, reason="Vu l'acte")


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, folder)


async def desk(client: Client, connection: DatabaseConnection, agent: Caller) -> Desk:
    return Desk(client, await callers.new_token(connection, agent, timedelta(minutes=5)))


@pytest.fixture
async def one(client: Client, connection: DatabaseConnection, first: Caller) -> Desk:
    return await desk(client, connection, first)


@pytest.fixture
async def two(client: Client, connection: DatabaseConnection, second: Caller) -> Desk:
    return await desk(client, connection, second)


@pytest.fixture
async def elsewhere(client: Client, connection: DatabaseConnection, stranger: Caller) -> Desk:
    return await desk(client, connection, stranger)


async def asks(connection: DatabaseConnection, browser: Browser, wanted: Wanted = BAC) -> str:
    """Asks for a diploma in vain; the reference."""
    with pytest.raises(DiplomaNotLinked.refusal) as caught:
        await adding.add(connection, browser.holder, wanted)
    return caught.value.values["reference"]


async def has(browser: Browser) -> tuple[int, list[str]]:
    """How many diplomas a holder has, and the states of his requests."""
    viewer = (await browser.data(HELD))["viewer"]
    return len(viewer["diplomas"]["edges"]), [edge["node"]["state"] for edge in viewer["requests"]["edges"]]


async def test_an_agent_sees_both_sides_field_by_field_and_attaches(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1, prenoms="Marie"))
    browser = await signed_in(connection, client=client)
    reference = await asks(connection, browser, replace(BAC, candidate_number="c000001"))
    [review] = await one.queue()
    assert review["reference"] == reference
    assert review["person"]["familyName"] == "LECŒUR"
    assert review["person"]["candidateNumber"] == "C000001"
    [found] = review["candidates"]
    assert [(test["field"], test["outcome"]) for test in found["comparisons"]] == [
        ("FAMILY", "EQ"), ("GIVEN", "OTHER"), ("DATE", "EQ"), ("PLACE", "EQ"), ("SEX", "EQ"),
    ]  # fmt: skip
    assert found["comparisons"][1]["explanation"].startswith("le relevé porte un autre prénom")
    assert await has(browser) == (0, ["NOT_LINKED"])
    attached = await one.attaches(review)
    assert attached["state"] == "ADDED"
    assert await has(browser) == (1, ["ADDED"])
    assert await one.queue() == []


async def test_where_sex_or_family_name_differ_a_second_agent_must_approve(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk, two: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"))
    browser = await signed_in(connection, client=client)
    await asks(connection, browser)
    [review] = await one.queue()
    assert review["candidates"][0]["twoAgents"]
    prepared = await one.attaches(review)
    assert (prepared["state"], prepared["decisions"][0]["approvedBy"]) == ("REVIEW", None)
    assert await has(browser) == (0, ["NOT_LINKED"])
    alone = await one.does("approveReview", "ReviewInput", reviewId=review["id"])
    assert alone["__typename"] == "SecondAgentNeeded"
    again = await two.attaches(review)
    assert again["__typename"] == "ReviewUnchanged"
    approved = await two.does("approveReview", "ReviewInput", reviewId=review["id"])
    assert (approved["state"], approved["decisions"][0]["approvedBy"]) == ("ADDED", "Dominique")
    assert await has(browser) == (1, ["ADDED"])


async def test_the_table_itself_refuses_one_agent_in_both_roles(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"))
    await asks(connection, await signed_in(connection, client=client))
    await one.attaches((await one.queue())[0])
    with pytest.raises(Exception, match="two_agents_attach"):
        await connection.execute("update review_decision set approved_by = prepared_by, approved_at = now()")


async def test_a_refusal_and_a_detachment_tell_the_holder_and_can_be_reversed(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1), candidate(2, nom_naissance="Autre", prenoms="Marie"))
    browser, other = await signed_in(connection, client=client), replace(ELOISE, family_name="Autre")
    await adding.add(connection, browser.holder, BAC)
    refused = await signed_in(connection, other, "other", client=client)
    reference = await asks(connection, refused)
    [review] = await one.queue()
    assert (await one.does("refuseDiploma", reviewId=review["id"], reason="Autre personne"))["state"] == "REFUSED"
    assert await has(refused) == (0, ["REFUSED"])
    found = await client.data(
        f"query ($reference: String!) {{ diplomaReview(reference: $reference) {{ {REVIEW} }} }}",
        {"reference": reference.lower()}, token=one.token,
    )  # fmt: skip
    assert found["diplomaReview"]["state"] == "REFUSED"
    claim = await connection.fetchval("select id from claim where state = 'ADDED'")

    detached = await one.does("detachDiploma", reviewId=to_base64("DiplomaReview", str(claim)), reason="Erreur")
    assert detached["state"] == "REFUSED"
    assert await has(browser) == (0, ["REFUSED"])
    assert await adding.add(connection, browser.holder, BAC)


async def test_a_frozen_diploma_goes_to_one_of_its_claimants_by_two_agents_and_closes_the_links_of_the_other(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk, two: Desk
) -> None:
    await journey.publish(keyring, candidate(1))
    former, latter = await signed_in(connection, client=client), await signed_in(connection, subject="b", client=client)
    await adding.add(connection, former.holder, BAC)
    diploma = (await former.data(HELD))["viewer"]["diplomas"]["edges"][0]["node"]["id"]
    share = await former.does(
        "createShare", "CreateShareInput", "... on Share { secret }", diplomaId=diploma, label="x", scope="FULL"
    )
    await asks(connection, latter)
    assert await has(former) == (0, ["NOT_LINKED"])
    reviews = await one.queue()
    assert [review["state"] for review in reviews] == ["FROZEN", "FROZEN"]
    assert [review["candidates"][0]["heldByAnother"] for review in reviews] == [False, True]
    assert all(review["candidates"][0]["twoAgents"] for review in reviews)
    await one.attaches(reviews[1])
    await two.does("approveReview", "ReviewInput", reviewId=reviews[1]["id"])
    assert await has(latter) == (1, ["ADDED"])
    assert await has(former) == (0, ["REFUSED"])
    shown = await client.data(
        "query ($secret: String!) { sharedDiploma(secret: $secret) { __typename } }", {"secret": share["secret"]}
    )
    assert shown["sharedDiploma"]["__typename"] == "VerificationRefused"
    assert await one.queue() == []


async def test_a_pending_decision_is_taken_back(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"))
    await asks(connection, await signed_in(connection, client=client))
    [review] = await one.queue()
    nothing = await one.does("cancelReview", "ReviewInput", reviewId=review["id"])
    assert nothing["__typename"] == "ReviewUnchanged"
    await one.attaches(review)
    cancelled = await one.does("cancelReview", "ReviewInput", reviewId=review["id"])
    assert cancelled["decisions"][0]["cancelledAt"] is not None
    assert (await one.does("refuseDiploma", reviewId=review["id"], reason="Non"))["state"] == "REFUSED"


async def test_agents_of_another_academy_see_and_decide_nothing(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk, elsewhere: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"))
    reference = await asks(connection, await signed_in(connection, client=client))
    [review] = await one.queue()
    assert await elsewhere.queue() == []
    document = "query ($reference: String!, $id: ID!) { diplomaReview(reference: $reference) { id } node(id: $id) { id } }"
    values = {"reference": reference, "id": review["id"]}
    assert await client.data(document, values, token=elsewhere.token) == {"diplomaReview": None, "node": None}
    assert (await client.data(document, values, token=one.token))["node"] == {"id": review["id"]}
    assert (await elsewhere.attaches(review))["__typename"] == "NotFound"
    assert (await elsewhere.does("refuseDiploma", reviewId=review["id"], reason="x"))["__typename"] == "NotFound"
    assert (await elsewhere.does("approveReview", "ReviewInput", reviewId=review["id"]))["__typename"] == "NotFound"


async def test_only_a_candidate_of_the_request_can_be_attached(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"), candidate(2, nom_naissance="Autre", sexe="M"))
    await asks(connection, await signed_in(connection, client=client))
    await asks(connection, await signed_in(connection, replace(ELOISE, family_name="Autre"), "b", client=client))
    first, second = await one.queue()
    answer = await one.attaches(first | {"candidates": second["candidates"]})
    assert answer["__typename"] == "ReviewUnchanged"


async def test_a_closed_account_leaves_nothing_to_review(
    client: Client, connection: DatabaseConnection, journey: Journey, keyring: Keyring, one: Desk
) -> None:
    await journey.publish(keyring, candidate(1, sexe="M"))
    browser = await signed_in(connection, client=client)
    await asks(connection, browser)
    await browser.does("closeAccount", "CloseAccountInput", "", confirmation="Lecœur")
    assert await one.queue() == []
