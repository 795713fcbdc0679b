"""family 'tiny' of distribution 'defective' is refused: its column 'Lieu' is not a name of lower-case letters, digits and
underscores
"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(replace(PLACE, name="Lieu"), GRADE))
