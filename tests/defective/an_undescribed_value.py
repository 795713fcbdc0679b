"""family 'tiny' of distribution 'defective' is refused: its enum Colour has the value BLUE without a description"""

from dataclasses import replace
from enum import Enum

import strawberry

from plugins import Diploma, detail, member
from tests.defective.sound import family as sound


@strawberry.enum(description="Colour.")
class Colour(Enum):
    RED = strawberry.enum_value("RED", description="Red")
    BLUE = strawberry.enum_value("BLUE")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Colour | None = detail("place", "Colour", member(Colour))


family = replace(sound, type=Odd)
