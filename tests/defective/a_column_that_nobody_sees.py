"""family 'tiny' of distribution 'defective' is refused: its field Odd.born reads the column 'birth_date', which no family may read"""

from dataclasses import replace

import strawberry

from plugins import Diploma, column
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    born: str = column("birth_date", "Day of birth")


family = replace(sound, type=Odd)
