"""The semesters of a BTSA and their *unités d'enseignement*: GraphQL types, the cell of a results file, and what it must hold.

Arrêté of 8 July 2021: four semesters, each of two to four units. The diploma gives 120 European credits (code rural D811-142, I).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import strawberry
from plugins import Line, Misfit, Reader, Session, Text, Value, code_at, computed, detail, parts, table

SEMESTERS = 4
FEWEST_UNITS, MOST_UNITS = 2, 4
CREDITS = 120
SEPARATOR = "|"

UNITS = table(
    Path(__file__).parent / "tables" / "btsa_units.csv",
    name="btsa_units",
    label=Text("Unités d'enseignement du BTSA semestriel", "Units of the BTSA in semesters"),
    source="maquette d'exemple, fictive : chaque établissement habilité a la sienne (arrêté du 8 juillet 2021, art. 2)",
)


def label_of(code: str | None) -> str:
    """What a unit is called; its code once the table no longer has it."""
    unit = UNITS.get(code or "")
    return unit.label.fr if unit is not None else code or ""


@strawberry.type(description="Unit (unité d'enseignement, UE) of a semester of a BTSA.")
class BTSAUnit:
    code: str = detail("code", "Code of the unit in its table")
    label: str = computed((), label_of, "What the unit is called", details=("code",))
    ects: int | None = detail("ects", "European credits (ECTS) of the unit")


@strawberry.type(description="Semester of a BTSA that was prepared in semesters.")
class BTSASemester:
    number: int = detail("number", "Number of the semester, from 1 to 4")
    units: list[BTSAUnit] = parts("units", "Units that were validated in the semester", most=MOST_UNITS)


def semesters_at(session: Session) -> Reader:
    """The reader of a cell of codes separated by `|`, all of a table of which the session may use them: documents of semesters."""
    code = code_at(UNITS)(session)

    def read(cell: str) -> Value:
        semesters: list[dict[str, Value]] = []
        units: list[Value] = []
        for part in cell.split(SEPARATOR):
            unit = UNITS[str(code(part.strip()))]
            number = int(unit.more["semester"])
            if not semesters or semesters[-1]["number"] != number:
                units = []
                semesters.append({"number": number, "units": units})
            units.append({"code": unit.code, "ects": int(unit.more["ects"])})
        return semesters

    return read


def misfit(semesters: Sequence[Mapping[str, Any]]) -> Misfit | None:
    """What is wrong with the semesters of a line: their order, the number of their units, or their credits."""
    if [semester["number"] for semester in semesters] != list(range(1, SEMESTERS + 1)):
        return _wrong("ne donne pas les quatre semestres, dans leur ordre", "does not give the four semesters in their order")
    for semester in semesters:
        if not FEWEST_UNITS <= len(semester["units"]) <= MOST_UNITS:
            number = semester["number"]
            return _wrong(f"n'a pas de 2 à 4 unités au semestre {number}", f"has not 2 to 4 units in semester {number}")
    times = Counter(unit["code"] for semester in semesters for unit in semester["units"])
    if twice := [code for code, count in times.items() if count > 1]:
        return _wrong(f"donne deux fois l'unité {twice[0]}", f"gives the unit {twice[0]} twice")
    if (total := credits_of(semesters)) != CREDITS:
        return _wrong(f"fait {total} crédits européens, et non {CREDITS}", f"makes {total} European credits, not {CREDITS}")
    return None


def _wrong(fr: str, en: str) -> Misfit:
    remedy = Text(
        "donner les unités du semestre 1 au semestre 4, séparées par |, ou laisser vide tant que la formation n'est pas achevée",
        "give the units from semester 1 to semester 4, separated by |, or leave it empty until all are done",
    )
    return Misfit("semestres", Text(fr, en), remedy)


def credits_of(semesters: Sequence[Mapping[str, Any]] | None) -> int | None:
    """The European credits of all units; None for a diploma that was not prepared in semesters."""
    return sum(unit["ects"] for semester in semesters for unit in semester["units"]) if semesters else None


def line(number: int) -> Line:
    """The line of an attestation for a semester; left out when there was none."""
    return Line(f"semester_{number}", Text(f"Semestre {number}", f"Semester {number}"), _units_in(number))


def _units_in(number: int) -> Callable[[Any], str | None]:
    def value(diploma: Any) -> str | None:
        units = [f"{unit.label} ({unit.ects} ECTS)" for one in diploma.semesters if one.number == number for unit in one.units]
        return " ; ".join(units) or None

    return value
