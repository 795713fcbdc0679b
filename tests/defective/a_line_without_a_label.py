"""family 'tiny' of distribution 'defective' is refused: its line 'grade' has no label in both languages"""

from dataclasses import replace

from plugins import Text
from tests.defective.sound import LINE
from tests.defective.sound import family as sound

family = replace(sound, lines=(replace(LINE, label=Text("Grade", "")),))
