"""distributions 'other' and 'defective' both bring the title 'TINY0001', the second in its family 'tiny': remove one"""

from dataclasses import replace

import strawberry

from plugins import Diploma
from tests.defective.sound import HERE
from tests.defective.sound import family as sound


@strawberry.type(description="Small.")
class Small(Diploma):
    pass


family = sound
OTHER = "small"
other = replace(sound, code="small", type=Small, title_kinds=("SMALL",), titles=HERE / "title_of_another_family.csv")
