"""family 'tiny' of distribution 'defective' is refused: its cases 'cases.toml' is no file of its package"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, cases=HERE / "cases.toml")
