"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_without_a_label.csv, line 2, column label: a
value is needed
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_without_a_label.csv")
