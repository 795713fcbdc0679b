"""GraphQL types from rows of the register, where an act or a computed field makes one."""

from itertools import islice
from typing import TYPE_CHECKING, Any

from graph.diploma import Diploma
from graph.reference import DiplomaFamily, ExamService, FamilyJuryGroup, FamilyTable, FamilyTableCell, FamilyTableEntry
from graph.stored import Row, from_row
from plugins.contract import Family, Table
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
    tables = [_table(one, context) for one in declared.tables]
    return DiplomaFamily(key=declared.code, jury_groups=groups, tables=tables, **values)


def _table(table: Table, context: "Context") -> FamilyTable:
    def read(session: int | None, first: int, after: str) -> list[FamilyTableEntry]:
        listed = (entry for code, entry in sorted(table.items()) if code > after and (session is None or entry.held(session)))
        return [
            FamilyTableEntry(
                code=entry.code,
                label=context.say(entry.label),
                first_session=entry.first,
                last_session=entry.last,
                more=[FamilyTableCell(column=name, value=cell) for name, cell in entry.more.items()],
            )
            for entry in islice(listed, first)
        ]

    return FamilyTable(read=read, name=table.name, label=context.say(table.label), source=table.source)
