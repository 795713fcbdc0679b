"""What a file is, by its content: a PDF, a JPEG or a PNG that is what its name says, and that does nothing when it is opened.

A PDF is looked into in a process of its own (`resolvers/file_process.py`), which imports this module: it imports no parser by itself.
"""

import io
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
EXTENSIONS: Mapping[str, str] = {".pdf": PDF, ".jpg": JPEG, ".jpeg": JPEG, ".png": PNG}
PNG_BEGINNING = b"\x89PNG\r\n\x1a\n"
PNG_HEADER = b"\0\0\0\rIHDR"
MOST_PIXELS = 100_000_000
"""Of an image: an A3 sheet at 600 dots per inch has 70 million. A small file may claim more, and fill the memory of who opens it."""

FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of JPEG that begin a frame, where its size stands (ITU-T T.81, B.1.1.3)."""

ACTIVE = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"})
ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute",
    "/GoTo3DView",
})  # fmt: skip
"""Actions that run, send, fetch or open something else (ISO 32000-2, 12.6.4). A link to a place or an address waits for a click."""


class Nature(Enum):
    """What a PDF is found to be."""

    STILL = "STILL"
    ACTIVE = "ACTIVE"
    """It would run, send or open something, or carries other files."""
    UNREADABLE = "UNREADABLE"
    """Damaged, locked by a password, or more than a process could bear."""


def media_type(content: bytes) -> str | None:
    """What a file is by its content; None when it is none of the three, or an image that no reader should open."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(PNG_BEGINNING + PNG_HEADER):
        width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
        return PNG if 0 < width * height <= MOST_PIXELS else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if 0 < _jpeg_pixels(content) <= MOST_PIXELS else None
    return None


def named_type(file_name: str) -> str | None:
    """What a file is by its name."""
    return EXTENSIONS.get(PurePosixPath(file_name).suffix.lower())


def nature_of(pdf: bytes) -> Nature:
    """What a PDF does when it is opened. Call it in a process of its own: the parser meets a stranger's bytes."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if len(document.pages) == 0:
                return Nature.UNREADABLE
            return Nature.ACTIVE if any(_acts(each) for each in document.objects) else Nature.STILL
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, RecursionError):
        return Nature.UNREADABLE


def _acts(value: Any) -> bool:
    from pikepdf import Array, Dictionary, Stream

    if isinstance(value, Dictionary | Stream):
        if ACTIVE.intersection(value.keys()) or str(value.get("/S", "")) in ACTIONS or value.get("/Type") == "/EmbeddedFile":
            return True
        inside: list[Any] = list(value.values())
    elif isinstance(value, Array):
        inside = list(value)
    else:
        return False
    return any(_acts(each) for each in inside if isinstance(each, Array | Dictionary) and not each.is_indirect)


def _jpeg_pixels(content: bytes) -> int:
    """The size that the first frame of a JPEG states; 0 when there is none."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in FRAMES:
            return int.from_bytes(content[at + 5 : at + 7]) * int.from_bytes(content[at + 7 : at + 9])
        if marker == 0xFF:  # fill bytes may precede a marker
            at += 1
            continue
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return 0
