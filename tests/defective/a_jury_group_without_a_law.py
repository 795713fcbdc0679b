"""family 'tiny' of distribution 'defective' is refused: its jury group 'UNIQUE' names no text of law"""

from dataclasses import replace

from tests.defective.sound import GROUP
from tests.defective.sound import family as sound

family = replace(sound, jury_groups=(replace(GROUP, reference=""),))
