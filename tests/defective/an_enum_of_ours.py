"""family 'tiny' of distribution 'defective' is refused: its GraphQL type 'AvailabilityState' is one of the register's"""

from dataclasses import replace
from enum import Enum

import strawberry

from plugins import Diploma, detail, member
from tests.defective.sound import family as sound


@strawberry.enum(description="Colour.")
class AvailabilityState(Enum):
    RED = strawberry.enum_value("RED", description="Red")
    BLUE = strawberry.enum_value("BLUE", description="Blue")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: AvailabilityState | None = detail("place", "AvailabilityState", member(AvailabilityState))


family = replace(sound, type=Odd)
