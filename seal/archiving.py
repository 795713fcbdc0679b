"""A sealed document kept for decades: validation data (B-LT) and archive time stamps (B-LTA), renewed (ETSI EN 319 142-1, 5.5 and 5.6).

Everything is appended; what was sealed stays as it was, which a certification of level 1 allows (ISO 32000-2, 12.8.2.2.2).
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.x509 import ocsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from seal.timestamps import CheckedTimeStamper, asn1_certificate

FIELD, READABLE = "Horodatage", "Horodatage d’archive"
STAMP = 10_000
"""Bytes kept for an archive time stamp, as hexadecimal digits twice that."""
PERIOD, MARGIN = timedelta(days=365), timedelta(days=60)


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
        )


class FaithfulWriter(IncrementalPdfFileWriter):
    """Appends a revision and leaves the metadata alone.

    pyHanko would write the XMP packet anew, in a form that PDF/A forbids (ISO 19005-3, 6.6.2).
    """

    def _update_meta(self) -> None:
        pass


async def with_validation_data(pdf: bytes, evidence: Evidence, at: datetime) -> bytes:
    """B-LT: the document with what validates its last signature. Raises `NotArchivable`, `EvidenceTooOld`."""
    writer = FaithfulWriter(io.BytesIO(pdf))
    await _add_validation_data(writer, evidence, at)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


async def archived(pdf: bytes, evidence: Evidence, timestamps: CheckedTimeStamper, at: datetime) -> bytes:
    """B-LTA: one revision with what validates the last signature or time stamp, and a new time stamp over everything.

    The first archive time stamp and each renewal are made so. Raises `NotArchivable`, `EvidenceTooOld`, `TimestampUnavailable`.
    """
    writer = FaithfulWriter(io.BytesIO(pdf))
    await _add_validation_data(writer, evidence, at)
    name = f"{FIELD}-{len(writer.prev.embedded_timestamp_signatures) + 1}"
    # Outside the page, where PDF/UA-1 (7.18.4) asks for no place in the structure tree, which a certified document could not change
    stamper = PdfTimeStamper(timestamps, name, InvisSigSettings(box_out_of_bounds=True), READABLE)
    output: io.BytesIO = await stamper.async_timestamp_pdf(writer, "sha256", bytes_reserved=2 * STAMP, output=io.BytesIO())
    return output.getvalue()


def renewal_due(pdf: bytes) -> datetime:
    """When the next archive time stamp is due: a year after the last stamp, or well before that one's certificate ends.

    Raises `NotArchivable`.
    """
    last = _last(PdfFileReader(io.BytesIO(pdf)))
    token: Any = last.signed_data if _is_stamp(last) else next(iter(extract_tst_data_iter(last.signer_info, signed=False)), None)
    if token is None:
        raise NotArchivable("the seal has no time stamp")
    stamped_at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    ends: datetime = extract_certificate_info(token).signer_cert.not_valid_after
    return min(stamped_at.astimezone(UTC) + PERIOD, ends - MARGIN)


def _last(reader: PdfFileReader) -> EmbeddedPdfSignature:
    if not reader.embedded_signatures:
        raise NotArchivable("the document has no seal")
    return reader.embedded_signatures[-1]


def _is_stamp(signature: EmbeddedPdfSignature) -> bool:
    return signature.sig_object_type == "/DocTimeStamp"


async def _add_validation_data(writer: FaithfulWriter, evidence: Evidence, at: datetime) -> None:
    context = evidence.context(at)
    stamped_at, paths = await _validated(_last(writer.prev), context)
    if min(evidence.made_at(), default=stamped_at) <= stamped_at:
        raise EvidenceTooOld(f"revocation data must be newer than the time stamp of {stamped_at:%Y-%m-%d %H:%M:%S} UTC")
    # with the roots: a validator that has them only as anchors may not find whose revocation list it reads (pyHanko does not)
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=paths, validation_context=context)


async def _validated(last: EmbeddedPdfSignature, context: ValidationContext) -> tuple[datetime, list[ValidationPath]]:
    """The moment of a document's last time stamp, and the paths that its validity rests on."""
    if _is_stamp(last):
        stamp: Any = await async_validate_pdf_timestamp(last, context)
        sound, paths = stamp.intact and stamp.valid and stamp.trusted, [stamp.validation_path]
    else:
        status: Any = await async_validate_pdf_signature(last, context, context)
        stamp = status.timestamp_validity
        if stamp is None:
            raise NotArchivable("the seal has no time stamp")
        sound, paths = status.bottom_line, [status.validation_path, stamp.validation_path]
    if not sound:
        raise NotArchivable("the document's last signature or time stamp does not validate with this evidence")
    moment: datetime = stamp.timestamp
    return moment.astimezone(UTC), paths
