"""What the fields of one GraphQL request share."""

from base64 import b64decode
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from strawberry import relay
from strawberry.dataloader import DataLoader
from strawberry.relay.utils import to_base64

from db.register import Register
from db.statements import Connection, Database
from graph.acts import ProposedChange
from graph.control_key import shown
from graph.diploma import Diploma
from graph.document_requests import Silence
from graph.reading import Root
from graph.sessions import missing_of
from graph.stored import Row
from graph.text import Language, Text
from resolvers import acts, reading, request_rules
from resolvers.accounts import Holder, NotSignedIn
from resolvers.callers import Act, Caller, Forbidden
from resolvers.file_verifier import FileVerifier
from resolvers.keys import Keyring
from resolvers.known_families import family_of
from resolvers.local import Local
from resolvers.matching import TESTS
from resolvers.notices import Notices
from resolvers.request_rules import FRENCH_TIME
from resolvers.verification import Verifier
from resolvers.web_sessions import SignedIn


class Context:
    """Who asks, his language and address, the database, and what is loaded once for all instances of an answer.

    `base` says the address of this deployment without a slash at its end, for links: few requests ask for one.
    """

    def __init__(
        self,
        register: Register,
        verifier: Verifier,
        keyring: Keyring,
        notices: Notices,
        *,
        local: Local,
        files: FileVerifier,
        unplanned: Mapping[str, int],
        who: SignedIn,
        address: str,
        base: Callable[[], str],
        language: Language,
    ) -> None:
        self.register = register
        self.pool: Database = register.reading(who.position)
        """Where this request reads: a replica that is new enough for the caller, and after what he did, the primary."""
        self.verifier = verifier
        self.keyring = keyring
        self.local = local
        self.files = files
        self.notices = notices
        self.unplanned = unplanned
        """How many requests of this process no plan answered, by reason."""
        self._base = base
        self.address = address
        self.language: Language = language
        self._who = who
        self._loaders: dict[str, DataLoader[str, Any]] = {}

    def agent(self, act: Act) -> Caller:
        """The agent who asks. Raises `Forbidden` when nobody is signed in, or his role does not carry the act."""
        if self._who.agent is None:
            raise Forbidden(act, None)
        self._who.agent.may(act)
        return self._who.agent

    def signed_in(self) -> Caller | None:
        """The agent who asks, or None."""
        return self._who.agent

    def session(self) -> UUID | None:
        """The session of a browser or an app in which the caller asks, if it is one."""
        return self._who.session

    def holder(self) -> Holder:
        """The holder who asks. Raises `NotSignedIn` when nobody is signed in, or an agent."""
        if self._who.holder is None:
            raise NotSignedIn
        return self._who.holder

    def signed_in_holder(self) -> Holder | None:
        """The holder who asks, or None."""
        return self._who.holder

    @asynccontextmanager
    async def acting(self) -> AsyncGenerator[Connection]:
        """A connection for what the caller does; what he reads from then on, here and in later requests, is at least as new."""
        try:
            async with self.register.acting.acquire() as connection:
                yield connection
        finally:
            await self.acted()

    async def acted(self) -> None:
        """Call it after what the caller did on a connection that is not of `acting`."""
        self.pool = self.register.primary
        holder, agent = self._who.holder, self._who.agent
        await self.register.wrote(account=holder.id if holder else None, agent=agent.id if agent else None)

    def say(self, text: Text) -> str:
        """The sentence in the caller's language."""
        return getattr(text, self.language)

    def said(self, fr: str, en: str) -> str:
        """The sentence in the caller's language, of the two that are stored."""
        return self.say(Text(fr, en))

    def sentence(self, stored: dict[str, str] | None) -> str | None:
        """The stored sentence in the caller's language, if there is one."""
        return self.say(Text(**stored)) if stored else None

    def sentences(self, stored: list[dict[str, str]]) -> list[str]:
        """The stored sentences in the caller's language."""
        return [self.say(Text(**one)) for one in stored]

    def missing(self, import_id: str | None, open_groups: list[str], undecided: int, unconfirmed: int) -> list[str]:
        """What a session lacks for it to be complete, a sentence each."""
        return [self.say(text) for text in missing_of(import_id, open_groups, undecided, unconfirmed)]

    def comparison(self, field: str, outcome: str) -> str:
        """What a test of the matching said, in a sentence."""
        return self.say(TESTS[field.lower()][outcome].explanation)

    def control_key(self, diploma: str, version: int, generation: int) -> str:
        """The key of a diploma of the holder, as it is printed."""
        # a UUID object would cost as much as the key
        return shown(self.keyring.control_key(bytes.fromhex(diploma.replace("-", "")), version, generation))

    def proposed_changes(self, act: str, proposed: str | None) -> list[ProposedChange]:
        """What a pending act is to change, for the agent who looks at it."""
        if proposed is None:
            return []
        return [ProposedChange(**one._asdict()) for one in acts.changes_of(self.keyring, UUID(act), b64decode(proposed))]

    def share_secret(self, share: str) -> str:
        """The secret of a link of the holder."""
        return self.keyring.share_secret(UUID(share))

    def share_link(self, share: str) -> str:
        """The address of a link of the holder."""
        return f"{self._base()}/v#{self.share_secret(share)}"

    def piece_link(self, piece: str, destroyed_at: str | None) -> str | None:
        """Where a file of a request is downloaded, while there is one."""
        return None if destroyed_at else f"{self._base()}/requests/pieces/{to_base64('RequestPiece', piece)}"

    def acknowledgement(self, submitted_at: str, due_on: str, silence: str) -> str:
        """The receipt of a request."""
        received = datetime.fromisoformat(submitted_at).astimezone(FRENCH_TIME).date()
        return self.say(request_rules.acknowledgement(received, date.fromisoformat(due_on), Silence[silence]))

    def concrete(self, of: type[Any], row: Row) -> type[Any]:
        """What stands for an interface in a row: the type of the diploma's family."""
        return family_of(row["family"]).type if of is Diploma else of

    async def read(self, root: Root, arguments: Mapping[str, Any]) -> Any:
        """What a root field reads."""
        return await reading.root(self, root, arguments)

    async def load(self, name: str, owner: str) -> Any:
        """What belongs to an object; one statement serves all objects of the answer."""
        loader = self._loaders.get(name)
        if loader is None:
            loader = self._loaders[name] = DataLoader(lambda owners: reading.belonging(self, name, owners))
        return await loader.load(owner)

    async def page(self, name: str, owner: str, first: int, after: str | None) -> relay.Connection[Any]:
        """A page of what belongs to an object."""
        return await reading.page(self, name, owner, first, after)
