"""family 'tiny' of distribution 'defective' is refused: its asked_at has instructions that are not in both languages"""

from dataclasses import replace

from plugins import Elsewhere, Text
from tests.defective.sound import family as sound

family = replace(sound, asked_at=Elsewhere(Text("Demander à la direction régionale", "")))
