"""distributions 'defective' and 'other' both bring the family 'tiny', the second in its family 'tiny': remove one"""

from tests.defective.sound import family as sound

family = sound
OTHER = "tiny"
other = sound
