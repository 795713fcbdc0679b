"""The holder who is signed in, and all that is his."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import relay

from graph.document_requests import DocumentRequest
from graph.holdings import Consultation, DiplomaRequest, HeldDiploma
from graph.shares import Share
from graph.stored import column, identity, many, paged, within


@strawberry.type(description="A browser or an installed app in which the viewer is signed in.")
class SignIn(relay.Node):
    uuid: relay.NodeID[str] = identity("id")
    provider: str = column("provider", "By what he signed in")
    app: str | None = column("app", "Name of the installed app; none for a browser")
    device: str = column("device", "What the browser or the app calls itself")
    created_at: datetime = column("created_at", "When he signed in")
    seen_at: datetime = column("seen_at", "When it was last used, to the minute")
    ends_at: datetime = column("ends_at", "When it ends at the latest")
    current: bool = column("current", "Whether it is the one that asks")


@strawberry.type(description="Who the viewer is: as his identity provider says, or as he declares himself.")
class ViewerIdentity:
    family_name: str = column("family_name", "Nom de naissance")
    given_names: list[str] = column("given_names", "Prénoms, in order")
    used_name: str | None = column("used_name", "Nom d'usage, when there is one")
    birth_date: str = column("birth_date", "ISO 8601")
    birth_commune: str | None = column("birth_commune", "Code of the commune of birth; none abroad")
    birth_country: str = column("birth_country", "Code of the country of birth; 99100 is France")
    proven: bool = column("proven", "Whether an identity provider vouches for it")


@strawberry.type(description="The holder who is signed in.")
class Viewer:
    uuid: strawberry.Private[str] = identity("id")
    identity: ViewerIdentity = within("Who he is", document="identity")
    diplomas: relay.Connection[HeldDiploma] = paged("held_diplomas", "His diplomas, the latest published first")
    requests: relay.Connection[DiplomaRequest] = paged("diploma_requests", "His requests to add a diploma, the latest first")
    shares: relay.Connection[Share] = paged("shares", "The links that he made, the latest first")
    document_requests: relay.Connection[DocumentRequest] = paged(
        "document_requests", "His requests to the academies for what is not online, the latest first"
    )
    consultations: relay.Connection[Consultation] = paged(
        "consultations", "Who consulted his diplomas, the latest first, since he added them"
    )
    sessions: list[SignIn] = many(
        "sign_ins", "The browsers and apps in which he is signed in, the latest first; fifty at most", most=50
    )


@strawberry.enum(description="What has changed in the viewer's account.")
class ViewerChangeKind(Enum):
    DIPLOMA_ADDED = strawberry.enum_value("DIPLOMA_ADDED", description="He has one diploma more")
    DIPLOMA_CHANGED = strawberry.enum_value(
        "DIPLOMA_CHANGED", description="The register says something else of one of his diplomas"
    )
    ATTESTATION_READY = strawberry.enum_value(
        "ATTESTATION_READY", description="An attestation that he asked for is sealed, or cannot be: see its state"
    )
    REQUEST_DECIDED = strawberry.enum_value("REQUEST_DECIDED", description="One of his requests stands otherwise than before")
    DOCUMENT_REQUEST_CHANGED = strawberry.enum_value(
        "DOCUMENT_REQUEST_CHANGED", description="Something happened on one of his requests to an academy: see its history"
    )


@strawberry.type(description="A change in the viewer's account.")
class ViewerChange:
    kind: ViewerChangeKind = strawberry.field(description="What it is")
    viewer: Viewer = strawberry.field(description="The viewer, as he is now")
