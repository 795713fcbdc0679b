"""family 'tiny' of distribution 'defective' is refused: its column 'lieu' has a reader that is not a function"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(replace(PLACE, read=None), GRADE))  # pyright: ignore[reportArgumentType]
