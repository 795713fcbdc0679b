"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_with_a_bad_code.csv, line 2, column code:
'tiny1' is not eight capital letters or digits
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_with_a_bad_code.csv")
