"""The planner of this deployment: its schema, what its fields read, the families that stand for a diploma."""

from planner.execution import Planner
from planner.projection import Kinds
from plugins.loading import families
from resolvers.reading import READS
from resolvers.schema import deployed


def planner(*, at_once: bool = False) -> Planner:
    """The planner of the deployed schema. `at_once` compiles a document when it is first seen."""
    diplomas = Kinds("family", {code: family.type.__name__ for code, family in families().items()})
    return Planner(deployed(), READS, {"Diploma": diplomas}, at_once=at_once)
