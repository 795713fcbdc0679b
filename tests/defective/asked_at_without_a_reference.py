"""family 'tiny' of distribution 'defective' is refused: its asked_at has a value that is not Dated with sessions in order and a
reference
"""

from dataclasses import replace

from plugins import Dated
from tests.defective.sound import family as sound

family = replace(sound, asked_at=(Dated("ESTABLISHMENT", ""),))
