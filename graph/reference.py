"""Academies, titles and families: what exists outside the register."""

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import relay

from graph.pages import DEFAULT_PAGE, First, checked
from graph.stored import column, for_caller, identity, member, within

MOST_TABLES, MOST_TABLE_COLUMNS = 5, 10
"""Tables that a family brings, and columns of its own that each may have."""


@strawberry.enum(description="What an academy is.")
class AcademyKind(Enum):
    ACADEMY = strawberry.enum_value("ACADEMY", description="Académie")
    OVERSEAS = strawberry.enum_value("OVERSEAS", description="Vice-rectorat or service of an overseas community")
    INTERACADEMIC = strawberry.enum_value("INTERACADEMIC", description="Interacademic service, not an academy")
    ABROAD = strawberry.enum_value("ABROAD", description="Centres d'examen à l'étranger")


@strawberry.type(description="Région académique.")
class AcademicRegion:
    code: str = column("region_code", "Code of the ministry")
    name: str = column("region_name", "Name")
    insee_code: str | None = column("region_insee_code", "Code of the region at INSEE")


@strawberry.type(description="The service that organises an academy's examinations and answers for what is not in the register.")
class ExamService:
    code: str = column("service_code", "Code, unique in the register")
    name: str = column("service_name", "Name")
    city: str | None = column("service_city", "City")
    website: str | None = column("service_website", "Host name of its site")


@strawberry.type(description="Académie, today's or a former one.")
class Academy(relay.Node):
    key: relay.NodeID[str] = identity("code")
    code: str = column("code", "Code of the ministry, two digits")
    name: str = column("name", "Name")
    kind: AcademyKind = column("kind", "What it is", member(AcademyKind))
    departments: list[str] = column("departments", "Departments, by their codes", str.split)
    valid_from: date | None = column("valid_from", "First day, when it is known to have begun")
    valid_until: date | None = column("valid_until", "Last day, when it has ended")
    successor_code: str | None = column("successor_code", "Code of the academy that took its place")
    region: AcademicRegion | None = within("Académie's region; none overseas and abroad", present="region_code")
    exam_service: ExamService | None = within("Who answers for its examinations; none abroad", present="service_code")


@strawberry.type(
    description="The academy that holds the examinations of a country abroad, and whose exam service answers for them."
)
class ForeignCentre:
    country_code: str = column("country_code", "Code of the country in the Code officiel géographique")
    country: str = column("country", "Name of the country")
    academy: Academy = within("The academy; its `examService` is whom to ask")


@strawberry.type(description="A national title (intitulé) with the sessions that may award it.")
class DiplomaTitle(relay.Node):
    key: relay.NodeID[str] = identity("code")
    code: str = column("code", "National code (code diplôme), eight characters")
    kind: str = column("kind", "Kind of diploma, for example BAC_PRO")
    label: str = column("label", "Title as printed")
    first_session: int | None = column("first_session", "First session")
    last_session: int | None = column("last_session", "Last session")
    supplementary_session: int | None = column("supplementary_session", "One more session kept after the last")
    successor_code: str | None = column("successor_code", "Code of the title that follows it")
    national_level: int | None = column("national_level", "Level 3 to 8 of the national framework, equal to the EQF level")


@strawberry.type(description="A part of a session whose results one jury gives.")
class FamilyJuryGroup:
    code: str = strawberry.field(description="Code in import files")
    label: str = strawberry.field(description="Name")
    reference: str = strawberry.field(description="The text that provides for it")
    first_session: int | None = strawberry.field(description="First session that has it")
    last_session: int | None = strawberry.field(description="Last session that has it")


@strawberry.type(description="A cell of a table that the register does not know itself.")
class FamilyTableCell:
    column: str = strawberry.field(description="Name of the column")
    value: str = strawberry.field(description="What stands there; empty when nothing does")


@strawberry.type(description="A row of a reference table of a family: a code, and what it stands for.")
class FamilyTableEntry:
    code: str = strawberry.field(description="Code, as in import files")
    label: str = strawberry.field(description="What it stands for")
    first_session: int | None = strawberry.field(description="First session that may use it")
    last_session: int | None = strawberry.field(description="Last session that may use it")
    more: list[FamilyTableCell] = strawberry.field(
        description="The other columns of the table", metadata={"most": MOST_TABLE_COLUMNS}
    )


@strawberry.type(description="A reference table that a family brings, for example of its specialities.")
class FamilyTable:
    read: strawberry.Private[Callable[[int | None, int, str], list[FamilyTableEntry]]]
    name: str = strawberry.field(description="Name, one of the family's")
    label: str = strawberry.field(description="What it lists")
    source: str = strawberry.field(description="The text or the publication that it is from")

    @strawberry.field(description="Its rows, by their codes.")
    def entries(
        self,
        session: Annotated[int | None, strawberry.argument(description="Only those that this session may use")] = None,
        first: First = DEFAULT_PAGE,
        after: Annotated[str, strawberry.argument(description="Code of the row before the first")] = "",
    ) -> list[FamilyTableEntry]:
        return self.read(session, checked(first), after)


@strawberry.type(description="A family of diplomas that this register holds.")
class DiplomaFamily(relay.Node):
    key: relay.NodeID[str]
    code: str = strawberry.field(description="Code, for example `bac`")
    label: str = strawberry.field(description="Name")
    ministry: str = strawberry.field(description="Ministry that awards it")
    legal_basis: list[str] = strawberry.field(description="The texts on which it rests")
    type_name: str = strawberry.field(
        description="The GraphQL type of its diplomas: `OtherDiploma` when its package is no longer installed"
    )
    jury_groups: list[FamilyJuryGroup] = strawberry.field(description="Its jury groups, in their order")
    first_session: int | None = strawberry.field(description="First session")
    last_session: int | None = strawberry.field(description="Last session, when the diploma is no longer awarded")
    tables: list[FamilyTable] = strawberry.field(description="The reference tables that it brings", metadata={"most": MOST_TABLES})


@strawberry.enum(description="Where a diploma of an academy, family and session is to be found.")
class AvailabilityState(Enum):
    AVAILABLE = strawberry.enum_value("AVAILABLE", description="In the register")
    AWAITING_RESULTS = strawberry.enum_value(
        "AWAITING_RESULTS", description="The results of every jury group are not published yet"
    )
    PAPER_ONLY = strawberry.enum_value("PAPER_ONLY", description="On paper: ask the exam service")
    ESTABLISHMENT = strawberry.enum_value("ESTABLISHMENT", description="Ask the establishment that awarded it")
    ELSEWHERE = strawberry.enum_value("ELSEWHERE", description="Ask whom `instructions` names")
    OUT_OF_SCOPE = strawberry.enum_value("OUT_OF_SCOPE", description="No such session")


@strawberry.type(description="Where the diplomas of an academy, family and session are to be found.")
class Availability:
    academy: Academy = within("Academy, as it was at that session")
    family: str = column("family", "Code of the family")
    session: int = column("session", "Year of the session")
    state: AvailabilityState = column("state", "Where they are", member(AvailabilityState))
    count: int | None = column("count", "How many diplomas the register shows, when it shows any")
    ask_at: ExamService | None = within(
        "The exam service to ask, when they are on paper; abroad, once the argument `country` says where",
        prefix="asked_",
        present="paper_service",
    )
    instructions: str | None = for_caller(
        ("instructions",), "sentence", "Whom to ask and how, when it is neither an exam service nor the establishment"
    )
    website: str | None = column("website", "Where to ask, beside the instructions, when it is known")
