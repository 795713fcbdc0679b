"""family 'tiny' of distribution 'defective' is refused: its field Odd._place begins with an underscore, and Strawberry would publish
it
"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    _place: str | None = detail("place", "Place")


family = replace(sound, type=Odd)
