"""Both executors over the published samples: the planner compiles every field of the family's type, and gives Strawberry's bytes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type

from db.pool import RequestPool, open_pool
from db.register import Register
from plugins.contract import Family
from resolvers.context import Context
from resolvers.notices import Notices
from resolvers.schema import Schema, deployed
from resolvers.verification import Verifier
from resolvers.web_sessions import SignedIn
from server.conformance import register
from server.conformance.publication import KEYRING, Key, trials
from server.planning import planner

DOCUMENT = (
    "query ($key: String!, $name: String!) {{ verification(key: $key, birthName: $name) {{ __typename ... on VerifiedDiploma {{ diploma {{"
    " __typename {asked} }} }} }} }}"
)
INTERFACE = "title session mention status academy { code name } holder { birthName givenNames }"
MOST_KEYS = 25
"""Diplomas of a sample that each document is asked of."""
MOST_TOLD = 10

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Executors:
    """The planner and Strawberry over the register of the trials."""

    pool: RequestPool
    schema: Schema = field(default_factory=deployed)

    @cached_property
    def planner(self) -> Any:
        """One that compiles a document the first time that it comes."""
        return planner(self.schema, 1)

    def context(self) -> Context:
        """That of a request of nobody."""
        pools, nobody_told, none = Register(self.pool, self.pool), Notices(), cast("Any", None)
        return Context(
            pools, Verifier(KEYRING), KEYRING, nobody_told, local=none, files=none, unplanned={}, who=SignedIn(None, None),
            address="192.0.2.1", base=lambda: "https://register.invalid", language="fr",
        )  # fmt: skip

    async def compiled(self, document: str, variables: dict[str, str]) -> bytes | None:
        """What the planner answers."""
        return await self.planner.answer(document, None, variables, self.context())

    async def interpreted(self, document: str, variables: dict[str, str]) -> bytes:
        """What Strawberry answers."""
        result = await self.schema.execute(document, variable_values=dict(variables), context_value=self.context())
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return encode(answer).encode(errors="surrogatepass")


def selections(of: GraphQLObjectType, but: Sequence[str] = ()) -> dict[str, str]:
    """What is asked of each field of a type, parts with all of theirs; without the fields that an interface has."""
    return {name: f"{name}{_inside(one)}" for name, one in of.fields.items() if name not in but}


def _inside(one: GraphQLField) -> str:
    named = get_named_type(one.type)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType)
    return f" {{ __typename {' '.join(selections(named).values())} }}"


def documents(family: Family, schema: Schema) -> Iterator[tuple[str, str]]:
    """Documents by what they ask: each own field alone, all of them, twice under other names, and beside another family."""
    of = schema.core.type_map[family.type.__name__]
    assert isinstance(of, GraphQLObjectType)
    own = selections(of, list(schema.core.type_map["Diploma"].fields))  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType]
    for name, asked in own.items():
        yield f"the field {name}", DOCUMENT.format(asked=f"... on {of.name} {{ {asked} }}")
    every = " ".join(own.values())
    yield "all of its fields", DOCUMENT.format(asked=f"{INTERFACE} ... on {of.name} {{ {every} }}")
    twice = " ".join(f"again{place}: {asked}" for place, asked in enumerate(own.values()))
    yield "its fields twice", DOCUMENT.format(asked=f"... on {of.name} {{ {every} }} {INTERFACE} ... on {of.name} {{ {twice} }}")
    yield "what is beside it", DOCUMENT.format(asked=f"... on Baccalaureat {{ track options }} ... on {of.name} {{ {every} }}")


def different(family: Family) -> Iterator[str]:
    """Documents that the planner does not compile, answers that have an error, that differ, or that show another type."""
    keys = [key for trial in trials(family) for key in trial.keys[:MOST_KEYS]]
    if not keys:
        yield "nothing of it is published, so nothing can be read"
        return
    yield from register.run(_compared(family, keys))


async def _compared(family: Family, keys: list[Key]) -> list[str]:
    pool, found = await open_pool(register.url(), 2), list[str]()
    try:
        executors = Executors(pool)
        for what, document in documents(family, executors.schema):
            for key in keys:
                if fault := await _difference(executors, document, key, family.type.__name__):
                    found.append(f"{what}: {fault}")
                    break
    finally:
        await pool.close()
    return found[:MOST_TOLD]


async def _difference(executors: Executors, document: str, key: Key, type_name: str) -> str | None:
    variables = {"key": key.shown, "name": key.name}
    theirs = await executors.interpreted(document, variables)
    answer = json.loads(theirs)
    if "errors" in answer:
        return f"an error: {answer['errors'][0]['message']}"
    diploma = answer["data"]["verification"].get("diploma")
    if diploma is None or diploma["__typename"] != type_name:
        return "the key of a published diploma does not show it, as its type"
    ours = await executors.compiled(document, variables)
    if ours is None:
        return f"it is not compiled ({', '.join(executors.planner.refusals.by_reason)})"
    if ours != theirs:
        place = next((place for place, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
        begin = max(0, place - 40)
        return f"the planner answers …{ours[begin : place + 40].decode()}… and Strawberry …{theirs[begin : place + 40].decode()}…"
    return None
