"""The graph at `/graphql`: the way of one request, from its headers to the bytes of its answer.

It is the way of nearly all requests, so it makes no object of Starlette's, and asks for the caller only when the answer depends on him.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from graphql import OperationType
from starlette.types import Receive, Scope, Send
from strawberry.types.graphql import OperationType as Allowed

from graph.text import Language
from resolvers.context import Context
from resolvers.schema import Schema
from resolvers.web_sessions import SignedIn
from server.graph.answers import Answer, answer_of, encoded, send_answer, send_kept, send_refusal
from server.graph.body import Bodies, Disconnected
from server.graph.context import context_of, headers_of
from server.graph.media import Media, accepted, check_content_type, takes_gzip
from server.graph.operations import Operations
from server.graph.prepared import Kept, Prepared
from server.graph.refusals import RequestRefused
from server.graph.request import Asked, of_body, of_query_string
from server.graph.streaming import Streams
from server.graph.trusted import TrustedDocuments
from server.identity import NOBODY, language_of, signed_in

Planned = Callable[[str, str | None, dict[str, Any], Context], Awaitable[bytes | None]]
"""The bytes of the answer to a document, an operation of it and its variables, or None when Strawberry must answer."""

ANY, READING = (Allowed.QUERY, Allowed.MUTATION), (Allowed.QUERY,)
BY_POST = ((b"allow", b"POST"),)


class Endpoint:
    """The ASGI application of the graph."""

    def __init__(self, schema: Schema, trusted: TrustedDocuments, planned: Planned | None = None) -> None:
        self.streams = Streams(schema, trusted)
        self._schema = schema
        self._trusted = trusted
        self._planned = planned
        self._operations = Operations(schema)
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        headers = headers_of(scope)
        media, events = accepted(headers.get("accept"))
        try:
            posted = scope["method"] == "POST"
            if posted:
                check_content_type(headers.get("content-type"))
                asked = of_body(await self._bodies.read(receive, headers.get("content-length")))
            elif scope["method"] == "GET":
                asked = of_query_string(scope["query_string"])
            else:
                raise RequestRefused(405, "METHOD_NOT_ALLOWED", "Ask by POST or GET.", headers=((b"allow", b"GET, POST"),))
            text = self._trusted.text_of(asked)
            operation = self._operations.named(text, asked.operation)
            if operation is not None and not operation.public:
                if not posted:
                    raise RequestRefused(
                        405,
                        "POST_REQUIRED",
                        "GET is for queries whose answer is the same for everybody: ask by POST.",
                        headers=BY_POST,
                    )
                if operation.kind is OperationType.SUBSCRIPTION and not events:
                    raise RequestRefused(
                        None, "STREAM_REQUIRED", "Subscribe over a WebSocket (graphql-transport-ws), or accept text/event-stream."
                    )
            if posted and events and (media is None or (operation and operation.kind is OperationType.SUBSCRIPTION)):
                await self.streams.events(text, asked, scope, receive, send)
                return
            if media is None:
                raise RequestRefused(406, "NOT_ACCEPTABLE", "Accept application/graphql-response+json or application/json.")
            if operation is None or not operation.public:
                # what cannot be read is executed for nobody when it comes by GET: it ends in the errors of its document
                who = await signed_in(scope["state"]["pool"], headers, scope["scheme"]) if posted else NOBODY
                answer = await self._executed(text, asked, scope, who, language_of(headers), ANY if posted else READING)
                await send_answer(send, answer, media)
                return
            kept = await self._public(text, asked, scope, language_of(headers))
            if isinstance(kept, Answer):
                await send_answer(send, kept, media)
                return
            compressed = kept.compressed if takes_gzip(headers.get("accept-encoding")) else None
            condition = None if posted else headers.get("if-none-match")
            await send_kept(send, kept.body, compressed, kept.digest, media, condition)
        except RequestRefused as refused:
            await send_refusal(send, refused, media or Media.JSON)
        except Disconnected:
            return

    async def _public(self, text: str, asked: Asked, scope: Scope, language: Language) -> Kept | Answer:
        """The answer to an operation that is the same for everybody."""
        prepared: Prepared = scope["state"]["prepared"]
        variables = encoded(asked.variables).decode() if asked.variables else ""
        key = (text, asked.operation, variables, language)
        kept = prepared.found(key)
        if kept is not None:
            return kept
        return await prepared.made(key, lambda: self._executed(text, asked, scope, NOBODY, language, READING))

    async def _executed(
        self, text: str, asked: Asked, scope: Scope, who: SignedIn, language: Language, allowed: tuple[Allowed, ...]
    ) -> Answer:
        """The answer of the planner or, where it has none, of Strawberry."""
        context = context_of(scope, who, language)
        if self._planned is not None:
            planned = await self._planned(text, asked.operation, asked.variables, context)
            if planned is not None:
                return Answer(planned)
        result = await self._schema.execute(
            text, asked.variables, context, operation_name=asked.operation, allowed_operation_types=allowed
        )
        return answer_of(result)
