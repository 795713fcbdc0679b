"""family 'tiny' of distribution 'defective' is refused: its field Odd.place is never null, and its column 'lieu' may be empty"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str = detail("place", "Place")


family = replace(sound, type=Odd)
