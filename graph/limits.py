"""How large a GraphQL document may be: tokens, definitions, depth, root fields, aliases, directives, repeated fields.

`parsed`, then `refusals`, then the standard rules, then `graph.costs`, in this order: each step bounds what the next has to do. The
standard rules compare fields in pairs, so a document is refused for its size before they see it. Everything here is linear in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

MOST_TOKENS = 1000
MOST_OPERATIONS = 10
MOST_FRAGMENTS = 30
MOST_SPREADS = 100
MOST_ROOT_FIELDS = 10
MOST_ALIASES = 30
MOST_DIRECTIVES = 30
MOST_REPEATS = 100
"""Fields of a selection whose name stands there already: the standard rules compare each with each."""

DEEPEST = 10
"""Fields from the operation to a leaf, fragments followed. Introspection, whose lists a standard rule bounds, is not counted."""

HIGHEST = 2**31 - 1
"""Numbers beyond are told as this one, the largest of GraphQL's Int."""

INTROSPECTION = ("__schema", "__type")


# never more than there are, and the parser counts again; strings need no end here, or each of many without one is sought to the end
_TOKEN = re.compile(
    r'"""(?:\\"""|(?!""").)*(?:""")?|"(?:\\.|[^"\\\n])*"?|#[^\n\r]*|\.\.\.|[!$&()=:@\[\]{|}]|[\w+-][\w.+-]*',
    re.DOTALL | re.ASCII,
)


def parsed(text: str) -> DocumentNode:
    """The document of a text. Raises `GraphQLError` when it is none, is too long, or too deep for the parser."""
    # a tree of thousands of tokens takes ten milliseconds to build, and more to forget
    if sum(1 for _ in islice(_TOKEN.finditer(text), MOST_TOKENS + 1)) > MOST_TOKENS:
        raise _too_many_tokens()
    try:
        return parse(text, max_tokens=MOST_TOKENS)
    except GraphQLSyntaxError as error:
        problem = error
    if problem.message.endswith(f"more than {MOST_TOKENS} tokens. Parsing aborted."):
        raise _too_many_tokens()
    if "nested too deeply" in problem.message:
        raise _refused("DOCUMENT_TOO_DEEP", f"The document is nested too deeply: at most {DEEPEST} levels.", limit=DEEPEST)
    problem.extensions = {"code": "SYNTAX_ERROR"}
    raise problem


def refusals(document: DocumentNode, *, introspection: bool = True) -> list[GraphQLError]:
    """Why a document is refused before it is validated, or nothing: for its size, its depth, fragments within themselves, or because it
    asks for the schema where that is not answered. Needs no schema."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    if found := [
        *_excess("TOO_MANY_OPERATIONS", "operations", len(operations), MOST_OPERATIONS),
        *_excess("TOO_MANY_FRAGMENTS", "fragments", len(document.definitions) - len(operations), MOST_FRAGMENTS),
    ]:
        return found
    asked = [_measured(node) for node in operations]
    spread = [_measured(node) for node in fragments]
    shapes = {node.name.value: shape for node, shape in zip(fragments, spread, strict=True)}
    every = [*asked, *spread]
    if not introspection and (node := next((shape.introspection for shape in every if shape.introspection), None)):
        return [_refused("INTROSPECTION_OFF", "The schema is not answered here: it is at /schema.graphql, as text.", node=node)]
    if cyclic := _cycle(shapes):
        return [_refused("FRAGMENT_CYCLE", f"Fragment {cyclic} stands within itself.")]
    if any(shape.introspective_aliases for shape in every):
        # the lists of a schema are long, and a standard rule bounds how deep they stand in each other, not how often
        return [_refused("TOO_MANY_ALIASES", "Introspection takes no aliases.", limit=0)]
    reach = _Reach(shapes)
    return [
        *_excess("DOCUMENT_TOO_DEEP", "levels", max(map(reach.levels, asked), default=0), DEEPEST),
        *_excess("TOO_MANY_ROOT_FIELDS", "root fields", max(map(reach.top, asked), default=0), MOST_ROOT_FIELDS),
        *_excess("TOO_MANY_ALIASES", "aliases", sum(shape.aliases for shape in every), MOST_ALIASES),
        *_excess("TOO_MANY_DIRECTIVES", "directives", sum(shape.directives for shape in every), MOST_DIRECTIVES),
        *_excess("TOO_MANY_SPREADS", "spreads of fragments", sum(len(shape.spread()) for shape in every), MOST_SPREADS),
        *_excess(
            "TOO_MANY_REPEATS", "fields that their selection has already", sum(shape.repeats for shape in every), MOST_REPEATS
        ),
    ]


def _too_many_tokens() -> GraphQLError:
    return _refused("TOO_MANY_TOKENS", f"The document has more than {MOST_TOKENS} tokens.", limit=MOST_TOKENS)


def _excess(code: str, what: str, found: int, limit: int) -> list[GraphQLError]:
    if found <= limit:
        return []
    message = f"The document has {found} {what}, and at most {limit} are allowed."
    return [GraphQLError(message, extensions={"code": code, "found": found, "limit": limit})]


def _refused(code: str, message: str, *, node: Node | None = None, **more: int) -> GraphQLError:
    return GraphQLError(message, nodes=node, extensions={"code": code, **more})


@dataclass
class _Shape:
    """What one definition holds itself, and where it spreads fragments."""

    levels: int = 0
    top: int = 0
    aliases: int = 0
    directives: int = 0
    repeats: int = 0
    introspection: FieldNode | None = None
    introspective_aliases: int = 0
    spreads: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Each with how many fields it stands in."""

    introspective_spreads: list[str] = field(default_factory=list[str])

    def spread(self) -> list[str]:
        """The names of the fragments that it spreads, once for each time."""
        return [*(name for name, _ in self.spreads), *self.introspective_spreads]


