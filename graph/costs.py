"""What a GraphQL operation may cost at most: every field has a price, and the lengths of lists multiply what stands below them.

A field costs 1, or its metadata `cost`. What stands below it is multiplied by the length of the page that is asked for, or by the
metadata `most` of its list: a number, or what makes one of the arguments given, where an argument that is not known yet is None.
Fields of fragments on several types are all counted, and directives leave nothing out. Counting is linear in the document: each
fragment is counted once.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_list_type,
    value_from_ast_untyped,
)

from graph.limits import HIGHEST
from graph.pages import DEFAULT_PAGE, LONGEST_PAGE

DEAREST = 100_000
"""Of one operation: `docs/limits.md` says how it was chosen."""

USUAL_LIST = 10
"""Length of a list whose field does not say its `most`; those of introspection have it too."""


def cost_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None = None
) -> int:
    """What an operation of a valid document costs at most, as far as `HIGHEST`. Without `variables`, the most with any."""
    root = schema.get_root_type(operation.operation)
    return min(_Costs(schema, document, operation, variables).of(operation.selection_set, root), HIGHEST) if root else 0


def too_costly(cost: int) -> GraphQLError:
    """The refusal of an operation of that cost."""
    message = f"The operation may cost {cost}, and at most {DEAREST}: ask for shorter pages or fewer fields."
    return GraphQLError(message, extensions={"code": "TOO_COSTLY", "cost": cost, "limit": DEAREST})


class _Costs:
    """The costs of the selections of one operation; each fragment is counted once."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._defaults = {one.variable.name.value: one.default_value for one in operation.variable_definitions or ()}
        self._fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        self._known: dict[str, int] = {}

    def of(self, selection_set: SelectionSetNode, parent: GraphQLCompositeType) -> int:
        """The cost of a selection of a type."""
        total = 0
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                total += self.of(node.selection_set, self._type(condition.name.value) if condition else parent)
        return total

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.get_type(name)
        assert is_composite_type(found)  # the document is valid
        return found

    def _fragment(self, name: str) -> int:
        if name not in self._known:
            fragment = self._fragments[name]
            self._known[name] = self.of(fragment.selection_set, self._type(fragment.type_condition.name.value))
        return self._known[name]

    def _field(self, node: FieldNode, parent: GraphQLCompositeType) -> int:
        definition = self._schema.get_field(parent, node.name.value)
        assert definition is not None  # the document is valid
        declared = _metadata(definition)
        cost: int = declared.get("cost", 1)
        below = get_named_type(definition.type)
        if node.selection_set is None or not is_composite_type(below):
            return cost
        return cost + self._length(node, definition, parent, declared) * self.of(node.selection_set, below)

    def _length(self, node: FieldNode, definition: GraphQLField, parent: GraphQLCompositeType, declared: Mapping[str, Any]) -> int:
        """How many objects the field answers at most."""
        if "first" in definition.args:
            return self._page(node)
        nullable = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
        # the edges of a page: the field of the page has multiplied already
        if not is_list_type(nullable) or self._schema.get_field(parent, "pageInfo"):
            return 1
        most: int | Callable[[Mapping[str, Any]], int] = declared.get("most", USUAL_LIST)
        return most(self._arguments(node)) if callable(most) else most

    def _page(self, node: FieldNode) -> int:
        """The length of a page: what is asked for, within the bounds that a page has."""
        asked = self._arguments(node).get("first", DEFAULT_PAGE)
        return min(max(asked, 1), LONGEST_PAGE) if isinstance(asked, int) else LONGEST_PAGE

    def _arguments(self, node: FieldNode) -> dict[str, Any]:
        """The arguments that are given; None where a variable is not known."""
        return {one.name.value: value for one in node.arguments or () if (value := self._value(one.value)) is not Undefined}

    def _value(self, given: ValueNode) -> Any:
        if not isinstance(given, VariableNode):
            return value_from_ast_untyped(given)
        name = given.name.value
        if self._variables is None:
            return None
        default = self._defaults.get(name)
        return self._variables.get(name, value_from_ast_untyped(default) if default else Undefined)


def _metadata(definition: GraphQLField) -> Mapping[str, Any]:
    """What is declared beside a field, where Strawberry keeps it."""
    declared = definition.extensions.get("strawberry-definition")
    return declared.metadata if declared is not None else {}
