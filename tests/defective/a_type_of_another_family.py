"""distributions 'parchemin' and 'defective' both bring the GraphQL type 'Brevet', the second in its family 'tiny': remove one"""

from dataclasses import replace

import strawberry

from plugins import Diploma
from tests.defective.sound import family as sound


@strawberry.type(description="Odd.")
class Brevet(Diploma):
    pass


family = replace(sound, type=Brevet)
