"""family 'tiny' of distribution 'defective' is refused: its type Odd has 'is_type_of', and may have fields alone"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    place: str | None = detail("place", "Place")

    @classmethod
    def is_type_of(cls, root: object, info: object) -> bool:
        return True


family = replace(sound, type=Odd)
