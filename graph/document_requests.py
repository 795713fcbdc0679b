"""Requests of holders to the academies for what is not online: what may be asked, and what became of what was asked."""

from datetime import date, datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.problems import Problem
from graph.reference import Academy, ExamService
from graph.stored import column, for_caller, identity, many, member, within


@strawberry.enum(description="What a holder asks of an academy.")
class DocumentRequestKind(Enum):
    ATTESTATION = strawberry.enum_value("ATTESTATION", description="Attestation de réussite: that the diploma was awarded")
    MARK_SHEET = strawberry.enum_value("MARK_SHEET", description="Relevé de notes")
    SCRIPTS = strawberry.enum_value("SCRIPTS", description="Communication of the exam scripts (copies)")
    COLLECTION = strawberry.enum_value("COLLECTION", description="Retrait of a diploma that was never collected")
    REISSUE = strawberry.enum_value("REISSUE", description="Réédition after a change of civil status")


@strawberry.enum(description="Where a request stands.")
class DocumentRequestState(Enum):
    SUBMITTED = strawberry.enum_value("SUBMITTED", description="The exam service has it; nobody has taken it yet")
    IN_REVIEW = strawberry.enum_value("IN_REVIEW", description="An agent works on it")
    INFORMATION_REQUESTED = strawberry.enum_value(
        "INFORMATION_REQUESTED", description="The applicant owes a piece or an answer; the delay rests meanwhile"
    )
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="Granted; the document is being made")
    REFUSED = strawberry.enum_value("REFUSED", description="Refused, with the grounds and the ways of appeal in a message")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="Taken back by the applicant")
    DELIVERED = strawberry.enum_value("DELIVERED", description="The applicant has what he asked for")


@strawberry.enum(description="What a file of a request is.")
class RequestPieceKind(Enum):
    IDENTITY = strawberry.enum_value("IDENTITY", description="Identity document of the person of the diploma")
    MANDATE = strawberry.enum_value("MANDATE", description="Express mandate of the person represented")
    CIVIL_STATUS = strawberry.enum_value("CIVIL_STATUS", description="Civil-status record, or judgment, that shows a change")
    AUTHORITY = strawberry.enum_value("AUTHORITY", description="Proof that the applicant legally represents the person")
    OTHER = strawberry.enum_value("OTHER", description="Anything else")
    DELIVERED = strawberry.enum_value("DELIVERED", description="What the exam service delivers")


@strawberry.enum(description="What an entry of a request's history is.")
class RequestEventKind(Enum):
    STATE = strawberry.enum_value("STATE", description="The request passed to a state")
    MESSAGE = strawberry.enum_value("MESSAGE", description="Somebody wrote")
    PIECE = strawberry.enum_value("PIECE", description="Somebody sent a file")
    ASSIGNMENT = strawberry.enum_value("ASSIGNMENT", description="It passed to another agent, or to nobody")
    NOT_LINKED = strawberry.enum_value(
        "NOT_LINKED", description="The session was published, and the diploma could not be linked automatically: the service looks"
    )


@strawberry.enum(description="Who acted on a request.")
class RequestActor(Enum):
    APPLICANT = strawberry.enum_value("APPLICANT", description="Who made it")
    SERVICE = strawberry.enum_value("SERVICE", description="The exam service")
    REGISTER = strawberry.enum_value("REGISTER", description="The register itself, for example when the missing diploma arrived")


@strawberry.enum(description="What the law makes of an administration that does not answer in the delay.")
class Silence(Enum):
    REFUSAL = strawberry.enum_value("REFUSAL", description="The request counts as refused: the ways of appeal are open")
    ACCEPTANCE = strawberry.enum_value("ACCEPTANCE", description="The request counts as granted")


@strawberry.enum(description="Sex, as the civil registry has it.")
class Sex(Enum):
    F = strawberry.enum_value("F", description="Female")
    M = strawberry.enum_value("M", description="Male")


@strawberry.enum(description="By what right somebody asks in the place of the person of a diploma.")
class Representation(Enum):
    LAW = strawberry.enum_value(
        "LAW", description="As the legal representative: parent of a minor, guardian. Needs a piece AUTHORITY"
    )
    MANDATE = strawberry.enum_value("MANDATE", description="By an express mandate. Needs a piece MANDATE")


