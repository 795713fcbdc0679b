"""What stands for an interface in a row of the register."""

from collections.abc import Mapping
from dataclasses import dataclass

from planner.sql import Constant, Piece, literal


@dataclass(frozen=True)
class Kinds:
    """What stands for an interface in a row: the GraphQL type for each value of a column, and the one for any other value."""

    column: str
    types: Mapping[str, str]
    otherwise: str

    def of(self, values: list[str]) -> str:
        """A type of these values; with none of them, that of any other value."""
        return self.types[values[0]] if values else self.otherwise

    def typename(self, column: str, values: list[str]) -> Piece:
        """The name of the type, of a row whose column has one of these values or any that is not listed."""
        other = json_name(self.otherwise)
        if not values:
            return Constant(other)
        named = "".join(f" when {literal(value)} then {literal(json_name(self.types[value]))}" for value in values)
        return f"case {column}{named} else {literal(other)} end"


def json_name(name: str) -> str:
    """The name of a type in an answer."""
    return f'"{name}"'
