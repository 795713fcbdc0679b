"""Whom does a verification trust, and does a certificate descend from them? Nothing is fetched: it is all given."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, CertificateRevocationList, load_der_x509_certificate, load_pem_x509_certificates
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

from seal.certificates import revocation_list
from seal.report import TrustUnreadable
from seal.signatures import UNDECODABLE, read_whole

Read = TypeVar("Read")
SEAL_ROOTS, STAMP_ROOTS, CRLS, ORGANIZATION = "seal-roots.pem", "timestamp-roots.pem", "*.crl", "organization"


class Untrusted(Exception):
    """A certificate does not descend from any that is trusted, or may not do what it did."""


@dataclass(frozen=True, repr=False)
class Trust:
    """The certificates whose descendants are believed, and what is known of those that were revoked.

    A seal is ours when its certificate descends from `seal_roots` (or is one of them: a pinned certificate) and names the organization
    `organization_identifier` (2.5.4.97, ETSI EN 319 412-1, 5.1.4): a public authority seals for everybody. `stamp_roots` are those of
    time-stamping authorities. `crls` are the lists of both; a file brings its own as well.
    """

    seal_roots: tuple[Certificate, ...]
    organization_identifier: str
    stamp_roots: tuple[Certificate, ...]
    crls: tuple[CertificateRevocationList, ...] = ()

    @staticmethod
    def read(folder: Path) -> "Trust":
        """What a folder says, as `write` leaves it: certificates in PEM, lists in PEM or DER. Raises `TrustUnreadable`."""
        return Trust(
            seal_roots=tuple(_read(folder / SEAL_ROOTS, load_pem_x509_certificates)),
            organization_identifier=_read(folder / ORGANIZATION, lambda content: content.decode("ascii").strip()),
            stamp_roots=tuple(_read(folder / STAMP_ROOTS, load_pem_x509_certificates)),
            crls=tuple(_read(path, revocation_list) for path in sorted(folder.glob(CRLS))),
        )

    def write(self, folder: Path) -> None:
        """Publishes it, for those who verify without us; nothing of it is secret. Each file is replaced whole."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / SEAL_ROOTS, b"".join(root.public_bytes(Encoding.PEM) for root in self.seal_roots))
        _write(folder / STAMP_ROOTS, b"".join(root.public_bytes(Encoding.PEM) for root in self.stamp_roots))
        _write(folder / ORGANIZATION, self.organization_identifier.encode("ascii") + b"\n")
        for number, crl in enumerate(self.crls, 1):
            _write(folder / CRLS.replace("*", str(number)), crl.public_bytes(Encoding.PEM))


def _read(path: Path, reading: Callable[[bytes], Read]) -> Read:
    try:
        return reading(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TrustUnreadable(str(path)) from error


def _write(path: Path, content: bytes) -> None:
    written = path.with_name(f".{path.name}.{os.getpid()}")
    written.write_bytes(content)
    written.replace(path)


def read_certificate(der: bytes) -> asn1.Certificate:
    """A certificate, read to its end. Raises what `UNDECODABLE` lists."""
    certificate = asn1.Certificate.load(der, strict=True)
    read_whole(certificate)
    return certificate


async def descent(
    certificate: asn1.Certificate, others: list[asn1.Certificate], roots: tuple[Certificate, ...], moment: datetime
) -> tuple[Certificate, ...]:
    """The path from a certificate to one of the roots, valid at `moment` (RFC 5280, 6). Raises `Untrusted`.

    Revocation is not looked at: `seal/revocation.py` does, when the time of the signature is known.
    """
    try:
        context = ValidationContext(
            trust_roots=[asn1.Certificate.load(root.public_bytes(Encoding.DER)) for root in roots],
            other_certs=others,
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
            time_tolerance=timedelta(0),
        )
        path = await CertificateValidator(certificate, validation_context=context).async_validate_path()
    except (PathBuildingError, ValidationError, *UNDECODABLE) as error:
        raise Untrusted from error
    return tuple(load_der_x509_certificate(each.dump()) for each in reversed(list(path.iter_certs(include_root=True))))
