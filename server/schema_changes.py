"""What another schema changes for those who ask: a front end that is built anew for each release, an app that stays installed for years.

graphql-core tells the changes. What is ours is whom each of them reaches, what to do instead, and that a removal which was announced is
none: a field, an argument or an enum value goes once it was deprecated with the day of its removal, and that day has come.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from itertools import chain

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)
from graphql.utilities import BreakingChangeType, DangerousChangeType, SafeChangeType, find_schema_changes

COORDINATE = re.compile(r"\w+\.\w+(?:\(\w+:\))?")
"""What a sentence of graphql-core is about, as a schema coordinate: `Type.field`, `Type.field(argument:)`, `Enum.VALUE`."""
TYPE = re.compile(r"(\w+) was removed")
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


class Weight(Enum):
    """What a change is to those who ask."""

    BREAKING = "breaking"
    ANNOUNCED = "announced"
    """A removal whose day was told beforehand, and has come."""
    NOTICE = "notice"
    """Nothing that worked fails, but somebody should know."""
    SAFE = "safe"


@dataclass(frozen=True)
class Effect:
    """What a change is to each kind of client, and what the register does instead or beforehand; a sentence each."""

    front_end: str
    mobile: str
    remedy: str


@dataclass(frozen=True)
class Change:
    """One difference between two schemas."""

    kind: str
    weight: Weight
    text: str
    effect: Effect | None
    """None where nobody is concerned."""

    @property
    def coordinate(self) -> str | None:
        """The field, argument, input field or enum value that it is about."""
        found = COORDINATE.search(self.text)
        return found[0] if found else None


GONE = Effect(
    "its next build fails where an operation asks for it; the version that is online fails until then.",
    "installed versions that ask for it fail for as long as they are installed.",
    "keep it, deprecated with the day of its removal, and remove it when that day has come.",
)
REQUIRED = Effect(
    "its next build fails where it is not sent; the version that is online is refused until then.",
    "installed versions never send it, and are refused for as long as they are installed.",
    "make it optional, or give it a default.",
)
RETYPED = Effect(
    "its next build shows where the former type was counted on; the version that is online fails until then.",
    "installed versions send or expect the former type, and may stop at any answer.",
    "add another beside it under a new name, and deprecate this one with the day of its removal.",
)
ANNOUNCED = Effect(
    "one that was built since the announcement asks for it no more.",
    "versions older than the announcement fail: have them updated.",
    "none: its day has come.",
)
JOINED = Effect(
    "may add a fragment for it; a default branch shows it until then.",
    "installed versions show what its interface has, and treat its `__typename` as normal.",
    "none: new `__typename` values come without notice (docs/clients.md).",
)
VALUE = Effect(
    "may say it in words; a default branch shows its name until then.",
    "installed versions show its name.",
    "none: enums grow without notice (docs/clients.md).",
)
DEFAULT = Effect(
    "where it is left out, the answer is another: send the value that was meant.",
    "installed versions that leave it out are answered otherwise for as long as they are installed.",
    "keep the default, and offer the other under a new name.",
)
LEAVING = Effect(
    "asks for what the reason names instead, before the day.",
    "a version without it must have reached most telephones before the day: release it now.",
    "none, if the day leaves apps the time that they need.",
)
UNDATED = Effect(
    "cannot plan: it may go any day, or never.",
    "cannot plan: it may go any day, or never.",
    "name the day of its removal in the reason, as in `Use title. Removal on 2027-09-01.`",
)

EFFECTS: Mapping[Enum, Effect] = {
    **dict.fromkeys(BreakingChangeType, GONE),
    BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED: REQUIRED,
    BreakingChangeType.REQUIRED_ARG_ADDED: REQUIRED,
    BreakingChangeType.REQUIRED_DIRECTIVE_ARG_ADDED: REQUIRED,
    BreakingChangeType.TYPE_CHANGED_KIND: RETYPED,
    BreakingChangeType.FIELD_CHANGED_KIND: RETYPED,
    BreakingChangeType.ARG_CHANGED_KIND: RETYPED,
    DangerousChangeType.VALUE_ADDED_TO_ENUM: VALUE,
    DangerousChangeType.TYPE_ADDED_TO_UNION: JOINED,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED: JOINED,
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE: DEFAULT,
    DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE: DEFAULT,
}
"""By kind of change. What stands not here concerns nobody: whoever leaves an optional argument out is answered as before."""


def changes(old: GraphQLSchema, new: GraphQLSchema, today: date) -> list[Change]:
    """The changes from one schema to another, the gravest first and those of one effect together. Descriptions are no contract."""
    before = deprecations(old)
    over = {coordinate for coordinate, reason in before.items() if (day := day_of(reason)) and day <= today}
    kept = reached(old, without=over)
    found = [*_told(old, new, before, over, kept), *_joining(old, new), *_leaving(before, deprecations(new))]
    return sorted(found, key=lambda change: ([*Weight].index(change.weight), change.effect.remedy if change.effect else ""))


REMOVALS = (
    BreakingChangeType.TYPE_REMOVED,
    BreakingChangeType.FIELD_REMOVED,
    BreakingChangeType.ARG_REMOVED,
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
)
"""What a deprecation can announce: by its own reason, or, for a type, by those of all that leads to it."""


def _told(
    old: GraphQLSchema, new: GraphQLSchema, before: Mapping[str, str], over: Collection[str], kept: Collection[str]
) -> Iterator[Change]:
    for told in find_schema_changes(old, new):
        effect = EFFECTS.get(told.type)
        if isinstance(told.type, BreakingChangeType):
            change = Change(told.type.name, Weight.BREAKING, told.description, effect)
            yield _removal(change, before, over, kept) if told.type in REMOVALS else change
        elif told.type is not SafeChangeType.DESCRIPTION_CHANGED:
            yield Change(told.type.name, Weight.NOTICE if effect else Weight.SAFE, told.description, effect)


def _removal(change: Change, before: Mapping[str, str], over: Collection[str], kept: Collection[str]) -> Change:
    """A removal as what it is: announced, or with what its announcement lacks."""
    where = change.coordinate
    type_ = TYPE.search(change.text)
    if where in over or (where is None and type_ and type_[1] not in kept):
        return replace(change, weight=Weight.ANNOUNCED, effect=ANNOUNCED)
    if where is None:
        return change
    if where not in before:
        lacking = "It was not deprecated."
    elif day := day_of(before[where]):
        lacking = f"It was announced for {day}, which has not come."
    else:
        lacking = "It was deprecated without a day of removal."
    return replace(change, text=f"{change.text} {lacking}")


def _joining(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Types that begin to be met where an interface of before is asked for: families, mostly. To graphql-core they are safe."""
    for name, type_ in new.type_map.items():
        if isinstance(type_, GraphQLObjectType) and name not in old.type_map:
            joined = [one.name for one in type_.interfaces if one.name in old.type_map]
            if joined:
                yield Change("IMPLEMENTATION_ADDED", Weight.NOTICE, f"{name} was added to {' and '.join(joined)}.", JOINED)


