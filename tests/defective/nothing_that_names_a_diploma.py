"""family 'tiny' of distribution 'defective' is refused: its title_kinds are none and it makes no title of its own, so nothing would
name its diplomas
"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, title_kinds=(), titles=None)
