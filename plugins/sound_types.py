"""What the GraphQL types of a family must be: fields that say where the register keeps them, and nothing that runs on the way to clients.

A family adds an implementation of `Diploma`, and what its fields are made of. It has no root field, since only its type reaches the
schema; no field of the interface to redeclare, since holder and status pass our gates; no resolver, so that no field reads the database
or the network.
"""

from collections.abc import Iterator
from datetime import date, datetime
from inspect import get_annotations
from typing import Any, NamedTuple

from strawberry.schema.name_converter import NameConverter
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from graph.diploma import Diploma
from graph.enums import Mention
from graph.stored import Column, Computed, Detail, Each, Within
from plugins.contract import MOST_PARTS, READABLE, Family

SCALARS = (str, int, float, bool, date, datetime)
"""What the graph has scalars for."""

DEEPEST = 4
"""How deep parts may stand in parts; clients pay for each level."""

graphql_name = NameConverter().get_graphql_name


INTERPOSED = frozenset({"__new__", "__post_init__", "__getattribute__", "__getattr__", "__setattr__"})
"""Methods that would stand between a row and its fields."""


class Shape(NamedTuple):
    """The type of a field: what it is or lists, and whether the field or list may be null."""

    of: Any
    listed: bool
    nullable: bool


def type_faults(family: Family) -> Iterator[str]:
    """The faults of a family's type and of the types of its parts."""
    of = family.type
    if Diploma not in getattr(of, "__mro__", ()):
        yield "its type does not implement Diploma"
        return
    definition = definition_of(of)
    if definition is None:
        yield f"its type {of.__name__} has no strawberry.type decorator"
        return
    if of.__bases__ != (Diploma,):
        yield f"its type {of.__name__} has another base than Diploma"
    written = {column.detail: column for column in family.columns if column.detail is not None}
    yield from _object(definition, Inside(frozenset(written), (of,)))
    for field in own_fields(definition):
        stored = field.metadata["stored"]
        key = key_of(stored)
        if key is not None and not isinstance(stored, Each) and not shape_of(field).nullable and not written[key].required:
            yield f"its field {of.__name__}.{field.python_name} is never null, and its column '{written[key].name}' may be empty"


class Inside(NamedTuple):
    """Where a type stands: the details that are written there (None in a part, whose document the column's reader makes), and the types
    around it."""

    written: frozenset[str] | None
    path: tuple[type, ...]


def definition_of(of: Any) -> StrawberryObjectDefinition | None:
    """The definition that a class has itself, not from its base."""
    found = vars(of).get("__strawberry_definition__") if isinstance(of, type) else None
    return found if isinstance(found, StrawberryObjectDefinition) else None


def own_fields(definition: StrawberryObjectDefinition) -> list[StrawberryField]:
    """The fields that a type declares itself."""
    return [field for field in definition.fields if field.origin is definition.origin]


def types_of(family: Family) -> dict[str, type]:
    """The types and enums that a sound family adds to the schema, by their names there."""
    found: dict[str, type] = {}

    def walk(definition: StrawberryObjectDefinition) -> None:
        found[definition.name] = definition.origin
        for field in own_fields(definition):
            of = shape_of(field).of
            if isinstance(of, StrawberryEnumDefinition):
                if of.wrapped_cls.__module__ != Mention.__module__:  # ours, which it may use
                    found[of.name] = of.wrapped_cls
            elif (inner := definition_of(of)) is not None:
                walk(inner)

    definition = definition_of(family.type)
    assert definition is not None
    walk(definition)
    return found


def most_parts(family: Family) -> dict[str, int]:
    """How many parts a detail may list, for those that a field of a sound family shows as `parts`: what an answer costs counts on it."""
    definition = definition_of(family.type)
    fields = own_fields(definition) if definition is not None else []
    return {stored.documents: one.metadata["most"] for one in fields if isinstance(stored := one.metadata.get("stored"), Each)}


def shape_of(field: StrawberryField) -> Shape:
    """What the type of a field is."""
    of, nullable, listed = field.type, False, False
    if isinstance(of, StrawberryOptional):
        of, nullable = of.of_type, True
    if isinstance(of, StrawberryList):
        of, listed = of.of_type, True
    return Shape(of, listed, nullable)


def key_of(stored: object) -> str | None:
    """The detail that a field reads, if it reads one alone."""
    match stored:
        case Detail(name) | Within(document=str(name)) | Each(name):
            return name
        case _:
            return None


