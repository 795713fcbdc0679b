"""People of the tests: signed in, with or without a diploma of their own."""

from dataclasses import dataclass
from typing import Any

from db.statements import Connection
from resolvers import accounts, web_sessions
from resolvers.accounts import Holder
from resolvers.people import Person
from resolvers.web_sessions import ProviderSession
from tests.client import Client

ELOISE = Person("LECŒUR", ("Éloïse", "Marie"), "2008-03-12", "F", birth_commune="25056")
"""The person of `tests.journey.candidate`."""


@dataclass
class Browser:
    """A browser in which a person is signed in."""

    holder: Holder
    secret: str
    client: Client | None = None

    async def data(self, document: str, **values: Any) -> dict[str, Any]:
        """The data of the answer to an operation that must have no error."""
        assert self.client is not None
        return await self.client.data(document, values, cookie=self.secret, language="en")

    async def does(self, mutation: str, kind: str, answer: str, /, **values: Any) -> dict[str, Any]:
        """What a mutation answers."""
        document = (
            f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ __typename {answer} ... on Problem {{ message }} }} }}"
        )
        return (await self.data(document, input=values))[mutation]


async def signed_in(
    connection: Connection, person: Person = ELOISE, subject: str = "eloise", *, proven: bool = True, client: Client | None = None
) -> Browser:
    """A browser of that person, whom the provider `franceconnect` calls `subject`."""
    account = await accounts.sign_in(connection, "franceconnect", subject, person, proven=proven)
    secret = await web_sessions.begin(connection, account, ProviderSession("franceconnect", subject), "Firefox")
    found = await web_sessions.signed_in(connection, secret)
    assert found is not None
    assert found.holder is not None
    return Browser(found.holder, secret, client)
