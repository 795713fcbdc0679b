"""A plan: each root field of an operation is one statement, whose rows are the bytes of that field's answer, for many requests at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_non_null_type
from strawberry.types.field import StrawberryField

from db.statements import Database, statement
from db.together import Together
from graph.reading import Parameters, Root
from planner.holes import Hole, encode, filled
from planner.parameters import Bindings, Bound, Variables, given_of
from planner.projection import DEFINITION, Projection, Row
from planner.refusing import Uncompiled
from planner.selection import Asked
from planner.sql import REFUSED, joined

LAST_SELECT = re.compile(r"select \* from (\w+)\s*$")
REFUSED_BYTE = REFUSED.encode()
LONGEST_PLAN = 16 * 1024
"""Characters of a statement. PostgreSQL keeps a hundred times as much for each connection; our front ends' longest has ten thousand."""


@dataclass(frozen=True)
class Absent:
    """What a union answers where there is no row: the keys of what is asked of it, and the attributes that hold the values."""

    keys: tuple[tuple[str, str | None], ...]
    typename: str

    def written(self, instance: object) -> bytes:
        """The JSON of an instance."""
        return encode({key: self.typename if name is None else getattr(instance, name) for key, name in self.keys}).encode()


@dataclass(frozen=True)
class Part:
    """A root field of a plan."""

    key: str
    root: Root
    sql: str
    bound: tuple[Bound, ...]
    holes: tuple[Hole, ...]
    absent: Absent | None
    nullable: bool
    primary: bool
    together: Together[tuple[Database, list[Any]], bytes | None]

    def asked(self, context: Any, variables: Variables) -> tuple[list[Any], Parameters]:
        """The row of a request, and the parameters of the field's own statement. What the caller may not read raises here."""
        first, *others = self.bound
        row, parameters = first.values(context, variables)
        for one in others:
            row += one.values(context, variables)[0]
        return row, parameters

    async def answer(self, context: Any, row: list[Any], parameters: Parameters) -> bytes:
        """The bytes of the field's answer. Raises `Uncompiled` where GraphQL has an error."""
        database = context.register.primary if self.primary else context.pool
        if self.root.attended is None:
            found = await self.together.one((database, row))
        else:
            async with self.root.attended(context, parameters) as turn:
                found = await self.together.one((database, row))
                turn.found = found is not None
        if found is None:
            return self._nothing(context)
        if REFUSED_BYTE in found:
            raise Uncompiled("error in the answer")
        return filled(found, self.holes, context)

    def _nothing(self, context: Any) -> bytes:
        if self.absent is not None and self.root.absent is not None:
            return self.absent.written(self.root.absent(context))
        if not self.nullable:
            raise Uncompiled("error in the answer")
        return b"null"


def part_of(of: GraphQLObjectType, asked: Asked, projection: Projection, bindings: Bindings) -> Part:
    """The part of a plan that a root field becomes. Raises `Uncompiled`."""
    field = of.fields.get(asked.name)
    definition: StrawberryField | None = field.extensions.get(DEFINITION) if field is not None else None
    root: Root | None = definition.metadata.get("read") if definition is not None else None
    if field is None or definition is None or root is None:
        raise Uncompiled(f"computed field {of.name}.{asked.name}" if definition is not None else "introspection")
    given = given_of(field, definition, asked.node, bindings)
    text, parameters = bindings.bind(root, given)
    shown, absent = projection.document.schema.type_map[root.of.__name__] if root.absent else field.type, None
    if root.absent is not None:
        absent = _absent(field, asked, projection, shown)
    if root.gathers:
        sql = _gathered(root, text, joined(projection.object(shown, asked.selections, Row("found"))), bindings)
    elif root.shape == "one":
        body = joined(projection.object(shown, asked.selections, Row("found")))
        sql = f"select x.o, convert_to({body}, 'UTF8') from {_requests(bindings)} cross join lateral ({text}) as found"
    else:
        body = joined(projection.read(root, field.type, asked.selections, text, parameters))
        sql = f"select x.o, convert_to({body}, 'UTF8') from {_requests(bindings)}"
    if len(sql) > LONGEST_PLAN:
        raise Uncompiled("long plan")
    return Part(
        asked.key, root, sql, tuple(bindings.bound), tuple(projection.holes), absent, not is_non_null_type(field.type),
        any(bound.read.primary for bound in bindings.bound),
        Together(_Run(sql, len(bindings.types), root)),
    )  # fmt: skip


