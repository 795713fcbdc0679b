"""How objects are read: a named statement of `db/queries`, and what gives its parameters. No statement runs here.

The statement decides which rows the caller sees; its parameters say who asks. Strawberry's executor and the planner read both alike.
"""

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import strawberry

Parameters: TypeAlias = Mapping[str, Any]
Shape: TypeAlias = Literal["one", "list", "page"]


class Turn(Protocol):
    """A reading under way: whoever reads says whether there was anything."""

    found: bool


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a field reads. `parameters` takes the context and the field's arguments, and gives the values of the statement's parameters.

    A page's statement takes `count`, one row more than the page has; `key` names the columns of its sort key. What belongs to an object
    takes that object's key as the parameter `owner`: an array of keys when `by` names the column of a row that
    says whose it is. What writes, or may not be late, reads on the `primary`.
    """

    statement: str
    of: type[Any]
    shape: Shape
    parameters: Callable[..., Parameters]
    key: tuple[str, ...] = ()
    owner: str | None = None
    by: str | None = None
    primary: bool = False


@dataclass(frozen=True, kw_only=True)
class Root(Read):
    """What a root field reads.

    `gathers`: the statement answers many requests at once: its parameters are arrays of each request's, but those of `shared`; its rows
    say by `o`, from 1, which request they answer. `absent` makes what a union answers where there is no row. `attended` surrounds the
    reading, for what precedes and follows it.
    """

    gathers: bool = False
    shared: tuple[str, ...] = ()
    absent: Callable[[Any], Any] | None = None
    attended: Callable[[Any, Parameters], AbstractAsyncContextManager[Turn]] | None = None


def root(
    read: Root, description: str, *, most: int | Callable[[Mapping[str, Any]], int] | None = None, public: bool = False
) -> Any:
    """A root field that reads. `most` bounds its list, or says from the arguments by how much; the answer of a `public` one depends on its
    arguments and the language alone."""

    async def resolve(info: strawberry.Info[Any, Any], **arguments: Any) -> Any:
        return await info.context.read(read, arguments)

    asked = list(inspect.signature(read.parameters).parameters.values())[1:]
    first = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=strawberry.Info)
    resolve.__signature__ = inspect.Signature([first, *asked], return_annotation=Any)  # pyright: ignore[reportFunctionMemberAccess]
    resolve.__module__ = read.parameters.__module__
    metadata: dict[str, Any] = {"read": read, "public": public}
    if most is not None:
        metadata["most"] = most
    return strawberry.field(resolver=resolve, description=description, metadata=metadata)
