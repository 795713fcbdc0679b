"""family 'tiny' of distribution 'defective' is refused: its type Odd has no strawberry.type decorator"""

from dataclasses import replace

from plugins import Diploma, detail
from tests.defective.sound import family as sound


class Odd(Diploma):
    place: str | None = detail("place", "Place")


family = replace(sound, type=Odd)
