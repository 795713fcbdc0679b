"""The body of a form with a file: multipart/form-data (RFC 7578), bounded, and in memory alone."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from starlette.requests import Request

from resolvers import uploads
from server.forms import FormRefused

LONGEST = uploads.LARGEST + (16 << 10)
"""Bytes: the largest file, and room for the other fields."""

LONGEST_BOUNDARY = 70  # RFC 2046, 5.1.1
LONGEST_HEAD = 4 << 10
MOST_PARTS = 4


class TooLong(ValueError):
    """The body, or its file, is larger than any attestation."""


@dataclass(frozen=True, repr=False)
class Uploaded:
    """The fields of a form, and its files, by their names."""

    fields: dict[str, str]
    files: dict[str, bytes]


async def uploaded(request: Request) -> Uploaded:
    """What was posted. Raises `TooLong`, before anything is read where the length is told, and `FormRefused`."""
    boundary = _boundary(request.headers.get("content-type", ""))
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or int(told) > LONGEST:
        raise TooLong
    body = bytearray(b"\r\n")
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST:
            raise TooLong
    return _read(bytes(body), boundary)


def _boundary(content_type: str) -> bytes:
    head: Message = Message()
    head["Content-Type"] = content_type
    boundary = head.get_boundary() or ""
    if head.get_content_type() != "multipart/form-data" or not 0 < len(boundary) <= LONGEST_BOUNDARY or not boundary.isascii():
        raise FormRefused("not a form with a file")
    return b"\r\n--" + boundary.encode("ascii")


def _read(body: bytes, boundary: bytes) -> Uploaded:
    """Parts stand between boundaries; what stands before the first and after the last is nothing (RFC 2046, 5.1.1)."""
    _, *parts = body.split(boundary, MOST_PARTS + 2)
    if not parts or not parts[-1].startswith(b"--") or len(parts) > MOST_PARTS + 1:
        raise FormRefused("cut, or too many parts")
    found = Uploaded({}, {})
    for part in parts[:-1]:
        padding, _, rest = part.partition(b"\r\n")
        head, empty_line, content = rest.partition(b"\r\n\r\n")
        if padding.strip(b" \t") or not empty_line or len(head) > LONGEST_HEAD:
            raise FormRefused("not a part of a form")
        _add(found, message_from_bytes(head), content)
    return found


def _add(found: Uploaded, head: Message, content: bytes) -> None:
    name = head.get_param("name", header="content-disposition")
    if not isinstance(name, str) or name in found.fields or name in found.files:
        raise FormRefused("a part without a name, or a name twice")
    if head.get_filename() is None:
        try:
            found.fields[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormRefused("not a text") from error
    elif len(content) > uploads.LARGEST:
        raise TooLong
    else:
        found.files[name] = content
