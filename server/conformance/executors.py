"""Both executors of a deployment over one register: the planner, and Strawberry, to whom it hands over what it does not compile."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, cast

from db.pool import RequestPool
from db.register import Register
from graph.text import Language
from planner.execution import Planner
from resolvers.admission import Judged
from resolvers.context import Context
from resolvers.keys import Keyring
from resolvers.notices import Notices
from resolvers.schema import Schema, deployed
from resolvers.verification import Verifier
from resolvers.web_sessions import SignedIn
from server.planning import planner

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Request(NamedTuple):
    """A document with what it is asked with, and who asks."""

    document: str
    variables: Mapping[str, Any]
    operation: str | None = None
    who: SignedIn = SignedIn(None, None)
    address: str = "192.0.2.1"
    language: Language = "fr"


@dataclass
class Executors:
    """The planner and Strawberry, who know keys by a keyring."""

    pool: RequestPool
    keyring: Keyring
    schema: Schema = field(default_factory=deployed)

    @property
    def refusals(self) -> Counter[str]:
        """Hand-overs by reason."""
        return self.planner.refusals.by_reason

    @cached_property
    def planner(self) -> Planner[Judged]:
        """One that compiles a document the first time that it comes."""
        return planner(self.schema, 1)

    def context(self, request: Request) -> Context:
        """That of a request."""
        register, nobody_told, none = Register(self.pool, self.pool), Notices(), cast("Any", None)
        return Context(
            register, Verifier(self.keyring), self.keyring, nobody_told, local=none, files=none, unplanned={}, who=request.who,
            address=request.address, base=lambda: "https://register.test", language=request.language,
        )  # fmt: skip

    async def by_planner(self, request: Request) -> bytes | None:
        """What the planner answers; None where it hands over."""
        return await self.planner.answer(request.document, request.operation, request.variables, self.context(request))

    async def by_strawberry(self, request: Request) -> tuple[bytes, Any]:
        """What Strawberry answers: its bytes, and its data. Raises what `Schema.execute` raises."""
        result = await self.schema.execute(
            request.document, variable_values=dict(request.variables), context_value=self.context(request),
            operation_name=request.operation,
        )  # fmt: skip
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [error.formatted for error in result.errors]
        return encode(answer).encode(errors="surrogatepass"), result.data
