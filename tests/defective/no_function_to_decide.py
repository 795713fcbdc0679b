"""family 'tiny' of distribution 'defective' is refused: its decide is not a function"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, decide=None)  # pyright: ignore[reportArgumentType]
