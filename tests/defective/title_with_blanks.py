"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_with_blanks.csv, line 2, column label: '
Minuscule (premier)' has blanks around it
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_with_blanks.csv")
