"""family 'tiny' of distribution 'defective' is refused: its tables are more than 5"""

from dataclasses import replace

from tests.defective.sound import TABLE
from tests.defective.sound import family as sound

family = replace(sound, tables=tuple(replace(TABLE, name=f"places_{number}") for number in range(6)))
