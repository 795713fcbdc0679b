"""family 'tiny' of distribution 'defective' is refused: its jury groups have the code 'UNIQUE' twice"""

from dataclasses import replace

from tests.defective.sound import GROUP
from tests.defective.sound import family as sound

family = replace(sound, jury_groups=(GROUP, GROUP))
