"""When was a file sealed? Time stamps are believed from the latest to the first, each until the time of the one after it.

An archival time stamp proves that what it covers existed while it could still be believed, so that certificates may expire since
(ETSI EN 319 102-1, 5.6.2.4; the chain of RFC 3161 tokens of a PAdES B-LTA file).
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, CertificateRevocationList, ExtendedKeyUsage, ExtensionNotFound
from cryptography.x509.oid import ExtendedKeyUsageOID

from seal.report import Bilingual
from seal.revocation import Revocation, RevocationUnknown, revocation
from seal.signatures import Signature, SignatureRefused, Token
from seal.trust import Trust, Untrusted, descent

TIME_STAMPING = ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])


class StampDoubtful(Exception):
    """A time stamp cannot be believed today; `reason` says why and what to do."""

    def __init__(self, reason: Bilingual) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, repr=False)
class Context:
    """What a verification believes, beside what the file brings: certificates to build paths with, and revocation lists."""

    trust: Trust
    brought: list[asn1.Certificate]
    crls: tuple[CertificateRevocationList, ...]
    now: datetime

    def standing(self, path: tuple[Certificate, ...], *, used: datetime, until: datetime) -> list[Revocation]:
        """The revocations along a path, its root left out: who trusts a root knows. Raises `RevocationUnknown`."""
        found = [revocation(each, issuer, self.crls, used=used, until=until, now=self.now) for each, issuer in pairwise(path)]
        return [each for each in found if each is not None]

    async def believed(self, token: Token, until: datetime) -> tuple[Certificate, ...]:
        """The path of the authority whose stamp this is, if the stamp could still be believed at `until`.

        Raises `StampDoubtful`; `SignatureRefused` when certificates that prove nothing stand beside the token.
        """
        try:
            others = token.signature.others
            path = await descent(token.signature.certificate, [*others, *self.brought], self.trust.stamp_roots, token.time)
            if not _stamps_time(path[0]) or token.time > until:
                raise Untrusted
        except Untrusted as error:
            raise StampDoubtful(UNKNOWN_AUTHORITY) from error
        check_needed(token.signature, path)
        if any(each.not_valid_after_utc < until for each in path[:-1]):
            raise StampDoubtful(EXPIRED_AUTHORITY)
        try:
            # a list made soon after the stamp is not enough: a key stolen later stamps any time
            revoked = self.standing(path, used=until, until=until)
        except RevocationUnknown as error:
            raise StampDoubtful(UNKNOWN_REVOCATION) from error
        if any(each.since <= (token.time if each.harmless else until) for each in revoked):
            raise StampDoubtful(REVOKED_AUTHORITY)
        return path


def check_needed(signature: Signature, path: tuple[Certificate, ...]) -> None:
    """Certificates beside a signature are signed by nobody: only those of its path may stand there. Raises `SignatureRefused`."""
    needed = {each.public_bytes(Encoding.DER) for each in path}
    if any(each.dump() not in needed for each in signature.others):
        raise SignatureRefused("certificates that prove nothing stand beside the signature")


def _stamps_time(certificate: Certificate) -> bool:
    """Whether it may stamp time, and that alone (RFC 3161, 2.3)."""
    try:
        extension = certificate.extensions.get_extension_for_class(ExtendedKeyUsage)
    except ExtensionNotFound:
        return False
    return extension.critical and list(extension.value) == list(TIME_STAMPING)


UNKNOWN_AUTHORITY = Bilingual(
    "L'horodatage ne vient pas d'une autorité reconnue ici : l'heure du cachet n'est pas établie. "
    "Mettre à jour le dossier de confiance, ou vérifier en ligne.",
    "The time stamp is not from an authority that is trusted here: when the file was sealed is not known. "
    "Update the trust folder, or verify online.",
)
EXPIRED_AUTHORITY = Bilingual(
    "Le certificat de l'autorité d'horodatage a expiré et aucun horodatage d'archivage ne le relaie. "
    "Demander au titulaire une version renouvelée du fichier.",
    "The time-stamping authority's certificate has expired and no archival time stamp relays it. Ask the holder for a renewed file.",
)
UNKNOWN_REVOCATION = Bilingual(
    "Aucune liste de révocation à jour ne couvre l'autorité d'horodatage. Mettre à jour le dossier de confiance, ou vérifier en ligne.",
    "No revocation list in force covers the time-stamping authority. Update the trust folder, or verify online.",
)
REVOKED_AUTHORITY = Bilingual(
    "Le certificat de l'autorité d'horodatage a été révoqué : son heure ne fait plus foi. Demander au titulaire un nouveau fichier.",
    "The time-stamping authority's certificate was revoked: its time proves nothing any more. Ask the holder for a new file.",
)
