"""Stored fields: a GraphQL field declares where the register keeps its value, once, for every reader.

`column("mention")` is a column of the row that the type is made from; `detail("options")` a key of its `details` document.
Types are made from rows by `from_row`; nothing else maps names to values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar

import strawberry
from strawberry.types import get_object_definition

from graph.pages import DEFAULT_PAGE, After, First

T = TypeVar("T")


@dataclass(frozen=True)
class Stored:
    """Where the value of a field is: a column, or a key of the `details` document."""

    kind: Literal["column", "detail"]
    name: str
    read: Callable[[Any], Any] | None


def column(name: str, description: str, read: Callable[[Any], Any] | None = None) -> Any:
    """A field kept in the column `name` of the type's row; `read` turns the stored value into the field's."""
    return strawberry.field(description=description, metadata={"stored": Stored("column", name, read)})


def detail(name: str, description: str, read: Callable[[Any], Any] | None = None) -> Any:
    """A field kept under the key `name` of the diploma's `details`; an absent key reads as None."""
    return strawberry.field(description=description, metadata={"stored": Stored("detail", name, read)})


def one(name: str, description: str) -> Any:
    """An object that belongs to the type's instance, or none, read for all instances of an answer at once by the loader `name`."""
    return strawberry.field(resolver=_loading(name), description=description)


def many(name: str, description: str) -> Any:
    """A list that belongs to the type's instance, read for all instances of an answer at once by the loader `name`."""
    return strawberry.field(resolver=_loading(name), description=description)


def _loading(name: str) -> Callable[..., Any]:
    async def load(self: Any, info: strawberry.Info[Any, Any]) -> Any:
        return await info.context.load(name, self.uuid)

    return load


def paged(name: str, description: str) -> Any:
    """A connection that belongs to the type's instance: a page of at most 50, read by the pager `name`."""

    async def load(self: Any, info: strawberry.Info[Any, Any], first: First = DEFAULT_PAGE, after: After = None) -> Any:
        return await info.context.page(name, self.uuid, first, after)

    return strawberry.field(resolver=load, description=description)


@cache
def declarations(of: type) -> tuple[tuple[str, Stored], ...]:
    """The stored fields of a type, by Python name, in the order of their declaration."""
    fields = get_object_definition(of, strict=True).fields
    return tuple((field.python_name, field.metadata["stored"]) for field in fields if "stored" in field.metadata)


def from_row(of: type[T], row: Mapping[str, Any], prefix: str = "", **others: Any) -> T:
    """An instance of `of` whose stored fields are read from `row`; `prefix` precedes the column names.

    `others` gives the fields that are not stored in the row itself (a nested type, a relay id).
    """
    details: Mapping[str, Any] = row["details"] if "details" in row else {}  # noqa: SIM401 (a record is no mapping)
    values = dict(others)
    for name, stored in declarations(of):
        if name in values:
            continue
        value = row[prefix + stored.name] if stored.kind == "column" else details.get(stored.name)
        values[name] = stored.read(value) if stored.read is not None and value is not None else value
    return of(**values)


def member(of: type[Enum]) -> Callable[[str], Enum]:
    """Reads an enum stored by its name."""
    return lambda name: of[name]
