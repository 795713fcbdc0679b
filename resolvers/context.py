"""What the fields of one GraphQL request share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import asyncpg
from strawberry import relay
from strawberry.dataloader import DataLoader

from graph.text import Language, Text
from resolvers.accounts import Holder, NotSignedIn
from resolvers.callers import Act, Caller, Forbidden
from resolvers.file_verifier import FileVerifier
from resolvers.keys import Keyring
from resolvers.local import Local
from resolvers.notices import Notices
from resolvers.verification import Verifier
from resolvers.web_sessions import SignedIn

Loader = Callable[["Context", list[str]], Awaitable[list[Any]]]
Pager = Callable[["Context", UUID, int, str | None], Awaitable[relay.Connection[Any]]]


class Context:
    """Who asks, his language and address, the database, and what is loaded once for all instances of an answer.

    `base` is the address of this deployment without a slash at its end, for links.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        verifier: Verifier,
        keyring: Keyring,
        notices: Notices,
        loaders: Mapping[str, Loader],
        pagers: Mapping[str, Pager],
        *,
        local: Local,
        files: FileVerifier,
        who: SignedIn,
        address: str,
        base: str,
        language: Language,
    ) -> None:
        self.pool = pool
        self.verifier = verifier
        self.keyring = keyring
        self.local = local
        self.files = files
        self.notices = notices
        self.base = base
        self.address = address
        self.language: Language = language
        self._who = who
        self._pagers = pagers
        self._loaders = {name: DataLoader(self._bound(load)) for name, load in loaders.items()}

    def _bound(self, load: Loader) -> Callable[[list[str]], Awaitable[list[Any]]]:
        return lambda keys: load(self, keys)

    def agent(self, act: Act) -> Caller:
        """The agent who asks. Raises `Forbidden` when nobody is signed in, or his role does not carry the act."""
        if self._who.agent is None:
            raise Forbidden(act, None)
        self._who.agent.may(act)
        return self._who.agent

    def signed_in(self) -> Caller | None:
        """The agent who asks, or None."""
        return self._who.agent

    def holder(self) -> Holder:
        """The holder who asks. Raises `NotSignedIn` when nobody is signed in, or an agent."""
        if self._who.holder is None:
            raise NotSignedIn
        return self._who.holder

    def signed_in_holder(self) -> Holder | None:
        """The holder who asks, or None."""
        return self._who.holder

    def say(self, text: Text) -> str:
        """The sentence in the caller's language."""
        return getattr(text, self.language)

    async def load(self, name: str, key: str) -> Any:
        """What the loader `name` has for a key; one statement serves all keys of the answer."""
        return await self._loaders[name].load(key)

    async def page(self, name: str, owner: str, first: int, after: str | None) -> relay.Connection[Any]:
        """A page of the connection `name` of an object."""
        return await self._pagers[name](self, UUID(owner), first, after)
