"""family 'tiny' of distribution 'defective' is refused: its legal_basis names no text of law"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, legal_basis=())
