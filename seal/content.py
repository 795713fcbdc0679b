"""Does a sealed revision hold what an attestation of ours holds: one page, one canonical object, and the same words in both?

It reads bytes that the seal was found to cover, so that they are ours; it looks all the same, because a key can be made to seal too much.
"""

import io
import unicodedata
from typing import Any

from pikepdf import Array, Dictionary, Name, Stream
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from seal.attested import Attested, read
from seal.fields import AttestationRefused
from seal.revisions import UNREADABLE, inflated
from seal.tables import RevisionRefused

NAME = "attestation.json"
LARGEST_ATTACHMENT = 64 * 1024
LARGEST_CONTENT = 1024 * 1024
ACTIVE = {"/JS", "/JavaScript", "/OpenAction", "/AA", "/XFA", "/RichMediaContent"}
ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound"}


class ContentRefused(Exception):
    """The document is not made as ours are. The text says how, in English, for the operator."""


def check_certification(document: Any, byte_range: tuple[int, int, int, int]) -> None:
    """One signature, which certifies that nothing may change (DocMDP, P 1: ISO 32000-1, 12.8.2.2). Raises `ContentRefused`."""
    try:
        seal = document.Root.Perms.DocMDP
        held = [field.V.objgen for field in document.Root.AcroForm.Fields if field.get("/FT") == Name.Sig and "/V" in field]
        kinds = (seal.Type, seal.SubFilter)
        permissions = [(each.TransformMethod, int(each.TransformParams.P)) for each in seal.Reference]
        stated = tuple(int(each) for each in seal.ByteRange)
    except UNREADABLE as error:
        raise ContentRefused(f"no certification ({type(error).__name__})") from error
    if held != [seal.objgen] or stated != byte_range:
        raise ContentRefused("the seal is not the one signature of the document")
    if kinds != (Name.Sig, Name("/ETSI.CAdES.detached")) or permissions != [(Name.DocMDP, 1)]:
        raise ContentRefused("the seal does not certify the document, or allows changes")


def check_page(document: Any) -> None:
    """One page, and nothing that acts. Raises `ContentRefused`."""
    try:
        if len(document.pages) != 1:
            raise ContentRefused(f"{len(document.pages)} pages")
        for each in document.objects:
            _check_still(each)
    except UNREADABLE as error:
        raise ContentRefused(f"it cannot be read ({type(error).__name__})") from error


def _check_still(value: Any) -> None:
    """Raises `ContentRefused` for an object that makes a reader do something: run a script, open, send or play."""
    if isinstance(value, Array):
        for each in value:
            if isinstance(each, Array | Dictionary) and not each.is_indirect:
                _check_still(each)
    elif isinstance(value, Dictionary | Stream):
        acting = value.get("/Type") == Name.Annot and "/A" in value
        if acting or ACTIVE.intersection(value.keys()) or str(value.get("/S", "")) in ACTIONS:
            raise ContentRefused("the document acts")
        for each in value.values():
            if isinstance(each, Array | Dictionary) and not each.is_indirect:
                _check_still(each)


def attached(document: Any) -> Attested:
    """What is attested, as the document carries it, its only attachment. Raises `ContentRefused`."""
    try:
        names = [bytes(each).decode() for each in list(document.Root.Names.EmbeddedFiles.Names)[::2]]
        specification = document.Root.Names.EmbeddedFiles.Names[1]
        associated = [each.objgen for each in document.Root.AF]
        if names != [NAME] or associated != [specification.objgen] or specification.AFRelationship != Name.Data:
            raise ContentRefused("there is not one attachment attestation.json, the document's data")
        files = {each.objgen for each in specification.EF.values()}
        embedded = sum(1 for each in document.objects if isinstance(each, Stream) and each.get("/Type") == Name.EmbeddedFile)
        if len(files) != 1 or embedded != 1:
            raise ContentRefused("the attachment has several contents")
        return read(inflated(specification.EF.F, LARGEST_ATTACHMENT))
    except (*UNREADABLE, RevisionRefused, AttestationRefused) as error:
        raise ContentRefused(f"it cannot be read ({type(error).__name__})") from error


def check_words(pdf: bytes, document: Any, written: tuple[str, ...]) -> None:
    """Each of these texts is on the page. Raises `ContentRefused` with the first that is not.

    Spaces do not count: where lines break is not what a text says.
    """
    try:
        contents = document.pages[0].obj.Contents
        for stream in contents if isinstance(contents, Array) else [contents]:
            inflated(stream, LARGEST_CONTENT)
        shown = _letters(PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
    except (*UNREADABLE, PyPdfError, RevisionRefused) as error:
        raise ContentRefused(f"it cannot be read ({type(error).__name__})") from error
    missing = sum(_letters(text) not in shown for text in written)
    if missing:
        raise ContentRefused(f"{missing} values of the attestation are not on the page")


def _letters(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())
