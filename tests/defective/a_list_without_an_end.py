"""family 'tiny' of distribution 'defective' is refused: its field Odd.place lists more than 100 parts, or none"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail, parts
from tests.defective.sound import family as sound


@strawberry.type(description="Part.")
class Part:
    name: str = detail("name", "Name")


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: list[Part] = parts("place", "Places", most=1000)


family = replace(sound, type=Odd)
