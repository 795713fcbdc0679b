"""What belongs to an object of an answer: loaders (a list for each of many objects, one statement) and pagers (a page of one's)."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from strawberry import relay

from db.statements import Row, statement
from graph.pages import checked, key_of, page_of
from graph.sessions import DifferenceLine, Flag, Import, JuryGroup, Publication, Refusal
from graph.stored import from_row
from resolvers import rows, viewer
from resolvers.callers import Act
from resolvers.context import Context
from resolvers.publication import missing_of

GROUPS = statement("sessions.groups")
IMPORTS_OF_SESSION = statement("imports.of_session")
IMPORTS = statement("imports.report")
PUBLICATIONS_OF_SESSION = statement("publication.of_session")
PUBLICATIONS = statement("publication.by_id")
REFUSALS = statement("imports.refusals")
FLAGS = statement("imports.flags")
DIFFERENCE_LINES = statement("imports.difference_lines")
SESSIONS = statement("sessions.by_id")


async def jury_groups(context: Context, sessions: list[str]) -> list[list[JuryGroup]]:
    """The jury groups of each session."""
    context.agent(Act.READ)
    found = await GROUPS.rows(context.pool, sessions=_ids(sessions))
    grouped = _grouped(found)
    return [[from_row(JuryGroup, row) for row in grouped[UUID(session)]] for session in sessions]


async def missing(context: Context, sessions: list[str]) -> list[list[str]]:
    """What keeps each session from being complete."""
    academies = list(context.agent(Act.READ).academies)
    found = {row["id"]: row for row in await SESSIONS.rows(context.pool, sessions=_ids(sessions), academies=academies)}
    groups = _grouped(await GROUPS.rows(context.pool, sessions=_ids(sessions)))
    return [[context.say(text) for text in missing_of(found[UUID(session)], groups[UUID(session)])] for session in sessions]


async def imports(context: Context, sessions: list[str]) -> list[list[Import]]:
    """The latest imports of each session."""
    academies = list(context.agent(Act.READ).academies)
    listed = await IMPORTS_OF_SESSION.rows(context.pool, sessions=_ids(sessions), academies=academies)
    found = await IMPORTS.rows(context.pool, imports=[row["id"] for row in listed], academies=academies)
    by_id = {row["id"]: rows.results_import(row, context) for row in found}
    grouped = _grouped(listed)
    return [[by_id[row["id"]] for row in grouped[UUID(session)]] for session in sessions]


async def publications(context: Context, sessions: list[str]) -> list[list[Publication]]:
    """The latest publications of each session."""
    academies = list(context.agent(Act.READ).academies)
    listed = await PUBLICATIONS_OF_SESSION.rows(context.pool, sessions=_ids(sessions), academies=academies)
    found = await PUBLICATIONS.rows(context.pool, publications=[row["id"] for row in listed], academies=academies)
    by_id = {row["id"]: rows.publication(row, context) for row in found}
    grouped = _grouped(listed)
    return [[by_id[row["id"]] for row in grouped[UUID(session)]] for session in sessions]


async def refusals(context: Context, owner: UUID, first: int, after: str | None) -> relay.Connection[Refusal]:
    """A page of the refused cells of an import."""
    line, position = key_of(after, (0, 0))
    found = await REFUSALS.rows(
        context.pool, import_id=owner, academies=list(context.agent(Act.READ).academies), line=line, position=position,
        count=checked(first) + 1,
    )  # fmt: skip
    return page_of(found, first, lambda row: rows.refusal(row, str(owner), context), lambda row: (row["line"], row["position"]))


async def flags(context: Context, owner: UUID, first: int, after: str | None) -> relay.Connection[Flag]:
    """A page of the flagged lines of an import."""
    (line,) = key_of(after, (0,))
    found = await FLAGS.rows(
        context.pool, import_id=owner, academies=list(context.agent(Act.READ).academies), line=line, unconfirmed=False,
        count=checked(first) + 1,
    )  # fmt: skip
    return page_of(found, first, lambda row: rows.flag(row, str(owner), context), lambda row: (row["line"],))


async def difference_lines(context: Context, owner: UUID, first: int, after: str | None) -> relay.Connection[DifferenceLine]:
    """A page of the candidates whom a staged import would add, change or remove."""
    (candidate,) = key_of(after, ("",))
    found = await DIFFERENCE_LINES.rows(
        context.pool, import_id=owner, academies=list(context.agent(Act.READ).academies), after=candidate,
        count=checked(first) + 1,
    )  # fmt: skip
    return page_of(found, first, lambda row: rows.difference_line(row, str(owner)), lambda row: (row["candidate_number"],))


LOADERS = {
    "jury_groups": jury_groups, "missing": missing, "imports": imports, "publications": publications, **viewer.LOADERS,
}  # fmt: skip
PAGERS = {"refusals": refusals, "flags": flags, "difference_lines": difference_lines, **viewer.PAGERS}


def _ids(texts: list[str]) -> list[UUID]:
    return [UUID(text) for text in texts]


def _grouped(found: list[Row]) -> dict[UUID, list[Row]]:
    grouped: dict[UUID, list[Any]] = defaultdict(list)
    for row in found:
        grouped[row["session_id"]].append(row)
    return grouped
