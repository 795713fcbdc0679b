"""Sealed documents over HTTP: a holder downloads his; whoever has a file sends it to have it verified."""

import re
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from strawberry.relay.utils import from_base64

from graph.problems import NotFound
from graph.text import Text
from resolvers import documents, uploads
from resolvers.accounts import NotSignedIn
from resolvers.document_store import DocumentLost
from server.answers import answered, problem
from server.identity import signed_in_of

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def document_routes() -> list[BaseRoute]:
    """The routes of attestations and of files to be verified."""

    async def download(request: Request) -> Response:
        return await answered(request, lambda: _download(request))

    async def upload(request: Request) -> Response:
        return await answered(request, lambda: _upload(request))

    return [
        Route("/attestations/{id}", download, methods=["GET", "HEAD"]),
        Route("/documents", upload, methods=["POST"]),
    ]


async def _download(request: Request) -> Response:
    """The sealed PDF of the holder who asks, whole or from where a download stopped (RFC 9110, 14); 409 while it is not sealed."""
    holder = (await signed_in_of(request)).holder
    if holder is None:
        raise NotSignedIn
    try:
        type_name, key = from_base64(request.path_params["id"])
        document = UUID(key)
    except ValueError:
        type_name, document = "", UUID(int=0)
    if type_name != "Attestation":
        raise NotFound.refuse(Text("Cette attestation n'existe pas.", "This attestation does not exist."))
    try:
        found = await documents.file_of(request.state.pool, request.state.documents, holder, document)
    except DocumentLost:
        return problem(
            request,
            503,
            Text(
                "Ce fichier ne se lit plus : il est scellé à nouveau, réessayer plus tard.",
                "This file is gone: it is sealed again, try again later.",
            ),
        )
    if found is None:
        return problem(request, 409, Text("Cette attestation n'est pas encore scellée.", "This attestation is not sealed yet."))
    row, content = found
    return _part(request, content, row["digest"].hex(), row["sealed_at"])


def _part(request: Request, content: bytes, digest: str, sealed_at: datetime) -> Response:
    """The bytes that are asked for. One range of a GET is served; several, or one that makes no sense, give the whole (14.2)."""
    headers = PRIVATE | {
        "Accept-Ranges": "bytes",
        "ETag": f'"{digest}"',
        "Content-Disposition": f'attachment; filename="attestation-{sealed_at:%Y-%m-%d}.pdf"',
    }
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    still = request.method == "GET" and request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    if asked is None or not still or not _makes_sense(asked[1], asked[2]):
        return Response(content, media_type="application/pdf", headers=headers)
    size = len(content)
    first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    last = min(size - 1, int(asked[2])) if asked[1] and asked[2] else size - 1
    if first > last or first >= size:
        return Response(status_code=416, headers=PRIVATE | {"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], status_code=206, media_type="application/pdf", headers=headers)


def _makes_sense(first: str, last: str) -> bool:
    return bool(first or last) and not (first and last and int(first) > int(last))


async def _upload(request: Request) -> Response:
    """Takes the body, a file that claims to be an attestation; 201 with what `verifyDocument` takes. Nobody needs to be signed in."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > uploads.LARGEST:
            megabytes = uploads.LARGEST >> 20
            return problem(
                request, 413, Text(f"Une attestation a au plus {megabytes} Mo.", f"An attestation has at most {megabytes} MB.")
            )
    token = await uploads.keep(
        request.state.pool, request.state.keyring, request.client.host if request.client else "", bytes(content)
    )
    if token is None:
        return problem(
            request, 429, Text("Trop de fichiers en une heure : réessayer plus tard.", "Too many files in an hour: try later.")
        )
    return JSONResponse({"document": token}, status_code=201, headers=PRIVATE)
