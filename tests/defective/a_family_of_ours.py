"""distributions 'parchemin' and 'defective' both bring the family 'bts', the second in its family 'bts': remove one"""

from dataclasses import replace

from tests.defective.sound import family as sound

POINT = "bts"
family = replace(sound, code="bts")