def _measured(definition: OperationDefinitionNode | FragmentDefinitionNode) -> _Shape:
    """The shape of a definition, by one walk without recursion."""
    shape = _Shape(
        directives=len(definition.directives or ())
        + sum(len(one.directives or ()) for one in definition.variable_definitions or ())
    )
    # selections to look at, in how many fields they stand, whether in introspection, and the names that their field's selection has
    introspection = isinstance(definition, FragmentDefinitionNode) and definition.type_condition.name.value.startswith("__")
    waiting: list[tuple[SelectionSetNode, int, bool, set[str]]] = [(definition.selection_set, 0, introspection, set())]
    while waiting:
        selection_set, within, introspective, names = waiting.pop()
        for node in selection_set.selections:
            shape.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                below = introspective or node.name.value in INTROSPECTION
                _add(shape, node, names)
                if below:
                    shape.introspection = shape.introspection or node
                    shape.introspective_aliases += node.alias is not None
                else:
                    shape.levels = max(shape.levels, within + 1)
                shape.top += within == 0
                if node.selection_set:
                    waiting.append((node.selection_set, within + 1, below, set()))
            elif isinstance(node, InlineFragmentNode):
                waiting.append((node.selection_set, within, introspective, names))
            elif isinstance(node, FragmentSpreadNode):
                if introspective:
                    shape.introspective_spreads.append(node.name.value)
                else:
                    shape.spreads.append((node.name.value, within))
    return shape


def _add(shape: _Shape, node: FieldNode, names: set[str]) -> None:
    """Counts a field in a shape, and among the names of its selection."""
    name = (node.alias or node.name).value
    shape.aliases += node.alias is not None
    shape.repeats += name in names
    names.add(name)


def _cycle(shapes: Mapping[str, _Shape]) -> str | None:
    """The name of a fragment that stands within itself, if there is one."""
    done: set[str] = set()

    def found(name: str, within: tuple[str, ...]) -> str | None:
        if name in within:
            return name
        if name in done or name not in shapes:
            return None
        cyclic = next((one for spread in shapes[name].spread() if (one := found(spread, (*within, name)))), None)
        done.add(name)
        return cyclic

    return next((one for name in shapes if (one := found(name, ()))), None)


class _Reach:
    """Levels and root fields of definitions, fragments followed; each fragment is looked at once."""

    def __init__(self, shapes: Mapping[str, _Shape]) -> None:
        self._shapes = shapes
        self._levels: dict[str, int] = {}
        self._top: dict[str, int] = {}

    def levels(self, shape: _Shape) -> int:
        return max([shape.levels, *(within + self._levels_of(name) for name, within in shape.spreads)])

    def top(self, shape: _Shape) -> int:
        return min(HIGHEST, shape.top + sum(self._top_of(name) for name, within in shape.spreads if within == 0))

    def _levels_of(self, name: str) -> int:
        if name not in self._levels:
            self._levels[name] = self.levels(self._shapes[name]) if name in self._shapes else 0
        return self._levels[name]

    def _top_of(self, name: str) -> int:
        if name not in self._top:
            self._top[name] = self.top(self._shapes[name]) if name in self._shapes else 0
        return self._top[name]
