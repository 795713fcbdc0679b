"""Documents that our schema permits, drawn at random: the same seed draws the same ones.

Weighted towards what compiles. Two things are left out, since no two executions agree on them: `verifiedAt`, the time of the reading,
and the identifier in a masked internal error.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_leaf_type,
)

from bench.sameness.arguments import Arguments
from bench.sameness.register import People, Register
from graph.text import Language
from resolvers.web_sessions import SignedIn

EXCLUDED = {"verifiedAt"}
RARE = {
    "families", "node", "sharedDiploma", "verifyDocument", "consultations", "documentRequestOptions", "deskAgents", "operations",
    "sessionStatistics", "requestStatistics",
}  # fmt: skip
"""Computed fields: documents with them are Strawberry's, of which a few are enough."""

LEADING = {"verification", "viewer", "diplomas", "shares", "diplomaReviews", "edges", "node", "candidates", "diploma"}
"""Fields that lead to diplomas, which are of many types: they are drawn more often."""

OF_AGENTS = {
    "examSession", "examSessions", "diplomaReview", "diplomaReviews", "deskRequest", "deskRequests", "deskRequestCounts",
    "refusalTemplates", "registeredDiploma", "diplomaActs", "journal",
}  # fmt: skip
"""Root fields that answer agents alone: documents with them are mostly theirs."""

DEEPEST = 8
"""Levels of selections; the schema permits ten."""

MOST_FIELDS = 40
"""In a document: what is compared is their ways of being combined, not their number."""

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True)
class Asking:
    """Who asks a document, and with which variables."""

    who: SignedIn
    variables: dict[str, Any]
    language: Language
    address: str


@dataclass(frozen=True)
class Drawn:
    """A document and those who ask it, all at once."""

    text: str
    operation: str | None
    askings: tuple[Asking, ...]


@dataclass
class Scope:
    """What was asked under each key of one place of the answer: fields of one key are merged, and must agree."""

    asked: dict[str, tuple[str, str, "Scope"]] = field(default_factory=dict[str, tuple[str, str, "Scope"]])


class Documents:
    """Draws documents, and learns cursors from their answers."""

    def __init__(self, schema: GraphQLSchema, register: Register, random: Random) -> None:
        self.schema = schema
        self.register = register
        self.random = random
        self.cursors: dict[str, list[str]] = defaultdict(list)

    def draw(self) -> Drawn:
        """The next one."""
        return _Drawing(self).document()

    def learn(self, answer: Any, key: str = "") -> None:
        """Remembers the cursors of an answer, by the field whose pages they are of."""
        if isinstance(answer, list):
            for item in answer:  # pyright: ignore[reportUnknownVariableType]
                self.learn(item, key)
        elif isinstance(answer, dict):
            for name, value in answer.items():  # pyright: ignore[reportUnknownVariableType]
                plain = str(name).rpartition("_")[2]  # pyright: ignore[reportUnknownArgumentType]
                if plain in ("cursor", "endCursor", "startCursor") and isinstance(value, str):
                    known = self.cursors[key]
                    known.append(value)
                    del known[:-50]
                else:
                    self.learn(value, key if plain in ("edges", "pageInfo", "node") else plain)


