"""Counts without persons. Where a count is null it is small, or another small one could be computed from it (docs/operators.md)."""

import strawberry

from graph.document_requests import DocumentRequestKind
from graph.enums import Mention

MOST_MENTIONS = 6


@strawberry.type(description="How many diplomas of a session bear a mention.")
class MentionCount:
    mention: Mention | None = strawberry.field(description="The mention; null for those that bear none")
    count: int | None = strawberry.field(description="How many; null when it may not be told")


@strawberry.type(description="The diplomas of a published session, as they were released.")
class SessionStatistics:
    academy_code: str = strawberry.field(description="Code of the academy")
    family_code: str = strawberry.field(description="Code of the family")
    session: int = strawberry.field(description="Year of the session")
    diplomas: int | None = strawberry.field(description="How many; null when they are fewer than 11")
    mentions: list[MentionCount] = strawberry.field(
        description="By mention, the lowest first; empty when they were not counted", metadata={"most": MOST_MENTIONS}
    )


@strawberry.type(description="The requests to an academy's exam service in a quarter that is over. A count under 11 is null.")
class RequestStatistics:
    academy_code: str = strawberry.field(description="Code of the academy")
    year: int = strawberry.field(description="Year, in Paris")
    quarter: int = strawberry.field(description="Quarter, 1 to 4")
    kind: DocumentRequestKind = strawberry.field(description="What was asked")
    received: int | None = strawberry.field(description="Made in the quarter")
    delivered: int | None = strawberry.field(description="Ended in the quarter: the applicant has what he asked for")
    refused: int | None = strawberry.field(description="Refused in the quarter")
    withdrawn: int | None = strawberry.field(description="Taken back in the quarter")
    median_days: int | None = strawberry.field(
        description="Half of those delivered or refused in the quarter took no more days, waiting for the applicant included; "
        "null when they are fewer than 11"
    )
