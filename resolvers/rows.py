"""GraphQL types from rows of the register, where an act or a computed field makes one."""

from typing import TYPE_CHECKING, Any

from graph.diploma import Diploma
from graph.reference import DiplomaFamily, ExamService, FamilyJuryGroup
from graph.stored import Row, from_row
from plugins.contract import Family
from resolvers.known_families import family_of

if TYPE_CHECKING:
    from resolvers.context import Context


def diploma(row: Row) -> Diploma:
    """The diploma of a row, of the type of its family."""
    return from_row(family_of(row["family"]).type, row)


def exam_service(row: Row) -> ExamService | None:
    """The exam service of an academy's row, when it has one."""
    return from_row(ExamService, row) if row["service_code"] else None


def family(declared: Family, context: "Context") -> DiplomaFamily:
    """A family as clients see it."""
    values: dict[str, Any] = {
        "code": declared.code,
        "label": context.say(declared.label),
        "ministry": context.say(declared.ministry),
        "legal_basis": list(declared.legal_basis),
        "type_name": declared.type.__name__,
        "first_session": declared.first_session,
        "last_session": declared.last_session,
    }
    groups = [
        FamilyJuryGroup(
            code=group.code,
            label=context.say(group.label),
            reference=group.reference,
            first_session=group.first,
            last_session=group.last,
        )
        for group in declared.jury_groups
    ]
    return DiplomaFamily(key=declared.code, jury_groups=groups, **values)
