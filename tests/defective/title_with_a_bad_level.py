"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_with_a_bad_level.csv, line 2, column
national_level: '9' is no national level from 1 to 8
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_with_a_bad_level.csv")
