"""family 'tiny' of distribution 'defective' is refused: its field Part.name has no description"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail, part
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part:
    name: str = detail("name", "")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part | None = part("place", "Place")


family = replace(sound, type=Odd)
