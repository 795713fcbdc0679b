"""What applicants are written about their requests: that something happened, on which reference, and where to sign in. Nothing else travels
by e-mail: neither what is asked nor who asks, and no link that signs in.

Subscribers of both sides hear of every event of a request by the trigger `tell` of `document_request_event`. Only a local account has an
address: providers' are not kept.
"""

from dataclasses import dataclass
from uuid import UUID

from db.statements import Database
from graph.text import Text
from resolvers import outbox
from resolvers.letters import Template
from resolvers.local import Local, of_account
from resolvers.local_keys import LocalKeys


@dataclass(frozen=True, repr=False)
class Writer:
    """What letters to applicants are written with; `site` is the origin where they sign in."""

    keys: LocalKeys
    site: str

    @staticmethod
    def of(local: Local) -> "Writer":
        """The writer of a process that serves."""
        return Writer(local.keys, local.site)

    async def tell(self, database: Database, account: UUID, reference: str) -> None:
        """Puts a letter to the owner of an account in the outbox, in the transaction that gives him news of a request."""
        known = await of_account(database, account)
        if known is not None:
            await outbox.put(database, self.keys, known.address(self.keys), news_of(reference).letter(known.language, self.site))


def news_of(reference: str) -> Template:
    """The letter about a request of that reference."""
    return Template(
        Text(f"Du nouveau sur votre demande {reference}", f"News of your request {reference}"),
        Text(
            f"Il y a du nouveau sur la demande {reference} que vous avez faite à un service des examens.\n\n"
            "Pour la lire, et répondre s’il le faut, connectez-vous : {site}/login/local",
            f"There is news of the request {reference} that you made to an exam service.\n\n"
            "To read it, and to answer if need be, sign in: {site}/login/local",
        ),
    )
