"""Answers requests by plans: documents are validated once, compiled when they come again, and kept within a bound."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, cast

import asyncpg
from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    VariableNode,
    is_non_null_type,
    value_from_ast,
    visit,
)
from graphql.language import DocumentNode, Visitor
from graphql.utilities import coerce_input_value, type_from_ast

from graph.input import CallerError
from graph.reading import Read
from planner.kinds import Kinds
from planner.parameters import Bindings
from planner.plan import Part, part_of
from planner.projection import Projection
from planner.refusing import Refusals, Uncompiled
from planner.selection import Document

MOST_DOCUMENTS = 500
"""Documents whose plans are kept. Each part of one is a prepared statement of every connection."""

SEEN_FIRST = 2000
"""Documents that were seen once and are compiled when they come again: what nobody sends twice is not worth a plan."""

MOST_VARIANTS = 32
"""Plans of one document, which differ by what its directives leave of it: variables could make thousands."""


PLAIN: Mapping[str, type] = {"String": str, "ID": str, "Int": int, "Boolean": bool}
INTEGERS = range(-(2**31), 2**31)
"""Those of GraphQL (October 2021, §3.5.1)."""


@dataclass(frozen=True)
class Variable:
    """A variable of an operation: how its value is read."""

    of: GraphQLInputType
    default: Any
    plain: type | None
    """The type of a value that needs no look."""

    def read(self, name: str, given: Mapping[str, Any]) -> Any:
        """The value that a request gives; `Undefined` for none. Raises `Uncompiled` when it is not of the type."""
        value = given.get(name, Undefined)
        if value is Undefined:
            if self.default is Undefined and is_non_null_type(self.of):
                raise Uncompiled("variables")
            return self.default
        if type(value) is self.plain and (self.plain is not int or value in INTEGERS):
            return value
        read = coerce_input_value(value, self.of)
        if read is Undefined:
            raise Uncompiled("variables")
        return read


J = TypeVar("J", bound="Judged")


@dataclass
class Compiled(Generic[J]):
    """A document's operation, and its plan for each set of values of the variables that its directives depend on."""

    judged: J
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Variable]
    flags: tuple[str, ...]
    plans: dict[tuple[bool, ...], tuple[Part | bytes, ...] | Uncompiled] = field(default_factory=dict)


class Judged(Protocol):
    """A document that was read: none, or one that must not run, has errors."""

    @property
    def document(self) -> DocumentNode | None: ...
    @property
    def errors(self) -> Sequence[GraphQLError]: ...


class Admission(Protocol[J]):
    """Which documents run at all: the other executor asks the same."""

    def judged(self, text: str) -> J: ...
    def refusal(self, judged: J, operation: str | None, variables: Mapping[str, Any] | None) -> GraphQLError | None: ...


