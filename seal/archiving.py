"""A sealed document kept for decades: validation data (B-LT) and archive time stamps (B-LTA), renewed (ETSI EN 319 142-1, 5.5 and 5.6).

Everything is appended; what was sealed stays as it was, which a certification of level 1 allows (ISO 32000-2, 12.8.2.2.2).
"""

import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings
from pyhanko.sign.general import SigningError, extract_certificate_info
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from seal.timestamps import CheckedTimeStamper, TimestampUnavailable, asn1_certificate

FIELD, READABLE = "Horodatage", "Horodatage d’archive"
STAMP = 10_000
"""Bytes kept for an archive time stamp, as hexadecimal digits twice that."""
PERIOD, MARGIN = timedelta(days=365), timedelta(days=60)


UNREADABLE = (PdfError, ValueError, zlib.error)
"""What pyHanko raises for bytes that are no document."""


class NotArchivable(Exception):
    """The document's own signature or last time stamp does not validate: it must be issued again."""


class EvidenceTooOld(Exception):
    """A revocation list or answer was made before the time stamp that it is to confirm: ask for newer ones, usually the next day."""


@dataclass(frozen=True)
class Evidence:
    """What shows that certificates were good: whom to trust, certificates in between, revocation lists and OCSP answers (DER)."""

    roots: tuple[x509.Certificate, ...]
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    certificates: tuple[x509.Certificate, ...] = ()

    def made_at(self) -> Iterable[datetime]:
        """When each list or answer was made."""
        for encoded in self.crls:
            yield x509.load_der_x509_crl(encoded).last_update_utc
        for encoded in self.ocsps:
            yield ocsp.load_der_ocsp_response(encoded).this_update_utc

    def context(self, at: datetime) -> ValidationContext:
        """In the terms of pyHanko: no certificate without its revocation data, and nothing is fetched."""
        return ValidationContext(
            trust_roots=[asn1_certificate(root) for root in self.roots],
            other_certs=[asn1_certificate(certificate) for certificate in self.certificates],
            crls=[asn1_crl.CertificateList.load(encoded) for encoded in self.crls],
            ocsps=[asn1_ocsp.OCSPResponse.load(encoded) for encoded in self.ocsps],
            revocation_mode="require",
            allow_fetching=False,
            moment=at,
            retroactive_revinfo=True,  # a list says when each certificate was revoked, and so what was good before
        )


class FaithfulWriter(IncrementalPdfFileWriter):
    """Appends a revision and leaves the metadata alone.

    pyHanko would write the XMP packet anew, in a form that PDF/A forbids (ISO 19005-3, 6.6.2).
    """

    def _update_meta(self) -> None:
        pass


async def with_validation_data(pdf: bytes, evidence: Evidence, at: datetime) -> bytes:
    """B-LT: the document with what validates its last signature. Raises `NotArchivable`, `EvidenceTooOld`."""
    writer, output = await _extended(pdf, evidence, at), io.BytesIO()
    writer.write(output)
    return output.getvalue()


async def archived(pdf: bytes, evidence: Evidence, timestamps: CheckedTimeStamper, at: datetime) -> bytes:
    """B-LTA: one revision with what validates the last signature or time stamp, and a new time stamp over everything.

    The first archive time stamp and each renewal are made so. Raises `NotArchivable`, `EvidenceTooOld`, `TimestampUnavailable`.
    """
    writer = await _extended(pdf, evidence, at)
    name = f"{FIELD}-{len(writer.prev.embedded_timestamp_signatures) + 1}"
    # Outside the page, where PDF/UA-1 (7.18.4) asks for no place in the structure tree, which a certified document could not change
    stamper = PdfTimeStamper(timestamps, name, InvisSigSettings(box_out_of_bounds=True), READABLE)
    try:
        output: io.BytesIO = await stamper.async_timestamp_pdf(writer, "sha256", bytes_reserved=2 * STAMP, output=io.BytesIO())
    except SigningError as error:
        raise TimestampUnavailable(f"the time stamp does not fit in the {STAMP} bytes that are kept for it") from error
    return output.getvalue()


def renewal_due(pdf: bytes) -> datetime:
    """When the next archive time stamp is due: a year after the last stamp, or well before that one's certificate ends.

    Raises `NotArchivable`.
    """
    try:
        moment, token = _stamp(_last(PdfFileReader(io.BytesIO(pdf))))
        ends: datetime = extract_certificate_info(token).signer_cert.not_valid_after
    except UNREADABLE as error:
        raise NotArchivable("the document cannot be read") from error
    return min(moment + PERIOD, ends - MARGIN)


def _last(reader: PdfFileReader) -> EmbeddedPdfSignature:
    if not reader.embedded_signatures:
        raise NotArchivable("the document has no seal")
    return reader.embedded_signatures[-1]


def _is_stamp(signature: EmbeddedPdfSignature) -> bool:
    return signature.sig_object_type == "/DocTimeStamp"


def _stamp(last: EmbeddedPdfSignature) -> tuple[datetime, Any]:
    """What the last time stamp says, and its token: of the document, or of the seal."""
    token: Any = last.signed_data if _is_stamp(last) else next(iter(extract_tst_data_iter(last.signer_info, signed=False)), None)
    if token is None:
        raise NotArchivable("the seal has no time stamp")
    moment: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment.astimezone(UTC), token


async def _extended(pdf: bytes, evidence: Evidence, at: datetime) -> FaithfulWriter:
    """A new revision of the document, with what validates its last signature or time stamp."""
    try:
        writer = FaithfulWriter(io.BytesIO(pdf))
        last = _last(writer.prev)
        stamped_at, _ = _stamp(last)
        context = evidence.context(at)
        paths = await _paths(last, evidence.context(stamped_at), context)
    except UNREADABLE as error:
        raise NotArchivable("the document cannot be read") from error
    if min(evidence.made_at(), default=stamped_at) <= stamped_at:
        raise EvidenceTooOld(f"revocation data must be newer than the time stamp of {stamped_at:%Y-%m-%d %H:%M:%S} UTC")
    # with the roots: a validator that has them only as anchors may not find whose revocation list it reads (pyHanko does not)
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=paths, validation_context=context)
    return writer


async def _paths(last: EmbeddedPdfSignature, then: ValidationContext, now: ValidationContext) -> list[ValidationPath]:
    """What the validity of the last signature rests on: a time stamp's now, a seal's when its time stamp was made, revoked since or not."""
    if _is_stamp(last):
        stamp: Any = await async_validate_pdf_timestamp(last, now)
        sound, paths = stamp.intact and stamp.valid and stamp.trusted, [stamp.validation_path]
    else:
        status: Any = await async_validate_pdf_signature(last, then, now)
        sound, paths = status.bottom_line, [status.validation_path, status.timestamp_validity.validation_path]
    if not sound:
        raise NotArchivable("the document's last signature or time stamp does not validate with this evidence")
    return paths
