"""What a holder does with his account: each field is one use case, one transaction."""

from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry
from strawberry.relay.utils import from_base64

from graph.documents import Attestation, NoAttestation
from graph.holdings import AlreadyHeld, DiplomaNotLinked, HeldDiploma, SessionNotOnline, TooManyRequests
from graph.input import BadInput
from graph.problems import NotFound
from graph.shares import Share, ShareRefused, ShareScope
from graph.stored import from_row
from graph.text import Text
from graph.viewer import Viewer
from resolvers import adding, documents, holdings, local_security, shares, viewer, viewer_query, web_sessions
from resolvers.viewer_query import Info

T = TypeVar("T")
Given = Annotated[T, strawberry.argument(description="What to act on")]


@strawberry.input(description="The diploma to add, and what helps to tell its holder from a homonym.")
class AddDiplomaInput:
    family: str = strawberry.field(description="Code of the family")
    session: int = strawberry.field(description="Year of the exam session")
    academy: str = strawberry.field(description="Code of the academy, as it is today or as it was then")
    ine: str | None = strawberry.field(description="Identifiant national élève, if known", default=None)
    candidate_number: str | None = strawberry.field(description="Candidate number of the convocation, if known", default=None)
    establishment: str | None = strawberry.field(description="UAI of the establishment, if known", default=None)


@strawberry.input(description="The diploma to act on.")
class HeldDiplomaInput:
    diploma_id: strawberry.ID = strawberry.field(description="Id of the held diploma")


@strawberry.input(description="The link to make.")
class CreateShareInput:
    diploma_id: strawberry.ID = strawberry.field(description="Id of the held diploma")
    label: str = strawberry.field(description="What the holder calls it, 1 to 100 characters; only he reads it")
    scope: ShareScope = strawberry.field(description="What its readers see")
    expires_at: datetime | None = strawberry.field(
        description="When it ends, with a time zone: one hour to one year ahead, 90 days by default", default=None
    )
    most_views: int | None = strawberry.field(
        description="How often it may be opened, 1 to 10000; no limit by default", default=None
    )


@strawberry.input(description="The link to close.")
class ShareInput:
    share_id: strawberry.ID = strawberry.field(description="Id of the link")


@strawberry.input(description="The browser or app to sign out.")
class SignInInput:
    sign_in_id: strawberry.ID = strawberry.field(description="Id of the sign-in")


@strawberry.input(description="The account to close: the viewer's own.")
class CloseAccountInput:
    confirmation: str = strawberry.field(description="The viewer's family name, so that nobody closes an account by mistake")


@strawberry.type(description="The account is closed: nothing in the register says any more whose it was.")
class AccountClosed:
    closed_at: datetime = strawberry.field(description="When")


AddDiplomaResult = Annotated[
    HeldDiploma | DiplomaNotLinked | SessionNotOnline | AlreadyHeld | TooManyRequests,
    strawberry.union("AddDiplomaResult", description="The diploma, or why it was not added."),
]
RenewControlKeyResult = Annotated[
    HeldDiploma | NotFound | TooManyRequests,
    strawberry.union("RenewControlKeyResult", description="The diploma with its new key, or why it has none."),
]
IssueAttestationResult = Annotated[
    Attestation | NoAttestation | NotFound,
    strawberry.union("IssueAttestationResult", description="The attestation, or why there is none."),
]
CreateShareResult = Annotated[
    Share | ShareRefused | NotFound, strawberry.union("CreateShareResult", description="The link, or why there is none.")
]
RevokeShareResult = Annotated[
    Share | NotFound, strawberry.union("RevokeShareResult", description="The closed link, or why nothing was done.")
]
EndSignInResult = Annotated[
    Viewer | NotFound, strawberry.union("EndSignInResult", description="The viewer as he is afterwards, or why nothing was done.")
]
CloseAccountResult = Annotated[
    AccountClosed | NotFound, strawberry.union("CloseAccountResult", description="That it is closed, or why it is not.")
]


