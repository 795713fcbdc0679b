"""Links by which a holder shows a diploma, and what their readers see."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import relay

from graph.diploma import Diploma
from graph.enums import DiplomaStatus
from graph.problems import Problem
from graph.stored import column, for_caller, identity, member, within
from graph.verification import VerificationRefused


@strawberry.enum(description="What the reader of a link sees.")
class ShareScope(Enum):
    EXISTS = strawberry.enum_value("EXISTS", description="That the diploma exists and whether it is valid, without a name")
    STANDARD = strawberry.enum_value("STANDARD", description="What a verification by key shows")
    FULL = strawberry.enum_value("FULL", description="The holder's birth as well")


@strawberry.enum(description="Whether a link still opens anything.")
class ShareState(Enum):
    OPEN = strawberry.enum_value("OPEN", description="It opens the diploma")
    EXPIRED = strawberry.enum_value("EXPIRED", description="Its time is over")
    USED_UP = strawberry.enum_value("USED_UP", description="It was opened as often as it may be")
    REVOKED = strawberry.enum_value("REVOKED", description="It was closed by its holder, or with the diploma")


@strawberry.type(description="A link that shows a diploma of the viewer to whoever has it.")
class Share(relay.Node):
    uuid: relay.NodeID[str] = identity("share_id")
    diploma: Diploma = within("The diploma")
    secret: str = for_caller(
        ("share_id",),
        "share_secret",
        "The secret of the link, 22 characters; `sharedDiploma` takes it",
    )
    link: str = for_caller(
        ("share_id",),
        "share_link",
        "The address to send; the secret stands after the #, which browsers send to nobody",
    )
    scope: ShareScope = column("scope", "What its readers see", member(ShareScope))
    label: str = column("label", "What the holder calls it")
    state: ShareState = column("state", "Whether it still opens anything", member(ShareState))
    created_at: datetime = column("created_at", "When it was made")
    expires_at: datetime = column("expires_at", "When it ends")
    most_views: int | None = column("most_views", "How often it may be opened, when that is limited")
    views: int = column("views", "How often it was opened")


@strawberry.type(description="A share that cannot be made: the sentence says which bound it exceeds.")
class ShareRefused(Problem):
    pass


@strawberry.type(description="A person's birth as the exam record has it.")
class Birth:
    date: str | None = column("birth_date", "ISO 8601, with 00 for an unknown day or month")
    place: str | None = column("birth_place", "Place as the record names it")
    country: str | None = column("birth_country", "Code of the country in the Code officiel géographique; 99100 is France")


@strawberry.type(description="What a link shows of a diploma.")
class SharedDiploma:
    diploma: Diploma = within("The diploma as the register holds it today")
    birth: Birth | None = within("The holder's birth, when the link shows everything", present="birth_shown")
    replaced_on: datetime | None = column(
        "replaced_on", "When the record was replaced, if the link is that of an older attestation: ask the holder for his new one"
    )
    invalid_since: datetime | None = column("invalid_since", "Since when it is no longer valid, of a diploma that was withdrawn")
    verified_at: datetime = column("verified_at", "When the register was read")


@strawberry.type(description="What a link shows that is to tell no name: that a diploma exists.")
class ExistingDiploma:
    title: str = column("title", "Full title")
    session: int = column("session_year", "Year of the exam session")
    status: DiplomaStatus = column("status", "What the register says today", member(DiplomaStatus))
    awarded_on: date | None = column("awarded_on", "Day of the jury's decision, when the academy gave it")
    invalid_since: datetime | None = column("invalid_since", "Since when it is no longer valid, of a diploma that was withdrawn")
    verified_at: datetime = column("verified_at", "When the register was read")


SharedVerification = Annotated[
    SharedDiploma | ExistingDiploma | VerificationRefused,
    strawberry.union("SharedVerification", description="What the register says to the reader of a link."),
]
