"""family 'tiny' of distribution 'defective' is refused: its line 'Grade' is not a name of lower-case letters, digits and underscores"""

from dataclasses import replace

from tests.defective.sound import LINE
from tests.defective.sound import family as sound

family = replace(sound, lines=(replace(LINE, name="Grade"),))
