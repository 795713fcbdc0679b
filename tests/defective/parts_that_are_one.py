"""family 'tiny' of distribution 'defective' is refused: its field Odd.place is not a list of types of the family's own"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail, parts
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part:
    name: str = detail("name", "Name")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part | None = parts("place", "Places", most=3)


family = replace(sound, type=Odd)
