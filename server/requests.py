"""Files of requests to the academies over HTTP: both sides send them, and download them as files, which no browser shows in our pages."""

from urllib.parse import quote, unquote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from strawberry.relay.utils import from_base64, to_base64

from graph.document_requests import RequestPieceKind
from graph.problems import NotFound
from graph.text import Text
from resolvers import pieces
from resolvers.accounts import Holder, NotSignedIn
from resolvers.callers import Caller
from resolvers.document_store import DocumentLost
from resolvers.file_verifier import Busy
from resolvers.pieces import Sent
from server.answers import answered, problem
from server.identity import signed_in_of

PRIVATE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # should a browser open it all the same: without scripts, forms or our origin
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
REQUESTS = ("DocumentRequest", "DeskRequest")
"""What a request is called by its applicant, and by the agents of its academy."""


def request_routes() -> list[BaseRoute]:
    """The routes of the files of requests."""

    async def send(request: Request) -> Response:
        return await answered(request, lambda: _send(request))

    async def download(request: Request) -> Response:
        return await answered(request, lambda: _download(request))

    return [
        Route("/requests/{id}/pieces", send, methods=["POST"]),
        Route("/requests/pieces/{id}", download, methods=["GET"]),
    ]


async def _send(request: Request) -> Response:
    """Takes the body, a file of the kind `kind`, named by the header `X-File-Name` (percent-encoded, as RFC 8187 has it) or the parameter
    `name`. 201 with the id of the piece and where it is; 200 when the same file is there already."""
    who = await _who(request)
    to, query = _request(request), request.query_params
    kind = RequestPieceKind.__members__.get(query.get("kind", ""))
    name = unquote(request.headers.get("x-file-name", "")) or query.get("name", "")
    if kind is None or not name:
        return problem(request, 400, Text("Il faut kind, et X-File-Name ou name.", "Give kind, and X-File-Name or name."))
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > pieces.LARGEST:
            megabytes = pieces.LARGEST >> 20
            return problem(request, 413, Text(f"Un fichier a au plus {megabytes} Mo.", f"A file has at most {megabytes} MB."))
    try:
        kept = await pieces.add(
            request.state.pool, request.state.pieces, request.state.files, who, to, Sent(kind, name, bytes(content))
        )
    except Busy:
        return problem(
            request,
            503,
            Text("Trop de fichiers à la fois : réessayer dans une minute.", "Too many files at once: try in a minute."),
        )
    if isinstance(who, Caller):
        await request.state.register.wrote(agent=who.id)
    else:
        await request.state.register.wrote(account=who.id)
    link = f"/requests/pieces/{to_base64('RequestPiece', str(kept.id))}"
    return JSONResponse({"link": link}, status_code=201 if kept.new else 200, headers=PRIVATE)


async def _download(request: Request) -> Response:
    """A piece, as a file to keep: to the applicant, and to the agents of the request's academy."""
    who = await _who(request)
    try:
        row, content = await pieces.file_of(request.state.pool, request.state.pieces, request.state.documents, who, _piece(request))
    except DocumentLost:
        return problem(
            request, 503, Text("Ce fichier ne se lit plus : prévenir l'assistance.", "This file cannot be read: tell support.")
        )
    headers = PRIVATE | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['file_name'], safe='')}"}
    return Response(content, media_type=row["media_type"], headers=headers)


async def _who(request: Request) -> Holder | Caller:
    signed_in = await signed_in_of(request)
    who = signed_in.holder or signed_in.agent
    if who is None:
        raise NotSignedIn
    return who


def _request(request: Request) -> UUID:
    """The key of the path's global id. Raises `NotFound` when it is not a request's."""
    key = _key(request, *REQUESTS)
    if key is None:
        raise NotFound.refuse(Text("Cette demande n'existe pas.", "This request does not exist."))
    return key


def _piece(request: Request) -> UUID:
    key = _key(request, "RequestPiece")
    if key is None:
        raise pieces.unknown_piece()
    return key


def _key(request: Request, *type_names: str) -> UUID | None:
    """The key of the path's global id, when it is one of these types."""
    try:
        type_name, key = from_base64(request.path_params["id"])
        return UUID(key) if type_name in type_names else None
    except ValueError:
        return None
