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
from uuid import UUID

import page
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from seal.attestation import Attestation, Issuer, Particular
from seal.authority import LEAF_LIFE, UnsafeDevelopmentAuthority
from seal.draft import Draft
from seal.filling import fill
from seal.sealing import Sealer
from seal.timestamps import asn1_certificate
from seal.typesetting import Page

NOW = datetime.now(UTC).replace(hour=9, minute=30, second=0, microsecond=0) - timedelta(days=4 * 365)
"""When the tests seal. Long ago, because pyHanko compares what it archives with the true present; a day, because nothing depends on it."""


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


def revoked(at: datetime, made: datetime | None = None) -> bytes:
    """The root's list, with the seal on it since a moment."""
    root, seal = authority().issued_roots[0], authority().issued_seals[0].certificate
    entry = x509.RevokedCertificateBuilder().serial_number(seal.serial_number).revocation_date(at).build()
    made = made or at
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    builder = builder.last_update(made).next_update(made + timedelta(days=7)).add_revoked_certificate(entry)
    return builder.sign(root.key.private_key, SHA256()).public_bytes(Encoding.DER)


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


ATTESTATION = Attestation(
    id=UUID("018f3c1e-0000-7000-8000-000000000001"),
    version=1,
    issuer=Issuer("Registre d’essai", "110043015", "NTRFR-110043015"),
    birth_name="ČAPKOVÁ",
    given_names=("Éléonore", "Marie"),
    birth_date="2008-03-12",
    birth_place="Besançon",
    family="BAC_GENERAL",
    family_label="Baccalauréat général",
    title="Baccalauréat général",
    session=2026,
    academy="03",
    academy_name="Besançon",
    particulars=(Particular("mention", "Mention", "Honours", "Très bien", "Very good"),),
    issued_at=datetime(2026, 7, 10, 9, tzinfo=UTC),
    control_key="ABCD-EFGH",
    link="https://attestations.example/v#AAAAAAAAAAAAAAAAAAAAAA",
    site="attestations.example",
    salt=bytes(32),
)


@cache
def drafted() -> Draft:
    """A page that waits for its seal."""
    return fill(ATTESTATION, Page.of())


def signature_of(pdf: bytes) -> tuple[bytes, bytes]:
    """The CMS of the first signature and the bytes that it covers, cut by its byte range alone."""
    match = re.search(rb"/ByteRange *\[ *(\d+) +(\d+) +(\d+) +(\d+) *\]", pdf)
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
