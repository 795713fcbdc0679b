"""Requests for a diploma that was missing, tried again when a publication may show it: as `addDiploma` would, one request a transaction.

A request whose diploma is certainly the applicant's closes itself. Any other stays with the exam service, which is told: what is less than
certain freezes nothing and adds nothing here, since nobody asked for it now.
"""

from uuid import UUID

from db.statements import Connection, Row, statement
from resolvers import accounts, adding
from resolvers.accounts import Holder, person_of
from resolvers.adding import Wanted
from resolvers.request_notices import Writer

CLAIM = statement("request_matching.claim")
NEXT = statement("request_matching.next")
TRIED = statement("request_matching.tried")
END = statement("request_matching.end")
OPEN = statement("request_matching.open")
ANSWER = statement("request_matching.answer")
NOT_LINKED = statement("request_matching.not_linked")
LOCK = statement("accounts.lock")


async def match_next(connection: Connection, writer: Writer) -> bool:
    """Tries the next request that a publication may answer; whether there was a search to go on with.

    A worker that stops meanwhile leaves the request untried: the next one goes on with it.
    """
    async with connection.transaction():
        search = await CLAIM.row(connection)
        if search is None:
            return False
        publication = search["publication_id"]
        found = await NEXT.row(
            connection, family=search["family"], year=search["year"], academy=search["academy_code"], after=search["tried_up_to"]
        )
        if found is None:
            await END.run(connection, publication=publication)
        else:
            await TRIED.run(connection, publication=publication, request=found["id"])
            await _match(connection, writer, found["id"], found["account_id"])
    return True


async def _match(connection: Connection, writer: Writer, request: UUID, account: UUID) -> None:
    # the account first: whoever closes it, or asks for something by it, locks in that order
    if await LOCK.value(connection, account=account) is None:
        return
    asked = await OPEN.row(connection, request=request)
    if asked is None:
        return
    holder = Holder(account, person_of(asked["person"]), asked["proven"], None)
    if not await adding.add_certain(connection, holder, wanted(asked)):
        await NOT_LINKED.run(connection, request=request)
        return
    answered = await ANSWER.row(connection, request=request)
    assert answered is not None  # its row is locked
    await accounts.journal(connection, account, "REQUEST_ANSWERED", request=request)
    await writer.tell(connection, account, answered["reference"])


def wanted(request: Row) -> Wanted:
    """The diploma that a request is about, with what its applicant knows besides."""
    asked = request["asked"]
    return Wanted(
        request["family"], request["year"], request["obtained_in"], asked.get("ine"), asked.get("candidate_number"),
        asked.get("establishment"),
    )  # fmt: skip
