"""family 'tiny' of distribution 'defective' is refused: its page is not a Path"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, page="page.typ")  # pyright: ignore[reportArgumentType]
