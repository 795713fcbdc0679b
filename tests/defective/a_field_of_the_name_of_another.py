"""family 'tiny' of distribution 'defective' is refused: its field Odd.familyCode has the name of another"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    familyCode: str | None = detail("place", "Place")  # noqa: N815


family = replace(sound, type=Odd)
