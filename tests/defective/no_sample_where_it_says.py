"""family 'tiny' of distribution 'defective' is refused: its sample 'sample.csv' is no file of its package"""

from dataclasses import replace

from plugins import Sample
from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, samples=(Sample(HERE / "sample.csv", 2024, "10"),))
