"""What a selection asks of an object: fields by the key of their answer, fragments followed, as the specification collects them.

GraphQL, October 2021, §6.3.2 CollectFields and §3.13 (@skip and @include); fields of one key are merged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import BooleanValueNode, DirectiveNode

from planner.refusing import Uncompiled

OutputType: TypeAlias = Any
"""The type of a field. graphql-core's own union of them is generic, and unknown to a strict reader."""


@dataclass(frozen=True)
class Asked:
    """A field that is asked for under a key: its first node, which has its arguments, and the selections of all of them."""

    key: str
    node: FieldNode
    selections: tuple[SelectionSetNode, ...]

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.node.name.value


@dataclass(frozen=True)
class Document:
    """An operation's fragments and the values of the variables on which its directives depend."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    flags: Mapping[str, bool]

    def collected(self, of: GraphQLObjectType, selections: tuple[SelectionSetNode, ...]) -> list[Asked]:
        """The fields that selections ask of an object of a type, in the order of their answer."""
        found: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection in selections:
            self._collect(of, selection, found, visited)
        return [
            Asked(key, nodes[0], tuple(node.selection_set for node in nodes if node.selection_set is not None))
            for key, nodes in found.items()
        ]

    def _collect(
        self, of: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]], visited: set[str]
    ) -> None:
        for node in selections.selections:
            if not self._kept(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, of):
                    self._collect(of, node.selection_set, found, visited)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, of):
                    self._collect(of, fragment.selection_set, found, visited)

    def _applies(self, condition: str, of: GraphQLObjectType) -> bool:
        named = self.schema.type_map[condition]
        return named is of or (is_abstract_type(named) and self.schema.is_sub_type(named, of))

    def _kept(self, directives: tuple[DirectiveNode, ...]) -> bool:
        for directive in directives:
            name, value = directive.name.value, directive.arguments[0].value if directive.arguments else None
            if name not in ("skip", "include"):
                raise Uncompiled(f"directive {name}")
            if isinstance(value, VariableNode):
                holds = self.flags[value.name.value]
            elif isinstance(value, BooleanValueNode):
                holds = value.value
            else:
                raise Uncompiled(f"directive {name}")
            if holds is (name == "skip"):
                return False
        return True
