"""family 'tiny' of distribution 'defective' is refused: its table 'places' names no source"""

from dataclasses import replace

from tests.defective.sound import TABLE
from tests.defective.sound import family as sound

family = replace(sound, tables=(replace(TABLE, source=""),))
