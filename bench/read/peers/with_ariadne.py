# pyright: basic, reportMissingImports=false
"""Ariadne: the schema in SDL, resolvers bound to it, data loaders in the context; documents parsed and validated once."""

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from aiodataloader import DataLoader
from ariadne import InterfaceType, ObjectType, QueryType, ScalarType, UnionType, load_schema_from_path, make_executable_schema
from ariadne.asgi import GraphQL
from graphql import DocumentNode, GraphQLError, parse, validate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from bench.read.peers.common import (
    FAMILIES,
    FIRST,
    LAST,
    NOTHING_SHOWN,
    SQL,
    TRACKS,
    Pool,
    academies_of,
    control_key,
    cursor_of,
    global_id,
    holder_of,
    kept_until,
    key_of,
    verified,
    with_pool,
)

query = QueryType()
viewer = ObjectType("Viewer")
held_diploma = ObjectType("HeldDiploma")
availability = ObjectType("Availability")
candidate = ObjectType("ReviewCandidate")
review = ObjectType("DiplomaReview")
baccalaureat, brevet = ObjectType("Baccalaureat"), ObjectType("Brevet")
diploma = InterfaceType("Diploma", lambda row, *_: "Baccalaureat" if row["family"] == "bac" else "Brevet")
verification = UnionType("Verification", lambda found, *_: "VerificationRefused" if "message" in found else "VerifiedDiploma")
scalars = [
    ScalarType("Date", serializer=date.isoformat),
    ScalarType("DateTime", serializer=datetime.isoformat),
]


@query.field("verification")
async def resolve_verification(_: Any, info: Any, key: str, birth_name: str) -> dict[str, Any]:
    context = info.context
    row = await verified(context["pool"], context["request"].client.host, key, birth_name)
    if row is None:
        return {"message": NOTHING_SHOWN}
    return {"diploma": row, "replaced_on": row["replaced_on"], "verified_at": datetime.now(UTC)}


@query.field("viewer")
async def resolve_viewer(_: Any, info: Any) -> dict[str, Any] | None:
    row = await holder_of(info.context["request"])
    return {"identity": row["person"], "account": row["account_id"]} if row else None


@viewer.field("diplomas")
async def resolve_held(viewer: dict[str, Any], info: Any, first: int, after: str | None = None) -> dict[str, Any]:
    return connection(await info.context["pool"].fetch(SQL["held"], viewer["account"], key_of(after, LAST), first + 1), first)


@query.field("availability")
async def resolve_availability(_: Any, info: Any, to: int, **years: int) -> list[dict[str, Any]]:
    return [dict(row) for row in await info.context["pool"].fetch(SQL["availability"], *FAMILIES, years["from"], to)]


@query.field("diplomaReviews")
async def resolve_reviews(_: Any, info: Any, first: int, after: str | None = None) -> dict[str, Any]:
    academies = await academies_of(info.context["request"])
    return connection(await info.context["pool"].fetch(SQL["reviews"], academies, key_of(after, FIRST), first + 1), first)


for kind in (baccalaureat, brevet):
    kind.set_field("id", lambda row, _: global_id("Diploma", row["id"]))
    kind.set_field("familyCode", lambda row, _: row["family"])
    kind.set_field("session", lambda row, _: row["year"])
    kind.set_field("holder", lambda row, _: row)
    kind.set_field("academy", lambda row, info: info.context["academies"].load(row["academy_code"]))
baccalaureat.set_field("track", lambda row, _: TRACKS[row["title_code"][:3]])
baccalaureat.set_field("specialities", lambda row, _: row["details"].get("specialities"))
baccalaureat.set_field("options", lambda row, _: row["details"].get("options"))
baccalaureat.set_field("sectionLanguage", lambda row, _: row["details"].get("section_language"))

held_diploma.set_field("id", lambda row, _: global_id("HeldDiploma", row["id"]))
held_diploma.set_field("controlKey", lambda row, _: control_key(row))
held_diploma.set_field("addedAt", lambda row, _: row["attached_at"])
held_diploma.set_field("keptUntil", lambda row, _: kept_until(row))
held_diploma.set_field("diploma", lambda row, _: row)

availability.set_field("academy", lambda row, info: info.context["academies"].load(row["academy_code"]))

review.set_field("id", lambda row, _: global_id("DiplomaReview", row["id"]))
review.set_field("familyCode", lambda row, _: row["family"])
review.set_field("session", lambda row, _: row["year"])
review.set_field("academy", lambda row, info: info.context["academies"].load(row["academy_code"]))
review.set_field("candidates", lambda row, info: info.context["candidates"].load(row["id"]))
review.set_field("decisions", lambda row, info: info.context["decisions"].load(row["id"]))
candidate.set_field("diploma", lambda row, info: info.context["diplomas"].load(row["diploma_id"]))
candidate.set_field("person", lambda row, info: info.context["diplomas"].load(row["diploma_id"]))


def connection(rows: list[Any], first: int) -> dict[str, Any]:
    """A page of rows."""
    edges = [{"cursor": cursor_of(row["id"]), "node": dict(row)} for row in rows[:first]]
    return {
        "edges": edges,
        "page_info": {"has_next_page": len(rows) > first, "end_cursor": edges[-1]["cursor"] if edges else None},
    }


def context_of(request: Request, _: Any = None) -> dict[str, Any]:
    """The request, the pool and new loaders."""
    pool: Pool = request.state.pool

    async def by_key(name: str, of: str, keys: list[Any]) -> list[Any]:
        found = {row[of]: dict(row) for row in await pool.fetch(SQL[name], keys)}
        return [found[key] for key in keys]

    async def of_claims(name: str, claims: list[Any]) -> list[list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for row in await pool.fetch(SQL[name], claims):
            found[row["claim_id"]].append(dict(row))
        return [found[claim] for claim in claims]

    return {
        "request": request, "pool": pool,
        "academies": DataLoader(partial(by_key, "academies", "code")),
        "diplomas": DataLoader(partial(by_key, "diplomas", "id")),
        "candidates": DataLoader(partial(of_claims, "candidates")),
        "decisions": DataLoader(partial(of_claims, "decisions")),
    }  # fmt: skip


parsed = lru_cache(maxsize=100)(parse)
judged: dict[int, list[GraphQLError]] = {}


def once_validated(schema: Any, document: DocumentNode, **given: Any) -> list[GraphQLError]:
    """The errors of a document, which `parsed` keeps: it is one object for one text."""
    if id(document) not in judged:
        judged[id(document)] = validate(schema, document, **given)
    return judged[id(document)]


def application() -> Starlette:
    """The application of one process."""
    sdl = load_schema_from_path(str(Path(__file__).with_name("schema.graphql")))
    bound = (query, viewer, held_diploma, availability, candidate, review, baccalaureat, brevet, diploma, verification)
    schema = make_executable_schema(sdl, *bound, *scalars, convert_names_case=True)
    graph = GraphQL(
        schema, context_value=context_of, query_parser=lambda _, data: parsed(data["query"]), query_validator=once_validated
    )
    return Starlette(routes=[Route("/graphql", graph, methods=["POST"])], lifespan=with_pool)