class Planner(Generic[J]):
    """Answers the queries of one schema."""

    def __init__(
        self,
        schema: GraphQLSchema,
        admission: Admission[J],
        graphql_name: Callable[[Any], str],
        reads: Mapping[str, Read],
        kinds: Mapping[str, Kinds],
        *,
        at_once: bool = False,
    ) -> None:
        """`graphql_name` is the name that the schema gives to an argument; `at_once` compiles a document when it is first seen."""
        self._schema = schema
        self._admission = admission
        self._name = graphql_name
        self._reads = reads
        self._kinds = kinds
        self._at_once = at_once
        self._seen: OrderedDict[tuple[str, str | None], None] = OrderedDict()
        self._compiled: OrderedDict[tuple[str, str | None], Compiled[J] | Uncompiled] = OrderedDict()
        self.refusals = Refusals()

    async def answer(self, text: str, operation: str | None, variables: Mapping[str, Any], context: Any) -> bytes | None:
        """The bytes of the answer to a query, or None when the schema's own executor has to give it."""
        try:
            compiled = self._known(text, operation)
            if self._admission.refusal(compiled.judged, operation, variables):
                raise Uncompiled("too costly")
            values = {name: one.read(name, variables) for name, one in compiled.variables.items()}
            parts = self._plan(compiled, values)
            return await _written(parts, context, values)
        except Uncompiled as refused:
            self.refusals.count(refused)
        except CallerError:
            self.refusals.count(Uncompiled("caller"))
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            self.refusals.count(Uncompiled(f"database {type(error).__name__}"))
        except Exception as error:
            # what a declaration computes may raise anything: the other executor says it as it says all that is unforeseen
            self.refusals.count(Uncompiled(f"raised {type(error).__name__}"))
        return None

    def _known(self, text: str, operation: str | None) -> Compiled[J]:
        key = (text, operation)
        known = self._compiled.get(key)
        if known is None:
            if not self._at_once and key not in self._seen:
                self._seen[key] = None
                if len(self._seen) > SEEN_FIRST:
                    self._seen.popitem(last=False)
                raise Uncompiled("first sight")
            self._seen.pop(key, None)
            try:
                known = self._read(text, operation)
            except Uncompiled as refused:
                known = refused
            self._compiled[key] = known
            if len(self._compiled) > MOST_DOCUMENTS:
                self._compiled.popitem(last=False)
        else:
            self._compiled.move_to_end(key)
        if isinstance(known, Uncompiled):
            raise Uncompiled(known.reason)
        return known

    def _read(self, text: str, operation: str | None) -> Compiled[J]:
        judged = self._admission.judged(text)
        document = judged.document
        if document is None or judged.errors:
            raise Uncompiled("invalid document")
        operations = [
            node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode) and (operation is None or (node.name and node.name.value == operation))
        ]
        if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
            raise Uncompiled("no single query")
        variables: dict[str, Variable] = {}
        for definition in operations[0].variable_definitions or ():
            of = type_from_ast(self._schema, definition.type)
            default = Undefined if definition.default_value is None else value_from_ast(definition.default_value, of)  # pyright: ignore[reportArgumentType]
            inner = of.of_type if is_non_null_type(of) else of
            plain = PLAIN.get(getattr(inner, "name", ""))
            variables[definition.variable.name.value] = Variable(of, default, plain)  # pyright: ignore[reportArgumentType]
        return Compiled(judged, document, operations[0], variables, _flags(document))

    def _plan(self, compiled: Compiled[J], values: Mapping[str, Any]) -> tuple[Part | bytes, ...]:
        given = [values.get(name, False) for name in compiled.flags]
        if None in given:
            raise Uncompiled("null in a directive")
        flags = tuple([value is True for value in given])
        plan = compiled.plans.get(flags)
        if plan is None:
            if len(compiled.plans) >= MOST_VARIANTS:
                raise Uncompiled("too many variants")
            fragments = {
                node.name.value: node for node in compiled.document.definitions if isinstance(node, FragmentDefinitionNode)
            }
            document = Document(self._schema, fragments, dict(zip(compiled.flags, flags, strict=True)))
            try:
                plan = tuple(self._parts(document, compiled.operation))
            except Uncompiled as refused:
                plan = refused
            compiled.plans[flags] = plan
        if isinstance(plan, Uncompiled):
            raise Uncompiled(plan.reason)
        return plan

    def _parts(self, document: Document, operation: OperationDefinitionNode) -> list[Part | bytes]:
        query = self._schema.query_type
        assert query is not None
        parts: list[Part | bytes] = []
        for asked in document.collected(query, (operation.selection_set,)):
            opening = ("," if parts else "") + f'"{asked.key}":'
            if asked.name == "__typename":
                parts.append(f'{opening}"{query.name}"'.encode())
                continue
            bindings = Bindings(self._name)
            parts += [opening.encode(), part_of(query, asked, Projection(document, self._reads, self._kinds, bindings), bindings)]
        return parts


async def _written(parts: tuple[Part | bytes, ...], context: Any, variables: Mapping[str, Any]) -> bytes:
    # all that may be refused beforehand comes before the first reading, which may leave a trace
    asked = [(part, *part.asked(context, variables)) for part in parts if isinstance(part, Part)]
    reading = [part.answer(context, row, parameters) for part, row, parameters in asked]
    answers = iter([await reading[0]] if len(reading) == 1 else await _all(reading))
    return b'{"data":{' + b"".join([part if isinstance(part, bytes) else next(answers) for part in parts]) + b"}}"


async def _all(reading: Sequence[Awaitable[bytes]]) -> list[bytes]:
    """What they come to once all have ended: none goes on by itself when another fails."""
    found = await asyncio.gather(*reading, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return cast("list[bytes]", found)


def _flags(document: DocumentNode) -> tuple[str, ...]:
    """The variables that @skip and @include depend on."""
    names: set[str] = set()

    class Directives(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            names.update(argument.value.name.value for argument in node.arguments or () if isinstance(argument.value, VariableNode))

    visit(document, Directives())
    return tuple(sorted(names))
