"""A sealed document, as pyHanko, poppler, OpenSSL, qpdf and the checkers of PDF/A and PDF/UA see it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.validation import SignatureCoverageLevel

from seal.certificates import CertificateExpired
from seal.draft import Prefix
from seal.sealing import SealTooLarge, SignatureForm, der
from seal.timestamps import asn1_certificate
from tests.sealing import NOW, authority, drafted, pyhanko_status, run, sealed, sealer, signature_of, tool, violations


async def test_pyhanko_finds_a_trusted_seal_of_the_whole_file_with_its_time_stamp() -> None:
    status = await pyhanko_status(await sealed(), authority().roots, NOW)
    assert status.bottom_line and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.timestamp_validity.timestamp == NOW and status.signer_reported_dt == NOW
