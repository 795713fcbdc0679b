"""An attacker's tools: revisions appended by hand, signatures moved and swapped, files of other makers."""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from seal.draft import Draft, Prefix

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


HOLE = 24_000
PLACEHOLDER = b"[ 0 9999999 9999999 9999999 ]"


def prepared(page: bytes, permission: int = 1) -> Draft:
    """A page of any kind, ready for a seal: what a sealer of ours could be made to seal."""
    pdf: Any = objects(page)
    transform = Dictionary(Type=Name.TransformParams, P=permission, V=Name("/1.2"))
    reference = Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP, TransformParams=transform)
    signature = pdf.make_indirect(
        Dictionary(
            Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/ETSI.CAdES.detached"), Reference=Array([reference]),
            M=String("D:00000000000000Z"), ByteRange=Array([0, 9_999_999, 9_999_999, 9_999_999]), Contents=String(bytes(HOLE // 2)),
        )
    )  # fmt: skip
    first = pdf.pages[0].obj
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("Cachet"),
            F=132,
            Rect=Array([0, 0, 0, 0]),
            P=first,
            V=signature,
        )
    )
    first.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    pdf.Root.Perms = Dictionary(DocMDP=signature)
    written = io.BytesIO()
    pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
    return _parted(written.getvalue())


def _parted(whole: bytes) -> Draft:
    moment = b" /M (D:00000000000000Z)"
    whole = whole.replace(moment, b"").replace(b" /ByteRange", moment + b" /ByteRange")
    found = re.search(rb"/Contents (<0+>)", whole)
    assert found is not None
    assert len(found[1]) == HOLE + 2
    before, after = whole[: found.start(1)], whole[found.end(1) :]
    numbers = b"[ 0 %d %d %d ]" % (len(before), len(before) + HOLE + 2, len(after))
    before, after = (part.replace(PLACEHOLDER, numbers.ljust(len(PLACEHOLDER))) for part in (before, after))
    return Draft(Prefix.of(b""), before, HOLE, after, before.index(b"D:00000000000000Z") + 2)
