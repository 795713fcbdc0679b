"""distribution 'defective' declares the family 'tiny' as 'small': name it as its code"""

from tests.defective.sound import family as sound

POINT = "small"
family = sound
