"""family 'tiny' of distribution 'defective' is refused: its field Odd.place has no description"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str | None = detail("place", "")


family = replace(sound, type=Odd)
