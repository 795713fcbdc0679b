"""family 'tiny' of distribution 'defective' is refused: its field Odd.place is neither of str, int, float, bool, date, datetime nor
of an enum, nor a list of them
"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: "Nowhere | None" = detail("place", "Place")  # pyright: ignore  # noqa: F821


family = replace(sound, type=Odd)
