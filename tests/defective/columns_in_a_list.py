"""family 'tiny' of distribution 'defective' is refused: its columns is not a tuple of Column"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=[PLACE, GRADE])  # pyright: ignore[reportArgumentType]
