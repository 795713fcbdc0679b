"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_twice.csv, line 3, column code: TINY0001
stands twice
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_twice.csv")
