"""family 'tiny' of distribution 'defective' is refused: its title '47010019' is one of the register's"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "title_of_ours.csv")
