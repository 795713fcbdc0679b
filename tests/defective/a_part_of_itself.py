"""family 'tiny' of distribution 'defective' is refused: its field Part.inner is a part of itself"""

from dataclasses import replace
from typing import Optional

import strawberry

from plugins import Diploma, part
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part:
    inner: Optional["Part"] = part("inner", "Inner")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part | None = part("place", "Place")


family = replace(sound, type=Odd)