@strawberry.type
class ViewerMutation:
    @strawberry.mutation(
        description="Adds a diploma to the viewer's when one record, and one alone, agrees with who he is; else the exam service has the "
        "request."
    )
    async def add_diploma(self, info: Info, input: Given[AddDiplomaInput]) -> AddDiplomaResult:
        context = info.context
        wanted = adding.Wanted(input.family, input.session, input.academy, input.ine, input.candidate_number, input.establishment)
        async with context.acting() as connection:
            added = await adding.add(connection, context.holder(), wanted)
        return await viewer_query.held_diploma(context, added)

    @strawberry.mutation(description="Gives a diploma a new control key: the old ones open nothing from then on.")
    async def renew_control_key(self, info: Info, input: Given[HeldDiplomaInput]) -> RenewControlKeyResult:
        context, holder = info.context, info.context.holder()
        diploma = uuid_of(input.diploma_id, "HeldDiploma")
        async with context.acting() as connection:
            await holdings.renew_key(connection, context.keyring, holder, diploma)
        return await viewer_query.held_diploma(context, diploma)

    @strawberry.mutation(
        description="Asks for the sealed attestation of what the register says now of a diploma. It is mostly ready at once; else it is "
        "pending, and `viewerChanged` tells when it is ready."
    )
    async def issue_attestation(self, info: Info, input: Given[HeldDiplomaInput]) -> IssueAttestationResult:
        context, holder = info.context, info.context.holder()
        diploma = uuid_of(input.diploma_id, "HeldDiploma")
        document = await documents.issue(context.register.acting, context.keyring, context.notices, holder, diploma)
        await context.acted()
        return from_row(Attestation, await documents.found(context.pool, holder, document))

    @strawberry.mutation(description="Makes a link that shows a diploma to whoever has it.")
    async def create_share(self, info: Info, input: Given[CreateShareInput]) -> CreateShareResult:
        context, holder = info.context, info.context.holder()
        if input.expires_at is not None and input.expires_at.tzinfo is None:
            raise BadInput("`expiresAt` needs a time zone, for example 2026-07-05T10:00:00+02:00")
        diploma = uuid_of(input.diploma_id, "HeldDiploma")
        new = shares.NewShare(diploma, input.scope, input.label, input.expires_at, input.most_views)
        async with context.acting() as connection:
            made = await shares.make(connection, context.keyring, holder, new)
        return await _share(info, made)

    @strawberry.mutation(description="Closes a link: it opens nothing from then on.")
    async def revoke_share(self, info: Info, input: Given[ShareInput]) -> RevokeShareResult:
        context, holder = info.context, info.context.holder()
        share = uuid_of(input.share_id, "Share")
        async with context.acting() as connection:
            await shares.revoke(connection, holder, share)
        return await _share(info, share)

    @strawberry.mutation(description="Signs another browser or app of the viewer out.")
    async def end_sign_in(self, info: Info, input: Given[SignInInput]) -> EndSignInResult:
        context, holder = info.context, info.context.holder()
        async with context.acting() as connection:
            await web_sessions.end_one(connection, holder, uuid_of(input.sign_in_id, "SignIn"))
        return viewer.viewer(holder)

    @strawberry.mutation(description="Signs the viewer's other browsers and apps out.")
    async def end_other_sign_ins(self, info: Info) -> Viewer:
        context, holder = info.context, info.context.holder()
        async with context.acting() as connection:
            await web_sessions.end_others(connection, holder)
        return viewer.viewer(holder)

    @strawberry.mutation(
        description="Closes the viewer's account (RGPD, art. 17). His diplomas stay in the register, where he can add them again."
    )
    async def close_account(self, info: Info, input: Given[CloseAccountInput]) -> CloseAccountResult:
        context = info.context
        return AccountClosed(closed_at=await local_security.close(context.local, context.holder(), input.confirmation))


async def _share(info: Info, share: UUID) -> Share:
    found = await viewer_query.share(info.context, share)
    assert found is not None
    return found


def uuid_of(id_: str, type_name: str) -> UUID:
    """The key of a global id of that type. Raises `NotFound` when it is not one."""
    try:
        name, key = from_base64(id_)
        if name == type_name:
            return UUID(key)
    except ValueError:
        pass
    raise NotFound.refuse(
        Text(f"Cet identifiant n'est pas celui d'un objet {type_name}.", f"This id is not that of an object {type_name}.")
    )
