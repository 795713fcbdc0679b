"""What a family makes of the schema: its own types, and nothing else."""

from collections.abc import Iterator
from functools import cache

from graphql import GraphQLSchema, find_breaking_changes, print_type

from plugins.contract import Family
from plugins.loading import OURS, families
from resolvers.schema import Schema, schema_of
from server.conformance.trying import tried

ROOTS = ("Query", "Mutation", "Subscription")


def broken(family: Family) -> Iterator[str]:
    """What clients of our schema would lose where this family is installed."""
    made = tried(_with, family)
    if made.error is not None:
        yield f"the schema with its type cannot be made: {made.raised}"
        return
    ours, theirs = _ours().core, made.answer.core
    yield from (f"the schema with its type breaks clients: {change.description}" for change in find_breaking_changes(ours, theirs))
    for root in ROOTS:
        if _printed(ours, root) != _printed(theirs, root):
            yield f"the schema with its type has another {root}: a family adds no root field"
    if f"type {family.type.__name__} implements Diploma" not in made.answer.as_str():
        yield f"the schema, as text, has no type {family.type.__name__}"


@cache
def _ours() -> Schema:
    return schema_of(families()[code].type for code in OURS)


def _with(family: Family) -> Schema:
    return schema_of(dict.fromkeys([*(families()[code].type for code in OURS), family.type]))


def _printed(schema: GraphQLSchema, name: str) -> str:
    found = schema.get_type(name)
    return print_type(found) if found is not None else ""
