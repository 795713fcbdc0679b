"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_with_a_bad_year.csv, line 2, column
first_session: '20' is no year
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_with_a_bad_year.csv")
