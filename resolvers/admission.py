"""Whether a GraphQL document is admitted: parsed, within the limits and valid. A text is judged once, as long as it is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graph.costs import DEAREST, cost_of, too_costly
from graph.limits import parsed, refusals

REMEMBERED = 256
LONGEST_REMEMBERED = 4096
"""Characters of a text: the tree of a document takes a hundred times as much, so hostile ones fill some tens of megabytes at most."""

MOST_ERRORS = 20
RULES: tuple[type[ASTValidationRule], ...] = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True)
class Judged:
    """A document, or why it is none that runs. `dear` has the operations whose cost depends on the variables of the request."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    dear: tuple[OperationDefinitionNode, ...] = ()


class Admission:
    """What a schema admits. Where it is not open to `introspection`, errors do not suggest names either."""

    def __init__(self, schema: GraphQLSchema, *, introspection: bool) -> None:
        self._schema = schema
        self._introspection = introspection
        self._remembered = lru_cache(REMEMBERED)(self._judge)

    def judged(self, text: str) -> Judged:
        """The document of a text, with the errors for which it must not run."""
        return self._remembered(text) if len(text) <= LONGEST_REMEMBERED else self._judge(text)

    def refusal(self, judged: Judged, operation: str | None, variables: Mapping[str, Any] | None) -> GraphQLError | None:
        """Why an operation of an admitted document is too costly with the variables of a request, or None."""
        if not judged.dear or judged.document is None:
            return None
        asked = get_operation_ast(judged.document, operation)
        if asked not in judged.dear:
            return None
        cost = cost_of(self._schema, judged.document, asked, variables or {})
        return too_costly(cost) if cost > DEAREST else None

    @property
    def remembered(self) -> int:
        """How many documents are remembered."""
        return self._remembered.cache_info().currsize

    def _judge(self, text: str) -> Judged:
        try:
            document = parsed(text)
        except GraphQLError as error:
            return Judged(None, (error.with_traceback(None),))
        errors = refusals(document, introspection=self._introspection) or validate(
            self._schema, document, RULES, max_errors=MOST_ERRORS, hide_suggestions=not self._introspection
        )
        if errors:
            return Judged(document, tuple(errors))
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        dear = (node for node in operations if cost_of(self._schema, document, node) > DEAREST)
        return Judged(document, (), tuple(dear))
