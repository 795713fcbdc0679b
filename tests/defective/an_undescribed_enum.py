"""family 'tiny' of distribution 'defective' is refused: its enum Colour has no description"""

from dataclasses import replace
from enum import Enum

import strawberry

from plugins import Diploma, detail, member
from tests.defective.sound import family as sound


@strawberry.enum
class Colour(Enum):
    RED = strawberry.enum_value("RED", description="Red")
    BLUE = strawberry.enum_value("BLUE", description="Blue")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Colour | None = detail("place", "Colour", member(Colour))


family = replace(sound, type=Odd)
