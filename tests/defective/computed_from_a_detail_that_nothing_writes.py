"""family 'tiny' of distribution 'defective' is refused: its field Odd.town reads the detail 'town', which no column writes"""

from dataclasses import replace

import strawberry

from plugins import Diploma, computed
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    town: str = computed((), str, "Town", details=("town",))


family = replace(sound, type=Odd)
