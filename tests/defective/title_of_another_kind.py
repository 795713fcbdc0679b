"""family 'tiny' of distribution 'defective' is refused: its titles do not read: title_of_another_kind.csv, line 2, column kind:
'CAP' is not one of title_kinds: TINY
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_of_another_kind.csv")