@strawberry.enum(description="Whether a document may be asked for, and of whom.")
class AskingState(Enum):
    ASK = strawberry.enum_value("ASK", description="Here: the exam service answers")
    ESTABLISHMENT = strawberry.enum_value("ESTABLISHMENT", description="Elsewhere: of the establishment that awarded the diploma")
    ELSEWHERE = strawberry.enum_value("ELSEWHERE", description="Elsewhere: of whom the explanation names")
    TOO_EARLY = strawberry.enum_value("TOO_EARLY", description="Not before the results")
    TOO_LATE = strawberry.enum_value("TOO_LATE", description="No longer: the time is over")
    COUNTRY_NEEDED = strawberry.enum_value("COUNTRY_NEEDED", description="Here, once the country of the centre is named")
    SERVICE_UNKNOWN = strawberry.enum_value("SERVICE_UNKNOWN", description="The register does not know which service answers there")
    NO_SESSION = strawberry.enum_value("NO_SESSION", description="No such session: there is nothing to ask")


@strawberry.type(description="What is known of the diploma that a request is about, as the applicant gave it.")
class AskedDiploma:
    title: str | None = column("title", "Exact title")
    series: str | None = column("series", "Série, spécialité or option")
    establishment: str | None = column("establishment", "Establishment then: its UAI or its name")
    candidate_number: str | None = column("candidate_number", "Candidate number")
    ine: str | None = column("ine", "Identifiant national élève")
    address: str | None = column("address", "Postal address of the applicant, when something is to be sent")


@strawberry.type(description="A person of a request: who asks, or whom he represents.")
class RequestPerson:
    family_name: str = column("family_name", "Nom de naissance")
    given_names: list[str] = column("given_names", "Prénoms, in order")
    used_name: str | None = column("used_name", "Nom d'usage")
    birth_date: str = column("birth_date", "ISO 8601")
    sex: str = column("sex", "M or F")
    birth_commune: str | None = column("birth_commune", "Code of the commune of birth; none abroad")
    birth_country: str = column("birth_country", "Code of the country of birth; 99100 is France")


@strawberry.type(description="A message of a request, of its applicant or of the exam service.")
class RequestMessage:
    written_at: datetime = column("written_at", "When")
    author: RequestActor = column("author", "Who wrote it", member(RequestActor))
    agent: str | None = column("agent", "The agent, when agents read; the applicant sees the exam service alone")
    body: str = column("body", "What it says")


@strawberry.type(description="A file of a request. It is never shown in a page: `link` downloads it.")
class RequestPiece:
    kind: RequestPieceKind = column("kind", "What it is", member(RequestPieceKind))
    file_name: str = column("file_name", "The name that its sender gave it")
    media_type: str = column("media_type", "What its content is: PDF, JPEG or PNG")
    size: int = column("size", "Bytes")
    sender: RequestActor = column("sender", "Who sent it", member(RequestActor))
    uploaded_at: datetime = column("uploaded_at", "When it came")
    destroyed_at: datetime | None = column(
        "destroyed_at", "When its content was destroyed: identity pieces are, once the request is decided"
    )
    link: str | None = for_caller(("id", "destroyed_at"), "piece_link", "Where to download it; nowhere once it is destroyed")


@strawberry.type(description="An entry of a request's history.")
class RequestEvent:
    at: datetime = column("at", "When")
    kind: RequestEventKind = column("kind", "What it is", member(RequestEventKind))
    state: DocumentRequestState | None = column("state", "The state that it led to, if it changed it", member(DocumentRequestState))
    actor: RequestActor = column("actor", "Who did it", member(RequestActor))
    agent: str | None = column("agent", "The agent, when agents read; the applicant sees the exam service alone")
    piece: RequestPieceKind | None = column("piece", "What was sent, when it is a file", member(RequestPieceKind))


