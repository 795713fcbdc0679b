"""Whose seal it is, and whether it may be set now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from seal.keys import SigningKey

SMALLEST_KEY = 3072
"""Bits of an RSA key (ANSSI, Guide des mécanismes cryptographiques; the European ACM 1.3 agrees beyond 2025)."""


class SealRefused(Exception):
    """No seal may be set; the text says why and what to do."""


class CertificateExpired(SealRefused):
    """The certificate's time is over."""


class CertificateNotYetValid(SealRefused):
    """The certificate's time has not begun."""


class CertificateRevoked(SealRefused):
    """Its authority has revoked the certificate."""


class KeyMismatch(SealRefused):
    """The certificate is another key's."""


class KeyTooSmall(SealRefused):
    """The key is smaller than what is safe today."""


class WrongKeyUsage(SealRefused):
    """The certificate was not issued for seals."""


@dataclass(frozen=True)
class SealCertificate:
    """A certificate of a legal person's seal, and the intermediate ones between it and its root, which is not among them."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @staticmethod
    def read(pem: bytes) -> "SealCertificate":
        """The first certificate of a PEM file is the seal's; the others that no one else signed are its chain. Raises `ValueError`."""
        first, *others = x509.load_pem_x509_certificates(pem)
        return SealCertificate(first, tuple(other for other in others if other.issuer != other.subject))

    @property
    def name(self) -> str:
        """How messages name it: the common name and the serial number."""
        common = [str(attribute.value) for attribute in self.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
        return f"{' '.join(common) or 'unnamed'} (serial {self.certificate.serial_number:x})"


@dataclass(frozen=True, repr=False)
class SealIdentity:
    """A certificate and its key, fit to seal together. `revoked_at` is when a revocation list says that it ended."""

    key: SigningKey
    certificate: SealCertificate
    begins: datetime
    ends: datetime
    revoked_at: datetime | None

    @staticmethod
    def of(key: SigningKey, certificate: SealCertificate, crls: Iterable[x509.CertificateRevocationList] = ()) -> "SealIdentity":
        """Raises `KeyMismatch`, `KeyTooSmall`, `WrongKeyUsage`."""
        theirs, ours = certificate.certificate.public_key(), key.public_key
        if not isinstance(theirs, RSAPublicKey) or theirs.public_numbers() != ours.public_numbers():
            raise KeyMismatch(
                f"the certificate {certificate.name} is not the key's: configure the one that was issued for this key"
            )
        if ours.key_size < SMALLEST_KEY:
            raise KeyTooSmall(f"the key of {certificate.name} has {ours.key_size} bits: make one of {SMALLEST_KEY} or more")
        if not _seals(certificate.certificate):
            raise WrongKeyUsage(
                f"{certificate.name} lacks the key usage contentCommitment (nonRepudiation): ask for a seal certificate"
            )
        leaf = certificate.certificate
        return SealIdentity(key, certificate, leaf.not_valid_before_utc, leaf.not_valid_after_utc, _revocation(certificate, crls))

    def check(self, at: datetime) -> None:
        """Raises the `SealRefused` that forbids a seal at this moment."""
        name = self.certificate.name
        if self.revoked_at is not None and self.revoked_at <= at:
            raise CertificateRevoked(
                f"{name} was revoked on {self.revoked_at:%Y-%m-%d %H:%M} UTC: configure a new key and certificate"
            )
        if at < self.begins:
            raise CertificateNotYetValid(f"{name} begins on {self.begins:%Y-%m-%d %H:%M} UTC: seal with the one before it, or wait")
        if at > self.ends:
            raise CertificateExpired(f"{name} ended on {self.ends:%Y-%m-%d %H:%M} UTC: configure a new key and certificate")

    def allows(self, at: datetime) -> bool:
        """Whether it may seal at this moment."""
        return self.begins <= at <= self.ends and (self.revoked_at is None or at < self.revoked_at)


def _seals(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        return False


def _revocation(certificate: SealCertificate, crls: Iterable[x509.CertificateRevocationList]) -> datetime | None:
    """When a link between the seal and its root was first revoked.

    Lists are the operator's: their signatures are not checked, and a missing or old one says nothing. The archive checks both.
    """
    moments = [
        entry.revocation_date_utc
        for link in (certificate.certificate, *certificate.chain)
        for crl in crls
        if crl.issuer == link.issuer and (entry := crl.get_revoked_certificate_by_serial_number(link.serial_number)) is not None
    ]
    return min(moments, default=None)


def revocation_list(encoded: bytes) -> x509.CertificateRevocationList:
    """A list of revoked certificates, PEM or DER. Raises `ValueError`."""
    if encoded.startswith(b"-----BEGIN"):
        return x509.load_pem_x509_crl(encoded)
    return x509.load_der_x509_crl(encoded)


def identity_at(identities: Iterable[SealIdentity], at: datetime) -> SealIdentity:
    """The newest that may seal at this moment, so that keys rotate with overlap. Raises the newest one's `SealRefused`."""
    newest_first = sorted(identities, key=lambda identity: identity.begins, reverse=True)
    if not newest_first:
        raise SealRefused("no seal is configured: give a key and its certificate")
    for identity in newest_first:
        if identity.allows(at):
            return identity
    # one that has begun says more than one still to come
    begun = [identity for identity in newest_first if identity.begins <= at]
    refused = (begun or newest_first)[0]
    refused.check(at)
    raise AssertionError("an identity that is not allowed has a reason")
