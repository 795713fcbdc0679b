"""The root fields of the holder who is signed in, and of those to whom he gave a link."""

from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from db.statements import statement
from graph.document_requests import DocumentRequest
from graph.documents import Attestation
from graph.holdings import DiplomaRequest, HeldDiploma
from graph.reading import Parameters, Root, root
from graph.shares import ExistingDiploma, Share, SharedDiploma, SharedVerification
from graph.stored import from_row
from graph.text import Text
from graph.verification import VerificationRefused
from graph.viewer import Viewer
from resolvers import shares
from resolvers import viewer as viewer_
from resolvers.context import Context

Info = strawberry.Info[Context, None]

DOCUMENT = statement("documents.of_account")
ONE_HELD = statement("holdings.one")
SHARES = statement("shares.page")
REQUEST = statement("claims.one")
DOCUMENT_REQUEST = statement("document_requests.one")

LONGEST_ORGANISATION = 100
Organisation = Annotated[
    str | None,
    strawberry.argument(
        description="Who reads, for the holder's journal: he sees it, and that nobody checked it; 100 characters at most"
    ),
]

LINK_CLOSED = Text(
    "Ce lien n'ouvre rien : il est incomplet, expiré ou fermé. En demander un autre au titulaire.",
    "This link opens nothing: it is incomplete, over or closed. Ask the holder for another one.",
)


def who_asks(context: Context) -> Parameters:
    """The holder who asks, if one does."""
    return viewer_.row_of(context.signed_in_holder())


@strawberry.type
class ViewerQuery:
    viewer: Viewer | None = root(
        Root(
            statement="accounts.viewer", of=Viewer, shape="one",
            parameters=who_asks,
        ),
        "The holder who is signed in, or null.",
    )  # fmt: skip

    @strawberry.field(
        description="What the register says of a diploma, to whoever has a link to it. The holder's journal notes each reading."
    )
    async def shared_diploma(
        self,
        info: Info,
        secret: Annotated[str, strawberry.argument(description="The secret of the link: what stands after its #")],
        organisation: Organisation = None,
    ) -> SharedVerification:
        context = info.context
        row = await shares.opened(context.register.primary, context.keyring, secret, declared(organisation))
        if row is None:
            return VerificationRefused(message=context.say(LINK_CLOSED))
        shown = ExistingDiploma if row["scope"] == "EXISTS" else SharedDiploma
        return from_row(shown, row, context)


def declared(organisation: str | None) -> str | None:
    """What a reader says of himself, on one line and cut; None when he says nothing."""
    line = " ".join((organisation or "").split())[:LONGEST_ORGANISATION]
    return line or None


async def node(context: Context, type_name: str, key: UUID) -> relay.Node | None:
    """An object of the holder's account by its type and key, or None when it is not his."""
    holder = context.signed_in_holder()
    if holder is None:
        return None
    match type_name:
        case "HeldDiploma":
            row = await ONE_HELD.row(context.pool, account=holder.id, diploma=key)
            return from_row(HeldDiploma, row, context) if row else None
        case "Attestation":
            row = await DOCUMENT.row(context.pool, account=holder.id, document=key)
            return from_row(Attestation, row, context) if row else None
        case "Share":
            return await share(context, key)
        case "DiplomaRequest":
            row = await REQUEST.row(context.pool, account=holder.id, claim=key)
            return from_row(DiplomaRequest, row, context) if row else None
        case "DocumentRequest":
            row = await DOCUMENT_REQUEST.row(context.pool, account=holder.id, request=key)
            return from_row(DocumentRequest, row, context) if row else None
        case _:
            return None


async def share(context: Context, key: UUID) -> Share | None:
    """A link of the holder, or None."""
    row = await SHARES.row(context.pool, account=context.holder().id, before=viewer_.FIRST_PAGE[0], only=key, count=1)
    return from_row(Share, row, context) if row else None


async def held_diploma(context: Context, key: UUID) -> HeldDiploma:
    """A diploma of the holder, who has just acted on it."""
    row = await ONE_HELD.row(context.pool, account=context.holder().id, diploma=key)
    assert row is not None
    return from_row(HeldDiploma, row, context)
