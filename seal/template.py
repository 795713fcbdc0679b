"""A PDF that Typst drew, made into a template: objects that never change, and the six that are written for each document."""

import io
from dataclasses import dataclass
from typing import Any, cast
from zlib import compress

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from seal.describing import Description
from seal.draft import Draft, Prefix
from seal.drawing import Code, Part, read
from seal.typesetting import PageFull, PageRefused

FIELDS = (("Cachet", "Cachet électronique"),)
"""The signature fields: of the seal, and of the time stamp that archiving adds. Names and what a screen reader says."""
HIDDEN_LOCKED_PRINT = 132
"""Flags of a widget that is not seen: Print and Locked (ISO 32000-1, 12.5.3), as PDF/A wants (ISO 19005-3, 6.3.2)."""
SIGNATURE = (
    b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"
)
"""A certification that allows no change but to a document's validation data (ISO 32000-1, 12.8.2.2; ETSI EN 319 142-1, 6.3)."""
BYTE_RANGE = b"/ByteRange[0 %10d %10d %10d]/Contents"
CLOSING = b">>\nendobj\n"
ATTACHMENT = b"<</Type/EmbeddedFile/Subtype/application#2fjson/Params<</ModDate(%b)/Size %d>>/Length %d>>stream\n%b\nendstream"
END_OF_PACKED = b"\r\nendstream"
"""After compressed data, which may end in any byte: were it a carriage return before a line feed alone, the two would be one end of line,
and the length one too many (ISO 19005-3, 6.1.7.1)."""
FAST, SMALL = 1, 9
"""Levels of compression: of what is written for each document, and of what is written once."""


@dataclass(frozen=True, repr=False)
class Template:
    """The constant objects as a prefix, their lines of the cross-reference table, and the numbers of the objects that vary."""

    prefix: Prefix
    parts: tuple[Part, ...]
    entries: tuple[bytes, ...]
    catalog: int
    content: int
    attachment: int
    metadata: int
    signature: int

    @staticmethod
    def of(pdf: bytes) -> "Template":
        """The template of a page that Typst drew with placeholders.

        Raises `PageFull` for more than one page, `PageRefused` where the code is missing or a link stands.
        """
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if len(document.pages) != 1:
                raise PageFull
            parts = read(document.pages[0])
            if sum(isinstance(part, Code) for part in parts) != 1:
                raise PageRefused("a page draws the code once")
            if "/Annots" in document.pages[0].obj:
                raise PageRefused("a page has no links: a sealed file that leads elsewhere by itself is not taken for genuine")
            _add_fields(document)
            document.pages[0].Contents = document.make_stream(b"")
            written = io.BytesIO()
            document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False, static_id=True)
        return _split(written.getvalue(), parts)

    def filled(self, content: bytes, attached: bytes, said: Description, hole: int) -> Draft:
        """The draft with this content stream and this attachment. Equal values make equal bytes."""
        drawn, xmp, information = compress(content, FAST), said.xmp(), len(self.entries)
        objects = (
            (self.content, b"<</Filter/FlateDecode/Length %d>>stream\n%b%b" % (len(drawn), drawn, END_OF_PACKED)),
            (self.attachment, ATTACHMENT % (said.date(), len(attached), len(attached), attached)),
            (self.metadata, b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(xmp), xmp)),
            (information, said.information()),
        )
        entries, at, tail = [*self.entries, b"", b""], len(self.prefix.content), list[bytes]()
        for number, body in objects:
            entries[number] = _entry(at)
            tail.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
            at += len(tail[-1])
        entries[self.signature] = _entry(at)
        opening = b"%d 0 obj\n%b/M(D:" % (self.signature, SIGNATURE)
        moment = at - len(self.prefix.content) + len(opening)
        before = at + len(opening) + len(b"00000000000000Z)") + len(BYTE_RANGE % (0, 0, 0))
        after = before + hole + 2
        entries[-1] = _entry(after + len(CLOSING))
        foot = CLOSING + _cross_reference(entries, self.catalog, information, said.identifiers(), after + len(CLOSING))
        tail += [opening, b"00000000000000Z)", BYTE_RANGE % (before, after, len(foot))]
        return Draft(self.prefix, b"".join(tail), hole, foot, moment)


