"""The root fields of acts on diplomas."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import relay

from db.statements import Connection, statement
from graph.acts import (
    ActNotPossible,
    ActOutdated,
    ActPending,
    CellRefused,
    DiplomaAct,
    DiplomaActKind,
    RegisteredDiploma,
)
from graph.input import BadInput
from graph.pages import DEFAULT_PAGE, After, First, checked
from graph.problems import AlreadyDone, NotFound, SecondAgentNeeded
from graph.reading import Parameters, Root, root
from graph.stored import from_row
from resolvers import acts, viewer
from resolvers.act_contents import Cell
from resolvers.act_effects import Means
from resolvers.act_rules import RULES
from resolvers.callers import Act, Caller
from resolvers.context import Context
from resolvers.viewer_mutation import Given, uuid_of
from resolvers.viewer_query import Info

BY_ID = statement("acts.by_id")
LONGEST_REASON, LONGEST_REFERENCE = 1000, 200
MOST_CELLS = 30


@strawberry.input(description="A value to write, as a cell of an import (docs/import.md).")
class CellInput:
    column: str = strawberry.field(description="Its column, for example `nom_naissance`")
    value: str = strawberry.field(description="What it is to say; empty for nothing")


@strawberry.input(description="The act to prepare.")
class PrepareDiplomaActInput:
    registered_diploma_id: strawberry.ID = strawberry.field(description="Id of the diploma, as `registeredDiploma` gives it")
    kind: DiplomaActKind = strawberry.field(description="What it does")
    reason: str = strawberry.field(description="Why, 1 to 1000 characters; name no person")
    reference: str = strawberry.field(description="The decision on which it rests, 1 to 200 characters; name no person")
    cells: list[CellInput] = strawberry.field(
        description="What a correction, a change of identity or a revision writes, 30 values at most",
        default_factory=lambda: list[CellInput](),
    )


@strawberry.input(description="The act to approve or to take back.")
class DiplomaActInput:
    act_id: strawberry.ID = strawberry.field(description="Id of the act")


PrepareDiplomaActResult = Annotated[
    DiplomaAct | NotFound | ActPending | ActOutdated | ActNotPossible | CellRefused,
    strawberry.union("PrepareDiplomaActResult", description="The act as it waits, or why nothing was done."),
]
ApproveDiplomaActResult = Annotated[
    DiplomaAct | NotFound | AlreadyDone | SecondAgentNeeded | ActOutdated,
    strawberry.union("ApproveDiplomaActResult", description="The act as it is afterwards, or why nothing was done."),
]
CancelDiplomaActResult = Annotated[
    DiplomaAct | NotFound | AlreadyDone,
    strawberry.union("CancelDiplomaActResult", description="The act as it is afterwards, or why nothing was done."),
]


def listed(
    context: Context,
    pending: Annotated[bool, strawberry.argument(description="Only those that wait for a second agent")] = False,
    first: First = DEFAULT_PAGE,
    after: After = None,
) -> Parameters:
    """A page of the acts of the agent's academies."""
    academies = list(context.agent(Act.READ).academies)
    return {"academies": academies, "pending": pending, "before": viewer.before(after), "count": checked(first) + 1}


def candidate(
    context: Context,
    family: Annotated[str, strawberry.argument(description="Code of the family")],
    academy: Annotated[str, strawberry.argument(description="Code of the academy")],
    year: Annotated[int, strawberry.argument(description="Year of the exam session")],
    candidate_number: Annotated[str, strawberry.argument(description="Number of the candidate")],
) -> Parameters:
    """A candidate of a session of the agent's academies."""
    academies = list(context.agent(Act.READ).academies)
    number = candidate_number.strip().upper()[:20]
    return {"family": family, "academy": academy, "year": year, "candidate_number": number, "academies": academies}


@strawberry.type
class ActQuery:
    registered_diploma: RegisteredDiploma | None = root(
        Root(statement="acts.registered_candidate", of=RegisteredDiploma, shape="one", parameters=candidate),
        "The published diploma of a candidate of the agent's academies, or null.",
    )
    diploma_acts: relay.Connection[DiplomaAct] = root(
        Root(statement="acts.page", of=DiplomaAct, shape="page", key=("id",), parameters=listed),
        "Acts on diplomas of the agent's academies, the latest first.",
    )


@strawberry.type
class ActMutation:
    @strawberry.mutation(
        description="Prepares an act on a published diploma: the first of two agents. Nothing changes before another one approves it."
    )
    async def prepare_diploma_act(self, info: Info, input: Given[PrepareDiplomaActInput]) -> PrepareDiplomaActResult:
        caller = info.context.agent(RULES[input.kind].prepare)
        diploma = uuid_of(input.registered_diploma_id, "RegisteredDiploma")
        reason, reference = _said("reason", input.reason, LONGEST_REASON), _said("reference", input.reference, LONGEST_REFERENCE)
        if len(input.cells) > MOST_CELLS or len({cell.column for cell in input.cells}) < len(input.cells):
            raise BadInput(f"`cells` takes {MOST_CELLS} values at most, one for each column")
        cells = [Cell(cell.column, cell.value.strip()) for cell in input.cells]
        async with info.context.acting() as connection:
            act = await acts.prepare(
                connection, info.context.keyring, caller, diploma, input.kind, reason=reason, reference=reference, cells=cells
            )
        return await _shown(info, caller, act)

    @strawberry.mutation(description="Approves an act that another agent prepared: it takes effect.")
    async def approve_diploma_act(self, info: Info, input: Given[DiplomaActInput]) -> ApproveDiplomaActResult:
        context = info.context
        means = Means(context.keyring, context.local.keys, context.local.site)
        return await _acted(info, input.act_id, lambda connection, caller, act: acts.approve(connection, means, caller, act))

    @strawberry.mutation(description="Takes an act back before it is approved: who prepared it, or who could approve it.")
    async def cancel_diploma_act(self, info: Info, input: Given[DiplomaActInput]) -> CancelDiplomaActResult:
        return await _acted(info, input.act_id, acts.cancel)


def _said(name: str, text: str, longest: int) -> str:
    if not 1 <= len(said := text.strip()) <= longest:
        raise BadInput(f"`{name}` takes 1 to {longest} characters")
    return said


async def _acted(info: Info, act_id: str, use_case: Callable[[Connection, Caller, UUID], Awaitable[None]]) -> Any:
    """Runs a use case of the signed-in agent; answers the act as it is afterwards."""
    caller, act = info.context.agent(Act.READ), uuid_of(act_id, "DiplomaAct")
    async with info.context.acting() as connection:
        await use_case(connection, caller, act)
    return await _shown(info, caller, act)


async def _shown(info: Info, caller: Caller, act: UUID) -> DiplomaAct:
    row = await BY_ID.row(info.context.pool, acts=[act], academies=list(caller.academies))
    assert row is not None
    return from_row(DiplomaAct, row, info.context)
