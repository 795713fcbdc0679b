"""family 'tiny' of distribution 'defective' is refused: its type Odd has no description"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type
class Odd(Diploma):
    place: str | None = detail("place", "Place")


family = replace(sound, type=Odd)
