"""family 'tiny' of distribution 'defective' is refused: its type Odd is not named in the schema as in Python, in capitalised ASCII
letters and digits
"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(name="Strange", description="Odd.")
class Odd(Diploma):
    place: str | None = detail("place", "Place")


family = replace(sound, type=Odd)
