"""family 'tiny' of distribution 'defective' is refused: its column 'session' has the name of a word of worked cases: name, session,
academy, decision, decisions, mention, reference
"""

from dataclasses import replace

from tests.defective.sound import GRADE, PLACE
from tests.defective.sound import family as sound

family = replace(sound, columns=(replace(PLACE, name="session"), GRADE))
