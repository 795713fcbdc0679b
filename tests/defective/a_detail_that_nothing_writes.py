"""family 'tiny' of distribution 'defective' is refused: its field Odd.town reads the detail 'town', which no column writes"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    town: str | None = detail("town", "Town")


family = replace(sound, type=Odd)
