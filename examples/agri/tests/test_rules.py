"""What the worked cases cannot say: cells that do not go together, codes that a session does not have, what falls to the jury."""

from collections.abc import Mapping
from typing import Any

import pytest
from plugins import Decision, Invalid, Misfit, Session

from parchemin_agri import bpa, btsa, capa
from parchemin_agri.semesters import CREDITS, credits_of, label_of, semesters_at

SESSION = Session(2025, "10")
COMPLETE = "S1-UE1|S1-UE2|S1-UE3|S2-UE1|S2-UE2|S2-UE3|S3-UE1|S3-UE2|S4-UE1|S4-UE2"
RENEWED, FORMER = "32321115", "32321205"


def semesters(cell: str) -> Any:
    return semesters_at(SESSION)(cell)


def line(cell: str, code: str = RENEWED) -> Mapping[str, Any]:
    return {"code_diplome": code, "groupe": "NORMALE", "semestres": semesters(cell)}


def test_the_units_of_a_line_are_put_under_their_semesters() -> None:
    read = semesters(COMPLETE)
    assert [(one["number"], len(one["units"])) for one in read] == [(1, 3), (2, 3), (3, 2), (4, 2)]
    assert read[0]["units"][0] == {"code": "S1-UE1", "ects": 10}
    assert credits_of(read) == CREDITS
    assert btsa.check(line(COMPLETE), SESSION) is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (COMPLETE.replace("|S4-UE1|S4-UE2", ""), "ne donne pas les quatre semestres"),
        ("S2-UE1|S2-UE2|S2-UE3|S1-UE1|S1-UE2|S1-UE3|S3-UE1|S3-UE2|S4-UE1|S4-UE2", "dans leur ordre"),
        (COMPLETE.replace("|S4-UE2", ""), "n'a pas de 2 à 4 unités au semestre 4"),
        (COMPLETE.replace("S1-UE3", "S1-UE1"), "donne deux fois l'unité S1-UE1"),
        (COMPLETE.replace("|S2-UE3", ""), "fait 112 crédits"),
    ],
)
def test_semesters_that_are_not_whole_are_refused(cell: str, said: str) -> None:
    found = btsa.check(line(cell), SESSION)
    assert isinstance(found, Misfit) and found.column == "semestres" and said in found.reason.fr


def test_a_speciality_that_is_not_renewed_has_no_semesters() -> None:
    found = btsa.check(line(COMPLETE, FORMER), SESSION)
    assert found is not None and "n'est pas rénovée" in found.reason.fr


def test_a_unit_is_not_open_before_its_first_session() -> None:
    with pytest.raises(Invalid, match="not open"):
        semesters_at(Session(2022, "10"))(COMPLETE)


def test_a_unit_that_the_table_no_longer_has_is_called_by_its_code() -> None:
    assert label_of("S1-UE2") == "Diagnostic agronomique d'une parcelle"
    assert label_of("S9-UE1") == "S9-UE1"


def test_nobody_acquires_more_units_than_there_are() -> None:
    found = bpa.check({"unites_requises": 10, "unites_acquises": 11}, SESSION)
    assert found is not None and found.column == "unites_acquises"
    assert bpa.check({"unites_requises": 10, "unites_acquises": 10}, SESSION) is None


def test_between_9_and_10_the_capa_is_the_jury_s() -> None:
    cells = {"moyenne": capa.JURY_MAY_ADMIT[0].value, "note_professionnelle": capa.PASS[0].value}
    outcome = capa.decide(cells, SESSION)
    assert outcome is not None and outcome.decisions == (Decision.AJOURNE, Decision.ADMIS)
