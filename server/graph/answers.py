"""Answers as bytes, and how they are sent."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.types import Scope, Send
from strawberry.types.execution import ExecutionResult

from server.graph.media import Media, takes_gzip
from server.graph.refusals import RequestRefused
from server.whole import EXTENSION

ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
NO_STORE = (b"cache-control", b"no-store")
PUBLIC = (b"cache-control", b"public, max-age=60, stale-while-revalidate=60")
VARY = (b"vary", b"Accept, Accept-Encoding, Accept-Language")


class Answer(NamedTuple):
    """The bytes of an answer. `failed`: it has errors; `invalid`: nothing was executed, since the request is not valid."""

    body: bytes
    failed: bool = False
    invalid: bool = False


class Kept:
    """An answer with its entity tag, and compressed when that is worth it."""

    __slots__ = ("body", "compressed", "digest", "until")

    def __init__(self, body: bytes, compressed: bytes | None, until: float) -> None:
        self.body = body
        self.compressed = compressed
        self.digest = hashlib.sha256(body).hexdigest()[:32].encode()
        self.until = until


def encoded(value: Any) -> bytes:
    """JSON without spaces, in UTF-8. Halves of characters, which a client can send as JSON escapes, become question marks."""
    return ENCODE(value).encode("utf-8", "replace")


def answer_of(result: ExecutionResult) -> Answer:
    """The answer of an execution. Without `data` when nothing was executed (GraphQL, 7.1)."""
    if not result.errors:
        return Answer(
            encoded({"data": result.data, "extensions": result.extensions} if result.extensions else {"data": result.data})
        )
    # an error of a field has the path of the field; one of the request has none
    invalid = result.data is None and not any(error.path for error in result.errors)
    value: dict[str, Any] = {} if invalid else {"data": result.data}
    value["errors"] = [error.formatted for error in result.errors]
    if result.extensions:
        value["extensions"] = result.extensions
    return Answer(encoded(value), failed=True, invalid=invalid)


async def send_answer(scope: Scope, send: Send, answer: Answer, media: Media) -> None:
    """Sends an answer that is its caller's own. An invalid request is 400, but 200 for who reads `application/json` (6.4.1)."""
    status = 400 if answer.invalid and media is Media.RESPONSE else 200
    await _send(scope, send, status, [(b"content-type", media.value), NO_STORE], answer.body)


async def send_refusal(scope: Scope, send: Send, refused: RequestRefused, media: Media) -> None:
    """Sends why a request is not executed."""
    status = refused.status or (400 if media is Media.RESPONSE else 200)
    body = encoded({"errors": [{"message": refused.message, "extensions": {"code": refused.code}}]})
    await _send(scope, send, status, [(b"content-type", media.value), NO_STORE, *refused.headers], body)


async def send_kept(scope: Scope, send: Send, kept: Kept, media: Media, headers: Mapping[str, str], *, conditional: bool) -> None:
    """Sends an answer that everybody may keep, compressed to whoever takes that.

    When it is `conditional`, that is a GET, and the client has it already: 304 (RFC 9110, 15.4.5).
    """
    compressed = kept.compressed if takes_gzip(headers.get("accept-encoding")) else None
    tag = b'"%s-gzip"' % kept.digest if compressed is not None else b'"%s"' % kept.digest
    sent = [(b"etag", tag), PUBLIC, VARY]
    known = headers.get("if-none-match") if conditional else None
    # the digest is that of the content: whichever of its forms the client has, it has this answer
    if known is not None and (known == "*" or kept.digest.decode() in known):
        await send({"type": "http.response.start", "status": 304, "headers": sent})
        await send({"type": "http.response.body", "body": b""})
        return
    sent.append((b"content-type", media.value))
    if compressed is not None:
        sent.append((b"content-encoding", b"gzip"))
    await _send(scope, send, 200, sent, kept.body if compressed is None else compressed)


async def _send(scope: Scope, send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(body)))
    whole = scope.get("extensions", {}).get(EXTENSION) if status == 200 else None
    if whole is not None and whole["send"](headers, body):
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
