"""The interface that every family of diplomas implements."""

from datetime import date, datetime

import strawberry
from strawberry import relay

from graph.enums import DiplomaStatus, Mention
from graph.reference import Academy
from graph.stored import column, identity, member, within


@strawberry.type(description="A person's names as the exam record spells them (civil registry spelling).")
class HolderNames:
    birth_name: str = column("birth_name", "Nom de naissance")
    used_name: str | None = column("used_name", "Nom d'usage, when there is one")
    given_names: list[str] = column("given_names", "Prénoms, in the order of the registry; empty when there is none")


@strawberry.interface(
    description="A diploma of the register, whatever its family. New families appear without notice: select these fields and "
    "treat an unknown `__typename` as normal."
)
class Diploma(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    family_code: str = column("family", "Code of the family, for example `bac`")
    title: str = column("title", "Full title as awarded (intitulé)")
    title_code: str | None = column("title_code", "National code of the diploma (code diplôme), when it has one")
    session: int = column("session_year", "Year of the exam session")
    academy: Academy = within("Academy that delivered the diploma, as it was at that session", prefix="academy_")
    mention: Mention | None = column("mention", "Mention, when the jury awarded one", member(Mention))
    national_level: int | None = column(
        "national_level", "Level 3 to 8 of the national framework (equal to the EQF level); none for the DNB"
    )
    awarded_on: date | None = column("awarded_on", "Day of the jury's decision, when the academy gave it")
    holder: HolderNames = within("Names of the holder")
    status: DiplomaStatus = column("status", "What the register says today", member(DiplomaStatus))
    version: int = column("version", "Version of the record, from 1; each correction adds one")
    published_at: datetime = column("published_at", "When this version became visible")

    @classmethod
    def resolve_typename(cls, root: object, info: object) -> str:  # noqa: ARG003
        """Ids are `Diploma:<uuid>` whatever the family, so they survive a family that moves to a plugin."""
        return "Diploma"


@strawberry.type(
    description="A diploma of a family that this deployment does not have: what every diploma has, and nothing of the family's own. "
    "Those of a family of another ministry become such when its package is uninstalled, and what they were when it is back."
)
class OtherDiploma(Diploma):
    pass
