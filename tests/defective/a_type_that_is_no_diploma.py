"""family 'tiny' of distribution 'defective' is refused: its type does not implement Diploma"""

from dataclasses import replace

import strawberry

from plugins import detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd:
    place: str | None = detail("place", "Place")


family = replace(sound, type=Odd)  # pyright: ignore[reportArgumentType]