@strawberry.type(description="A request of the viewer to an academy.")
class DocumentRequest(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    reference: str = column("reference", "What to quote: `ABCD-EFGH`")
    kind: DocumentRequestKind = column("kind", "What is asked", member(DocumentRequestKind))
    family_code: str = column("family", "Code of the family")
    session: int = column("year", "Year of the exam session")
    academy: Academy = within("Where the exam was passed, as that academy was called then", prefix="obtained_")
    country: str | None = column("country_code", "Code of the country of the centre, abroad")
    exam_service: ExamService | None = within("Who answers", prefix="answering_", present="answering_service_code")
    diploma: AskedDiploma = within("What was said of the diploma", document="asked")
    represented: RequestPerson | None = within(
        "Whom the viewer represents, when the diploma is not his own", document="represented"
    )
    state: DocumentRequestState = column("state", "Where it stands", member(DocumentRequestState))
    submitted_at: datetime = column("submitted_at", "When it was received")
    due_on: date = column(
        "due_on", "Last day of the legal delay; while `waitingSince` is set, it moves on by every day that the applicant takes"
    )
    silence: Silence = column("silence", "What no answer by then means", member(Silence))
    acknowledgement: str = for_caller(
        ("submitted_at", "due_on", "silence"),
        "acknowledgement",
        "The receipt that the law wants (accusé de réception, CRPA, art. L112-3 and R112-5): dates, silence and ways of appeal",
    )
    waiting_since: datetime | None = column("waiting_since", "Since when the exam service waits for the applicant")
    decided_at: datetime | None = column("decided_at", "When it was granted or refused")
    ended_at: datetime | None = column("ended_at", "When it was closed")
    missing_pieces: list[RequestPieceKind] = column(
        "missing_pieces", "The pieces that are still to be sent", lambda kinds: [RequestPieceKind[one] for one in kinds]
    )
    messages: list[RequestMessage] = many("request_messages", "The latest fifty messages, in their order", most=50)
    pieces: list[RequestPiece] = many("request_pieces", "The files of both sides, in their order", most=50)
    delivered_documents: list[RequestPiece] = many("request_deliveries", "What the exam service delivered, in its order", most=50)
    history: list[RequestEvent] = many("request_events", "The latest fifty entries of its history, in their order", most=50)


@strawberry.type(description="A piece that a request needs before it can be decided.")
class RequiredPiece:
    kind: RequestPieceKind = strawberry.field(description="What it is")
    reason: str = strawberry.field(description="When and why it is needed")


@strawberry.type(
    description="Whether one kind of document may be asked for of a diploma, of whom, until when, and with what answer."
)
class DocumentRequestOption:
    kind: DocumentRequestKind = strawberry.field(description="What may be asked")
    state: AskingState = strawberry.field(description="Whether it may")
    academy: Academy = strawberry.field(description="Where the exam was passed, as that academy was called then")
    exam_service: ExamService | None = strawberry.field(description="Who answers, when an exam service does")
    explanation: str = strawberry.field(description="What to know: whom to ask, why not, what has the same value")
    required_pieces: list[RequiredPiece] = strawberry.field(description="The pieces to send")
    open_from: date | None = strawberry.field(description="First day on which it may be asked, when the law or the results set one")
    open_until: date | None = strawberry.field(description="Last day, when there is one")
    delay_months: int = strawberry.field(description="Months in which the exam service answers")
    silence: Silence = strawberry.field(description="What no answer in that delay means")
    price_cents_per_page: int | None = strawberry.field(
        description="The most that a posted copy may cost, in cents a page; free when null"
    )
    sources: list[str] = strawberry.field(description="The texts that say so")


@strawberry.type(description="This document cannot be asked for here: the sentence says whom to ask, or why nobody can have it.")
class NotAskable(Problem):
    reason: AskingState = strawberry.field(description="Why")
    exam_service: ExamService | None = strawberry.field(description="Whom to ask, when an exam service knows more")


@strawberry.type(description="This family has no session of that year there; the sentence says which sessions there are.")
class SessionNeverHeld(Problem):
    first_session: int | None = strawberry.field(description="The first session of that family there, when one is known")
    last_session: int | None = strawberry.field(description="The last one, when there is one")


@strawberry.type(description="The same request is open already.")
class AlreadyRequested(Problem):
    reference: str = strawberry.field(description="The open one's reference")


@strawberry.type(description="The request is closed, or past the state that the act needs.")
class RequestClosed(Problem):
    state: DocumentRequestState = strawberry.field(description="Where it stands")