class _Drawing:
    def __init__(self, documents: Documents) -> None:
        self.schema = documents.schema
        self.register = documents.register
        self.random = documents.random
        self.given = Arguments(documents.random, documents.register, documents.cursors)
        self.fragments: dict[str, tuple[Composite, str]] = {}
        self.left = self.random.choice((3, 5, 8, 12, MOST_FIELDS))
        self.roots: set[str] = set()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def document(self) -> Drawn:
        query = self.schema.query_type
        assert query is not None
        body = self.selections(query, Scope(), DEEPEST, "")
        declared = ", ".join(f"${name}: {variable.declared}" for name, variable in self.given.variables.items())
        name = self.random.choice(("", "", "Asked"))
        head = f"query {name}" + (f"({declared})" if declared else "") if name or declared or self.chance(0.3) else ""
        parts = [f"{head} {body}", *(text for _, text in self.fragments.values())]
        operation = None
        if name and self.chance(0.2):
            parts.append("query Another { __typename }")
            operation = self.random.choice(("Asked", "Asked", "Asked", "Another", "Unknown"))
        self.random.shuffle(parts)
        askings = tuple(self.asking() for _ in range(self.random.choice((1, 1, 1, 3))))
        return Drawn("\n".join(parts), operation, askings)

    def asking(self) -> Asking:
        variables = {
            name: value
            for name, variable in self.given.variables.items()
            if (value := self.random.choice(variable.values)) is not Undefined
        }
        if self.chance(0.05):
            variables["unknown"] = {"a": [1]}
        address = f"10.{self.random.randrange(256)}.{self.random.randrange(256)}.{self.random.randrange(256)}"
        return Asking(self.who(self.register.people), variables, self.random.choice(("fr", "en")), address)

    def who(self, people: People) -> SignedIn:
        if self.chance(0.1):
            return self.random.choice(people.all)
        if self.roots & {"viewer"}:
            return self.random.choice((people.holders[0], *people.holders))
        if self.roots & OF_AGENTS:
            return self.random.choice(people.agents)
        return self.random.choice(people.all)

    def selections(self, of: Composite, scope: Scope, depth: int, path: str) -> str:
        """A selection set of a type, with its braces."""
        items = self.items(of, scope, depth, path)
        return "{ " + (" ".join(items) if items else "__typename") + " }"

    def items(self, of: Composite, scope: Scope, depth: int, path: str) -> list[str]:
        items: list[str] = []
        wanted = self.random.choice((1, 2, 3, 5)) if path else self.random.choice((1, 1, 1, 2, 3))
        for _ in range(wanted):
            if self.left <= 0 and items:
                break
            if self.chance(0.12):
                items.append("__typename" + self.directives() if self.chance(0.8) else f"t{self.random.randrange(2)}: __typename")
            elif isinstance(of, GraphQLUnionType) or (
                depth > 1 and self.chance(0.6 if isinstance(of, GraphQLInterfaceType) else 0.25)
            ):
                items.append(self.fragment(of, scope, depth, path))
            elif drawn := self.field(of, scope, depth, path):
                items.append(drawn)
        self.random.shuffle(items)
        return items

    def field(self, of: GraphQLObjectType | GraphQLInterfaceType, scope: Scope, depth: int, path: str) -> str | None:
        names = [
            name
            for name, one in of.fields.items()
            if name not in EXCLUDED
            and (name not in RARE or self.chance(0.02))
            and (depth > 1 or is_leaf_type(get_named_type(one.type)))
        ]
        if not names:
            return None
        [name] = self.random.choices(names, [4 if name in LEADING else 1 for name in names])
        self.left -= 1
        key = name if self.chance(0.7) else f"{self.random.choice('abc')}_{name}"
        if not path:
            self.roots.add(name)
        kind = f"{name}: {of.fields[name].type}"
        known = scope.asked.get(key)
        if known is None:
            known = scope.asked[key] = (kind, self.given.written(name, of.fields[name]), Scope())
        elif known[0] != kind:  # two types have a field of this name, of which only one can be asked here
            return None
        alias = "" if key == name else f"{key}: "
        return f"{alias}{name}{known[1]}{self.directives()}{self.inside(of.fields[name], known[2], depth, f'{path}.{key}')}"

    def inside(self, declared: GraphQLField, scope: Scope, depth: int, path: str) -> str:
        named = get_named_type(declared.type)
        return "" if is_leaf_type(named) else " " + self.selections(named, scope, depth - 1, path)  # pyright: ignore[reportArgumentType]

    def fragment(self, of: Composite, scope: Scope, depth: int, path: str) -> str:
        """An inline fragment, or a spread of a named one."""
        on = self.condition(of)
        if self.chance(0.25):
            return f"...{self.directives()} " + self.selections(of, scope, depth - 1, path)
        if self.chance(0.6) or len(self.fragments) > 3:
            return f"... on {on.name}{self.directives()} " + self.selections(on, scope, depth - 1, path)
        return f"...{self.named(on)}{self.directives()}"

    def named(self, on: Composite) -> str:
        """A named fragment on a type: one that is there, or a new one. Its keys are its own, so that it goes anywhere."""
        known = [name for name, (of, text) in self.fragments.items() if of is on and text]
        if known and self.chance(0.6):
            return self.random.choice(known)
        name = f"F{len(self.fragments)}"
        self.fragments[name] = (on, "")  # not to be spread in itself
        # what has arguments would conflict with others of its key: a fragment asks for it under a key of its own
        scope = _Own(name)
        self.fragments[name] = (on, f"fragment {name} on {on.name} " + self.selections(on, scope, min(3, DEEPEST), name))
        return name

    def condition(self, of: Composite) -> Composite:
        """A type that a fragment within this one may be on."""
        possible: list[Composite] = [of]
        if isinstance(of, GraphQLObjectType):
            possible += of.interfaces
            possible += [
                union for union in self.schema.type_map.values() if isinstance(union, GraphQLUnionType) and of in union.types
            ]
        else:
            possible += self.schema.get_possible_types(of)
            possible += [one for one in self.schema.get_possible_types(of) for one in one.interfaces]
        return self.random.choice(possible)

    def directives(self) -> str:
        if not self.chance(0.12):
            return ""
        text = ""
        for name in self.random.sample(("skip", "include"), self.random.choice((1, 1, 1, 2))):
            kept = "true" if (name == "include") is self.chance(0.7) else "false"
            text += f" @{name}(if: {kept if self.chance(0.5) else self.given.flag()})"
        return text


class _Own(Scope):
    """The keys of a fragment, each told from those of every other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
