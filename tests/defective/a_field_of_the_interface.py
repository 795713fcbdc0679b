"""family 'tiny' of distribution 'defective' is refused: its field Odd.status is one that Diploma has"""

from dataclasses import replace

import strawberry

from plugins import Diploma, computed
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Odd(Diploma):
    status: str = computed((), lambda: "VALID", "Always valid")  # pyright: ignore


family = replace(sound, type=Odd)
