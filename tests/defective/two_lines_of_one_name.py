"""family 'tiny' of distribution 'defective' is refused: its lines have the name 'grade' twice"""

from dataclasses import replace

from tests.defective.sound import LINE
from tests.defective.sound import family as sound

family = replace(sound, lines=(LINE, LINE))
