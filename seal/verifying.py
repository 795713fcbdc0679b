"""Is a file an attestation of ours, as it was sealed? Nothing is fetched and nothing is asked: the file and the trust decide.

No PDF parser reads a byte of a file before its seal is known to be ours and to hold: the first four steps look at bytes and at one
CMS signature. After them the sealed revision is what the issuer made, and what was added after it alone can be hostile.

It takes some tens of milliseconds and little memory for an honest file. The caller runs it in a process of its own with a limit of
time and of memory (RLIMIT_CPU, RLIMIT_AS): parsers are bounded here by size, not by time.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import new
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, CertificateRevocationList, ExtensionNotFound, KeyUsage, NameOID

from seal import steps
from seal.attested import Attested, words
from seal.content import ContentRefused, attached, check_certification, check_page, check_words
from seal.ranges import END_OF_FILE, RangeRefused, SignedRange, signed_ranges
from seal.report import OFFLINE, REGISTER, Bilingual, Level, Outcome, Report, SealCertificate, Step
from seal.revisions import UNREADABLE, Proofs, later_proofs, opened
from seal.revocation import RevocationUnknown, is_of, read_list
from seal.signatures import UNDECODABLE, Signature, SignatureRefused, Token, read_seal, read_token
from seal.stamps import Context, StampDoubtful, check_needed
from seal.steps import StepTexts
from seal.tables import RevisionRefused
from seal.trust import Trust, Untrusted, descent, read_certificate

LARGEST_FILE = 2 * 1024 * 1024
QUOTING = ("pyhanko", "pyhanko_certvalidator", "pypdf", "pikepdf")
for library in QUOTING:  # their warnings quote the file that is verified; what matters of them is raised as well
    logging.getLogger(library).setLevel(logging.CRITICAL)


class Failed(Exception):
    """A step failed; the text says on what, in English, for the operator, and quotes nothing of the file."""


class Doubtful(Exception):
    """A step is not decided by what is at hand."""

    def __init__(self, reason: Bilingual) -> None:
        super().__init__(reason.en)
        self.reason = reason


REFUSALS = (RangeRefused, SignatureRefused, RevisionRefused, ContentRefused, Untrusted)


def verify_file(pdf: bytes, trust: Trust, at: datetime) -> Report:
    """What the file is found to be at the moment `at`. Never raises for what a file holds."""
    return asyncio.run(_Verification(pdf, trust, at).report())


@dataclass(repr=False)
class _Verification:
    """The steps, in order; each leaves what it established to those after it."""

    pdf: bytes
    trust: Trust
    at: datetime
    ranges: tuple[SignedRange, ...] = ()
    proofs: Proofs = field(default_factory=Proofs)
    crls: tuple[CertificateRevocationList, ...] = ()
    stamps: tuple[tuple[Certificate, ...], ...] = ()
    attestation: Attested | None = None
    sealed_at: datetime | None = None
    level: Level | None = None
    certificate: SealCertificate | None = None

    async def report(self) -> Report:
        """Takes each step until one fails; those after it are not taken."""
        taken: list[Step] = []
        failed: int | None = None
        for number, (texts, look) in enumerate(STEPS, 1):
            outcome, reason, detail = Outcome.UNDETERMINED, steps.not_reached(failed or 0), ""
            if failed is None:
                outcome, reason, detail = await self._taken(texts, look)
                failed = number if outcome is Outcome.FAILED else None
            taken.append(Step(number, texts.name, outcome, reason, detail))
        genuine = all(step.outcome is Outcome.PASSED for step in taken)
        return Report(
            steps=tuple(taken),
            register=Step(len(STEPS) + 1, REGISTER, Outcome.UNDETERMINED, OFFLINE),
            attestation=self.attestation if genuine else None,
            sealed_at=self.sealed_at,
            level=self.level,
            certificate=self.certificate,
        )

    async def _taken(self, texts: StepTexts, look: "Look") -> tuple[Outcome, Bilingual, str]:
        try:
            await look(self)
        except Doubtful as doubt:
            return Outcome.UNDETERMINED, doubt.reason, ""
        except StampDoubtful as doubt:
            return Outcome.UNDETERMINED, doubt.reason, ""
        except (Failed, *REFUSALS) as error:
            return Outcome.FAILED, texts.failed, str(error)
        return Outcome.PASSED, texts.passed, ""

    async def form(self) -> None:
        if len(self.pdf) > LARGEST_FILE:
            raise Failed("larger than 2 MB")
        if not self.pdf.startswith(b"%PDF-") or not END_OF_FILE.search(self.pdf, max(0, len(self.pdf) - 64)):
            raise Failed("it does not begin or end as a PDF does")

    async def range(self) -> None:
        self.ranges = signed_ranges(self.pdf)
        if not self.ranges:
            raise Failed("there is no signature")

    async def intact(self) -> None:
        sealed = self.ranges[0]
        self.seal: Signature = read_seal(sealed.contents, lambda algorithm: sealed.digest(self.pdf, algorithm))

    async def ours(self) -> None:
        certificate = self.seal.certificate
        self.path = await descent(certificate, self.seal.others, self.trust.seal_roots, certificate.not_valid_before)
        leaf = self.path[0]
        named = [str(each.value) for each in leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)]
        if named != [self.trust.organization_identifier] or not _seals(leaf):
            raise Failed("another organization, or a certificate that is not for seals")
        check_needed(self.seal, self.path)
        self.certificate = SealCertificate(leaf.subject.rfc4514_string(), named[0], f"{leaf.serial_number:x}")

    async def certified(self) -> None:
        sealed = self.ranges[0]
        try:
            self.document: Any = opened(self.pdf[: sealed.end])
        except UNREADABLE as error:
            raise Failed("the sealed revision cannot be read") from error
        check_certification(self.document, (0, sealed.start, sealed.stop, sealed.end - sealed.stop))

    async def revisions(self) -> None:
        self.proofs = later_proofs(self.pdf, self.ranges)
        try:
            self.crls = tuple(read_list(each) for each in self.proofs.crls)
            self.brought = [read_certificate(each) for each in self.proofs.certificates]
        except UNDECODABLE as error:
            raise Failed("validation data that cannot be read") from error

    async def time(self) -> None:
        self.level = Level.B_B
        if self.seal.stamp is None:
            raise Doubtful(steps.UNSTAMPED)
        sealing = read_token(self.seal.stamp, lambda algorithm: new(algorithm, self.seal.value).digest())
        archival = [self._archival(each) for each in self.ranges[1:]]
        self.context = Context(self.trust, self.brought, (*self.trust.crls, *self.crls), self.at)
        until, paths = self.at, list[tuple[Certificate, ...]]()
        for token in (*reversed(archival), sealing):
            paths.append(await self.context.believed(token, until))
            until = token.time
        self.stamps, self.sealed_at = tuple(paths), until
        self.level = Level.B_T

    def _archival(self, stamped: SignedRange) -> Token:
        return read_token(stamped.contents, lambda algorithm: stamped.digest(self.pdf, algorithm))

    async def valid(self) -> None:
        sealed_at = self.sealed_at
        if sealed_at is None:
            raise Doubtful(steps.NO_TIME)
        if any(not each.not_valid_before_utc <= sealed_at <= each.not_valid_after_utc for each in self.path):
            raise Failed("sealed outside the validity of the certificate")
        try:
            revoked = self.context.standing(self.path, used=sealed_at, until=self.at)
        except RevocationUnknown as error:
            raise Doubtful(steps.UNKNOWN_STATUS) from error
        if any(each.since <= sealed_at for each in revoked):
            raise Failed("sealed after the certificate was revoked")
        self._check_proofs_needed()
        if self._proves_itself(sealed_at):
            self.level = Level.B_LTA if len(self.ranges) > 1 else Level.B_LT

    def _check_proofs_needed(self) -> None:
        """Validation data without an archival time stamp after them are signed by nobody: only what proves something may stand there."""
        known = [each for path in (self.path, *self.stamps) for each in path]
        der = {each.public_bytes(Encoding.DER) for each in known}
        uncovered = self.proofs.answers and self.ranges[-1].end != len(self.pdf)
        if (
            uncovered
            or not der.issuperset(self.proofs.certificates)
            or not all(any(is_of(crl, each, self.at) for each in known) for crl in self.crls)
        ):
            raise Failed("validation data that prove nothing of this file")

    def _proves_itself(self, sealed_at: datetime) -> bool:
        """Whether what the file brings proves the seal's certificate and the authority's good, without the lists of others."""
        alone = Context(self.trust, [], self.crls, self.at)
        try:
            alone.standing(self.path, used=sealed_at, until=self.at)
            alone.standing(self.stamps[-1], used=sealed_at, until=self.at)
        except RevocationUnknown:
            return False
        return True

    async def page(self) -> None:
        check_page(self.document)

    async def data(self) -> None:
        self.attestation = attached(self.document)
        if self.attestation.issuer.organization_identifier != self.trust.organization_identifier:
            raise Failed("the data name another issuer than the seal")

    async def words(self) -> None:
        assert self.attestation is not None
        check_words(self.pdf[: self.ranges[0].end], self.document, tuple(words(self.attestation).values()))


Look = Callable[[_Verification], Coroutine[Any, Any, None]]
LOOKS: tuple[Look, ...] = (
    _Verification.form,
    _Verification.range,
    _Verification.intact,
    _Verification.ours,
    _Verification.certified,
    _Verification.revisions,
    _Verification.time,
    _Verification.valid,
    _Verification.page,
    _Verification.data,
    _Verification.words,
)
STEPS: tuple[tuple[StepTexts, Look], ...] = tuple(zip(steps.EVERY_STEP, LOOKS, strict=True))


def _seals(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(KeyUsage).value.content_commitment
    except ExtensionNotFound:
        return False
