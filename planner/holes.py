"""What Python computes in an answer that PostgreSQL wrote: each hole has its number and the values of its columns."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLNonNull, is_leaf_type, is_list_type

from graph.stored import Computed
from planner.refusing import Uncompiled
from planner.selection import OutputType

HOLE = re.compile(rb"\x01(\d+):([^\x02]*)\x02")
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True)
class Hole:
    """A field that is computed from columns, as JSON has them."""

    computed: Computed
    completed: Callable[[Any], Any]

    def filled(self, context: Any, given: bytes) -> bytes:
        """What stands in the hole, as JSON. Raises `Uncompiled` where GraphQL has an error."""
        try:
            return encode(self.completed(self.computed.of(context, decode(given.decode())[0]))).encode()
        except Exception as error:  # a family's own Python may fail in any way: the other executor answers how
            raise Uncompiled("error in the answer") from error


def completing(of: OutputType) -> Callable[[Any], Any]:
    """What makes JSON of a computed value: GraphQL, October 2021, §6.4.3 CompleteValue, of leaves and their lists.

    Raises `Uncompiled` for another type; what it gives raises it where GraphQL has an error.
    """
    if isinstance(of, GraphQLNonNull):
        inner = completing(of.of_type)

        def required(value: Any) -> Any:
            completed = inner(value)
            if completed is None:
                raise Uncompiled("error in the answer")
            return completed

        return required
    if is_list_type(of):
        item = completing(of.of_type)
        return lambda value: None if value is None else [item(one) for one in value]
    if isinstance(of, GraphQLEnumType):
        return lambda value: None if value is None else value.name
    if not is_leaf_type(of):
        raise Uncompiled("computed object")
    return lambda value: None if value is None else of.serialize(value)


def filled(answer: bytes, holes: tuple[Hole, ...], context: Any) -> bytes:
    """The answer with its holes filled. Raises `Uncompiled` where GraphQL has an error."""
    if not holes:
        return answer
    return HOLE.sub(lambda found: holes[int(found[1])].filled(context, found[2]), answer)
