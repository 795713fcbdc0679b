"""family 'tiny' of distribution 'defective' is refused: its column 'ine' is one that every results file has"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(replace(PLACE, name="ine"), GRADE))
