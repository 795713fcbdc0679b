"""family 'tiny' of distribution 'defective' is refused: its GraphQL type 'Academy' is one of the register's"""

from dataclasses import replace

import strawberry

from plugins import Diploma, detail
from tests.defective.sound import family as sound


@strawberry.type(description="Academy.")
class Academy(Diploma):
    place: str | None = detail("place", "Place")


family = replace(sound, type=Academy)
