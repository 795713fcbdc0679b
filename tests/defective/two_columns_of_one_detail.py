"""family 'tiny' of distribution 'defective' is refused: its columns write the detail 'place' twice"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(PLACE, replace(PLACE, name="commune"), GRADE))
