"""distribution 'defective' ships 'plugins', one of the import names of this product"""

from tests.defective.sound import family as sound

family = sound
SHIPS = "plugins/extra.py"
