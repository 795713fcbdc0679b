"""distributions 'parchemin' and 'defective' both bring the kind of title 'BTS', the second in its family 'tiny': remove one"""

from dataclasses import replace

from tests.defective.sound import family as sound

family = replace(sound, title_kinds=("BTS",), titles=None)
