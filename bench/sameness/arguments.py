"""Arguments and variables of a drawn document: mostly good ones; else of another type, out of bounds, null, missing, of another list."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from bench.sameness.register import ODD, Register


@dataclass
class Variable:
    """A variable as it is declared, and the values that askings give it; `Undefined` for none."""

    declared: str
    values: list[Any]


class Arguments:
    """Draws the arguments of one document, and declares its variables. `cursors` has those of earlier answers, by their field."""

    def __init__(self, random: Random, register: Register, cursors: Mapping[str, Sequence[str]]) -> None:
        self.random = random
        self.register = register
        self.cursors = cursors
        self.variables: dict[str, Variable] = {}

    def chance(self, probability: float) -> bool:
        """Whether something of that probability happens."""
        return self.random.random() < probability

    def flag(self) -> str:
        """A variable for a directive."""
        shape = self.random.choice(("Boolean!", "Boolean!", "Boolean! = true", "Boolean = false"))
        values = [True, False, True, False, True, False, True, False]
        if "=" in shape:
            values.append(Undefined)  # pyright: ignore[reportArgumentType]
        if self.chance(0.1):
            values += [None, "true", 1, Undefined]  # pyright: ignore[reportArgumentType]
        return self.variable(shape, values)

    def variable(self, declared: str, values: list[Any]) -> str:
        """A variable, as it stands in the document: one that is declared so already, or a new one."""
        known = [name for name, variable in self.variables.items() if variable.declared == declared]
        if known and self.chance(0.3):
            return f"${self.random.choice(known)}"
        name = f"v{len(self.variables)}"
        self.variables[name] = Variable(declared, values)
        return f"${name}"

    def written(self, name: str, declared: GraphQLField) -> str:
        """The arguments of a field, with their parentheses; a key and a name go together."""
        values = self.pair() if name == "verification" else {}
        given: list[str] = []
        for argument, one in declared.args.items():
            required = is_non_null_type(one.type) and one.default_value is Undefined
            if not required and self.chance(0.55):
                continue
            given.append(f"{argument}: {self.value(one, values.get(argument) or self.samples(name, argument, one.type))}")
        self.random.shuffle(given)
        return f"({', '.join(given)})" if given else ""

    def pair(self) -> dict[str, list[Any]]:
        """A key with the name of its holder, mostly; either of them or both wrong else."""
        key, name = self.random.choice(self.register.verifications)
        if self.chance(0.06):
            key, name = self.random.choice(((key, "Nobody"), ("ABCDEFGH", name), ("", "\ud800" if self.chance(0.3) else "é")))
        return {"key": [key, key.lower(), f"{key[:4]}-{key[4:]}"], "birthName": [name, name]}

    def samples(self, name: str, argument: str, of: Any) -> list[Any]:
        """Values for an argument of that type: good ones, and some that are not."""
        inner = of.of_type if is_non_null_type(of) else of
        if is_list_type(inner):
            single = [one for one in self.samples(name, argument, get_named_type(of)) if one is not None]
            return [[one] for one in single] + [single[:2], []]
        named = get_named_type(of)
        if isinstance(named, GraphQLEnumType):
            return list(named.values)
        match named.name, argument:
            case (("Date" | "DateTime"), _):
                day = self.random.choice(("2020-02-29", "2026-07-01", "2030-12-31"))
                return [day if named.name == "Date" else f"{day}T12:00:00+00:00", None]
            case "Boolean", _:
                return [True, False]
            case _, argument:
                return self.usual(name, argument)

    def usual(self, name: str, argument: str) -> list[Any]:
        """Values for an argument, a text or a number, by what it is called."""
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
        named, single = get_named_type(declared.type).name, not is_list_type(get_nullable_type(declared.type))
        usable = [one for one in samples if one is not None or not of.endswith("!")] or [Undefined]
        chosen = self.random.choice(usable)
        surrogate = isinstance(chosen, str) and "\ud800" in chosen
        if chosen is not Undefined and not surrogate and self.chance(0.5):
            return self.literal(declared, chosen)
        values = [one for one in samples if one is not None or not of.endswith("!")] * 2
        if self.chance(0.08):
            values += [None, Undefined, [1], {"a": 1}, 1.5, True, "text", 2**31]
        default = self.default(declared, samples)
        shape = self.random.choice((of, of, f"{named}!", f"{named}{default}")) if single else of
        if shape == f"{named}!" or (of.endswith("!") and "=" not in shape):
            values = [one for one in values if one is not None] or [self.stand_in(named)]
        if of.endswith("!") and shape == named and declared.default_value is Undefined:
            shape = of
        if not shape.endswith("!"):
            values += [None, Undefined]
        return self.variable(shape, values)

    def default(self, declared: GraphQLArgument, samples: list[Any]) -> str:
        known = [one for one in samples if one is not None and not (isinstance(one, str) and "\ud800" in one)]
        chosen = self.random.choice(known or [self.stand_in(get_named_type(declared.type).name)])
        return f" = {self.literal(declared, chosen)}" if self.chance(0.7) else ""

    def literal(self, declared: GraphQLArgument, value: Any) -> str:
        """A value as it stands in a document: JSON, but for the members of enums."""
        text = json.dumps(value, ensure_ascii=self.chance(0.3))
        return text.replace('"', "") if isinstance(get_named_type(declared.type), GraphQLEnumType) else text

    def stand_in(self, named: str) -> Any:
        return 1 if named == "Int" else "x"
