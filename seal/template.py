"""A PDF that Typst drew, made into a template: objects that never change, and the five that are written for each document."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from seal.draft import MOMENT, Draft, Prefix
from seal.drawing import Code, Part, read
from seal.typesetting import PageRefused

FIELDS = (("Cachet", "Cachet électronique"), ("Horodatage-1", "Horodatage d’archivage"))
"""The signature fields: of the seal, and of the time stamp that archiving adds. Names and what a screen reader says."""
HIDDEN_LOCKED_PRINT = 132
"""Flags of a widget that is not seen: Print and Locked (ISO 32000-1, 12.5.3), as PDF/A wants (ISO 19005-3, 6.3.2)."""
VARYING = re.compile(rb"(\xc2\xa7[a-z]+\xc2\xa7)")
SIGNATURE = (
    b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
    b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"
)
"""A certification that allows no change but to a document's validation data (ISO 32000-1, 12.8.2.2; ETSI EN 319 142-1, 6.3)."""


class PageFull(PageRefused):
    """The values need more than one page."""

    def __init__(self) -> None:
        super().__init__("an attestation has one page, and these values do not fit on it")


@dataclass(frozen=True)
class Description:
    """What the file says of itself outside the page: XMP, the information dictionary and the identifiers."""

    title: str
    author: str
    id: UUID
    issued_at: datetime


@dataclass(frozen=True, repr=False)
class Template:
    """The constant objects as a prefix, their lines of the cross-reference table, and the numbers of the objects that vary."""

    prefix: Prefix
    entries: tuple[bytes, ...]
    catalog: int
    content: int
    attachment: int
    metadata: int
    information: int
    signature: int
    parts: tuple[Part, ...]
    xmp: tuple[bytes, ...]

    @staticmethod
    def of(pdf: bytes) -> "Template":
        """The template of a page that Typst drew with placeholders. Raises `PageFull`, or `PageRefused` where a mark is missing."""
        with pikepdf.open(io.BytesIO(pdf)) as document:
            if len(document.pages) != 1:
                raise PageFull
            parts = read(document.pages[0])
            if sum(isinstance(part, Code) for part in parts) != 1:
                raise PageRefused("a page draws the code once")
            _add_fields(document)
            document.pages[0].Contents = document.make_stream(b"")
            written = io.BytesIO()
            document.save(
                written, object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False, static_id=True
            )
        return _split(written.getvalue(), parts)

    def filled(self, content: bytes, attached: bytes, said: Description, hole: int) -> Draft:
        """The draft with this content stream and this attachment. Equal values make equal bytes."""
        stamp = b"D:" + said.issued_at.strftime(MOMENT).encode() + b"Z"
        digest = sha256(attached + self.prefix.state.digest()).digest()[:16]
        xmp = b"".join(map(_described(said, digest).get, self.xmp, self.xmp))  # what is no mark stands for itself
        objects = (
            (self.content, b"<</Length %d>>stream\n%b\nendstream" % (len(content), content)),
            (
                self.attachment,
                b"<</Type/EmbeddedFile/Subtype/application#2fjson/Params<</ModDate(%b)/Size %d>>/Length %d>>stream\n%b\nendstream"
                % (stamp, len(attached), len(attached), attached),
            ),
            (self.metadata, b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%b\nendstream" % (len(xmp), xmp)),
            (
                self.information,
                b"<</Title%b/Author%b/Creator(Parchemin)/CreationDate(%b)/ModDate(%b)>>"
                % (_text(said.title), _text(said.author), stamp, stamp),
            ),
        )
        entries, at, tail = list(self.entries), len(self.prefix.content), list[bytes]()
        for number, body in objects:
            entries[number] = b"%010d 00000 n \n" % at
            tail.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
            at += len(tail[-1])
        entries[self.signature] = b"%010d 00000 n \n" % at
        opening = b"%d 0 obj\n%b/M(D:" % (self.signature, SIGNATURE)
        moment = at - len(self.prefix.content) + len(opening)
        before = at + len(opening) + 16 + len(b"/ByteRange[0 %10d %10d %10d]/Contents" % (0, 0, 0))
        after = before + hole + 2
        identifiers = said.id.bytes.hex().encode(), digest.hex().encode()
        foot = b">>\nendobj\nxref\n0 %d\n%btrailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]>>\nstartxref\n%d\n%%%%EOF\n" % (
            len(entries), b"".join(entries), len(entries), self.catalog, self.information, *identifiers, after + len(b">>\nendobj\n"),
        )  # fmt: skip
        tail += [opening, b"0" * 14, b"Z)", b"/ByteRange[0 %10d %10d %10d]/Contents" % (before, after, len(foot))]
        return Draft(self.prefix, b"".join(tail), hole, foot, moment)


def _add_fields(document: pikepdf.Pdf) -> None:
    """Adds the signature fields, tagged and out of sight (ISO 14289-1, 7.18), the first with the signature that certifies the file."""
    page, tree = document.pages[0].obj, document.Root.StructTreeRoot
    top = tree.K[0] if isinstance(tree.K, Array) else tree.K
    numbers = tree.ParentTree if "/Nums" in tree.ParentTree else tree.ParentTree.Kids[-1]
    key = int(tree.ParentTreeNextKey)
    widgets: list[Any] = []
    for name, spoken in FIELDS:
        widget = document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), TU=String(spoken), F=HIDDEN_LOCKED_PRINT,
                Rect=Array([0, 0, 0, 0]), P=page, StructParent=key,
            )  # fmt: skip
        )
        element = document.make_indirect(
            Dictionary(
                Type=Name.StructElem, S=Name.Form, P=top, Pg=page, Alt=String(spoken), K=Dictionary(Type=Name.OBJR, Obj=widget, Pg=page)
            )
        )
        top.K.append(element)
        numbers.Nums.extend([key, element])
        widgets.append(widget)
        key += 1
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
    """The objects of a file that qpdf wrote, those that vary taken out."""
    start = int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])
    first = pdf.index(b"\n", start + 5) + 1
    count = int(pdf[start + 5 : first].split()[1])
    offsets = [int(pdf[at : at + 10]) for at in range(first, first + 20 * count, 20)]
    ends = dict(zip(sorted(offsets), [*sorted(offsets)[1:], start], strict=True))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        varying = [
            document.pages[0].Contents, root.AF[0].EF.F, root.Metadata, document.docinfo, root.AcroForm.Fields[0].V,
        ]  # fmt: skip
        numbers = [int(each.objgen[0]) for each in varying]
        metadata, catalog = root.Metadata.read_bytes(), int(root.objgen[0])
    header = pdf[: min(offsets[1:])]
    kept, entries, at = [header], [b"0000000000 65535 f \n"], len(header)
    for number in range(1, count):
        body = b"" if number in numbers else pdf[offsets[number] : ends[offsets[number]]]
        entries.append(b"%010d 00000 n \n" % at)
        kept.append(body)
        at += len(body)
    return Template(
        Prefix.of(b"".join(kept)), tuple(entries), catalog, *numbers, tuple(parts), tuple(VARYING.split(_marked(metadata)))
    )


