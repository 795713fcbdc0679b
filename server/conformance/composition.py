"""What a family makes of the schema: its own types, and nothing else."""

from collections.abc import Iterator

from graphql import GraphQLSchema, build_schema, find_breaking_changes, print_type

from plugins.contract import Family
from plugins.loading import OURS, families
from resolvers.schema import exported, schema_of

ROOTS = ("Query", "Mutation", "Subscription")


def broken(family: Family) -> Iterator[str]:
    """What clients of our schema would lose where this family is installed."""
    ours = build_schema(exported())
    theirs = build_schema(schema_of((*(families()[code].type for code in OURS), family.type), in_order=True).as_str())
    yield from (f"the schema with its type breaks clients: {change.description}" for change in find_breaking_changes(ours, theirs))
    for root in ROOTS:
        if _printed(ours, root) != _printed(theirs, root):
            yield f"the schema with its type has another {root}: a family adds no root field"


def _printed(schema: GraphQLSchema, name: str) -> str:
    found = schema.get_type(name)
    return print_type(found) if found is not None else ""
