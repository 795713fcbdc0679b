"""Operations that are answered by a stream: over a WebSocket (`graphql-transport-ws`) and as server-sent events (`graphql-sse`)."""

import json
from datetime import timedelta
from typing import cast

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage, SubscribeMessagePayload

from resolvers.context import Context
from resolvers.schema import Schema
from server.graph.answers import encoded
from server.graph.context import context_of
from server.graph.refusals import RequestRefused
from server.graph.request import Asked, asked_of
from server.graph.trusted import TrustedDocuments
from server.identity import language_of, signed_in_of

INIT_TIMEOUT = timedelta(seconds=10)
"""For a WebSocket connection to begin with `connection_init`."""

MOST_SUBSCRIPTIONS = 10
"""Of one WebSocket connection."""


class Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """A WebSocket connection."""

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Begins an operation, as whoever the connection signs in by now: its session may have ended since it was opened."""
        if not self.connection_acknowledged:
            await super().handle_subscribe(message)
            return
        if not isinstance(message["id"], str):  # pyright: ignore[reportUnnecessaryIsInstance]
            await self.handle_invalid_message("The id of an operation is a string")
            return
        view, socket = cast("Streams", self.view), cast("ASGIWebSocketAdapter", self.websocket).ws
        try:
            asked = asked_of(message["payload"])
            text = view.trusted.text_of(asked)
        except RequestRefused as refused:
            error = GraphQLError(refused.message, extensions={"code": refused.code})
            await self.send_message({"id": message["id"], "type": "error", "payload": [error.formatted]})
            return
        self.context = await view.get_context(socket, socket)
        payload = SubscribeMessagePayload(query=text, operationName=asked.operation, variables=asked.variables)
        await super().handle_subscribe({**message, "payload": payload})


class Streams(GraphQL[Context, None]):
    """Strawberry's view, for streams alone."""

    graphql_transport_ws_handler_class = Handler

    def __init__(self, schema: Schema, trusted: TrustedDocuments) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            max_subscriptions_per_connection=MOST_SUBSCRIPTIONS,
            connection_init_wait_timeout=INIT_TIMEOUT,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
        )
        self.trusted = trusted

    async def events(self, text: str, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, whose body is read, by server-sent events."""
        body = encoded({"query": text, "operationName": asked.operation, "variables": asked.variables})
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        await self(scope, again, send)

    def decode_json(self, data: str | bytes) -> object:
        """The object of a message. Raises `JSONDecodeError` when it is anything else, which closes the connection (4400)."""
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise json.JSONDecodeError("a message is one JSON object", "", 0)
        return found

    def encode_json(self, data: object) -> str:
        return encoded(data).decode()

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002
        """The context of a request: its caller, language and address."""
        return context_of(request.scope, await signed_in_of(request), language_of(request.headers))
