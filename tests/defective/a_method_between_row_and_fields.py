"""family 'tiny' of distribution 'defective' is refused: its type Odd has '__post_init__', and may have fields alone"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str | None = detail("place", "Place")

    def __post_init__(self) -> None:
        self.place = "here"


family = replace(sound, type=Odd)
