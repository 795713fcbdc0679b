"""Certificat d'aptitude professionnelle agricole (CAPA), level 3: code rural et de la pêche maritime D811-147 to D811-148-6.

Admitted from an average of 10, with a mention from 12; between 9 and 10 the jury may add points. A mark below 8 in the tests of the
speciality's own professional abilities eliminates. Only the specialities renewed by the decree of 2015, from the session 2017.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path

import strawberry
from plugins import (
    Column,
    Dated,
    Decision,
    Diploma,
    Family,
    JuryGroup,
    Ladder,
    Outcome,
    Results,
    Sample,
    Session,
    Step,
    Text,
    admitted,
    at,
    cited,
    mark,
    reached,
    refused,
    thresholds,
)

from parchemin_agri.rules import LOWEST, MINISTRY, REPLACEMENT, eliminated

HERE = Path(__file__).parent
CODE = "code rural D811-148-5, II"

PASS = (Dated(Decimal(10), CODE),)
JURY_MAY_ADMIT = (Dated(Decimal(9), CODE),)
# the consequence of such a mark, and since when there are mentions, were not read to the end of the article and its versions
PROFESSIONAL = (Dated(Decimal(8), CODE, certain=False),)
MENTIONS = (Dated(thresholds(12, 14, 16), CODE, certain=False),)

COLUMNS = (
    Column("moyenne", Text("Moyenne globale, sur 20", "Overall average, out of 20"), mark(), example="12,75"),
    Column(
        "note_professionnelle",
        Text("La plus basse des notes professionnelles, sur 20", "The lowest professional mark, out of 20"),
        mark(),
        example="9,5",
    ),
)


@strawberry.type(description="Certificat d'aptitude professionnelle agricole, in one speciality.")
class CertificatAptitudeProfessionnelleAgricole(Diploma):
    pass


@cache
def rules_of(year: int) -> tuple[Ladder, Decimal, Outcome]:
    """The rules of a session: what an average gives, and the mark below which a professional one eliminates, with what follows."""
    passing, near, floor, mentions = at(PASS, year), at(JURY_MAY_ADMIT, year), at(PROFESSIONAL, year), at(MENTIONS, year)
    assert passing is not None and near is not None and floor is not None and mentions is not None
    free = Text("de 9 à 10, le jury peut attribuer des points et admettre", "from 9 to 10 the jury may add points and admit")
    between = Outcome((Decision.AJOURNE, Decision.ADMIS), None, free, cited(near))
    ladder = (*admitted(passing, mentions), Step(near.value, between), Step(LOWEST, refused(passing)))
    return ladder, floor.value, eliminated(floor, Text("note professionnelle", "professional mark"))


def decide(results: Results, session: Session) -> Outcome | None:
    """The outcome of the average and of the lowest professional mark, or None when one that matters is missing."""
    ladder, floor, out = rules_of(session.year)
    average, professional = results.get("moyenne"), results.get("note_professionnelle")
    if professional is not None and professional < floor:
        return out
    return None if average is None or professional is None else reached(ladder, average)


family = Family(
    code="capa",
    label=Text("Certificat d'aptitude professionnelle agricole", "CAPA (agricultural vocational certificate)"),
    ministry=MINISTRY,
    legal_basis=("code rural et de la pêche maritime D811-147 à D811-148-6",),
    type=CertificatAptitudeProfessionnelleAgricole,
    jury_groups=(JuryGroup("NORMALE", Text("Session de juin", "June session"), CODE), REPLACEMENT),
    columns=COLUMNS,
    decide=decide,
    title_kinds=("CAPA",),
    titles=HERE / "titles" / "capa.csv",
    first_session=2017,
    asked_at="ESTABLISHMENT",
    cases=HERE / "cases" / "capa.toml",
    samples=(Sample(HERE / "samples" / "capa-10-2025.csv", 2025, "10"),),
)
