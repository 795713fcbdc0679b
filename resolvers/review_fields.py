"""The root fields of the review desk."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from db.statements import Connection, statement
from graph.input import BadInput
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of
from graph.problems import NotFound, SecondAgentNeeded
from graph.reading import Parameters, Root, root
from graph.reviews import DiplomaReview, ReviewDecisionKind, ReviewUnchanged
from graph.stored import from_row
from resolvers import reading, reviews
from resolvers.callers import Act, Caller
from resolvers.context import Context
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info

BY_ID = statement("reviews.by_id")

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


def waiting(
    context: Context,
    family: Annotated[str | None, strawberry.argument(description="Only this family")] = None,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the requests that wait."""
    (behind,) = key_of(after, FIRST_PAGE)
    return {**reading.reviewed_academies(context), "family": family, "after": behind, "count": checked(first) + 1}


def quoted(
    context: Context, reference: Annotated[str, strawberry.argument(description="As the holder has it: `ABCD-EFGH`")]
) -> Parameters:
    """The request that a holder quotes."""
    return {"reference": reference.strip().upper()[:20], **reading.reviewed_academies(context)}


@strawberry.type
class ReviewQuery:
    diploma_reviews: relay.Connection[DiplomaReview] = root(
        Root(statement="reviews.page", of=DiplomaReview, shape="page", key=("id",), parameters=waiting),
        "Requests of holders that wait for an agent of the caller's academies, the oldest first.",
    )
    diploma_review: DiplomaReview | None = root(
        Root(statement="reviews.by_reference", of=DiplomaReview, shape="one", parameters=quoted),
        "The request that a holder quotes, when it is of the caller's academies, whatever its state.",
    )


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
    async with info.context.acting() as connection:
        await use_case(connection, caller, claim)
    row = await BY_ID.row(info.context.pool, claims=[claim], academies=list(caller.academies))
    assert row is not None
    return from_row(DiplomaReview, row, info.context)
