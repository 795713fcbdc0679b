"""family 'tiny' of distribution 'defective' is refused: its type Odd has another base than Diploma"""

from dataclasses import replace

import strawberry

from plugins import detail
from tests.defective.sound import Tiny
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Tiny):
    more: str | None = detail("place", "Place")


family = replace(sound, type=Odd)
