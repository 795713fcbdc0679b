"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_with_a_bad_day.csv, line 2, column opened_on:
'2019-02-30' is no day, as in 2026-09-01
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_with_a_bad_day.csv")
