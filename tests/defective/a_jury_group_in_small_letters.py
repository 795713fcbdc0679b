"""family 'tiny' of distribution 'defective' is refused: its jury group 'unique' is not a code of 1 to 31 capital letters, digits and
underscores
"""

from dataclasses import replace

from tests.defective.sound import GROUP
from tests.defective.sound import family as sound

family = replace(sound, jury_groups=(replace(GROUP, code="unique"),))
