"""Keyset pages: a cursor is the sort key of its row, opaque to clients."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import relay

from graph.input import BadInput

N = TypeVar("N", bound=relay.Node)
R = TypeVar("R")

DEFAULT_PAGE, LONGEST_PAGE = 20, 50

First = Annotated[int, strawberry.argument(description=f"Length of the page, 1 to {LONGEST_PAGE}")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the row before the page")]


class PageRefused(BadInput):
    """`first` is out of bounds, or `after` is not a cursor of this list."""


def cursor_of(*key: str | int) -> str:
    """The cursor of a row with that sort key."""
    text = json.dumps(key, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(cursor: str | None, first_page: Sequence[str | int]) -> Sequence[Any]:
    """The sort key of a cursor, or that of the first page. Raises `PageRefused` when the cursor is another list's."""
    if cursor is None:
        return first_page
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise PageRefused("`after` is not a cursor") from error
    if not isinstance(key, list) or [type(part) for part in key] != [type(part) for part in first_page]:
        raise PageRefused("`after` is a cursor of another list")
    return key


def checked(first: int) -> int:
    """The length of a page. Raises `PageRefused` outside 1 to `LONGEST_PAGE`."""
    if not 1 <= first <= LONGEST_PAGE:
        raise PageRefused(f"`first` must be 1 to {LONGEST_PAGE}, not {first}")
    return first


def page_of(
    rows: Sequence[R], first: int, node: Callable[[R], N | None], key: Callable[[R], tuple[str | int, ...]]
) -> relay.Connection[N]:
    """The connection of at most `first` rows; a row more means that there is a next page. A row without a node is left out, and the
    next page begins after it all the same."""
    shown = rows[:first]
    edges = [relay.Edge(cursor=cursor_of(*key(row)), node=made) for row in shown if (made := node(row)) is not None]
    return relay.Connection(
        edges=edges,
        page_info=relay.PageInfo(
            has_next_page=len(rows) > first,
            has_previous_page=False,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=cursor_of(*key(shown[-1])) if shown else None,
        ),
    )
