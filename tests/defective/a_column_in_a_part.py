"""family 'tiny' of distribution 'defective' is refused: its field Part.name reads the column 'title', and a part has its own
document alone
"""

from dataclasses import replace

import strawberry

from plugins import Diploma, column, part
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part:
    name: str = column("title", "Title")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part | None = part("place", "Place")


family = replace(sound, type=Odd)
