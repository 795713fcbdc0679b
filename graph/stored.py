"""Stored fields: a GraphQL field declares where the register keeps its value, once, for every reader.

The planner projects a declaration in SQL (`planner/`); Strawberry's executor reads it from a row (`from_row`). Nothing else maps names to
values, so that a new field is one declaration. What a type is made from is its *row*: a row of a named statement, or a JSON document in it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

import strawberry
from strawberry.types import get_object_definition, has_object_definition
from strawberry.types.base import StrawberryContainer

from graph.pages import DEFAULT_PAGE, After, First

T = TypeVar("T")
Row: TypeAlias = Mapping[str, Any]
ENDING_ZEROS = re.compile(r"(?<=\d)0+(?=\+)(?<=\.\d{6})")


@dataclass(frozen=True)
class Column:
    """A column of the row; `read` turns what is stored into the field's value."""

    name: str
    read: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Detail:
    """A key of the row's `details` document, or of the document that the type is made of."""

    name: str
    read: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Within:
    """An object that the row itself holds: its columns begin with `prefix`, or are the keys of the document `document`.

    There is none where the column `present`, or the document, is null. With `in_details`, the document is a detail (`Detail`).
    """

    prefix: str = ""
    present: str | None = None
    document: str | None = None
    in_details: bool = False


@dataclass(frozen=True)
class Each:
    """A list of objects that the row itself holds: the documents of the array `documents`, which is a detail with `in_details`."""

    documents: str
    in_details: bool = False


@dataclass(frozen=True)
class Computed:
    """A value computed from columns and then details, given as JSON has them: by plain Python, or by the context's method of that name."""

    columns: tuple[str, ...]
    compute: Callable[..., Any] | str
    details: tuple[str, ...] = ()

    def of(self, context: Any, given: Iterable[Any]) -> Any:
        """The value for whoever asks in that context."""
        compute = getattr(context, self.compute) if isinstance(self.compute, str) else self.compute
        return compute(*given)


@dataclass(frozen=True)
class Belonging:
    """An object, a list or a page that belongs to the type's instance, and that the reading `name` finds (`resolvers/reading.py`)."""

    name: str
    paged: bool = False


Declaration: TypeAlias = Column | Detail | Within | Each | Computed | Belonging


@dataclass(frozen=True)
class Member:
    """Reads an enum stored by its name."""

    of: type[Enum]

    def __call__(self, name: str) -> Enum:
        """The member of that name. Raises `KeyError`."""
        return self.of[name]


def column(name: str, description: str, read: Callable[[Any], Any] | None = None) -> Any:
    """A field kept in the column `name` of the type's row; `read` turns the stored value into the field's."""
    return _field(Column(name, read), description)


def detail(name: str, description: str, read: Callable[[Any], Any] | None = None) -> Any:
    """A field kept under the key `name` of the diploma's `details`, or of the document of which a part is made.

    An absent key reads as None.
    """
    return _field(Detail(name, read), description)


def part(name: str, description: str) -> Any:
    """An object whose fields are the keys of the JSON document that is kept as the detail `name`; an absent one reads as None."""
    return _field(Within(document=name, in_details=True), description)


def parts(name: str, description: str, *, most: int) -> Any:
    """A list of at most `most` objects, the JSON documents of the array that is kept as the detail `name`; an absent one is empty."""
    return _field(Each(name, in_details=True), description, most=most)


def within(description: str, *, prefix: str = "", present: str | None = None, document: str | None = None) -> Any:
    """An object whose fields are in the row itself, under a prefix or in a JSON document; none where `present` or the document is null."""
    return _field(Within(prefix, present, document), description)


def each(documents: str, description: str, *, most: int) -> Any:
    """A list of at most `most` objects whose fields are the documents of a JSON array in the row."""
    return _field(Each(documents), description, most=most)


def computed(columns: tuple[str, ...], compute: Callable[..., Any], description: str, *, details: tuple[str, ...] = ()) -> Any:
    """A field that plain Python computes from columns, then from details, which it gets as JSON has them. It must be pure.

    A date is its ISO text; what is absent is None.
    """
    return _field(Computed(columns, compute, details), description)


def for_caller(columns: tuple[str, ...], method: str, description: str, *, most: int | None = None) -> Any:
    """A field that the context of the request computes from columns, for whoever asks: by its method of that name. A list has `most`."""
    return _field(Computed(columns, method), description, **({} if most is None else {"most": most}))


def identity(*columns: str) -> Any:
    """The key of a Relay node: the columns of its row, joined by a slash."""
    return field(metadata={"identity": columns})


def one(name: str, description: str) -> Any:
    """An object that belongs to the type's instance, or none, read for all instances of an answer at once."""
    return strawberry.field(resolver=_loading(name), description=description, metadata={"stored": Belonging(name)})


def many(name: str, description: str, *, most: int) -> Any:
    """A list of at most `most` that belongs to the type's instance, read for all instances of an answer at once."""
    declared = {"stored": Belonging(name), "most": most}
    return strawberry.field(resolver=_loading(name), description=description, metadata=declared)


