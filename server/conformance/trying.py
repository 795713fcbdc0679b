"""The test file that `parchemin check-family` gives to pytest: the contract of the family that the command names."""

import os

from plugins.conformance import FamilyContract
from plugins.loading import families


class TestFamily(FamilyContract):
    """The kit over one family."""

    family = families()[os.environ["PARCHEMIN_FAMILY_TRIED"]]
