"""family 'tiny' of distribution 'defective' is refused: its field Odd.place is not declared with column, detail, part, parts or
computed
"""

from dataclasses import replace

import strawberry

from graph.stored import for_caller
from plugins import Diploma
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str | None = for_caller(("session_year",), "holder", "Place")


family = replace(sound, type=Odd)
