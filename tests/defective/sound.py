"""A tiny family without a defect: what the others are made from."""

from pathlib import Path

import strawberry

from plugins import Column, Diploma, Family, JuryGroup, Line, Text, detail, one_of, table, text

HERE = Path(__file__).parent / "files"
LAW = "arrêté du 1er avril 2020"


@strawberry.type(description="A tiny diploma.")
class Tiny(Diploma):
    place: str | None = detail("place", "Place of the course, when it is told")
    grade: str = detail("grade", "Grade")


GROUP = JuryGroup("UNIQUE", Text("Unique", "Only one"), LAW)
PLACE = Column("lieu", Text("Lieu", "Place"), text(50), detail="place", example="Rodez")
GRADE = Column("grade", Text("Grade", "Grade"), one_of("A", "B"), required=True, detail="grade", example="A")
LINE = Line("grade", Text("Grade", "Grade"), lambda diploma: diploma.grade)
TABLE = table(HERE / "places.csv", "places", Text("Lieux", "Places"), LAW)

family = Family(
    code="tiny",
    label=Text("Minuscule", "Tiny"),
    ministry=Text("Ministère", "Ministry"),
    legal_basis=(LAW,),
    type=Tiny,
    jury_groups=(GROUP,),
    columns=(PLACE, GRADE),
    decide=lambda results, session: None,
    title_kinds=("TINY",),
    titles=HERE / "titles.csv",
    tables=(TABLE,),
    lines=(LINE,),
)
