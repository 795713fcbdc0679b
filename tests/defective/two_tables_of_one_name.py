"""family 'tiny' of distribution 'defective' is refused: its tables have the name 'places' twice"""

from dataclasses import replace

from tests.defective.sound import TABLE
from tests.defective.sound import family as sound

family = replace(sound, tables=(TABLE, TABLE))
