"""The root fields of the review desk, and how a request becomes what agents see."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from db.statements import Connection, Row, statement
from graph.input import BadInput
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of, page_of
from graph.problems import NotFound, SecondAgentNeeded
from graph.reviews import (
    DiplomaReview,
    FieldComparison,
    RecordPerson,
    ReviewCandidate,
    ReviewDecision,
    ReviewDecisionKind,
    ReviewedPerson,
    ReviewUnchanged,
)
from graph.stored import from_row
from resolvers import reviews, rows
from resolvers.accounts import person_of
from resolvers.callers import Act, Caller
from resolvers.context import Context
from resolvers.matching import TESTS
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info

PAGE = statement("reviews.page")
BY_ID = statement("reviews.by_id")
BY_REFERENCE = statement("reviews.by_reference")
CANDIDATES = statement("reviews.candidates")
DECISIONS = statement("reviews.decisions")

FIRST_PAGE = ("00000000-0000-0000-0000-000000000000",)
LONGEST_REASON = 1000

Kind = ReviewDecisionKind


@strawberry.input(description="The record to attach to the person who asked.")
class AttachDiplomaInput:
    review_id: strawberry.ID = strawberry.field(description="Id of the request")
    diploma_id: strawberry.ID = strawberry.field(description="Id of the diploma, one of its candidates'")
    reason: str = strawberry.field(description="Why it is his, 1 to 1000 characters, for the journal; name no person")


@strawberry.input(description="The request to decide.")
class DecideReviewInput:
    review_id: strawberry.ID = strawberry.field(description="Id of the request")
    reason: str = strawberry.field(description="Why, 1 to 1000 characters, for the journal; name no person")


@strawberry.input(description="The request on which a decision is pending.")
class ReviewInput:
    review_id: strawberry.ID = strawberry.field(description="Id of the request")


ReviewResult = Annotated[
    DiplomaReview | NotFound | ReviewUnchanged | SecondAgentNeeded,
    strawberry.union("ReviewResult", description="The request as it is afterwards, or why nothing was done."),
]


@strawberry.type
class ReviewQuery:
    @strawberry.field(description="Requests of holders that wait for an agent of the caller's academies, the oldest first.")
    async def diploma_reviews(
        self,
        info: Info,
        family: Annotated[str | None, strawberry.argument(description="Only this family")] = None,
        first: First = DEFAULT_PAGE,
        after: After = None,
    ) -> relay.Connection[DiplomaReview]:
        academies = list(info.context.agent(Act.REVIEW).academies)
        (before,) = key_of(after, FIRST_PAGE)
        listed = await PAGE.rows(info.context.pool, academies=academies, family=family, after=before, count=checked(first) + 1)
        found = await reviews_of(info.context, [row["id"] for row in listed])
        return page_of(found, first, lambda review: review, lambda review: (review.uuid,))

    @strawberry.field(description="The request that a holder quotes, when it is of the caller's academies, whatever its state.")
    async def diploma_review(
        self, info: Info, reference: Annotated[str, strawberry.argument(description="As the holder has it: `ABCD-EFGH`")]
    ) -> DiplomaReview | None:
        academies = list(info.context.agent(Act.REVIEW).academies)
        found = await BY_REFERENCE.value(info.context.pool, reference=reference.strip().upper()[:20], academies=academies)
        return next(iter(await reviews_of(info.context, [found])), None) if found else None


@strawberry.type
class ReviewMutation:
    @strawberry.mutation(
        description="Attaches a record to the person who asked. Takes effect at once, or, where sex or family name differ or somebody else "
        "holds the diploma, when a second agent approves it."
    )
    async def attach_diploma(self, info: Info, input: Given[AttachDiplomaInput]) -> ReviewResult:
        return await _decided(info, input.review_id, Kind.ATTACH, input.reason, input.diploma_id)

    @strawberry.mutation(description="Refuses a request: no record is the person's. He is told.")
    async def refuse_diploma(self, info: Info, input: Given[DecideReviewInput]) -> ReviewResult:
        return await _decided(info, input.review_id, Kind.REFUSE, input.reason)

    @strawberry.mutation(description="Takes back the diplomas that a request had added: they are not the person's. He is told.")
    async def detach_diploma(self, info: Info, input: Given[DecideReviewInput]) -> ReviewResult:
        return await _decided(info, input.review_id, Kind.DETACH, input.reason)

    @strawberry.mutation(description="Approves the decision that another agent took: it takes effect.")
    async def approve_review(self, info: Info, input: Given[ReviewInput]) -> ReviewResult:
        return await _acted(info, input.review_id, reviews.approve)

    @strawberry.mutation(description="Takes the pending decision on a request back.")
    async def cancel_review(self, info: Info, input: Given[ReviewInput]) -> ReviewResult:
        return await _acted(info, input.review_id, reviews.cancel)


async def _decided(info: Info, review_id: str, kind: ReviewDecisionKind, reason: str, diploma_id: str | None = None) -> Any:
    info.context.agent(Act.REVIEW)
    why, diploma = reason.strip(), uuid_of(diploma_id, "Diploma") if diploma_id else None
    if not 1 <= len(why) <= LONGEST_REASON:
        raise BadInput(f"`reason` takes 1 to {LONGEST_REASON} characters")
    return await _acted(
        info, review_id, lambda connection, caller, claim: reviews.decide(connection, caller, claim, kind, why, diploma)
    )


async def _acted(info: Info, review_id: str, use_case: Callable[[Connection, Caller, UUID], Awaitable[None]]) -> DiplomaReview:
    """Runs a use case of the signed-in agent; answers the request as it is afterwards."""
    caller, claim = info.context.agent(Act.REVIEW), uuid_of(review_id, "DiplomaReview")
    async with info.context.pool.acquire() as connection:
        await use_case(connection, caller, claim)
    [review] = await reviews_of(info.context, [claim])
    return review


async def reviews_of(context: Context, claims: list[UUID]) -> list[DiplomaReview]:
    """The requests of the caller's academies among these, in their order: three statements, however many there are."""
    given = {"claims": claims, "academies": list(context.agent(Act.REVIEW).academies)}
    candidates: dict[UUID, list[ReviewCandidate]] = defaultdict(list)
    for row in await CANDIDATES.rows(context.pool, **given):
        candidates[row["claim_id"]].append(_candidate(row, context))
    decisions: dict[UUID, list[ReviewDecision]] = defaultdict(list)
    for row in await DECISIONS.rows(context.pool, **given):
        decisions[row["claim_id"]].append(from_row(ReviewDecision, row))
    found = {row["id"]: row for row in await BY_ID.rows(context.pool, **given)}
    return [
        from_row(
            DiplomaReview, found[claim], uuid=str(claim), academy=rows.academy(found[claim]), person=_person(found[claim]),
            candidates=candidates[claim], decisions=decisions[claim],
        )
        for claim in claims
        if claim in found
    ]  # fmt: skip


def _person(row: Row) -> ReviewedPerson | None:
    if not row["person"]:
        return None
    person, facts = person_of(row["person"]), row["facts"]
    return ReviewedPerson(
        family_name=person.family_name, given_names=list(person.given_names), used_name=person.used_name,
        birth_date=person.birth_date, declared_birth_date=person.declared_birth_date, sex=person.sex,
        birth_commune=person.birth_commune, birth_country=person.birth_country, proven=person.identity != "DECLARED",
        ine=facts["ine"], candidate_number=facts["candidate_number"], establishment=facts["establishment"],
    )  # fmt: skip


def _candidate(row: Row, context: Context) -> ReviewCandidate:
    comparisons = [
        FieldComparison(field=name.upper(), outcome=said, explanation=context.say(test[said].explanation))
        for name, test in TESTS.items()
        if (said := row["comparison"][name])
    ]
    return from_row(
        ReviewCandidate, row, diploma=rows.diploma(row), person=from_row(RecordPerson, row), comparisons=comparisons
    )  # fmt: skip
