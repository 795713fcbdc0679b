"""family 'tiny' of distribution 'defective' is refused: its type Odd has 'place', which is no field"""

from dataclasses import replace

import strawberry

from plugins import Diploma
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: strawberry.Private[str] = ""


family = replace(sound, type=Odd)
