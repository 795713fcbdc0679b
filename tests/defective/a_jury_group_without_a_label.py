"""family 'tiny' of distribution 'defective' is refused: its jury group 'UNIQUE' has no label in both languages"""

from dataclasses import replace

from plugins import Text
from tests.defective.sound import GROUP
from tests.defective.sound import family as sound

family = replace(sound, jury_groups=(replace(GROUP, label=Text("", "")),))
