"""'tests.defective.not_a_family:family' of distribution 'defective' is not a plugins.Family"""

from tests.defective.sound import Tiny

family = Tiny
