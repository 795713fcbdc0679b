"""family 'tiny' of distribution 'defective' is refused: its asked_at has 'MINISTRY', which is neither EXAM_SERVICE nor ESTABLISHMENT
nor an Elsewhere
"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, asked_at="MINISTRY")  # pyright: ignore[reportArgumentType]
