"""A sealed document, as pyHanko, poppler, OpenSSL, qpdf and the checkers of PDF/A and PDF/UA see it."""

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.serialization import Encoding
from pikepdf import pdfa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.validation import SignatureCoverageLevel
from pyhanko_certvalidator.registry import SimpleCertificateStore

from seal.authority import LEAF_LIFE
from seal.certificates import CertificateExpired
from seal.sealing import SealTooLarge, SignatureForm
from seal.timestamps import asn1_certificate
from tests.sealing import NOW, authority, drafted, pyhanko_status, run, sealed, sealer, signature_of, tool, violations


async def test_pyhanko_finds_a_trusted_seal_of_the_whole_file_and_its_time_stamp() -> None:
    status = await pyhanko_status(await sealed(), authority().roots, NOW)
    assert status.bottom_line and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.docmdp_ok and status.modification_level is ModificationLevel.NONE
    assert status.timestamp_validity.timestamp == NOW and status.signer_reported_dt == NOW


async def test_the_seal_certifies_that_nothing_may_change() -> None:
    seal = PdfFileReader(io.BytesIO(await sealed())).embedded_regular_signatures[0]
    assert seal.docmdp_level is MDPPerm.NO_CHANGES


async def test_the_signed_attributes_are_those_of_pades() -> None:
    info = cms.ContentInfo.load(signature_of(await sealed())[0])["content"]
    signer = info["signer_infos"][0]
    assert {attribute["type"].native for attribute in signer["signed_attrs"]} == {
        "content_type",
        "message_digest",
        "signing_certificate_v2",
    }
    assert [attribute["type"].native for attribute in signer["unsigned_attrs"]] == ["signature_time_stamp_token"]
    assert [certificate.chosen.subject.native["organization_identifier"] for certificate in info["certificates"]] == [
        "NTRFR-110043015"
    ]


async def test_the_signature_is_byte_for_byte_what_pyhanko_would_make() -> None:
    identity, draft = authority().seals[0], drafted().at(NOW)
    form = await SignatureForm.of(identity)
    signature = identity.key.sign(form.signed(draft.digest()))
    signer = ExternalSigner(asn1_certificate(identity.certificate.certificate), SimpleCertificateStore(), signature)
    whole = await signer.async_sign(draft.digest(), "sha256", use_pades=True)
    assert form.encoded(draft.digest(), signature) == whole.dump()
    token = await authority().timestamps(NOW).token(signature)
    stamped: Any = cms.ContentInfo.load(form.encoded(draft.digest(), signature, token))
    (attribute,) = stamped["content"]["signer_infos"][0]["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token" and attribute["values"][0].dump() == token
    stamped["content"]["signer_infos"][0]["unsigned_attrs"] = None
    assert stamped.native == whole.native, "the rest is the same"


async def test_pdfsig_finds_the_whole_document_signed_and_one_changed_byte_ends_that(tmp_path: Path) -> None:
    pdfsig, document = tool("pdfsig", "poppler-utils"), await sealed()
    said = await asyncio.to_thread(judged, pdfsig, tmp_path / "sealed.pdf", document)
    assert "Signature is Valid" in said and "Total document signed" in said and "ETSI.CAdES.detached" in said
    changed = bytearray(document)
    changed[500] ^= 1
    assert "Digest Mismatch" in await asyncio.to_thread(judged, pdfsig, tmp_path / "changed.pdf", bytes(changed))


def judged(command: str, path: Path, document: bytes, *options: str) -> str:
    path.write_bytes(document)
    return run(command, *options, path).stdout


async def test_openssl_verifies_the_signature_and_the_time_stamp(tmp_path: Path) -> None:
    openssl, document = tool("openssl", "openssl"), await sealed()
    await asyncio.to_thread(openssl_agrees, openssl, tmp_path, document)


def openssl_agrees(openssl: str, folder: Path, document: bytes) -> None:
    encoded, content = signature_of(document)
    signer = cms.ContentInfo.load(encoded)["content"]["signer_infos"][0]
    parts = {
        "seal.p7s": encoded,
        "content": content,
        "signature": signer["signature"].native,
        "token": signer["unsigned_attrs"][0]["values"][0].dump(),
        "root.pem": authority().roots[0].public_bytes(Encoding.PEM),
    }
    for name, part in parts.items():
        (folder / name).write_bytes(part)
    at = ("-attime", str(int(NOW.timestamp())), "-CAfile", "root.pem")
    seal = (
        "cms",
        "-verify",
        "-inform",
        "DER",
        "-in",
        "seal.p7s",
        "-binary",
        "-content",
        "content",
        "-purpose",
        "any",
        "-out",
        "read",
    )
    done = run(openssl, *seal, *at, cwd=folder)
    assert done.returncode == 0 and (folder / "read").read_bytes() == content, done.stderr
    stamp = ("ts", "-verify", "-token_in", "-in", "token", "-data", "signature")
    assert "Verification: OK" in run(openssl, *stamp, *at, cwd=folder).stdout
    (folder / "content").write_bytes(content.replace(b"Besan", b"Bosan"))
    assert run(openssl, *seal, *at, cwd=folder).returncode != 0


async def test_qpdf_finds_no_fault(tmp_path: Path) -> None:
    qpdf, document = tool("qpdf", "qpdf"), await sealed()
    assert "No syntax or stream encoding errors" in await asyncio.to_thread(
        judged, qpdf, tmp_path / "sealed.pdf", document, "--check"
    )


async def test_a_sealed_document_keeps_to_pdf_a_3a_and_pdf_ua_1() -> None:
    assert violations(await sealed()) == set()


async def test_a_document_says_when_it_was_sealed_and_is_otherwise_the_draft() -> None:
    later = NOW + timedelta(days=3, seconds=5)
    first, second = sealer().seal(drafted(), NOW), sealer().seal(drafted(), later)
    assert first.draft.digest() != second.draft.digest()
    assert f"D:{later:%Y%m%d%H%M%S}Z".encode() in second.content() and len(first.content()) == len(second.content())
    assert sealer().seal(drafted(), NOW).content() == first.content(), "the same draft and moment give the same bytes"


def test_nothing_is_sealed_with_a_certificate_that_has_ended() -> None:
    with pytest.raises(CertificateExpired):
        sealer().seal(drafted(), NOW + 2 * LEAF_LIFE)


def test_a_hole_that_is_too_small_is_said() -> None:
    with pytest.raises(SealTooLarge, match="the hole 2000"):
        sealer().seal(replace(drafted(), hole=2000), NOW).content()


DECLARED = {"ISO_19005_3:6.6.2.3.1-1", "ISO_19005_3:6.6.4-3"}
"""What pikepdf, which knows PDF/A-3b alone, has against a file that declares itself of level A and PDF/UA."""


async def test_a_second_checker_finds_nothing_against_pdf_a_but_the_declaration_of_a_higher_level() -> None:
    with pikepdf.open(io.BytesIO(await sealed())) as document:
        assert {finding.rule for finding in pdfa.check(document, "3b").violations} == DECLARED
