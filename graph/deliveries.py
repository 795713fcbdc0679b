"""What is sent and delivered with a request to an academy: why a file is refused, and the document that the seal service makes for it."""

from enum import Enum

import strawberry

from graph.document_requests import RequestPiece
from graph.problems import Problem
from graph.stored import computed, within


@strawberry.type(description="The file cannot be a piece of a request: the sentence says what to send instead.")
class PieceRefused(Problem):
    pass


@strawberry.type(description="The request has as many files, or as many bytes, as it may have.")
class TooManyPieces(Problem):
    pass


@strawberry.enum(description="Where the document of a request stands.")
class DeliveryState(Enum):
    PENDING = strawberry.enum_value("PENDING", description="It is being sealed: the request is delivered when it is")
    READY = strawberry.enum_value("READY", description="It is sealed, and the applicant can download it")
    IMPOSSIBLE = strawberry.enum_value(
        "IMPOSSIBLE", description="What was entered does not go on the page: deliver again with shorter values"
    )


def delivery_state(stored: str) -> DeliveryState:
    """Where the document of a delivery stands: one whose proofs are complete is as ready as one that waits for them."""
    if stored == "WAITING":
        return DeliveryState.PENDING
    return DeliveryState.IMPOSSIBLE if stored == "IMPOSSIBLE" else DeliveryState.READY


@strawberry.enum(description="Why a test has no mark.")
class MarkAbsence(Enum):
    ABSENT = strawberry.enum_value("ABSENT", description="Absent")
    EXEMPT = strawberry.enum_value("EXEMPT", description="Dispensé")


@strawberry.type(description="The sealed document that an exam service delivers on a request.")
class Delivery:
    state: DeliveryState = computed(("state",), delivery_state, "Where its document stands")
    document: RequestPiece | None = within("The sealed document, once there is one", prefix="piece_", present="piece_id")


@strawberry.type(description="This cannot be delivered on this request, or is already: the sentence says why.")
class NotDeliverable(Problem):
    pass


@strawberry.type(description="A value cannot stand on a document.")
class FactsRefused(Problem):
    field: str = strawberry.field(description="Which one: `title`, `marks.3.subject`")
