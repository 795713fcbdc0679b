"""family 'tiny' of distribution 'defective' is refused: its last_session precedes its first_session"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, first_session=2024, last_session=2020)
