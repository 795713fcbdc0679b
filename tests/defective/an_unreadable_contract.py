"""family 'tiny' of distribution 'defective' is refused: its requires 'the newest' is no range of versions, such as '>=1,<2'"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, requires="the newest")
