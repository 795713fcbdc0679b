"""family 'tiny' of distribution 'defective' is refused: its field Odd.born reads the column 'birth_place', which no family may read"""

from dataclasses import replace

import strawberry

from plugins import Diploma, computed
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    born: str = computed(("birth_place",), str, "Place of birth")


family = replace(sound, type=Odd)
