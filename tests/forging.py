"""An attacker's tools: revisions appended by hand, signatures moved and swapped, files of other makers."""

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf

STARTXREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


def objects(pdf: bytes) -> Any:
    """The file as qpdf reads it."""
    return pikepdf.open(io.BytesIO(pdf))


def appended(pdf: bytes, changed: dict[int, bytes], more: bytes = b"") -> bytes:
    """The file with one more revision, in which these objects are so; well-formed, as PDF writers append."""
    last = STARTXREF.search(pdf)
    assert last is not None
    read = objects(pdf)
    size = max(int(read.trailer.Size), *(number + 1 for number in changed)) if changed else int(read.trailer.Size)
    written, places = io.BytesIO(), dict[int, int]()
    for number, body in sorted(changed.items()):
        places[number] = len(pdf) + written.tell()
        written.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = len(pdf) + written.tell()
    written.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, place in places.items():
        written.write(b"%d 1\n%010d 00000 n \n" % (number, place))
    root, info = read.trailer.Root.unparse(), read.trailer.Info.unparse()
    written.write(
        b"trailer\n<< /Size %d /Root %b /Info %b /ID %b /Prev %b %b >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, root, info, read.trailer.ID.unparse(), last[1], more, table)
    )
    return pdf + written.getvalue()


def changed(pdf: bytes, change: Callable[[Any], None]) -> bytes:
    """The file with one more revision, that holds whatever `change` does to its objects."""
    with objects(pdf) as before, objects(pdf) as after:
        change(after)
        found = {
            each.objgen[0]: body
            for each in after.objects
            if (body := written(each))
            != written(before.get_object(each.objgen) if each.objgen[0] < int(before.trailer.Size) else None)
        }
    return appended(pdf, found)


def written(value: Any) -> bytes:
    """An object as a file spells it."""
    if isinstance(value, pikepdf.Stream):
        data, fields = value.read_raw_bytes(), dict[str, Any](value.items())
        keys = b" ".join(
            key.encode() + b" " + (each.unparse() if isinstance(each, pikepdf.Object) else str(each).encode())
            for key, each in fields.items()
            if key != "/Length"
        )
        return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (keys, len(data), data)
    return value.unparse(resolved=True) if isinstance(value, pikepdf.Object) else b"null"


def hole(pdf: bytes) -> tuple[int, int]:
    """Where the seal stands, its marks included."""
    found = re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)", pdf)
    assert found is not None
    return int(found[1]), int(found[2])


def with_hole(pdf: bytes, content: bytes) -> bytes:
    """The file with other bytes between the marks of its seal, as many as were there."""
    start, stop = hole(pdf)
    assert len(content) <= stop - start - 2
    return pdf[: start + 1] + content.ljust(stop - start - 2, b"0") + pdf[stop - 1 :]


def with_byte(pdf: bytes, place: int, value: int) -> bytes:
    """The file with one other byte."""
    assert pdf[place] != value
    return pdf[:place] + bytes([value]) + pdf[place + 1 :]
