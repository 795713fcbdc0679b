"""The Starlette application: the graph, uploads and downloads, health, GraphiQL."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypedDict

import asyncpg
import httpx2
import structlog
from cross_web import HTTPException
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from db.pool import open_pool
from db.statements import statement
from resolvers.context import Context
from resolvers.document_store import DocumentStore
from resolvers.file_verifier import FileVerifier
from resolvers.keys import Keyring
from resolvers.loading import LOADERS, PAGERS
from resolvers.local import Local
from resolvers.local_keys import LocalKeys
from resolvers.notices import Notices
from resolvers.passwords import Passwords
from resolvers.schema import deployed, published
from resolvers.verification import Verifier
from server import graphiql
from server.account.pages import STYLE
from server.account.routes import account_routes
from server.checking.routes import checking_routes
from server.deadlines import TimedBody
from server.documents import document_routes
from server.identity import language_of, signed_in_of
from server.login.journey import login_routes
from server.login.relying_party import RelyingParty
from server.mail.folder import mail_routes
from server.oauth.endpoints import oauth_routes
from server.provider.registration import demonstration_routes, demonstrations
from server.settings import Settings
from server.transfers import transfer_routes
from server.watchers import BoundedSockets

PING = statement("agents.ping")
log = structlog.get_logger()

LONGEST_BODY = 64 * 1024
"""Bytes of a GraphQL request: documents are short, and files do not come this way."""

MOST_SUBSCRIPTIONS = 10
"""Of one WebSocket connection."""

INIT_TIMEOUT = timedelta(seconds=10)
"""For a WebSocket connection to begin with `connection_init`."""


class State(TypedDict):
    """What the application's requests share."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    verifier: Verifier
    keyring: Keyring
    local: Local
    documents: DocumentStore
    files: FileVerifier
    notices: Notices
    base: str


class GraphQLApp(GraphQL[Context, None]):
    """The graph over HTTP. One operation a request, by POST."""

    def decode_json(self, data: str | bytes) -> object:
        """The object of a request's body. Raises `HTTPException` (400) when it is anything else."""
        try:
            found = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise HTTPException(400, "The body of a request is JSON.") from error
        if not isinstance(found, dict):
            raise HTTPException(400, "A request is one JSON object.")
        return found

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002
        """The context of a request: its caller, language and address."""
        return Context(
            request.state.pool,
            request.state.verifier,
            request.state.keyring,
            request.state.notices,
            LOADERS,
            PAGERS,
            local=request.state.local,
            files=request.state.files,
            who=await signed_in_of(request),
            address=request.client.host if request.client else "",
            base=request.state.base or str(request.base_url).rstrip("/"),
            language=language_of(request.headers),
        )


class BoundedBody:
    """Answers 413 to a body of the graph that is longer than the limit, whether or not it says so."""

    def __init__(self, app: GraphQLApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, counting what it sends."""
        declared = Headers(scope=scope).get("content-length", "0")
        if scope["type"] == "http" and (not declared.isdigit() or int(declared) > LONGEST_BODY):
            await _too_long(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LONGEST_BODY:
                raise BodyTooLong
            return message

        try:
            await self._app(scope, counted, send)
        except BodyTooLong:
            await _too_long(scope, receive, send)


class BodyTooLong(Exception):
    """A body without a declared length went past the limit."""


async def _too_long(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(f"A request has at most {LONGEST_BODY} bytes.", status_code=413)(scope, receive, send)


async def health(request: Request) -> Response:
    """200 when the database answers."""
    await PING.value(request.state.pool)
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def sdl(request: Request) -> Response:
    """The schema of this deployment, the families of other ministries included."""
    return PlainTextResponse(request.app.state.sdl)


def create_app(settings: Settings, url: str, transport: httpx2.AsyncBaseTransport | None = None) -> Starlette:
    """The application over the database of a URL, with the families that are installed.

    `transport` is another way than the network to identity providers, and theirs to us: for tests.
    """
    endpoint = GraphQLApp(
        deployed(introspection=settings.graphiql), graphql_ide=None, allow_queries_via_get=False,
        max_subscriptions_per_connection=MOST_SUBSCRIPTIONS, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL],
        connection_init_wait_timeout=INIT_TIMEOUT,
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[State]:  # noqa: ARG001
        pool, files = await open_pool(url), FileVerifier(settings.trust)
        try:
            keyring = Keyring.of(settings.master_secret)
            await keyring.check(pool)
            keys = LocalKeys.of(settings.master_secret)
            local = Local(pool, keyring, keys, Passwords(keys), settings.public_url)
            notices = Notices()
            async with notices.listening(url):
                yield {
                    "pool": pool, "verifier": Verifier(keyring), "keyring": keyring, "local": local, "notices": notices,
                    "base": settings.public_url, "documents": DocumentStore.of(settings.documents, keyring), "files": files,
                }  # fmt: skip
        finally:
            files.close()
            await pool.close()

    app = Starlette(
        routes=[
            Route("/graphql", TimedBody(BoundedBody(endpoint)), methods=["POST"]),
            WebSocketRoute("/graphql", BoundedSockets(endpoint)),
            Route("/schema.graphql", sdl),
            Route("/health", health),
            *oauth_routes(),
            *transfer_routes(settings.largest_upload),
            *document_routes(),
            *_local_accounts(settings),
            *checking_routes(),
            *_sign_in(settings, transport),
            *(graphiql.routes() if settings.graphiql else []),
        ],
        lifespan=lifespan,
    )
    app.state.sdl = published()
    app.state.public_url = settings.public_url
    return app


def _local_accounts(settings: Settings) -> list[BaseRoute]:
    """The pages of accounts that open by a password, with the letters that go to files instead of to their readers."""
    if not settings.local_accounts:
        return []
    if settings.smtp_url is not None:
        return account_routes()
    log.warning("mail_to_files", detail="letters go to files that anybody reads here: for development alone")
    return [*account_routes(), *mail_routes(settings.data, STYLE)]


def _sign_in(settings: Settings, transport: httpx2.AsyncBaseTransport | None) -> list[BaseRoute]:
    """The routes of signing in, with those of the demonstration's providers when it has them."""
    made = demonstrations(settings.public_url, settings.master_secret, transport) if settings.demonstration else ()
    if made:
        log.warning("demonstration_providers", detail="identity providers that prove nothing: for the demonstration alone")
    providers = [*settings.providers, *(one.declared for one in made)]
    parties = {provider.name: RelyingParty(provider, settings.public_url, transport) for provider in providers}
    routes = login_routes(parties, settings.public_url, settings.master_secret, local=settings.local_accounts)
    return [*routes, *(demonstration_routes(made) if made else [])]
