"""family 'Tiny' of distribution 'defective' is refused: its code is not a slug of 2 to 31 lower-case letters, digits and underscores"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, code="Tiny")
POINT = "Tiny"
