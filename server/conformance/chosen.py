"""The module in which pytest finds the kit of the family that `parchemin check-family` names."""

from plugins.conformance import FamilyContract


class TestFamily(FamilyContract):
    """The command sets its `family`."""