def _marked(xmp: bytes) -> bytes:
    """A packet of metadata with marks for what varies: Typst's own where it took ours, one for each date and identifier."""
    for name, mark in (("InstanceID", b"\xc2\xa7instance\xc2\xa7"), ("DocumentID", b"\xc2\xa7document\xc2\xa7")):
        found = re.search(rf"<xmpMM:{name}>([^<]+)</xmpMM:{name}>".encode(), xmp)
        if found is None:
            raise PageRefused(f"the metadata that was drawn has no {name}")
        xmp = xmp.replace(found[1], mark)
    xmp = re.sub(rb"Typst [0-9.]+", b"Parchemin", xmp)
    return xmp.replace(b"2000-01-01T00:00:00Z", b"\xc2\xa7date\xc2\xa7")


def _described(said: Description, digest: bytes) -> Mapping[bytes, bytes]:
    return {
        "§title§".encode(): escape(said.title).encode(),
        "§author§".encode(): escape(said.author).encode(),
        "§date§".encode(): said.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
        "§document§".encode(): said.id.urn.encode(),
        "§instance§".encode(): b"uuid:" + str(UUID(bytes=digest)).encode(),
    }


def _text(value: str) -> bytes:
    """A text string (ISO 32000-1, 7.9.2.2)."""
    return b"<FEFF%b>" % value.encode("utf-16-be").hex().encode()
