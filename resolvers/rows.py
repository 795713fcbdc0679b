"""GraphQL types from rows of the register."""

from collections.abc import Mapping
from typing import Any

from graph.diploma import Diploma, HolderNames
from graph.enums import Decision, Mention
from graph.reference import (
    AcademicRegion,
    Academy,
    Availability,
    DiplomaFamily,
    DiplomaTitle,
    ExamService,
    FamilyJuryGroup,
    ForeignCentre,
)
from graph.sessions import Difference, DifferenceLine, ExamSession, Flag, Import, Publication, Refusal
from graph.stored import from_row
from graph.text import Text
from plugins.contract import Family
from plugins.loading import families
from resolvers.context import Context

Row = Mapping[str, Any]


def academy(row: Row, prefix: str = "") -> Academy:
    """An academy with its region and exam service; its own columns may have a prefix."""
    return from_row(
        Academy,
        row,
        prefix,
        key=row[f"{prefix}code"],
        region=from_row(AcademicRegion, row) if row["region_code"] else None,
        exam_service=exam_service(row),
    )


def exam_service(row: Row) -> ExamService | None:
    """The exam service of an academy's row, when it has one."""
    return from_row(ExamService, row) if row["service_code"] else None


def foreign_centre(row: Row) -> ForeignCentre:
    """The academy of a country abroad."""
    return from_row(ForeignCentre, row, academy=academy(row))


def title(row: Row) -> DiplomaTitle:
    """A national title."""
    return from_row(DiplomaTitle, row, key=row["code"])


def availability(row: Row) -> Availability:
    """Where the diplomas of an academy, family and session are."""
    paper = row["state"] == "PAPER_ONLY"
    return from_row(Availability, row, academy=academy(row), ask_at=exam_service(row) if paper else None)


def diploma(row: Row) -> Diploma:
    """The diploma of a row: the type of its family, or the plain interface's first type when the family is gone."""
    family = families()[row["family"]]
    return from_row(
        family.type,
        row,
        uuid=str(row["id"]),
        holder=from_row(HolderNames, row),
        academy=academy(row, "academy_"),
    )


def family(declared: Family, context: Context) -> DiplomaFamily:
    """A family as clients see it."""
    return DiplomaFamily(
        key=declared.code,
        code=declared.code,
        label=context.say(declared.label),
        ministry=context.say(declared.ministry),
        legal_basis=list(declared.legal_basis),
        type_name=declared.type.__name__,
        jury_groups=[
            FamilyJuryGroup(
                code=group.code,
                label=context.say(group.label),
                reference=group.reference,
                first_session=group.first,
                last_session=group.last,
            )
            for group in declared.jury_groups
        ],
        first_session=declared.first_session,
        last_session=declared.last_session,
    )


def session(row: Row) -> ExamSession:
    """An exam session."""
    return from_row(ExamSession, row, uuid=str(row["id"]))


def results_import(row: Row, context: Context) -> Import:
    """An import."""
    return from_row(
        Import,
        row,
        uuid=str(row["id"]),
        difference=from_row(Difference, row["difference"]) if row["difference"] else None,
        problem=context.say(Text(**row["problem"])) if row["problem"] else None,
    )


def publication(row: Row, context: Context) -> Publication:
    """A publication."""
    return from_row(Publication, row, uuid=str(row["id"]), warnings=[context.say(Text(**warning)) for warning in row["warnings"]])


def refusal(row: Row, owner: str, context: Context) -> Refusal:
    """A cell that was not taken."""
    return from_row(
        Refusal,
        row,
        place=f"{owner}/{row['line']}/{row['position']}",
        column=row["column_name"] or None,
        value=row["value"],
        reason=context.say(Text(row["reason_fr"], row["reason_en"])),
        remedy=context.say(Text(row["remedy_fr"], row["remedy_en"])),
    )


def flag(row: Row, owner: str, context: Context) -> Flag:
    """A line whose decision contradicts the rules."""
    found = row["flag"]
    return from_row(
        Flag,
        row,
        place=f"{owner}/{row['line']}",
        expected_decision=Decision[found["expected_decision"]],
        expected_mention=Mention[found["expected_mention"]] if found["expected_mention"] else None,
        reason=context.say(Text(**found["reason"])),
        reference=found["reference"],
    )


def difference_line(row: Row, owner: str) -> DifferenceLine:
    """A candidate whom an import adds, changes or removes."""
    return from_row(DifferenceLine, row, place=f"{owner}/{row['candidate_number']}")
