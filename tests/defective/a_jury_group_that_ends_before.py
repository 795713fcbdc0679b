"""family 'tiny' of distribution 'defective' is refused: its jury group 'UNIQUE' ends before it begins"""

from dataclasses import replace

from tests.defective.sound import GROUP
from tests.defective.sound import family as sound

family = replace(sound, jury_groups=(replace(GROUP, first=2024, last=2020),))
