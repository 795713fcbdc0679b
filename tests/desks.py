"""Requests to the academies and the desks that answer them, for tests."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from strawberry.relay.utils import to_base64

from resolvers import callers
from resolvers.callers import Caller
from resolvers.people import Person
from tests.client import Client
from tests.conftest import DatabaseConnection
from tests.people import ELOISE

REQUEST = """id reference kind familyCode session academy { code } academyCode diploma { title } applicant { familyName }
  represented { familyName } state assignedTo dueOn daysLeft overdue silence waitingSince answerBy missingPieces decidedAt decidedBy
  refusal { template grounds } endedAt messages { author agent body } pieces { kind sender }
  history { kind state actor agent piece }"""

MAKE = """
insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, represented, state,
  due_on, silence, missing_pieces)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'SUBMITTED', current_date + 30, $11, $12) returning id
"""
SUBMITTED = "insert into document_request_event (request_id, kind, state, account_id) values ($1, 'STATE', 'SUBMITTED', $2)"


async def submitted(
    connection: DatabaseConnection,
    account: UUID,
    kind: str = "ATTESTATION",
    *,
    reference: str = "ABCD-EFGH",
    family: str = "bac",
    year: int = 1998,
    academy: str = "01",
    desk: str | None = None,
    person: Person = ELOISE,
    represented: Person | None = None,
    silence: str = "REFUSAL",
    missing: tuple[str, ...] = (),
    **asked: str,
) -> UUID:
    """A request that was just made."""
    request = await connection.fetchval(
        MAKE, reference, account, kind, family, year, academy, desk or academy, asked, asdict(person),
        asdict(represented) if represented else None, silence, list(missing),
    )  # fmt: skip
    await connection.execute(SUBMITTED, request, account)
    return request


@dataclass
class Desk:
    """An agent at the desk."""

    client: Client
    token: str

    async def queue(self, arguments: str = "") -> list[dict[str, Any]]:
        """The requests of a page of the queue."""
        data = await self.client.data(f"{{ deskRequests{arguments} {{ edges {{ node {{ {REQUEST} }} }} }} }}", token=self.token)
        return [edge["node"] for edge in data["deskRequests"]["edges"]]

    async def references(self, arguments: str = "") -> list[str]:
        """Those of a page of the queue."""
        return [request["reference"] for request in await self.queue(arguments)]

    async def does(self, mutation: str, request: UUID, kind: str = "DeskRequestInput", **values: Any) -> dict[str, Any]:
        """What an act on a request answers."""
        problems = "... on Problem { message } ... on NotAssigned { holder: assignedTo } ... on RequestClosed { stands: state }"
        answer = f"__typename ... on DeskRequest {{ {REQUEST} }} {problems}"
        document = f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {answer} }} }}"
        given = {"requestId": to_base64("DeskRequest", str(request)), **values}
        return (await self.client.data(document, {"input": given}, token=self.token))[mutation]

    async def takes(self, request: UUID) -> dict[str, Any]:
        """Takes a request."""
        return await self.does("takeDeskRequest", request)

    async def asks(self, request: UUID, *pieces: str, text: str = "Il manque une pièce.", **values: Any) -> dict[str, Any]:
        """Asks the applicant for pieces."""
        return await self.does("askForInformation", request, "AskForInformationInput", text=text, pieces=list(pieces), **values)

    async def accepts(self, request: UUID, **values: Any) -> dict[str, Any]:
        """Grants a request."""
        return await self.does("acceptDeskRequest", request, "AcceptDeskRequestInput", **values)

    async def refuses(self, request: UUID, template: str = "NOT_AWARDED", **values: Any) -> dict[str, Any]:
        """Refuses a request."""
        return await self.does("refuseDeskRequest", request, "RefuseDeskRequestInput", template=template, **values)


async def desk_of(client: Client, connection: DatabaseConnection, agent: Caller) -> Desk:
    """The desk at which an agent works."""
    return Desk(client, await callers.new_token(connection, agent, timedelta(minutes=5)))
