"""family 'tiny' of distribution 'defective' is refused: its legal_basis is not a tuple of str"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, legal_basis="arrêté")  # pyright: ignore[reportArgumentType]