def _add_fields(document: pikepdf.Pdf) -> None:
    """Adds the signature fields, tagged and out of sight (ISO 14289-1, 7.18), the first with the signature that certifies the file."""
    page, tree = document.pages[0].obj, document.Root.StructTreeRoot
    top = tree.K[0] if isinstance(tree.K, Array) else tree.K
    numbers = tree.ParentTree if "/Nums" in tree.ParentTree else tree.ParentTree.Kids[-1]
    first, nums = int(tree.ParentTreeNextKey), cast(Any, numbers.Nums)
    widgets: list[Any] = []
    for key, (name, spoken) in enumerate(FIELDS, first):
        widget = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), TU=String(spoken), StructParent=key)
        widget.F, widget.Rect, widget.P = HIDDEN_LOCKED_PRINT, Array([0, 0, 0, 0]), page
        widgets.append(document.make_indirect(widget))
        shown = Dictionary(Type=Name.OBJR, Obj=widgets[-1], Pg=page)
        element = Dictionary(Type=Name.StructElem, S=Name.Form, P=top, Pg=page, Alt=String(spoken), K=shown)
        top.K.append(document.make_indirect(element))
        nums.extend([key, top.K[-1]])
    key = first + len(FIELDS)
    if "/Limits" in numbers:
        numbers.Limits[1] = key - 1
    tree.ParentTreeNextKey = key
    page.Annots = Array(widgets)
    page.Tabs = Name.S
    signature = document.make_indirect(Dictionary(Type=Name.Sig))
    widgets[0].V = signature
    document.Root.AcroForm = Dictionary(Fields=Array(widgets), SigFlags=3)
    document.Root.Perms = Dictionary(DocMDP=signature)


def _split(pdf: bytes, parts: list[Part]) -> Template:
    """The objects of a file that qpdf wrote with a table: those that vary taken out, those that are no streams packed together."""
    start = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    first = pdf.index(b"\n", start + 5) + 1
    count = int(pdf[start + 5 : first].split()[1])
    offsets = [int(pdf[at : at + 10]) for at in range(first, first + 20 * count, 20)]
    ends = dict(zip(sorted(offsets), [*sorted(offsets)[1:], start], strict=True))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        varying = [document.pages[0].Contents, root.AF[0].EF.F, root.Metadata, root.AcroForm.Fields[0].V]
        numbers = [int(each.objgen[0]) for each in varying]
        left_out = {*numbers, int(document.docinfo.objgen[0])}
        streams = {int(each.objgen[0]) for each in document.objects if isinstance(each, pikepdf.Stream)}
        catalog = int(root.objgen[0])
    kept, entries, at = [pdf[: min(offsets[1:])]], [_FREE] * (count + 1), min(offsets[1:])
    packed = dict[int, bytes]()
    for number in range(1, count):
        body = pdf[offsets[number] : ends[offsets[number]]]
        if number in left_out:
            continue
        if number in streams:
            entries[number] = _entry(at)
            kept.append(body)
            at += len(body)
        else:
            entries[number] = _packed_entry(count, len(packed))
            packed[number] = body[body.index(b"obj\n") + 4 : body.rindex(b"\nendobj")]
    entries[count] = _entry(at)
    kept.append(b"%d 0 obj\n%b\nendobj\n" % (count, _object_stream(packed)))
    return Template(Prefix.of(b"".join(kept)), tuple(parts), tuple(entries), catalog, *numbers)


def _object_stream(packed: dict[int, bytes]) -> bytes:
    """These objects, by number, in one stream (ISO 32000-1, 7.5.7)."""
    places, at = list[bytes](), 0
    for number, body in packed.items():
        places.append(b"%d %d" % (number, at))
        at += len(body) + 1
    table = b" ".join(places) + b"\n"
    held = compress(table + b"\n".join(packed.values()), SMALL)
    return b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>stream\n%b%b" % (
        len(packed), len(table), len(held), held, END_OF_PACKED,
    )  # fmt: skip


def _cross_reference(entries: list[bytes], catalog: int, information: int, identifiers: bytes, at: int) -> bytes:
    """The cross-reference stream that ends a file (ISO 32000-1, 7.5.8); it is the last of the objects."""
    table = b"".join(entries)
    said = b"/Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Info %d 0 R/ID%b" % (len(entries), catalog, information, identifiers)
    stream = b"%d 0 obj\n<<%b/Length %d>>stream\n%b\nendstream\nendobj\n" % (len(entries) - 1, said, len(table), table)
    return b"%bstartxref\n%d\n%%%%EOF\n" % (stream, at)


def _entry(offset: int) -> bytes:
    return b"\x01%b\0\0" % offset.to_bytes(4)


def _packed_entry(stream: int, index: int) -> bytes:
    return b"\x02%b%b" % (stream.to_bytes(4), index.to_bytes(2))


_FREE = b"\0\0\0\0\0\xff\xff"
