"""family 'tiny' of distribution 'defective' does not load: ValueError: not enough values to unpack (expected at least 1, got 0)"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: list = detail("place", "Places")  # pyright: ignore


family = replace(sound, type=Odd)
