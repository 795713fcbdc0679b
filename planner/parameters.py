"""The parameters of the statements that a plan reads: which columns of its requests they become, and what gives their values.

A plan answers many requests at once, each a row of arrays: a parameter of a named statement becomes a column of that row. A parameter
that is itself an array travels as text, since PostgreSQL's `unnest` would flatten it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLArgument, GraphQLField, Undefined, VariableNode, is_non_null_type, value_from_ast
from strawberry.types.field import StrawberryField

from db.statements import PARAMETER, Statement, statement
from graph.reading import Read, Root
from planner.refusing import Uncompiled
from planner.sql import array_literal

TYPED = re.compile(r"\(:([a-z_]+)\)::([a-z]+(?:\[\])?)")

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """The arguments of a field: constants, and the variables that give the others; by the names that Python has for them."""

    constants: Mapping[str, Any]
    variables: Mapping[str, tuple[str, GraphQLArgument]]

    def of(self, variables: Variables) -> dict[str, Any]:
        """The arguments with the variables of a request. Raises `Uncompiled` where one is null and must not be."""
        found = dict(self.constants)
        for name, (variable, declared) in self.variables.items():
            value = variables.get(variable, Undefined)
            if value is Undefined:
                value = declared.default_value
            if value is None and is_non_null_type(declared.type):
                raise Uncompiled("null argument")
            if value is not Undefined:
                found[name] = value
        return found


def given_of(field_: GraphQLField, definition: StrawberryField, node: FieldNode, known: "Bindings") -> Given:
    """The arguments that a field is given. Raises `Uncompiled` when one cannot be told."""
    nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    constants: dict[str, Any] = {}
    variables: dict[str, tuple[str, GraphQLArgument]] = {}
    for argument in definition.arguments:
        name = known.graphql_name(argument)
        declared = field_.args[name]
        value = nodes.get(name)
        if isinstance(value, VariableNode):
            variables[argument.python_name] = (value.name.value, declared)
        elif value is not None:
            constants[argument.python_name] = _constant(value, declared.type)
        elif declared.default_value is not Undefined:
            constants[argument.python_name] = declared.default_value
    return Given(constants, variables)


def _constant(value: Any, of: Any) -> Any:
    found = value_from_ast(value, of)
    if found is Undefined:
        raise Uncompiled("argument")
    return found


@dataclass(frozen=True)
class Bound:
    """A reading of the plan: what gives its parameters, and which columns of the request's row they become."""

    read: Read
    given: Given
    columns: tuple[tuple[str, bool], ...]
    """Each parameter in its place, and whether it is an array."""

    def values(self, context: Any, variables: Variables) -> tuple[list[Any], Mapping[str, Any]]:
        """What a request puts in its row, and all the parameters. What the caller may not read raises as it does elsewhere."""
        parameters = self.read.parameters(context, **self.given.of(variables))
        return [
            array_literal(parameters[name]) if is_array and parameters[name] is not None else parameters[name]
            for name, is_array in self.columns
        ], parameters


@dataclass
class Bindings:
    """Binds statements to the row `x` of a plan's request, and remembers the order and types of its columns."""

    graphql_name: Callable[[Any], str]
    bound: list[Bound] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    def bind(self, read: Read, given: Given, owner: str | None = None) -> tuple[str, dict[str, str]]:
        """The text of a reading's statement with its parameters bound, and the SQL of each."""
        source = statement(read.statement)
        types = types_of(source)
        columns: list[tuple[str, bool]] = []
        places: dict[str, str] = {}
        for name in source.parameters:
            if name == read.owner and owner is not None:
                places[name] = f"array[{owner}]" if read.by is not None else owner
                continue
            # what answers many requests at once has arrays already, of each request's value
            is_array = types[name].endswith("[]") and not (isinstance(read, Root) and read.gathers)
            self.types.append(types[name])
            columns.append((name, is_array))
            places[name] = f"x.p{len(self.types)}"
        self.bound.append(Bound(read, given, tuple(columns)))
        text = source.source
        if owner is not None and read.by is not None:
            # of one object at a time: an equality keeps the order of an index, which `any` does not
            text = re.sub(rf"= any\(\(:{read.owner}\)::[a-z]+\[\]\)", f"= {owner}", text)
        return PARAMETER.sub(lambda found: places[found[1]], text), places


def types_of(source: Statement) -> dict[str, str]:
    """The type of each parameter of a statement, as one of its casts says. Raises `TypeError` when one has none."""
    types: dict[str, str] = dict(TYPED.findall(source.source))
    if missing := [name for name in source.parameters if name not in types]:
        raise TypeError(f"{source.name} casts {missing} nowhere: a plan needs their types")
    return types
