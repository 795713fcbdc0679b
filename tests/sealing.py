"""Keys, certificates and a page for the tests of seals, made once in a run."""

import asyncio
import atexit
import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp
from threading import Thread
from typing import Any

import page
import pikepdf
import pytest
import typst
from asn1crypto import cms
from cryptography import x509
from pikepdf import Array, Dictionary, Name, String
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from seal.authority import LEAF_LIFE, UnsafeDevelopmentAuthority
from seal.draft import Draft, Prefix
from seal.sealing import Sealer
from seal.timestamps import asn1_certificate

NOW = datetime.now(UTC).replace(hour=9, minute=30, second=0, microsecond=0) - timedelta(days=4 * 365)
"""When the tests seal. Long ago, because pyHanko compares what it archives with the true present; a day, because nothing depends on it."""
HOLE = 24_000
PREFIX = 1_000
PLACEHOLDER = b"[ 0 9999999 9999999 9999999 ]"
PAGE = """
#set document(title: "Attestation", author: "Registre", date: datetime(year: 2026, month: 11, day: 24))
#set text(lang: "fr")
#pdf.attach("attestation.json", bytes("{}"), relationship: "data", mime-type: "application/json", description: "Attestation")
= Attestation
Éléonore Čapková, née à Besançon.
"""


@cache
def _folder() -> Path:
    folder = Path(mkdtemp(prefix="parchemin-authority-"))
    atexit.register(shutil.rmtree, folder)
    return folder


def opened(folder: Path, at: datetime) -> UnsafeDevelopmentAuthority:
    return UnsafeDevelopmentAuthority.open(folder, "Registre d'essai", "110043015", at)


@cache
def authority() -> UnsafeDevelopmentAuthority:
    return opened(_folder(), NOW)


ROTATION = NOW + LEAF_LIFE - timedelta(days=10)


@cache
def rotated() -> UnsafeDevelopmentAuthority:
    """The same authority shortly before its first certificates end, with their successors."""
    authority()
    return opened(_folder(), ROTATION)


@cache
def sealer() -> Sealer:
    made: list[Sealer] = []
    thread = Thread(target=lambda: made.append(asyncio.run(Sealer.of(authority().seals))))  # a test has its own loop
    thread.start()
    thread.join()
    return made[0]


async def sealed(at: datetime = NOW) -> bytes:
    """A B-T document."""
    return await sealer().timestamped(drafted(), at, authority().timestamps(at))


def tool(name: str, package: str) -> str:
    """Where a program is. Where it is not installed the test is skipped, or fails when `CI` is set."""
    path = shutil.which(name)
    if path is None:
        missing = f"this test wants {name}: apt-get install --no-install-recommends {package}"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return path


def run(*command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)


def typeset() -> bytes:
    """A page in PDF/A-3a and PDF/UA-1, with an attachment."""
    return typst.compile(PAGE.encode(), format="pdf", pdf_standards=["a-3a", "ua-1"])


def with_field(pdf: Any, name: str, alternative: str, value: Any = None) -> None:
    """Adds an invisible signature field that the structure tree knows (ISO 14289-1, 7.18)."""
    page, tree = pdf.pages[0].obj, pdf.Root.StructTreeRoot
    key = int(tree.get("/ParentTreeNextKey", 0))
    widget = Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), TU=String(alternative), F=132, Rect=Array([0, 0, 0, 0]),
        P=page, StructParent=key,
    )  # fmt: skip
    if value is not None:
        widget.V = value
    field = pdf.make_indirect(widget)
    page.Annots = Array([*page.get("/Annots", []), field])
    page.Tabs = Name.S
    form = pdf.Root.get("/AcroForm")
    pdf.Root.AcroForm = Dictionary(Fields=Array([*(form.Fields if form is not None else []), field]), SigFlags=3)
    document = tree.K[0] if isinstance(tree.K, pikepdf.Array) else tree.K
    reference = Dictionary(Type=Name.OBJR, Obj=field, Pg=page)
    element = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=page, Alt=String(alternative), K=reference)
    )
    document.K = Array([*(document.K if isinstance(document.K, pikepdf.Array) else [document.K]), element])
    node = tree.ParentTree if "/Nums" in tree.ParentTree else tree.ParentTree.Kids[-1]
    node.Nums = Array([*node.Nums, key, element])
    if "/Limits" in node:
        node.Limits = Array([node.Limits[0], key])
    tree.ParentTreeNextKey = key + 1


@cache
def drafted() -> Draft:
    """A page that waits for its seal, as the product fills one."""
    return prepared(typeset())


def prepared(page: bytes, permission: int = 1) -> Draft:
    """A page of any kind, ready for a seal that certifies it."""
    pdf: Any = pikepdf.open(io.BytesIO(page))
    transform = Dictionary(Type=Name.TransformParams, P=permission, V=Name("/1.2"))
    reference = Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP, TransformParams=transform)
    signature = pdf.make_indirect(
        Dictionary(
            Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/ETSI.CAdES.detached"), Reference=Array([reference]),
            M=String("D:00000000000000Z"), ByteRange=Array([0, 9_999_999, 9_999_999, 9_999_999]), Contents=String(bytes(HOLE // 2)),
        )
    )  # fmt: skip
    with_field(pdf, "Cachet", "Cachet électronique", signature)
    with_field(pdf, "Horodatage-1", "Horodatage du document")
    pdf.Root.Perms = Dictionary(DocMDP=signature)
    written = io.BytesIO()
    pdf.save(written, object_stream_mode=pikepdf.ObjectStreamMode.disable, static_id=True)
    return _parted(written.getvalue())


def _parted(whole: bytes) -> Draft:
    moment = b" /M (D:00000000000000Z)"
    whole = whole.replace(moment, b"").replace(b" /ByteRange", moment + b" /ByteRange")
    hole = re.search(rb"/Contents (<0+>)", whole)
    assert hole is not None and len(hole[1]) == HOLE + 2
    before, after = whole[: hole.start(1)], whole[hole.end(1) :]
    numbers = b"[ 0 %d %d %d ]" % (len(before), len(before) + HOLE + 2, len(after))
    before, after = (part.replace(PLACEHOLDER, numbers.ljust(len(PLACEHOLDER))) for part in (before, after))
    head = before[PREFIX:]
    return Draft(Prefix.of(before[:PREFIX]), head, HOLE, after, head.index(b"D:00000000000000Z") + 2)


def signature_of(pdf: bytes) -> tuple[bytes, bytes]:
    """The CMS of the first signature and the bytes that it covers, cut by its byte range alone."""
    match = re.search(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+) *\]", pdf)
    assert match is not None
    start, first, second, length = map(int, match.groups())
    digits = pdf[start + first + 1 : second - 1]
    return cms.ContentInfo.load(bytes.fromhex(digits.decode())).dump(), pdf[start:first] + pdf[second : second + length]


async def pyhanko_status(pdf: bytes, roots: Sequence[x509.Certificate], at: datetime) -> Any:
    """What pyHanko says of the seal, read at a moment."""
    trusted = [asn1_certificate(root) for root in roots]
    signers, stamps = (ValidationContext(trust_roots=trusted, allow_fetching=False, moment=at) for _ in range(2))
    seal = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    return await async_validate_pdf_signature(seal, signers, stamps)


def violations(pdf: bytes) -> set[str]:
    """The rules of PDF/A-3a and PDF/UA-1 that a file breaks."""
    with NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return {failure.rule_id for profile in ("3a", "ua1") for failure in page.validate_pdf(file.name, profile=profile).failures}