def paged(name: str, description: str) -> Any:
    """A connection that belongs to the type's instance: a page of at most 50."""

    async def load(self: Any, info: strawberry.Info[Any, Any], first: First = DEFAULT_PAGE, after: After = None) -> Any:
        return await info.context.page(name, self.uuid, first, after)

    return strawberry.field(resolver=load, description=description, metadata={"stored": Belonging(name, paged=True)})


def _loading(name: str) -> Callable[..., Any]:
    async def load(self: Any, info: strawberry.Info[Any, Any]) -> Any:
        return await info.context.load(name, self.uuid)

    return load


def _field(declared: Declaration, description: str, **metadata: Any) -> Any:
    return strawberry.field(description=description, metadata={"stored": declared, **metadata})


class Reader(Protocol):
    """The context of whoever reads rows: `for_caller` fields get it, and it knows what stands for an interface."""

    def concrete(self, of: type[Any], row: Row) -> type[Any]:
        """The type of a row: `of` itself, or what implements it."""
        ...


def member(of: type[Enum]) -> Member:
    """Reads an enum stored by its name."""
    return Member(of)


@cache
def declarations(of: type) -> tuple[tuple[str, Declaration, type[Any] | None], ...]:
    """The stored fields of a type, by Python name, each with the type of its object if it has one, in the order of their declaration."""
    fields = get_object_definition(of, strict=True).fields
    return tuple(
        (one.python_name, one.metadata["stored"], _object_of(one.type))
        for one in fields
        if "stored" in one.metadata and not isinstance(one.metadata["stored"], Belonging)
    )


def _object_of(type_: Any) -> type[Any] | None:
    while isinstance(type_, StrawberryContainer):
        type_ = type_.of_type
    return type_ if isinstance(type_, type) and has_object_definition(type_) else None


@cache
def identity_of(of: type) -> tuple[str, tuple[str, ...]] | None:
    """The attribute that holds the key of a type's instances, and the columns that make it; None when it has no key."""
    for name, declared in of.__dataclass_fields__.items():
        if "identity" in declared.metadata:
            return name, declared.metadata["identity"]
    return None


def from_row(of: type[T], row: Row, reader: Reader | None = None, prefix: str = "", *, document: bool = False, **others: Any) -> T:
    """An instance of `of` whose fields are read from `row`; `prefix` precedes the names of its own columns.

    A `document` holds the details among its own keys.

    `others` gives the values of fields that are not in the row. For a reader, a value that cannot be read is the exception that it
    raised: a GraphQL executor raises it where the field is asked for, and there alone.
    """
    made = reader.concrete(of, row) if reader is not None else of
    values = dict(others)
    if (identified := identity_of(made)) is not None and identified[0] not in values:
        values[identified[0]] = "/".join(str(row[prefix + name]) for name in identified[1])
    for name, declared, object_type in declarations(made):
        if name not in values:
            try:
                values[name] = _value(declared, object_type, row, reader, prefix, document)
            except Exception as error:
                if reader is None:
                    raise
                values[name] = error
    return made(**values)


def _value(declared: Declaration, of: type[Any] | None, row: Row, reader: Reader | None, prefix: str, document: bool) -> Any:
    match declared:
        case Column(name, read):
            return _read(_get(row, prefix + name), read)
        case Detail(name, read):
            return _read(_details(row, document).get(name), read)
        case Within(document=str(name)):
            inside = _get(_details(row, document) if declared.in_details else row, name)
            return from_row(_known(of), inside, reader, document=True) if inside is not None else None
        case Within(inner, present):
            return from_row(_known(of), row, reader, inner) if present is None or row[present] is not None else None
        case Each(name, in_details):
            listed = _get(_details(row, document) if in_details else row, name)
            return [from_row(_known(of), one, reader, document=True) for one in listed or ()]
        case Computed(columns, _, details):
            given = [as_json(_get(row, prefix + name)) for name in columns]
            return declared.of(reader, [*given, *(_details(row, document).get(name) for name in details)])
        case Belonging():
            raise AssertionError("read for all instances at once")


def _details(row: Row, document: bool) -> Row:
    return row if document else row["details"]


def _get(row: Row, name: str) -> Any:
    # an absent key of a document is null; an absent column is a mistake of ours
    return row.get(name) if isinstance(row, dict) else row[name]


def _known(of: type[Any] | None) -> type[Any]:
    assert of is not None
    return of


def _read(value: Any, read: Callable[[Any], Any] | None) -> Any:
    return read(value) if read is not None and value is not None else value


def as_json(value: Any) -> Any:
    """A column's value as JSON has it: what a computed field gets from either reader."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        # PostgreSQL writes no zeros at the end of a fraction
        return ENDING_ZEROS.sub("", value.isoformat())
    return value.isoformat() if isinstance(value, date) else value
