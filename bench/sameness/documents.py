"""Documents that our schema permits, drawn at random: the same seed draws the same ones.

Weighted towards what compiles. Two things are left out, since no two executions agree on them: `verifiedAt`, the time of the reading,
and the identifier in a masked internal error.
"""

import base64
import json
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)

from bench.sameness.register import ODD, People, Register
from graph.text import Language
from resolvers.web_sessions import SignedIn

EXCLUDED = {"verifiedAt"}
RARE = {"families", "node", "sharedDiploma", "verifyDocument", "consultations"}
"""Computed fields: documents with them are Strawberry's, of which a few are enough."""

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


@dataclass
class Variable:
    """A variable as it is declared, and the values that askings give it; `Undefined` for none."""

    declared: str
    values: list[Any]


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
        self.cursors = documents.cursors
        self.variables: dict[str, Variable] = {}
        self.fragments: dict[str, tuple[Composite, str]] = {}
        self.left = self.random.choice((3, 5, 8, 12, MOST_FIELDS))
        self.roots: set[str] = set()

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def document(self) -> Drawn:
        query = self.schema.query_type
        assert query is not None
        body = self.selections(query, Scope(), DEEPEST, "")
        declared = ", ".join(f"${name}: {variable.declared}" for name, variable in self.variables.items())
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
            for name, variable in self.variables.items()
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
        if self.roots & {"examSession", "examSessions", "diplomaReview", "diplomaReviews"}:
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
            elif isinstance(of, GraphQLUnionType) or (depth > 1 and self.chance(0.25)):
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
        name = self.random.choice(names)
        self.left -= 1
        key = name if self.chance(0.7) else f"{self.random.choice('abc')}_{name}"
        if not path:
            self.roots.add(name)
        known = scope.asked.get(key)
        if known is None or known[0] != name:
            if known is not None:
                return None
            known = scope.asked[key] = (name, self.arguments(name, of.fields[name]), Scope())
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
            text += f" @{name}(if: {kept if self.chance(0.5) else self.flag()})"
        return text

    def flag(self) -> str:
        shape = self.random.choice(("Boolean!", "Boolean!", "Boolean! = true", "Boolean = false"))
        values = [True, False, True, False, True, False, True, False]
        if "=" in shape:
            values.append(Undefined)  # pyright: ignore[reportArgumentType]
        if self.chance(0.1):
            values += [None, "true", 1, Undefined]  # pyright: ignore[reportArgumentType]
        return self.variable(shape, values)

    def variable(self, declared: str, values: list[Any]) -> str:
        """A variable: one that is there, if it may stand for it, or a new one."""
        name = f"v{len(self.variables)}"
        self.variables[name] = Variable(declared, values)
        return f"${name}"

    def arguments(self, name: str, declared: GraphQLField) -> str:
        values = self.pair() if name == "verification" else {}
        given: list[str] = []
        for argument, one in declared.args.items():
            required = is_non_null_type(one.type) and one.default_value is Undefined
            if not required and self.chance(0.55):
                continue
            given.append(f"{argument}: {self.value(one, values.get(argument) or self.samples(name, argument))}")
        self.random.shuffle(given)
        return f"({', '.join(given)})" if given else ""

    def pair(self) -> dict[str, list[Any]]:
        """A key with the name of its holder, mostly; either of them or both wrong else."""
        key, name = self.random.choice(self.register.verifications)
        if self.chance(0.06):
            key, name = self.random.choice(((key, "Nobody"), ("ABCDEFGH", name), ("", "\ud800" if self.chance(0.3) else "é")))
        return {"key": [key, key.lower(), f"{key[:4]}-{key[4:]}"], "birthName": [name, name]}

    def samples(self, name: str, argument: str) -> list[Any]:
        """Values for an argument: good ones, and some that are not."""
        match argument:
            case "first":
                return [1, 2, 3, 5, 20, 50] if self.chance(0.9) else [0, 51, -1, 2**31 - 1]
            case "after":
                known = self.cursors.get(name)
                if known and self.chance(0.6):
                    return self.random.choices(known, k=2)
                return [None] if self.chance(0.7) else [self.cursor()]
            case "family":
                return ["bac", "bts", "belt", "dnb", "higher", self.random.choice((None, "none", self.random.choice(ODD)))]
            case "academy":
                return ["01", "70", "10", self.random.choice((None, "99", self.random.choice(ODD)))]
            case "year" | "session":
                return [2026, 2025, 2024, self.random.choice((None, 0, -1, 2**31 - 1))]
            case "from" | "to":
                return [2024, 2025, 2026] if self.chance(0.9) else [1900, 2026, -5, 2**31 - 1]
            case "reference":
                return [*self.random.choices(self.register.references, k=3), self.random.choice(ODD)]
            case _:
                return list(ODD)

    def cursor(self) -> str:
        """A cursor that no answer had."""
        keys: list[list[Any]] = [
            ["x"],
            [1],
            [1, 2],
            [2**40],
            [2**40, 0],
            [2026, "bac", "01"],
            ["\x00"],
            [],
            [None],
            [10**30, "a", "b"],
        ]
        text = json.dumps(self.random.choice(keys)).encode()
        return self.random.choice((base64.urlsafe_b64encode(text).decode().rstrip("="), "!", "", "é", "AAAA"))

    def value(self, declared: GraphQLArgument, samples: list[Any]) -> str:
        """A literal or a variable for an argument."""
        of = str(declared.type)
        named = get_named_type(declared.type).name
        usable = [one for one in samples if one is not None or not of.endswith("!")] or [Undefined]
        chosen = self.random.choice(usable)
        surrogate = isinstance(chosen, str) and "\ud800" in chosen
        if chosen is not Undefined and not surrogate and self.chance(0.5):
            return json.dumps(chosen, ensure_ascii=self.chance(0.3))
        values = [one for one in samples if one is not None or not of.endswith("!")] * 2
        if self.chance(0.08):
            values += [None, Undefined, [1], {"a": 1}, 1.5, True, "text", 2**31]
        shape = self.random.choice((of, of, f"{named}!", f"{named}{self.default(named, samples)}"))
        if shape == f"{named}!" or (of.endswith("!") and "=" not in shape):
            values = [one for one in values if one is not None] or [self.stand_in(named)]
        if of.endswith("!") and shape == named and declared.default_value is Undefined:
            shape = of
        if not shape.endswith("!"):
            values += [None, Undefined]
        return self.variable(shape, values)

    def default(self, named: str, samples: list[Any]) -> str:
        known = [one for one in samples if one is not None and not (isinstance(one, str) and "\ud800" in one)]
        return f" = {json.dumps(self.random.choice(known or [self.stand_in(named)]))}" if self.chance(0.7) else ""

    def stand_in(self, named: str) -> Any:
        return 1 if named == "Int" else "x"


class _Own(Scope):
    """The keys of a fragment, each told from those of every other."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
