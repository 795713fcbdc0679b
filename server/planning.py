"""The planner of this deployment: its schema, what its fields read, the families that stand for a diploma."""

from planner.execution import Planner
from planner.projection import Kinds
from plugins.loading import families
from resolvers.reading import READS
from resolvers.schema import deployed


def planner(compile_at: int) -> Planner:
    """The planner of the deployed schema, which compiles a document the first or the second time that it comes."""
    diplomas = Kinds("family", {code: family.type.__name__ for code, family in families().items()})
    return Planner(deployed(), READS, {"Diploma": diplomas}, at_once=compile_at == 1)
