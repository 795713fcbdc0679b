"""Do the revisions after the sealed one add nothing but proofs (ETSI EN 319 142-1, 5.4 and 5.5)?

Two parsers must agree: pyHanko compares the revisions one by one with its rules for what DocMDP allows, and what qpdf sees in the end
is compared here with what it saw in the sealed revision, object by object. What neither explains is refused.
"""

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.validation.status import SignatureCoverageLevel

from seal.archiving import FIELD, READABLE
from seal.ranges import SignedRange
from seal.tables import Added, RevisionRefused, later_objects
from seal.undocumented import UNDOCUMENTED

MOST_OBJECTS = 5_000
LARGEST_PROOF = 256 * 1024
EXTENSION = b"<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 1 /Type /DeveloperExtensions >> >>"
"""What a PDF 1.7 with archival time stamps says of itself (ETSI EN 319 142-1, 5.6)."""
NAMED = re.compile(rf"{FIELD}-\d{{1,3}}")
TRAILER = {"/Type", "/W", "/Index", "/Filter", "/Length", "/Size", "/Prev", "/Root", "/Info", "/ID"}
STAMP = {"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents"}
UNSEEN = {"/FT", "/T", "/TU", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V", "/StructParent"}
UNREADABLE = (pikepdf.PdfError, PdfError, struct.error, zlib.error, AssertionError, *UNDOCUMENTED)
"""What pikepdf and pyHanko raise for bytes that are no PDF."""


@dataclass(frozen=True, repr=False)
class Proofs:
    """The validation data that a file carries (its DSS, ISO 32000-2, 12.8.4.3): certificates, revocation lists and OCSP answers, in DER."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    answers: tuple[bytes, ...] = ()


def opened(pdf: bytes) -> Any:
    """The file in qpdf's eyes, which must see nothing to mend. Raises what `UNREADABLE` lists."""
    read = pikepdf.open(io.BytesIO(pdf), attempt_recovery=False, suppress_warnings=True)
    if read.is_encrypted or read.get_warnings() or int(read.trailer.Size) > MOST_OBJECTS:
        raise RevisionRefused("the file is encrypted, or damaged, or has more objects than any of ours")
    return read


def later_proofs(pdf: bytes, ranges: tuple[SignedRange, ...]) -> Proofs:
    """What the revisions after the first range add, when it is proofs alone. Raises `RevisionRefused`."""
    sealed = ranges[0].end
    if sealed == len(pdf):
        return Proofs()
    try:
        added = later_objects(pdf, sealed)
        with opened(pdf[:sealed]) as before, opened(pdf) as after:
            proofs = _Comparison(before, after).proofs(added)
        _check_as_pyhanko(pdf, ranges)  # the slower of the two
    except UNREADABLE as error:
        raise RevisionRefused(f"it cannot be read ({type(error).__name__})") from error
    return proofs


def _check_as_pyhanko(pdf: bytes, ranges: tuple[SignedRange, ...]) -> None:
    reader: Any = PdfFileReader(io.BytesIO(pdf), strict=True)
    found: list[Any] = reader.embedded_signatures
    if [tuple(each.byte_range) for each in found] != [(0, each.start, each.stop, each.end - each.stop) for each in ranges]:
        raise RevisionRefused("the signatures of the document are not those of its bytes")
    seal, *stamps = found
    for stamp in stamps:
        if stamp.sig_object_type != "/DocTimeStamp" or stamp.sig_object.get("/SubFilter") != "/ETSI.RFC3161":
            raise RevisionRefused("there is a signature besides the seal and archival time stamps")
    seal.compute_integrity_info()
    level = seal.diff_result.modification_level if isinstance(seal.diff_result, DiffResult) else ModificationLevel.OTHER
    whole = seal.coverage in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
    if not whole or not seal.summarise_integrity_info()["docmdp_ok"] or level > ModificationLevel.LTA_UPDATES:
        raise RevisionRefused("a later revision changes the document")


class _Comparison:
    """A file as it was sealed and as it is: each object that differs must be explained, and each object that was added."""

    def __init__(self, before: Any, after: Any) -> None:
        self.before = before
        self.after = after
        self.explained: set[int] = set()

    def proofs(self, added: Added) -> Proofs:
        """Raises `RevisionRefused` for what is not explained, be it the same as before."""
        before, after = self.before, self.after
        if set(after.trailer.keys()) - TRAILER or bytes(after.trailer.ID[0]) != bytes(before.trailer.ID[0]):
            raise RevisionRefused("the trailer changed")
        if after.Root.objgen != before.Root.objgen or _spelled(after.trailer.get("/Info")) != _spelled(before.trailer.get("/Info")):
            raise RevisionRefused("the catalog or the information is another object")
        self._check_catalog()
        proofs = self._dss()
        self._check_fields()
        self.explained |= added.tables
        if added.objects - self.explained:
            raise RevisionRefused("an object was added or written again")
        for number in range(1, int(after.trailer.Size)):
            if number not in self.explained and _spelled(before.get_object(number, 0)) != _spelled(after.get_object(number, 0)):
                raise RevisionRefused(f"object {number} is another")
        return proofs

    def _check_catalog(self) -> None:
        self.explained.add(self.before.Root.objgen[0])
        grown = {"/DSS", "/Extensions", "/AcroForm"}
        if _rest(self.before.Root, grown) != _rest(self.after.Root, grown):
            raise RevisionRefused("the catalog changed")
        if _spelled(self.after.Root.get("/Extensions")) not in (_spelled(self.before.Root.get("/Extensions")), EXTENSION):
            raise RevisionRefused("the extensions changed")

    def _dss(self) -> Proofs:
        store = self.after.Root.get("/DSS")
        if store is None:
            return Proofs()
        self._explain(store)
        if not isinstance(store, Dictionary) or set(store.keys()) - {"/Type", "/Certs", "/CRLs", "/OCSPs"}:
            raise RevisionRefused("the validation data hold what is not looked at here")
        return Proofs(*(self._streams(store.get(key)) for key in ("/Certs", "/CRLs", "/OCSPs")))

    def _streams(self, listed: Any) -> tuple[bytes, ...]:
        if listed is None:
            return ()
        self._explain(listed)
        contents: list[bytes] = []
        for stream in listed:
            self._explain(stream)
            if not isinstance(stream, Stream) or set(stream.keys()) - {"/Length", "/Filter"}:
                raise RevisionRefused("validation data are not plain streams")
            contents.append(inflated(stream, LARGEST_PROOF))
        return tuple(contents)

    def _check_fields(self) -> None:
        """A time stamp takes a field that waited for it, or a new one; no field shows anything."""
        old, new = self.before.Root.AcroForm, self.after.Root.AcroForm
        self._explain(new)
        if _rest(old, {"/Fields"}) != _rest(new, {"/Fields"}):
            raise RevisionRefused("the form changed")
        for field in old.Fields:
            self._check_old_field(field)
        added = self._grown(old.Fields, new.Fields)
        if not added:
            return
        page, grown = self.before.pages[0].obj, self.after.pages[0].obj
        self._explain(grown)
        if _rest(page, {"/Annots"}) != _rest(grown, {"/Annots"}):
            raise RevisionRefused("the page changed")
        widgets = self._grown(page.get("/Annots", Array()), grown.get("/Annots", Array()))
        if {each.objgen for each in widgets} != {each.objgen for each in added}:
            raise RevisionRefused("an annotation was added")
        for field in added:
            self._check_new_field(field)

    def _check_old_field(self, field: Any) -> None:
        now = self.after.get_object(field.objgen)
        if _spelled(now) == _spelled(field):
            return
        if "/V" in field or _rest(now, {"/V"}) != _rest(field, set()):
            raise RevisionRefused("a field changed")
        self._explain(now)
        self._explain_stamp(now)

    def _check_new_field(self, field: Any) -> None:
        self._explain(field)
        left, bottom, right, top = field.Rect
        if set(field.keys()) - UNSEEN or str(field.FT) != "/Sig" or (left, bottom) != (right, top):
            raise RevisionRefused("a field was added that is not an unseen time stamp's")
        if not NAMED.fullmatch(str(field.T)) or str(field.get("/TU", READABLE)) != READABLE:  # a screen reader says them
            raise RevisionRefused("a field was added that says something")
        self._explain_stamp(field)

    def _explain_stamp(self, field: Any) -> None:
        if set(field.V.keys()) - STAMP or str(field.V.get("/Type")) != "/DocTimeStamp":
            raise RevisionRefused("a field holds something else than a time stamp")
        self._explain(field.V)

    def _grown(self, old: Any, new: Any) -> list[Any]:
        """What a list has after what it had."""
        self._explain(new)
        if [each.objgen for each in new][: len(old)] != [each.objgen for each in old]:
            raise RevisionRefused("a list of fields or annotations changed")
        return list(new)[len(old) :]

    def _explain(self, value: Any) -> None:
        """An object that is looked at here need not be as it was; a direct value is part of one that is."""
        if value.is_indirect:
            self.explained.add(value.objgen[0])


def _spelled(value: Any) -> bytes:
    """An object in qpdf's spelling, with the bytes of a stream."""
    if value is None:
        return b"null"
    if isinstance(value, Stream):
        return _rest(value, set()) + value.read_raw_bytes()
    return value.unparse(resolved=True) if isinstance(value, pikepdf.Object) else repr(value).encode()


def _rest(value: Any, without: set[str]) -> bytes:
    """A dictionary in qpdf's spelling, some of its keys left out."""
    return b"\n".join(
        key.encode() + b" " + (each.unparse() if isinstance(each, pikepdf.Object) else repr(each).encode())
        for key, each in sorted(value.items())
        if key not in without
    )


def inflated(stream: Any, largest: int) -> bytes:
    """The content of a stream that is plain or deflated. Raises `RevisionRefused` when it is more than `largest` bytes."""
    raw = stream.read_raw_bytes()
    if "/Filter" not in stream:
        content = raw
    elif stream.Filter == Name.FlateDecode and "/DecodeParms" not in stream:
        content = zlib.decompressobj().decompress(raw, largest + 1)
    else:
        raise RevisionRefused("a stream has a filter that is not looked at here")
    if len(content) > largest:
        raise RevisionRefused("a stream is larger than any of ours")
    return content
