"""family 'tiny' of distribution 'defective' is refused: its first_session is not a year"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, first_session="2020")  # pyright: ignore[reportArgumentType]
