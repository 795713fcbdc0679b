"""Walks a schema: for a root field, a selection of everything below it, and which fields of which types gave a value."""

from collections.abc import Iterator
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

DEEPEST = 9
"""Levels below a root field: the schema's own limit counts from the operation."""

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


def selection(schema: GraphQLSchema, of: Any, within: tuple[str, ...] = ()) -> str:
    """Every field of a type and of what it leads to, but for types that it stands within already."""
    named = get_named_type(of)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, Composite)
    parts = ["__typename"]
    shared = () if isinstance(named, GraphQLUnionType) else tuple(named.fields)
    if not isinstance(named, GraphQLUnionType):
        parts += fields(schema, named, within)
    if not isinstance(named, GraphQLObjectType):
        for member in schema.get_possible_types(named):
            # those of the interface are asked for once: a document may not repeat many
            parts += [f"... on {member.name} {{ {' '.join(['__typename', *fields(schema, member, within, shared)])} }}"]
    return "{ " + " ".join(parts) + " }"


def selections(schema: GraphQLSchema, of: Any) -> list[str]:
    """The same of an object type, a selection for each of its fields."""
    named = get_named_type(of)
    assert isinstance(named, GraphQLObjectType)
    return [f"{{ __typename {field} }}" for field in fields(schema, named, ())]


def fields(
    schema: GraphQLSchema, of: GraphQLObjectType | GraphQLInterfaceType, within: tuple[str, ...], without: tuple[str, ...] = ()
) -> list[str]:
    """The fields of a type but some, each with what is below it.

    Fields whose shape differs among types of a union have an alias of their own.
    """
    found: list[str] = []
    for name, field in of.fields.items():
        named = get_named_type(field.type)
        if name in without or named.name in within or (not is_leaf_type(named) and len(within) >= DEEPEST):
            continue
        found.append(f"{name} {selection(schema, field.type, (*within, of.name))}")
    return found


def reached(schema: GraphQLSchema, answer: Any) -> Iterator[str]:
    """`Type.field` of each field of an answer that has a value."""
    if isinstance(answer, list):
        for item in cast("list[Any]", answer):
            yield from reached(schema, item)
    elif isinstance(answer, dict):
        row = cast("dict[str, Any]", answer)
        for name, value in row.items():
            if name != "__typename" and value not in (None, [], {}):
                yield f"{row['__typename']}.{name}"
                yield from reached(schema, value)


def example(of: Any, name: str, ids: dict[str, str]) -> Any:
    """A value of an input type: the id that its name asks for, the first member of an enum, 1, `x`; optional members are left out."""
    if isinstance(of, GraphQLNonNull):
        of = of.of_type
    if isinstance(of, GraphQLList):
        return [example(of.of_type, name, ids)]
    if isinstance(of, GraphQLInputObjectType):
        return {
            member: example(field.type, member, ids)
            for member, field in of.fields.items()
            if isinstance(field.type, GraphQLNonNull)
        }
    if isinstance(of, GraphQLEnumType):
        return next(iter(of.values))
    return {"ID": ids.get(name, "x"), "Int": 1, "String": ids.get(name, "x")}[of.name]