def _requests(bindings: Bindings) -> str:
    """The requests as rows `x`: their columns from arrays, and their number `o` from 1."""
    if not bindings.types:
        return "generate_series(1, $1::int) as x (o)"
    sent = [("text" if kind.endswith("[]") else kind) for kind in bindings.types]
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(sent, 1))
    columns = ", ".join(f"p{place}" for place in range(1, len(sent) + 1))
    requests = f"unnest({arrays}) with ordinality as x ({columns}, o)"
    if sent == bindings.types:
        return requests
    read = ", ".join(f"x.p{place}::{kind} as p{place}" for place, kind in enumerate(bindings.types, 1))
    # `offset` keeps the texts from being read as arrays again for each row that is compared with them
    return f"(select x.o, {read} from {requests} offset 0) as x"


def _gathered(root: Root, text: str, body: str, bindings: Bindings) -> str:
    """A statement that answers many requests itself: its last select gives way to the projection."""
    if len(bindings.bound) > 1:
        raise Uncompiled("reading within a gathered statement")
    numbered = re.sub(r"x\.p(\d+)", r"$\1", text)
    replaced, count = LAST_SELECT.subn(lambda last: f"select found.o, convert_to({body}, 'UTF8') from {last[1]} as found", numbered)
    if count != 1:
        raise TypeError(f"{root.statement} does not end in `select * from …`")
    return replaced


def _absent(field: GraphQLField, asked: Asked, projection: Projection, shown: object) -> Absent:
    """The other member of a union of two, which has no stored field."""
    union = get_named_type(field.type)
    [other] = [member for member in projection.document.schema.get_possible_types(union) if member is not shown]  # pyright: ignore[reportArgumentType]
    keys: list[tuple[str, str | None]] = []
    for one in projection.document.collected(other, asked.selections):
        keys.append((one.key, None if one.name == "__typename" else other.fields[one.name].extensions[DEFINITION].python_name))
    return Absent(tuple(keys), other.name)


class _Run:
    """Runs a part's statement for the requests of one moment, on the database of each."""

    def __init__(self, sql: str, width: int, root: Root) -> None:
        self._sql = sql
        self._width = width
        self._root = root
        self._shared = [name in root.shared for name in statement(root.statement).parameters] if root.gathers else []

    async def __call__(self, requests: Sequence[tuple[Database, list[Any]]]) -> Sequence[bytes | Exception | None]:
        """The answers in the order of the requests; None where the statement found no row."""
        answers: list[bytes | Exception | None] = [None] * len(requests)
        by_pool: dict[Any, list[int]] = {}
        for number, (pool, _) in enumerate(requests):
            by_pool.setdefault(pool, []).append(number)
        for pool, numbers in by_pool.items():
            rows = [requests[number][1] for number in numbers]
            arrays: list[Any] = [list(column) for column in zip(*rows, strict=True)] if self._width else [len(rows)]
            for place, shared in enumerate(self._shared):
                arrays[place] = rows[0][place] if shared else arrays[place]
            try:
                for place, body in await pool.fetch(self._sql, *arrays):
                    answers[numbers[place - 1]] = body
            except asyncpg.DataError as error:
                # a value that the database does not take is one request's: the others are asked again without it
                if len(numbers) == 1:
                    answers[numbers[0]] = error
                    continue
                for number in numbers:
                    [answers[number]] = await self([requests[number]])
        return answers
