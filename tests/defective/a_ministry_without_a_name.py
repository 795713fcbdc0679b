"""family 'tiny' of distribution 'defective' is refused: its ministry is not in both languages"""

from dataclasses import replace

from plugins import Text
from tests.defective.sound import family as sound

family = replace(sound, ministry=Text(" ", " "))
