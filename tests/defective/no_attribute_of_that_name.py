"""family 'tiny' of distribution 'defective' does not load: AttributeError: module 'tests.defective.no_attribute_of_that_name' has no
attribute 'family'
"""

from tests.defective.sound import family as sound

families = (sound,)
