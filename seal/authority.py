"""An UNSAFE public key infrastructure for development: its keys lie beside its certificates, and it vouches for nobody."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from seal.certificates import SealCertificate, SealIdentity
from seal.keys import SoftwareKey
from seal.timestamps import UnsafeDevelopmentTimestamps

ROOT_LIFE = timedelta(days=20 * 365)
LEAF_LIFE = timedelta(days=3 * 365)
OVERLAP = timedelta(days=30)
"""A successor is made this long before an end, so that both are valid for a while."""
CLOCKS = timedelta(hours=1)
"""How far clocks may differ: a certificate begins this long before it is made."""
CRL_LIFE = timedelta(days=7)


@dataclass(frozen=True, repr=False)
class Issued:
    """A certificate and its key, in one file."""

    key: SoftwareKey
    certificate: x509.Certificate

    @staticmethod
    def read(path: Path) -> "Issued":
        """What `kept` wrote."""
        return Issued(SoftwareKey.read(path), x509.load_pem_x509_certificate(path.read_bytes()))


@dataclass(frozen=True, repr=False)
class UnsafeDevelopmentAuthority:
    """All that was ever issued in a folder, oldest first."""

    issued_roots: tuple[Issued, ...]
    issued_seals: tuple[Issued, ...]
    issued_stamps: tuple[Issued, ...]

    @staticmethod
    def open(folder: Path, organization: str, siren: str, at: datetime) -> "UnsafeDevelopmentAuthority":
        """What the folder holds; makes what is missing or near its end. Several processes may open it at once."""
        folder.mkdir(parents=True, exist_ok=True)
        roots = _series(folder, "root", at, lambda key: _root(key, at))
        seals = _series(folder, "seal", at, lambda key: _seal(roots[-1], key, organization, siren, at))
        stamps = _series(folder, "timestamps", at, lambda key: _stamps(roots[-1], key, at))
        return UnsafeDevelopmentAuthority(roots, seals, stamps)

    @property
    def roots(self) -> tuple[x509.Certificate, ...]:
        """Whom to trust, in development only; earlier roots among them."""
        return tuple(root.certificate for root in self.issued_roots)

    @property
    def seals(self) -> tuple[SealIdentity, ...]:
        """The seals, earlier ones among them."""
        return tuple(SealIdentity.of(issued.key, SealCertificate(issued.certificate)) for issued in self.issued_seals)

    def timestamps(self, moment: datetime | None = None) -> UnsafeDevelopmentTimestamps:
        """Its time stamp authority; `moment` is what the clock says, the present unless told."""
        newest = self.issued_stamps[-1]
        return UnsafeDevelopmentTimestamps(newest.key, newest.certificate, self.roots, moment)

    def crls(self, at: datetime) -> tuple[bytes, ...]:
        """What each root says at this moment: nothing is revoked (DER)."""
        return tuple(_empty_crl(root, at) for root in self.issued_roots)


def _series(folder: Path, name: str, at: datetime, issue: Callable[[SoftwareKey], x509.Certificate]) -> tuple[Issued, ...]:
    """The certificates of one role: root-1.pem, root-2.pem, ..."""
    series: list[Issued] = []
    while (path := folder / f"{name}-{len(series) + 1}.pem").exists():
        series.append(Issued.read(path))
    if not series or series[-1].certificate.not_valid_after_utc < at + OVERLAP:
        key = SoftwareKey(rsa.generate_private_key(public_exponent=65537, key_size=3072))
        _keep(path, key, issue(key))
        series.append(Issued.read(path))
    return tuple(series)


def _keep(path: Path, key: SoftwareKey, certificate: x509.Certificate) -> None:
    """Whole or not at all, and the first process wins: the others read its file."""
    pem = key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    descriptor, written = tempfile.mkstemp(dir=path.parent)  # mode 600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        path.hardlink_to(written)
    except FileExistsError:
        pass
    finally:
        Path(written).unlink()


def _name(common: str, organization: str = "UNSAFE development", siren: str | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if siren is not None:  # ETSI EN 319 412-1, 5.1.4: a legal person by its number in the national trade register
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRFR-{siren}"))
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, seals: bool = False, stamps: bool = False, issues: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        content_commitment=seals,
        digital_signature=stamps,
        key_cert_sign=issues,
        crl_sign=issues,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: SoftwareKey,
    issuing: SoftwareKey,
    begins: datetime,
    ends: datetime,
    usage: x509.KeyUsage,
) -> x509.CertificateBuilder:
    authority = usage.key_cert_sign
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key), critical=False)
    )


def _root(key: SoftwareKey, at: datetime) -> x509.Certificate:
    name = _name("UNSAFE development root")
    builder = _certificate(name, name, key, key, at - CLOCKS, at + ROOT_LIFE, _usage(issues=True))
    return builder.sign(key.private_key, SHA256())


def _leaf(root: Issued, key: SoftwareKey, subject: x509.Name, at: datetime, usage: x509.KeyUsage) -> x509.CertificateBuilder:
    ends = min(at + LEAF_LIFE, root.certificate.not_valid_after_utc)
    return _certificate(subject, root.certificate.subject, key, root.key, at - CLOCKS, ends, usage)


def _seal(root: Issued, key: SoftwareKey, organization: str, siren: str, at: datetime) -> x509.Certificate:
    subject = _name("Cachet de développement, sans valeur", organization, siren)
    return _leaf(root, key, subject, at, _usage(seals=True)).sign(root.key.private_key, SHA256())


def _stamps(root: Issued, key: SoftwareKey, at: datetime) -> x509.Certificate:
    builder = _leaf(root, key, _name("UNSAFE development time stamps"), at, _usage(stamps=True))
    # RFC 3161, 2.3: the one extended usage, and critical
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(root.key.private_key, SHA256())


def _empty_crl(root: Issued, at: datetime) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(at)
        .next_update(at + CRL_LIFE)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key), critical=False)
    )
    return builder.sign(root.key.private_key, SHA256()).public_bytes(Encoding.DER)
