"""family 'tiny' of distribution 'defective' is refused: its type Part has no description"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail, part
from tests.defective.sound import family as sound


@strawberry.type
class Part:
    name: str = detail("name", "Name")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part | None = part("place", "Place")


family = replace(sound, type=Odd)
