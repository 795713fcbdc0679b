"""family 'tiny' of distribution 'defective' is refused: its page 'page.typ' is no file of its package"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, page=HERE / "page.typ")
