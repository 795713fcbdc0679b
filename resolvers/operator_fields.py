"""The root fields of auditors and operators, and the statistics."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import relay

from db.statements import statement
from graph.document_requests import DocumentRequestKind
from graph.operators import MOST_REASONS, JournalEntry, Operations, PlannerRefusal
from graph.pages import DEFAULT_PAGE, After, First, checked, key_of
from graph.reading import Parameters, Root, root
from graph.statistics import RequestStatistics, SessionStatistics
from graph.stored import from_row
from resolvers import statistics
from resolvers.availability import MOST_ACADEMIES
from resolvers.callers import Act
from resolvers.context import Context
from resolvers.known_families import families_known
from resolvers.viewer_mutation import uuid_of
from resolvers.viewer_query import Info

OPERATIONS = statement("operators.operations")

NEWEST = 2**63 - 1
"""Of a journal's ids."""

FromYear = Annotated[int, strawberry.argument(name="from", description="First year")]
ToYear = Annotated[int, strawberry.argument(name="to", description="Last year")]
Academy = Annotated[str | None, strawberry.argument(description="Only this academy")]


def entries(
    context: Context,
    act: Annotated[str | None, strawberry.argument(description="Only this act")] = None,
    agent: Annotated[str | None, strawberry.argument(description="Only what the agent of this name did")] = None,
    session_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only on this exam session")] = None,
    reference: Annotated[str | None, strawberry.argument(description="Only on the request with this reference")] = None,
    since: Annotated[datetime | None, strawberry.argument(name="from", description="From then on")] = None,
    until: Annotated[datetime | None, strawberry.argument(name="to", description="Before then")] = None,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the journal of the auditor's academies."""
    (before,) = key_of(after, (NEWEST,))
    return {
        "academies": list(context.agent(Act.AUDIT).academies), "act": act, "agent": agent,
        "session": uuid_of(session_id, "ExamSession") if session_id else None,
        "reference": reference.strip().upper()[:20] if reference else None,
        "since": since, "until": until, "before": before, "count": checked(first) + 1,
    }  # fmt: skip


def most_sessions(given: Mapping[str, Any]) -> int:
    """How many rows the arguments of `sessionStatistics` may have for answer."""
    known = 1 if given.get("family") else len(families_known())
    return _years(given, statistics.MOST_YEARS) * _academies(given) * known


def most_quarters(given: Mapping[str, Any]) -> int:
    """How many rows the arguments of `requestStatistics` may have for answer."""
    return _years(given, statistics.MOST_QUARTER_YEARS) * _academies(given) * 4 * len(DocumentRequestKind)


def _years(given: Mapping[str, Any], most: int) -> int:
    first, last = given.get("from"), given.get("to")
    return min(max(last - first + 1, 1), most) if isinstance(first, int) and isinstance(last, int) else most


def _academies(given: Mapping[str, Any]) -> int:
    return 1 if given.get("academy") else MOST_ACADEMIES


@strawberry.type
class OperatorQuery:
    journal: relay.Connection[JournalEntry] = root(
        Root(statement="operators.journal", of=JournalEntry, shape="page", key=("id",), parameters=entries),
        "What agents did for the academies of the auditor who asks, the latest first.",
    )

    @strawberry.field(description="What waits in this deployment, for its operators.")
    async def operations(self, info: Info) -> Operations:
        info.context.agent(Act.OPERATE)
        row = await OPERATIONS.row(info.context.pool)
        assert row is not None
        counted = sorted(info.context.unplanned.items(), key=lambda one: (-one[1], one[0]))
        reasons = [PlannerRefusal(reason=reason, count=count) for reason, count in counted[:MOST_REASONS]]
        return from_row(Operations, row, info.context, planner_refusals=reasons)

    @strawberry.field(
        description="How many diplomas the published sessions of the caller's academies awarded, by mention. Small counts are not told.",
        metadata={"most": most_sessions},
    )
    async def session_statistics(
        self,
        info: Info,
        from_year: FromYear,
        to_year: ToYear,
        academy: Academy = None,
        family: Annotated[str | None, strawberry.argument(description="Only this family")] = None,
    ) -> list[SessionStatistics]:
        return await statistics.of_sessions(info.context.pool, _counted(info, academy), from_year, to_year, family)

    @strawberry.field(
        description="What was asked of the exam services of the caller's academies in the quarters that are over, and how long it took.",
        metadata={"most": most_quarters},
    )
    async def request_statistics(
        self, info: Info, from_year: FromYear, to_year: ToYear, academy: Academy = None
    ) -> list[RequestStatistics]:
        return await statistics.of_requests(info.context.pool, _counted(info, academy), from_year, to_year)


def _counted(info: Info, academy: str | None) -> list[str]:
    """The caller's academies, or the one of them that he asks for."""
    return [code for code in info.context.agent(Act.STATISTICS).academies if academy in (None, code)]
