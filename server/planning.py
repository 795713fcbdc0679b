"""The planner of this deployment: its schema, what its fields read, the families that stand for a diploma."""

from graph.diploma import OtherDiploma
from planner.execution import Planner
from planner.kinds import Kinds
from plugins.loading import families
from resolvers.admission import Judged
from resolvers.reading import READS
from resolvers.schema import Schema


def planner(schema: Schema, compile_at: int) -> Planner[Judged]:
    """The planner of a schema, which compiles a document the first or the second time that it comes."""
    diplomas = Kinds("family", {code: family.type.__name__ for code, family in families().items()}, OtherDiploma.__name__)
    names = schema.config.name_converter.get_graphql_name
    return Planner(schema.core, schema.admission, names, READS, {"Diploma": diplomas}, at_once=compile_at == 1)
