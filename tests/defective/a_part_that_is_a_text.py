"""family 'tiny' of distribution 'defective' is refused: its field Odd.place is not a type of the family's own"""

from dataclasses import replace

import strawberry

from plugins import Diploma, part
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str | None = part("place", "Place")


family = replace(sound, type=Odd)