def _leaving(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for coordinate, reason in after.items():
        day, was = day_of(reason), day_of(before.get(coordinate))
        if coordinate not in before or day != was:
            text = f"{coordinate} is deprecated: {reason}"
            yield Change("DEPRECATED", Weight.NOTICE, text, LEAVING if day else UNDATED)


def day_of(reason: str | None) -> date | None:
    """The day of removal that the reason of a deprecation names, ISO 8601; the last one when it has several."""
    for found in reversed(DAY.findall(reason or "")):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None


def deprecations(schema: GraphQLSchema) -> dict[str, str]:
    """Coordinate → reason, of all that is deprecated."""
    every = chain.from_iterable(_members(type_) for type_ in schema.type_map.values())
    return {coordinate: one.deprecation_reason for coordinate, one in every if one.deprecation_reason is not None}


def reached(schema: GraphQLSchema, without: Collection[str]) -> set[str]:
    """The names of the types that a request may still meet when it does without some fields, arguments and input fields."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    names: set[str] = set()
    ahead: list[GraphQLNamedType] = [root for root in roots if root]
    while ahead:
        type_ = ahead.pop()
        if type_.name not in names:
            names.add(type_.name)
            ahead += _beside(schema, type_)
            ahead += [
                get_named_type(one.type)
                for coordinate, one in _members(type_)
                if coordinate not in without and not isinstance(one, GraphQLEnumValue)
            ]
    return names


def _members(
    type_: GraphQLNamedType,
) -> Iterator[tuple[str, GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue]]:
    """What can be deprecated in a type, by its coordinate."""
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_}.{name}", field
            for argument, given in field.args.items():
                yield f"{type_}.{name}({argument}:)", given
    elif isinstance(type_, GraphQLInputObjectType):
        for name, field in type_.fields.items():
            yield f"{type_}.{name}", field
    elif isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_}.{name}", value


def _beside(schema: GraphQLSchema, type_: GraphQLNamedType) -> Iterable[GraphQLNamedType]:
    """The types that are met wherever this one is."""
    if isinstance(type_, GraphQLUnionType):
        return type_.types
    if isinstance(type_, GraphQLInterfaceType):
        return schema.get_possible_types(type_)
    return type_.interfaces if isinstance(type_, GraphQLObjectType) else ()
