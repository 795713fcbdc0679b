"""family 'tiny' of distribution 'defective' is refused: its kind of title 'tiny' is not a name of capital letters, digits and
underscores
"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, title_kinds=("tiny",), titles=None)
