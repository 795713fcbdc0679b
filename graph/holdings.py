"""What a holder sees of the diplomas that are his: their keys, his requests to add one, who consulted them."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.diploma import Diploma
from graph.documents import Attestation
from graph.problems import Problem
from graph.reference import Academy, ExamService
from graph.stored import column, for_caller, identity, member, one, within


@strawberry.type(description="A diploma of the viewer.")
class HeldDiploma(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    diploma: Diploma = within("The diploma as the register holds it today")
    control_key: str = for_caller(
        ("id", "version", "key_generation"),
        "control_key",
        "The key to give with the birth name, shown as `ABCD-EFGH`; whoever has both can see the diploma",
    )
    added_at: datetime = column("attached_at", "When it was added to the account")
    attestation: Attestation | None = one(
        "attestations", "The sealed attestation of what the register says now, when it was asked for"
    )
    kept_until: date = column(
        "kept_until", "Last day in the register's active base: fifty years after its delivery (arrêté du 23 mai 2018)"
    )


@strawberry.enum(description="What became of a request to add a diploma.")
class DiplomaRequestState(Enum):
    ADDED = strawberry.enum_value("ADDED", description="The diploma is among the viewer's")
    NOT_LINKED = strawberry.enum_value(
        "NOT_LINKED", description="It could not be linked automatically: the exam service has the reference"
    )
    REFUSED = strawberry.enum_value("REFUSED", description="An agent of the exam service looked at it and refused it")


@strawberry.type(description="A request of the viewer to add a diploma.")
class DiplomaRequest(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    reference: str = column("reference", "What to quote to the exam service")
    family_code: str = column("family", "Code of the family")
    session: int = column("year", "Year of the exam session")
    academy: Academy = within("The academy named")
    state: DiplomaRequestState = column("shown_state", "What became of it", member(DiplomaRequestState))
    created_at: datetime = column("created_at", "When it was made")


@strawberry.enum(description="By what a third party saw a diploma.")
class ConsultationChannel(Enum):
    KEY = strawberry.enum_value("KEY", description="The control key with the birth name")
    LINK = strawberry.enum_value("LINK", description="A link that the holder shared")
    PRINTED_LINK = strawberry.enum_value("PRINTED_LINK", description="The link of the code on an attestation")
    DOCUMENT = strawberry.enum_value("DOCUMENT", description="The file of an attestation, which somebody had verified")


@strawberry.enum(description="What came of a consultation.")
class ConsultationOutcome(Enum):
    SHOWN = strawberry.enum_value("SHOWN", description="The diploma was shown")
    WRONG_NAME = strawberry.enum_value("WRONG_NAME", description="Somebody had the right key with a wrong name; nothing was shown")


@strawberry.type(description="An entry of the holder's journal: somebody consulted one of his diplomas. It is his alone.")
class Consultation(relay.Node):
    place: relay.NodeID[str]
    at: datetime = strawberry.field(description="When, to the minute")
    channel: ConsultationChannel = strawberry.field(description="By what")
    outcome: ConsultationOutcome = strawberry.field(description="What came of it")
    organisation: str | None = strawberry.field(description="Who the reader said he was; nobody checked it")
    share_label: str | None = strawberry.field(description="The label of the link, when it was one")
    diploma: Diploma = strawberry.field(description="The diploma")


@strawberry.type(
    description="The diploma could not be linked automatically. The answer is the same whatever the cause: quote the reference to the "
    "exam service, which can look further."
)
class DiplomaNotLinked(Problem):
    reference: str = strawberry.field(description="What to quote to the exam service")
    exam_service: ExamService | None = strawberry.field(description="Whom to ask")


@strawberry.type(description="The register shows no diploma of this family, session and academy.")
class SessionNotOnline(Problem):
    exam_service: ExamService | None = strawberry.field(description="Whom to ask, when an exam service has it on paper")


@strawberry.type(description="The diploma is among the viewer's already.")
class AlreadyHeld(Problem):
    pass


@strawberry.type(description="Too many requests in a day: try again tomorrow.")
class TooManyRequests(Problem):
    pass
