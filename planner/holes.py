"""What Python computes in an answer that PostgreSQL wrote: each hole has its number and the values of its columns."""

import json
import re
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLLeafType, GraphQLNonNull, is_leaf_type, is_list_type

from graph.stored import Computed
from planner.refusing import Uncompiled
from planner.selection import OutputType

HOLE = re.compile(rb"\x01(\d+):([^\x02]*)\x02")
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Hole:
    """A field that is computed from columns, as JSON has them."""

    computed: Computed
    of: OutputType

    def __post_init__(self) -> None:
        """Raises `Uncompiled` when what is computed is no leaf."""
        self.leaf  # noqa: B018 (raises)

    @property
    def leaf(self) -> GraphQLLeafType:
        """The scalar or enum that it computes, or that its list is of."""
        inner = self.of
        while isinstance(inner, GraphQLNonNull) or is_list_type(inner):
            inner = inner.of_type
        if not is_leaf_type(inner):
            raise Uncompiled("computed object")
        return inner

    def filled(self, context: Any, given: bytes) -> bytes:
        """What stands in the hole, as JSON. Raises `Uncompiled` where GraphQL has an error."""
        return encode(self._completed(self.of, self.computed.of(context, json.loads(given)))).encode()

    def _completed(self, of: OutputType, value: Any) -> Any:
        """GraphQL, October 2021, §6.4.3 CompleteValue, of leaves and their lists."""
        if isinstance(of, GraphQLNonNull):
            completed = self._completed(of.of_type, value)
            if completed is None:
                raise Uncompiled("null")
            return completed
        if value is None:
            return None
        if is_list_type(of):
            return [self._completed(of.of_type, item) for item in value]
        if isinstance(of, GraphQLEnumType):
            return value.name
        return self.leaf.serialize(value)


def filled(answer: bytes, holes: tuple[Hole, ...], context: Any) -> bytes:
    """The answer with its holes filled. Raises `Uncompiled` where GraphQL has an error."""
    if not holes:
        return answer
    return HOLE.sub(lambda found: holes[int(found[1])].filled(context, found[2]), answer)
