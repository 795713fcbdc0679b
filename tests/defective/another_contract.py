"""family 'tiny' of distribution 'defective' is refused: it requires the contract >=2,<3, and this is version 1.0"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, requires=">=2,<3")
