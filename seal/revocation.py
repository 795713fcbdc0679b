"""Was a certificate revoked, as far as the lists at hand tell (RFC 5280, 5)?"""

from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto.core import GeneralizedTime
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509 import (
    Certificate,
    CertificateRevocationList,
    CRLReason,
    ExtensionNotFound,
    InvalidityDate,
    ObjectIdentifier,
    ReasonFlags,
    RevokedCertificate,
    UnrecognizedExtension,
    load_der_x509_crl,
)

EXPIRED_CERTIFICATES = ObjectIdentifier("2.5.29.60")
"""expiredCertsOnCRL (ITU-T X.509, 9.5.2.8): the list keeps certificates that expired since that date."""
HARMLESS = {ReasonFlags.superseded, ReasonFlags.cessation_of_operation, ReasonFlags.affiliation_changed}
"""Reasons after which what was signed before remains good (RFC 3161, 4)."""


@dataclass(frozen=True)
class Revocation:
    """Since when a certificate is worth nothing, and whether its key may have been in other hands."""

    since: datetime
    harmless: bool


class RevocationUnknown(Exception):
    """No list at hand tells whether a certificate was revoked."""


def read_list(der: bytes) -> CertificateRevocationList:
    """A revocation list, read to its end. Raises what `UNDECODABLE` of `seal/signatures.py` lists."""
    crl = load_der_x509_crl(der)
    assert crl.issuer is not None
    assert crl.extensions is not None
    for entry in crl:
        assert entry.extensions is not None
    return crl


def revocation(
    certificate: Certificate,
    issuer: Certificate,
    crls: tuple[CertificateRevocationList, ...],
    *,
    used: datetime,
    until: datetime,
    now: datetime,
) -> Revocation | None:
    """The revocation of a certificate that was used at `used` and need be good until `until`, or None. Raises `RevocationUnknown`.

    A list tells that there is none when it is later than the use, or was the current one at `until`; one that was made after the
    certificate had expired tells it only when it keeps the expired. Any list tells that there is one.
    """
    ours = [crl for crl in crls if is_of(crl, issuer, now)]
    found = [
        entry for crl in ours if (entry := crl.get_revoked_certificate_by_serial_number(certificate.serial_number)) is not None
    ]
    if found:
        entry = min(found, key=_since)
        return Revocation(_since(entry), _reason(entry) in HARMLESS)
    if not any(_tells(crl, certificate, used, until) for crl in ours):
        raise RevocationUnknown
    return None


def is_of(crl: CertificateRevocationList, issuer: Certificate, now: datetime) -> bool:
    """Whether it is a complete list of this issuer, signed by it, and not of the future."""
    key = issuer.public_key()
    if crl.issuer != issuer.subject or not isinstance(key, CertificateIssuerPublicKeyTypes) or crl.last_update_utc > now:
        return False
    try:
        signed = crl.is_signature_valid(key)
    except UnsupportedAlgorithm:
        return False
    # delta lists and lists of some certificates or reasons are marked by critical extensions (RFC 5280, 5.2.4 and 5.2.5)
    return signed and not any(extension.critical for extension in crl.extensions)


def _tells(crl: CertificateRevocationList, certificate: Certificate, used: datetime, until: datetime) -> bool:
    current = crl.next_update_utc is not None and crl.last_update_utc <= until <= crl.next_update_utc
    if not (crl.last_update_utc >= used or current):
        return False
    return crl.last_update_utc <= certificate.not_valid_after_utc or _kept_since(crl) <= certificate.not_valid_after_utc


def _kept_since(crl: CertificateRevocationList) -> datetime:
    try:
        extension = crl.extensions.get_extension_for_oid(EXPIRED_CERTIFICATES).value
    except ExtensionNotFound:
        return datetime.max.replace(tzinfo=UTC)
    assert isinstance(extension, UnrecognizedExtension)
    return GeneralizedTime.load(extension.value).native


def _since(entry: RevokedCertificate) -> datetime:
    """The date of the revocation, or the earlier one since which the key may have been in other hands (RFC 5280, 5.3.2)."""
    try:
        invalid = entry.extensions.get_extension_for_class(InvalidityDate).value.invalidity_date_utc
    except ExtensionNotFound:
        return entry.revocation_date_utc
    return min(invalid, entry.revocation_date_utc)


def _reason(entry: RevokedCertificate) -> ReasonFlags:
    try:
        return entry.extensions.get_extension_for_class(CRLReason).value.reason
    except ExtensionNotFound:
        return ReasonFlags.unspecified
