"""family 'tiny' of distribution 'defective' is refused: its field Odd.place has a type that Strawberry cannot take"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: list = detail("place", "Places")  # pyright: ignore


family = replace(sound, type=Odd)
