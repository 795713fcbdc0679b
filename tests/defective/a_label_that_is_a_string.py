"""family 'tiny' of distribution 'defective' is refused: its label is not a Text"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, label="Minuscule")  # pyright: ignore[reportArgumentType]
