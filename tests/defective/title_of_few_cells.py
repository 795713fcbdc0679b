"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_of_few_cells.csv, line 2: as many cells as the
header has are needed
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_of_few_cells.csv")
