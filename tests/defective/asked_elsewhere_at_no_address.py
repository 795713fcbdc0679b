"""family 'tiny' of distribution 'defective' is refused: its asked_at has a website that is no https:// address"""

from dataclasses import replace

from plugins import Elsewhere, Text
from tests.defective.sound import family as sound

family = replace(sound, asked_at=Elsewhere(Text("Là-bas", "There"), "www.example.fr"))
