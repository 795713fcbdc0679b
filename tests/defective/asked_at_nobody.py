"""family 'tiny' of distribution 'defective' is refused: its asked_at has no value"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, asked_at=())
