"""The Starlette application: the graph, uploads and downloads, health, GraphiQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from hashlib import sha256

import asyncpg
import httpx2
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Lifespan, Receive, Scope, Send

from db import register
from db.pool import DatabaseBusy
from db.statements import statement
from resolvers import known_families
from resolvers.document_store import DocumentStore
from resolvers.file_verifier import FileVerifier
from resolvers.keys import Keyring
from resolvers.local import Local
from resolvers.local_keys import LocalKeys
from resolvers.notices import Notices
from resolvers.passwords import Passwords
from resolvers.schema import deployed, published
from resolvers.sign_ins import SignIns
from resolvers.verification import Verifier
from server import graphiql
from server.account.pages import STYLE
from server.account.routes import account_routes
from server.checking.routes import checking_routes
from server.documents import document_routes
from server.graph.context import State
from server.graph.endpoint import Endpoint
from server.graph.manifest import ManifestRefused, read_manifests
from server.graph.prepared import Prepared
from server.graph.trusted import TrustedDocuments
from server.login.journey import login_routes
from server.login.relying_party import RelyingParty
from server.mail.folder import mail_routes
from server.oauth.endpoints import oauth_routes
from server.planning import planner
from server.provider.registration import demonstration_routes, demonstrations
from server.requests import request_routes
from server.settings import Settings, SettingsError
from server.transfers import transfer_routes
from server.watchers import BoundedSockets

PING = statement("agents.ping")
log = structlog.get_logger()

PATH = "/graphql"


class Application(Starlette):
    """Starlette, but for the graph: its requests go straight to their endpoint, since finding a route costs as much as answering."""

    def __init__(self, endpoint: Endpoint, routes: list[BaseRoute], lifespan: Lifespan[Starlette]) -> None:
        super().__init__(
            routes=[WebSocketRoute(PATH, BoundedSockets(endpoint.streams)), *routes],
            lifespan=lifespan,
            exception_handlers=dict.fromkeys((DatabaseBusy, asyncpg.QueryCanceledError), busy),
        )
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def health(request: Request) -> Response:
    """200 when the database answers."""
    await PING.value(request.state.register.primary)
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


async def busy(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """503 to what the database has no time for."""
    return PlainTextResponse("The register is busy: ask again in a moment.", status_code=503, headers={"Retry-After": "1"})


def sdl_route(text: str) -> Route:
    """Where the schema of this deployment is, the families of other ministries included; 304 to a build that has it already."""
    tag = f'"{sha256(text.encode()).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "public, no-cache", "X-Content-Type-Options": "nosniff"}

    async def sdl(request: Request) -> Response:
        known = request.headers.get("if-none-match", "")
        # a proxy that compresses makes the tag a weak one: it holds ours all the same
        if known == "*" or tag in known:
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(text, headers=headers)

    return Route("/schema.graphql", sdl)


def create_app(settings: Settings, url: str, transport: httpx2.AsyncBaseTransport | None = None) -> Starlette:
    """The application over the database of a URL, with the families that are installed.

    `transport` is another way than the network to identity providers, and theirs to us: for tests.
    """
    schema = deployed(introspection=settings.graphiql)
    planning = planner(schema, settings.compile_at) if settings.compile_at else None
    endpoint = Endpoint(schema, _trusted(settings), planning.answer if planning else None)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[State]:  # noqa: ARG001
        async with register.opened(url, settings.read_urls) as databases:
            keyring = Keyring.of(settings.master_secret)
            await keyring.check(databases.acting)
            await known_families.begin(databases.acting)
            keys = LocalKeys.of(settings.master_secret)
            local = Local(databases.acting, keyring, keys, Passwords(keys), settings.public_url)
            notices = Notices()
            prepared = Prepared(notices)
            with closing(FileVerifier(settings.trust)) as files:
                async with notices.listening(settings.direct_url or url):
                    yield {
                        "register": databases, "pool": databases.acting, "sign_ins": SignIns(databases.primary), "files": files,
                        "verifier": Verifier(keyring), "keyring": keyring, "local": local, "notices": notices,
                        "prepared": prepared, "unplanned": planning.refusals.by_reason if planning else {},
                        "base": settings.public_url,
                        "documents": DocumentStore.of(settings.documents, keyring),
                        "pieces": DocumentStore.of(settings.pieces, keyring),
                    }  # fmt: skip

    app = Application(
        endpoint,
        routes=[
            sdl_route(published()),
            Route("/health", health),
            *oauth_routes(),
            *transfer_routes(settings.largest_upload),
            *document_routes(),
            *request_routes(),
            *_local_accounts(settings),
            *checking_routes(),
            *_sign_in(settings, transport),
            *(graphiql.routes() if settings.graphiql else []),
        ],
        lifespan=lifespan,
    )
    app.state.public_url = settings.public_url
    return app


def _trusted(settings: Settings) -> TrustedDocuments:
    """The documents that this deployment knows. Raises `SettingsError` when a manifest cannot be used."""
    path = settings.trusted_documents
    try:
        texts = read_manifests(path, deployed()) if path else {}
    except ManifestRefused as refused:
        raise SettingsError(f"PARCHEMIN_TRUSTED_DOCUMENTS: {refused}") from refused
    return TrustedDocuments(texts, only=settings.trusted_only, automatic=settings.automatic_documents)


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
