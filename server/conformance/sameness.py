"""Both executors over the published samples: the planner compiles every field of the family's type, and gives Strawberry's bytes."""

import json
from collections.abc import Iterator, Sequence

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type

from db.pool import open_pool
from db.statements import Row
from plugins.contract import Family
from resolvers.schema import Schema
from server.conformance.executors import Executors, Request
from server.conformance.publishing import Published
from server.conformance.samples import KEYRING

DOCUMENT = (
    "query ($key: String!, $name: String!) {{ verification(key: $key, birthName: $name) {{ __typename ... on VerifiedDiploma {{ diploma {{"
    " __typename {asked} }} }} }} }}"
)
INTERFACE = "title session mention status academy { code name } holder { birthName givenNames }"
MOST_DIPLOMAS = 25
"""Diplomas of a sample that each document is asked of."""


def selections(of: GraphQLObjectType, but: Sequence[str] = ()) -> dict[str, str]:
    """What is asked of each field of a type, parts with all of theirs; without the fields that an interface has."""
    return {name: f"{name}{_inside(one)}" for name, one in of.fields.items() if name not in but}


def _inside(one: GraphQLField) -> str:
    named = get_named_type(one.type)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType)
    return f" {{ __typename {' '.join(selections(named).values())} }}"


def _alone(of: GraphQLObjectType, but: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Each field of a type and of its parts by its path, with the selection that asks for it alone, under another name."""
    for name, one in of.fields.items():
        if name not in but:
            named = get_named_type(one.type)
            yield name, f"only: {name}{_inside(one)}"
            if isinstance(named, GraphQLObjectType):
                yield from ((f"{name}.{path}", f"other: {name} {{ {asked} }}") for path, asked in _alone(named))


def documents(family: Family, schema: Schema) -> Iterator[tuple[str, str]]:
    """Documents by what they ask: each own field alone, those of parts too, all of them, twice, by name, and beside another family."""
    of = schema.core.type_map[family.type.__name__]
    assert isinstance(of, GraphQLObjectType)
    common = list(schema.core.type_map["Diploma"].fields)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType]
    for path, asked in _alone(of, common):
        yield f"the field {path}", DOCUMENT.format(asked=f"... on {of.name} {{ {asked} }}")
    own = selections(of, common)
    every = " ".join(own.values())
    yield "all of its fields", DOCUMENT.format(asked=f"{INTERFACE} ... on {of.name} {{ {every} }}")
    twice = " ".join(f"again{place}: {asked}" for place, asked in enumerate(own.values()))
    yield "its fields twice", DOCUMENT.format(asked=f"... on {of.name} {{ {every} }} {INTERFACE} ... on {of.name} {{ {twice} }}")
    fragment = f" fragment Own on {of.name} {{ {every} }}"
    yield "its fields by a fragment", DOCUMENT.format(asked=f"...Own {INTERFACE} ...Own") + fragment
    yield "what is beside it", DOCUMENT.format(asked=f"... on Baccalaureat {{ track options }} ... on {of.name} {{ {every} }}")


async def different(family: Family, of: Published) -> list[str]:
    """Documents that the planner does not compile, answers that have an error, that differ, or that show another type."""
    if not of.diplomas:
        return of.faults
    pool, found = await open_pool(of.url, 2), list[str]()
    try:
        executors = Executors(pool, KEYRING)
        for what, document in documents(family, executors.schema):
            for row in of.diplomas[:MOST_DIPLOMAS]:
                if fault := await _difference(executors, document, row, family.type.__name__):
                    found.append(f"{what}: {fault}")
                    break
    finally:
        await pool.close()
    return found


async def _difference(executors: Executors, document: str, row: Row, type_name: str) -> str | None:
    key = KEYRING.shown_key(row["id"], row["version"], row["key_generation"])
    request = Request(document, {"key": key, "name": row["birth_name"]})
    theirs, _ = await executors.by_strawberry(request)
    answer = json.loads(theirs)
    if "errors" in answer:
        return f"an error: {answer['errors'][0]['message']}"
    diploma = answer["data"]["verification"].get("diploma")
    if diploma is None or diploma["__typename"] != type_name:
        return "the key of a published diploma does not show it, as its type"
    ours = await executors.by_planner(request)
    if ours is None:
        return f"it is not compiled ({', '.join(executors.refusals)})"
    if ours != theirs:
        place = next((place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
        begin = max(0, place - 40)
        return f"the planner answers …{ours[begin : place + 40].decode()}… and Strawberry …{theirs[begin : place + 40].decode()}…"
    return None
