"""What the requests of the application share, and the context of one of them."""

from collections.abc import Mapping
from functools import partial
from typing import TypedDict

import asyncpg
from starlette.requests import HTTPConnection
from starlette.types import Scope

from db.register import Register
from graph.text import Language
from resolvers.context import Context
from resolvers.document_store import DocumentStore
from resolvers.file_verifier import FileVerifier
from resolvers.keys import Keyring
from resolvers.local import Local
from resolvers.notices import Notices
from resolvers.sign_ins import SignIns
from resolvers.verification import Verifier
from resolvers.web_sessions import SignedIn
from server.graph.prepared import Prepared

READ = {
    name.encode(): name
    for name in (
        "accept", "accept-encoding", "accept-language", "authorization", "content-length", "content-type", "cookie", "host",
        "if-none-match", "origin", "sec-fetch-site",
    )
}  # fmt: skip


class State(TypedDict):
    """What the application's requests share."""

    register: Register
    pool: "asyncpg.Pool[asyncpg.Record]"
    sign_ins: SignIns
    verifier: Verifier
    keyring: Keyring
    local: Local
    documents: DocumentStore
    pieces: DocumentStore
    files: FileVerifier
    notices: Notices
    prepared: Prepared
    unplanned: Mapping[str, int]
    base: str


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers of a request that the graph reads, in one pass; the first of each, and all cookies."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        known = READ.get(name)
        if known is None:
            continue
        if known not in found:
            found[known] = value.decode("latin-1")
        elif known == "cookie":
            found[known] += "; " + value.decode("latin-1")
    return found


def base_of(scope: Scope) -> str:
    """The address of this deployment, without a slash at its end: the one that is set, else the one that the request came to."""
    return scope["state"]["base"] or str(HTTPConnection(scope).base_url).rstrip("/")


def context_of(scope: Scope, who: SignedIn, language: Language) -> Context:
    """The context of a request."""
    state: State = scope["state"]
    client = scope.get("client")
    return Context(
        state["register"],
        state["verifier"],
        state["keyring"],
        state["notices"],
        local=state["local"],
        files=state["files"],
        unplanned=state["unplanned"],
        who=who,
        address=client[0] if client else "",
        base=partial(base_of, scope),
        language=language,
    )
