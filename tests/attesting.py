"""Attestations as the product delivers them, at each level, and what is needed to trust them; made once in a run."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import typst
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from seal.archiving import Evidence, archived, with_validation_data
from seal.attestation import Attestation
from seal.authority import Issued
from seal.certificates import SealCertificate, SealIdentity
from seal.draft import Draft
from seal.filling import fill
from seal.keys import SoftwareKey
from seal.report import Report
from seal.sealing import Sealer
from seal.timestamps import CheckedTimeStamper, UnsafeDevelopmentTimestamps
from seal.trust import Trust
from seal.typesetting import Page
from seal.verifying import verify_file
from seal.wording import words
from tests.sealing import ATTESTATION, NOW, authority, sealer

Result = TypeVar("Result")
ORGANIZATION = "NTRFR-110043015"
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


def done(work: Coroutine[Any, Any, Result]) -> Result:
    """What it comes to. For tests without a loop of their own."""
    return asyncio.run(work)


def page(attestation: Attestation = ATTESTATION, *, data: bytes | None = None, hidden: str = "", more: str = "") -> bytes:
    """A page that says what the attestation says, but for `hidden`, and carries it, or other `data`."""
    source = f"""
#set document(title: "Attestation", author: "Registre", date: datetime(year: 2026, month: 7, day: 5))
#set text(lang: "fr", hyphenate: false)
#pdf.attach("attestation.json", read("attestation.json", encoding: none), relationship: "data", description: "x",
  mime-type: "application/json")
= Attestation
{chr(10).join(f'#"{line}" #linebreak()' for line in words(attestation).values() if line != hidden)}
{more}
"""
    attached = attestation.canonical() if data is None else data
    given: Any = {"main.typ": source.encode(), "attestation.json": attached}
    return typst.compile(given, format="pdf", pdf_standards=["a-3a", "ua-1"])


@cache
def draft() -> Draft:
    """The product's own page."""
    return fill(ATTESTATION, Page.of())


def sealed(
    what: Draft | None = None, at: datetime = NOW, *, by: Sealer | None = None, stamps: CheckedTimeStamper | None = None
) -> bytes:
    """A draft at B-T."""
    return done((by or sealer()).timestamped(what or draft(), at, stamps or authority().timestamps(at)))


@cache
def b_t() -> bytes:
    return sealed()


@cache
def b_lt() -> bytes:
    return done(with_validation_data(b_t(), evidence(NOW + DAY), NOW + DAY))


@cache
def b_lta() -> bytes:
    return done(archived(b_t(), evidence(NOW + DAY), authority().timestamps(NOW + DAY), NOW + DAY))


@cache
def renewed() -> bytes:
    return archived_again(NOW + YEAR)


def archived_again(at: datetime, stamps: CheckedTimeStamper | None = None) -> bytes:
    """The archived file with one more time stamp."""
    return done(archived(b_lta(), evidence(at), stamps or authority().timestamps(at), at))


LEVELS: dict[str, Callable[[], bytes]] = {"B-T": b_t, "B-LT": b_lt, "B-LTA": b_lta, "renewed": renewed}


def evidence(at: datetime) -> Evidence:
    return Evidence(authority().roots, authority().crls(at))


def trust(*crls: x509.CertificateRevocationList, **changes: Any) -> Trust:
    """Ours, with these revocation lists, or else the one of the moment of the seal."""
    given: dict[str, Any] = {
        "seal_roots": authority().roots,
        "organization_identifier": ORGANIZATION,
        "stamp_roots": authority().roots,
        "crls": crls or current(),
    }
    return Trust(**given | changes)


def verified(pdf: bytes, at: datetime = NOW + DAY, given: Trust | None = None) -> Report:
    return verify_file(pdf, given or trust(), at)


@cache
def other_key() -> SoftwareKey:
    """A key that nobody vouches for."""
    return SoftwareKey(rsa.generate_private_key(public_exponent=65537, key_size=3072))


def root() -> Issued:
    return authority().issued_roots[-1]


@cache
def current() -> tuple[x509.CertificateRevocationList, ...]:
    """The revocation lists of the first days."""
    return (crl(),)


def crl(
    revoked: dict[int, datetime] | None = None,
    *,
    at: datetime = NOW,
    life: timedelta = timedelta(days=7),
    reason: x509.ReasonFlags | None = None,
    by: Issued | None = None,
    kept_since: datetime | None = None,
    entries: Sequence[x509.RevokedCertificate] = (),
) -> x509.CertificateRevocationList:
    """A revocation list of our root, or of another."""
    by = by or root()
    made = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject).last_update(at).next_update(at + life)
    for serial, since in (revoked or {}).items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        made = made.add_revoked_certificate(entry.build())
    for each in entries:
        made = made.add_revoked_certificate(each)
    if kept_since is not None:
        der = b"\x18\x0f" + kept_since.strftime("%Y%m%d%H%M%SZ").encode()
        made = made.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.60"), der), critical=False)
    return made.sign(by.key.private_key, SHA256())


def reissued(
    certificate: x509.Certificate,
    by: Issued,
    key: SoftwareKey,
    *,
    subject: x509.Name | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
    usage: x509.KeyUsage | None = None,
) -> x509.Certificate:
    """The same certificate by this issuer and for this key, but for what is told."""
    made = (
        x509.CertificateBuilder()
        .subject_name(subject or certificate.subject)
        .issuer_name(by.certificate.subject)
        .public_key(key.public_key)
        .serial_number(certificate.serial_number)
        .not_valid_before(begins or certificate.not_valid_before_utc)
        .not_valid_after(ends or certificate.not_valid_after_utc)
    )
    for extension in certificate.extensions:
        value = extension.value
        if usage is not None and isinstance(value, x509.KeyUsage):
            value = usage
        if not isinstance(value, x509.AuthorityKeyIdentifier | x509.SubjectKeyIdentifier):
            made = made.add_extension(value, extension.critical)
    return made.sign(by.key.private_key, SHA256())


def seal_certificate() -> x509.Certificate:
    return authority().issued_seals[-1].certificate


def sealer_of(certificate: x509.Certificate, key: SoftwareKey | None = None, *chain: x509.Certificate) -> Sealer:
    """A sealer with our seal's key, or another, under this certificate."""
    key = key or authority().issued_seals[-1].key
    return done(Sealer.of([SealIdentity.of(key, SealCertificate(certificate, chain))]))


def stamps_of(by: Issued, at: datetime = NOW, ends: datetime | None = None) -> UnsafeDevelopmentTimestamps:
    """An authority like ours, for which this issuer vouches."""
    like = authority().issued_stamps[-1]
    key, certificate = like.key, reissued(like.certificate, by, like.key, ends=ends)
    return UnsafeDevelopmentTimestamps(key, certificate, (by.certificate,), at)


@cache
def other_root() -> Issued:
    """Another authority of the same name."""
    return Issued(other_key(), reissued(root().certificate, Issued(other_key(), root().certificate), other_key()))


def spelled(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
