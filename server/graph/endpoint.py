"""The graph at `/graphql`: the way of one request, from its headers to the bytes of its answer.

It is the way of nearly all requests: it makes no object of Starlette's, and a request costs it some ten microseconds.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import GraphQLError, OperationType
from starlette.types import Receive, Scope, Send
from strawberry.types.graphql import OperationType as Allowed

from graph.text import Language
from resolvers.context import Context
from resolvers.schema import Schema, answered
from resolvers.web_sessions import SignedIn
from server.graph.answers import Answer, Kept, answer_of, encoded, send_answer, send_kept, send_refusal
from server.graph.body import Bodies, Disconnected
from server.graph.context import context_of, headers_of
from server.graph.media import Media, accepted, check_content_type
from server.graph.operations import Operation, Operations
from server.graph.prepared import Prepared
from server.graph.refusals import RequestRefused
from server.graph.request import Asked, of_body, of_query_string
from server.graph.streaming import Streams
from server.graph.trusted import TrustedDocuments
from server.identity import NOBODY, language_of, signed_in

Planned = Callable[[str, str | None, dict[str, Any], Context], Awaitable[bytes | None]]
"""The bytes of the answer to a document, an operation of it and its variables, or None when Strawberry must answer."""

ANY, READING = (Allowed.QUERY, Allowed.MUTATION), (Allowed.QUERY,)
PUBLIC_ALONE = "GET is for queries whose answer is the same for everybody: ask by POST."


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
        posted = scope["method"] == "POST"
        try:
            asked = await self._asked_by_post(receive, headers) if posted else _asked_by_get(scope)
            text = self._trusted.text_of(asked)
            operation = self._operations.named(text, asked.operation)
            streamed = _is_streamed(operation, posted, media, events)
            answer = None if streamed else await self._answer(text, asked, operation, posted, scope, headers)
        except RequestRefused as refused:
            await send_refusal(scope, send, refused, media or Media.JSON)
        except Disconnected:
            return
        except Exception as error:
            # handed over to the one place that logs and masks what was not foreseen
            await send_refusal(scope, send, failure(error), media or Media.JSON)
        else:
            if answer is None:
                await self.streams.events(text, asked, scope, receive, send)
            elif isinstance(answer, Kept):
                await send_kept(scope, send, answer, media or Media.JSON, headers, conditional=not posted)
            else:
                await send_answer(scope, send, answer, media or Media.JSON)

    async def _asked_by_post(self, receive: Receive, headers: Mapping[str, str]) -> Asked:
        """What a POST asks for."""
        check_content_type(headers.get("content-type"))
        return of_body(await self._bodies.read(receive, headers.get("content-length")))

    async def _answer(
        self, text: str, asked: Asked, operation: Operation | None, posted: bool, scope: Scope, headers: Mapping[str, str]
    ) -> Kept | Answer:
        """The answer to a request. The caller is asked for only where it depends on him."""
        language = language_of(headers)
        if operation is not None and operation.public:
            return await self._public(text, asked, scope, language)
        if not posted:
            # a document that cannot be read: it ends in its errors
            return await self._executed(text, asked, scope, NOBODY, language, READING)
        who = await signed_in(
            scope["state"]["sign_ins"], authorization=headers.get("authorization"), cookie=headers.get("cookie"),
            site=headers.get("sec-fetch-site"), origin=headers.get("origin"), scheme=scope["scheme"], host=headers.get("host", ""),
        )  # fmt: skip
        return await self._executed(text, asked, scope, who, language, ANY)

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


def _asked_by_get(scope: Scope) -> Asked:
    """What a GET asks for. Raises `RequestRefused` (405) for any other method."""
    if scope["method"] != "GET":
        raise RequestRefused(405, "METHOD_NOT_ALLOWED", "Ask by POST or GET.", headers=((b"allow", b"GET, POST"),))
    return of_query_string(scope["query_string"])


def _is_streamed(operation: Operation | None, posted: bool, media: Media | None, events: bool) -> bool:
    """Whether an operation is answered by a stream of events. Raises `RequestRefused` when it is not to be asked in this way."""
    if not posted and operation is not None and not operation.public:
        raise RequestRefused(405, "POST_REQUIRED", PUBLIC_ALONE, headers=((b"allow", b"POST"),))
    if operation is not None and operation.kind is OperationType.SUBSCRIPTION:
        if not events:
            raise RequestRefused(
                None, "STREAM_REQUIRED", "Subscribe over a WebSocket (graphql-transport-ws), or accept text/event-stream."
            )
        return True
    if media is None and not (posted and events):
        raise RequestRefused(406, "NOT_ACCEPTABLE", "Accept application/graphql-response+json or application/json.")
    return media is None


def failure(error: Exception) -> RequestRefused:
    """What a client reads of an exception that nobody foresaw: an identifier, which the log has."""
    masked = answered(GraphQLError("", original_error=error))
    return RequestRefused(500, str((masked.extensions or {})["code"]), masked.message)
