"""family 'tiny' of distribution 'defective' is refused: its jury_groups are none, so nothing could ever be published"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, jury_groups=())
