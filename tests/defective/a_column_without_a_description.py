"""family 'tiny' of distribution 'defective' is refused: its column 'lieu' has no description in both languages"""

from dataclasses import replace

from plugins import Text
from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(replace(PLACE, description=Text("Lieu", "")), GRADE))
