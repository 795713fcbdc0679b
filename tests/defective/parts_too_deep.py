"""family 'tiny' of distribution 'defective' is refused: its field Part1.inner is a part that stands deeper than 4 others"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail, part
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part0:
    name: str = detail("name", "Name")


@strawberry.type(description="Part.")
class Part1:
    inner: Part0 | None = part("inner", "Inner")


@strawberry.type(description="Part.")
class Part2:
    inner: Part1 | None = part("inner", "Inner")


@strawberry.type(description="Part.")
class Part3:
    inner: Part2 | None = part("inner", "Inner")


@strawberry.type(description="Part.")
class Part4:
    inner: Part3 | None = part("inner", "Inner")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: Part4 | None = part("place", "Place")


family = replace(sound, type=Odd)
