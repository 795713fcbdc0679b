"""What an operation is, known before it is executed: its kind, and whether its answer is the same for everybody."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
)

from resolvers.schema import Schema
from server.graph.refusals import RequestRefused

MOST_KEPT = 256


class Operation(NamedTuple):
    """An operation of a document. It is `public` when every root field is declared so (`metadata={"public": True}`)."""

    kind: OperationType
    public: bool


class Operations:
    """The operations of documents, the latest ones kept."""

    def __init__(self, schema: Schema) -> None:
        self._admission = schema.admission
        self._public = public_fields(schema)
        self.named = lru_cache(MOST_KEPT)(self._named)

    def _named(self, text: str, name: str | None) -> Operation | None:
        """The operation of a name (None: the only one), or None when the document cannot be read.

        Raises `RequestRefused` (400) when the document has no such operation (GraphQL, 6.1).
        """
        judged = self._admission.judged(text)
        document = judged.document
        if document is None:
            return None
        operation = get_operation_ast(document, name)
        if operation is None:
            for error in judged.errors:
                if code := (error.extensions or {}).get("code"):
                    raise RequestRefused(None, code, error.message)
            raise RequestRefused(
                400,
                "OPERATION_NOT_FOUND",
                "The document has no such operation: name one of it in `operationName` when it has several.",
            )
        public = operation.operation is OperationType.QUERY and all(root in self._public for root in _roots(document, operation))
        return Operation(operation.operation, public)


def public_fields(schema: Schema) -> frozenset[str]:
    """The names of the root fields whose answer is the same for everybody, in one language."""
    query = schema.get_type_by_name("Query")
    assert query is not None
    names = schema.config.name_converter
    declared = {names.get_graphql_name(field) for field in query.fields if field.metadata.get("public")}  # type: ignore[union-attr]
    return frozenset({*declared, "__typename", "__schema", "__type"})


def _roots(document: DocumentNode, operation: OperationDefinitionNode) -> Iterator[str]:
    """The names of the root fields, those of fragments included."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    waiting: list[SelectionSetNode] = [operation.selection_set]
    while waiting:
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            elif isinstance(selection, FragmentSpreadNode):
                # taken out: fragments that contain each other end here, and are told so by validation
                fragment = fragments.pop(selection.name.value, None)
                if fragment is not None:
                    waiting.append(fragment.selection_set)
            elif isinstance(selection, InlineFragmentNode):
                waiting.append(selection.selection_set)