def _object(definition: StrawberryObjectDefinition, inside: Inside) -> Iterator[str]:
    of = definition.origin
    name = of.__name__
    if definition.is_input or definition.is_interface:
        yield f"its type {name} is not an object type"
    if definition.name != name or not name.isascii() or not name.isalnum() or not name[0].isupper():
        yield f"its type {name} is not named in the schema as in Python, in capitalised ASCII letters and digits"
    if not (definition.description or "").strip():
        yield f"its type {name} has no description"
    yield from _class(of, Diploma if inside.written is not None else object)
    fields = own_fields(definition)
    if not fields and inside.written is None:
        yield f"its type {name} has no field"
    names = [graphql_name(field) for field in definition.fields]
    for field in fields:
        if names.count(graphql_name(field)) > 1:
            yield f"its field {name}.{field.python_name} has the name of another"
        yield from _field(name, field, inside)


def _class(of: type, base: type) -> Iterator[str]:
    declared = get_annotations(of)
    fields = {field.python_name for field in vars(of)["__strawberry_definition__"].fields}
    for name in declared:
        if hasattr(base, name) or name in getattr(base, "__dataclass_fields__", {}):
            yield f"its field {of.__name__}.{name} is one that Diploma has"
        if name.startswith("_"):
            yield f"its field {of.__name__}.{name} begins with an underscore, and Strawberry would publish it"
        if name not in fields:
            yield f"its type {of.__name__} has '{name}', which is no field"
    names = vars(of).keys() - declared.keys() - fields
    # Strawberry and dataclasses leave names of their own, all with an underscore
    if more := sorted(name for name in names if name in INTERPOSED or not name.startswith("_")):
        yield f"its type {of.__name__} has '{more[0]}', and may have fields alone"


def _field(owner: str, field: StrawberryField, inside: Inside) -> Iterator[str]:
    name, stored = f"its field {owner}.{field.python_name}", field.metadata.get("stored")
    if not (field.description or "").strip():
        yield f"{name} has no description"
    if field.base_resolver is not None or not _is_public(stored):
        yield f"{name} is not declared with column, detail, part, parts or computed"
        return
    columns, keys = _read(stored)
    if inside.written is None and columns:
        yield f"{name} reads the column '{columns[0]}', and a part has its own document alone"
    if unread := next((column for column in columns if column not in READABLE), None):
        yield f"{name} reads the column '{unread}', which no family may read"
    if inside.written is not None and (lost := next((key for key in keys if key not in inside.written), None)):
        yield f"{name} reads the detail '{lost}', which no column writes"
    if isinstance(stored, Each) and not (isinstance(most := field.metadata.get("most"), int) and 1 <= most <= MOST_PARTS):
        yield f"{name} lists more than {MOST_PARTS} parts, or none"
    yield from _type(name, field, stored, inside)


def _is_public(stored: object) -> bool:
    match stored:
        case Column() | Detail():
            return True
        case Within() | Each():
            return stored.in_details
        case Computed(_, compute):
            return callable(compute)
        case _:
            return False


def _read(stored: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns and the details that a field reads."""
    match stored:
        case Column(name):
            return (name,), ()
        case Computed(columns, _, details):
            return columns, details
        case _:
            key = key_of(stored)
            return (), () if key is None else (key,)


def _type(name: str, field: StrawberryField, stored: object, inside: Inside) -> Iterator[str]:
    of, listed, _ = shape_of(field)
    inner = definition_of(of)
    if isinstance(stored, Within | Each):
        if inner is None or inner.interfaces or listed is not isinstance(stored, Each):
            yield f"{name} is not {'a list of types' if isinstance(stored, Each) else 'a type'} of the family's own"
        elif of in inside.path:
            yield f"{name} is a part of itself"
        elif len(inside.path) > DEEPEST:
            yield f"{name} is a part that stands deeper than {DEEPEST} others"
        else:
            yield from _object(inner, Inside(None, (*inside.path, of)))
    elif isinstance(of, StrawberryEnumDefinition):
        yield from _enum(of)
    elif of not in SCALARS:
        yield f"{name} is neither of {', '.join(scalar.__name__ for scalar in SCALARS)} nor of an enum, nor a list of them"


def _enum(of: StrawberryEnumDefinition) -> Iterator[str]:
    if not (of.description or "").strip():
        yield f"its enum {of.name} has no description"
    for value in of.values:
        if not (value.description or "").strip():
            yield f"its enum {of.name} has the value {value.name} without a description"
