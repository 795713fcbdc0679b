"""An attacker's tools: revisions appended by hand, signatures moved and swapped, files of other makers."""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf

STARTXREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


def objects(pdf: bytes) -> Any:
    """The file as qpdf reads it."""
    return pikepdf.open(io.BytesIO(pdf))


def appended(
    pdf: bytes, changed: dict[int, bytes], more: bytes = b"", listing: Callable[[bytes], bytes] = lambda entries: entries
) -> bytes:
    """The file with one more revision, in which these objects are so; well-formed, as PDF writers append.

    `more` is for its trailer; `listing` may give another list of its objects.
    """
    last = STARTXREF.search(pdf)
    assert last is not None
    read = objects(pdf)
    size = max(int(read.trailer.Size), *(number + 1 for number in changed)) if changed else int(read.trailer.Size)
    written, places = io.BytesIO(), dict[int, int]()
    for number, body in sorted(changed.items()):
        places[number] = len(pdf) + written.tell()
        written.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = len(pdf) + written.tell()
    places[size] = table
    entries = b"".join(b"\1" + place.to_bytes(8) + bytes(2) for _, place in sorted(places.items()))
    content = zlib.compress(listing(b"\0" + bytes(8) + b"\xff\xff" + entries))
    index = b" ".join(b"%d 1" % number for number in sorted(places))
    root, info, identifier = (read.trailer[key].unparse() for key in ("/Root", "/Info", "/ID"))
    written.write(b"%d 0 obj\n<< /Type /XRef /W [ 1 8 2 ] /Filter /FlateDecode /Size %d " % (size, size + 1))
    written.write(b"/Root %b /Info %b /ID %b /Prev %d /Index [ 0 1 %b ] %b " % (root, info, identifier, int(last[1]), index, more))
    written.write(b"/Length %d >>\nstream\n%b\nendstream\nendobj\n\n" % (len(content), content))
    written.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return pdf + written.getvalue()


def changed(pdf: bytes, change: Callable[[Any], None], **told: Any) -> bytes:
    """The file with one more revision, that holds whatever `change` does to its objects; `told` is for `appended`."""
    with objects(pdf) as before, objects(pdf) as after:
        change(after)
        found = {
            each.objgen[0]: body
            for each in after.objects
            if (body := written(each))
            != written(before.get_object(each.objgen) if each.objgen[0] < int(before.trailer.Size) else None)
        }
    return appended(pdf, found, **told)


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
