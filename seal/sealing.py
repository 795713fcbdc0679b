"""The seal of a draft: PAdES B-B, then B-T with its time stamp (ETSI EN 319 142-1).

pyHanko makes the signature's CMS once for each key. A document then costs its digest, one RSA signature, and the two put in their places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import cms
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from seal.certificates import SealIdentity, identity_at
from seal.draft import Draft
from seal.timestamps import CheckedTimeStamper, asn1_certificate

TOKEN = 6000
"""Bytes that a time stamp may take: its authority's certificate and the one above it are inside."""

ROUND = 1024
"""Digits: small differences between certificates make no difference to files."""

SEQUENCE, SET, CONTEXT_0, CONTEXT_1 = 0x30, 0x31, 0xA0, 0xA1


class SealTooLarge(Exception):
    """The hole of the draft is too small: the template must leave more room for the certificates and the time stamp."""


def der(tag: int, content: bytes) -> bytes:
    """A value with its tag and length (X.690, 8.1.3, the definite form)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return b"".join((bytes((tag, 0x80 | len(length))), length, content))


SIGNATURE_TIMESTAMP = cms.CMSAttributeType("signature_time_stamp_token").dump()


@dataclass(frozen=True, repr=False)
class SignatureForm:
    """A CMS SignedData (RFC 5652) of one signer, open at the digest and the signature.

    `attributes` are the signed ones around the digest, as they are signed. `signer` is the SignerInfo up to the digest, and from there to
    the signature, which ends it. `layers` are what is around, from the inside: each a tag, and the bytes before the inner one.
    """

    attributes: tuple[bytes, bytes]
    signer: tuple[bytes, bytes]
    layers: tuple[tuple[int, bytes], ...]

    @staticmethod
    async def of(identity: SealIdentity) -> "SignatureForm":
        """Made by pyHanko as for PAdES: no signing time (it is /M), the signing certificate by its hash (RFC 5035), no root."""
        leaf = identity.certificate
        store = SimpleCertificateStore.from_certs([asn1_certificate(link) for link in leaf.chain])
        digest, signature = sha256(b"where the digest goes").digest(), b"\xff" * (identity.key.public_key.key_size // 8)
        signer = ExternalSigner(asn1_certificate(leaf.certificate), store, signature, embed_roots=False)
        whole = (await signer.async_sign(digest, "sha256", use_pades=True)).dump()
        form = SignatureForm._opened(whole, digest, signature)
        assert form.encoded(digest, signature) == whole
        return form

    @staticmethod
    def _opened(whole: bytes, digest: bytes, signature: bytes) -> "SignatureForm":
        info = cms.ContentInfo.load(whole)
        signed = info["content"]
        signers = signed["signer_infos"]
        attributes = signers[0]["signed_attrs"].untag().dump().split(digest)
        signer = signers[0].contents.removesuffix(signature).split(digest)
        layers = (
            (SEQUENCE, b""),  # SignerInfo
            (SET, b""),  # the signers
            (SEQUENCE, signed.contents.removesuffix(signers.dump())),  # SignedData
            (CONTEXT_0, b""),
            (SEQUENCE, info["content_type"].dump()),  # ContentInfo
        )
        return SignatureForm((attributes[0], attributes[1]), (signer[0], signer[1]), layers)

    def signed(self, digest: bytes) -> bytes:
        """What the key signs for a document of this digest."""
        return digest.join(self.attributes)

    def encoded(self, digest: bytes, signature: bytes, token: bytes | None = None) -> bytes:
        """The whole of it (DER). `token` is the signature's time stamp (RFC 3161, appendix A), which the signature does not cover."""
        content = b"".join((self.signer[0], digest, self.signer[1], signature))
        if token is not None:
            content += der(CONTEXT_1, der(SEQUENCE, SIGNATURE_TIMESTAMP + der(SET, token)))
        for tag, before in self.layers:
            content = der(tag, before + content)
        return content


@dataclass(frozen=True, repr=False)
class SealedDraft:
    """A draft and its signature: B-B, which never leaves the service. `signature` is what a time stamp is asked for."""

    draft: Draft
    form: SignatureForm
    digest: bytes
    signature: bytes

    def content(self, token: bytes | None = None) -> bytes:
        """The file: B-T with the token of its signature, B-B without. Raises `SealTooLarge`."""
        try:
            return self.draft.filled(self.form.encoded(self.digest, self.signature, token))
        except ValueError as error:
            raise SealTooLarge(str(error)) from error


@dataclass(frozen=True, repr=False)
class Sealer:
    """The keys of a seal, ready. It takes drafts alone: bytes that someone else made are never sealed."""

    identities: tuple[SealIdentity, ...]
    forms: tuple[SignatureForm, ...]

    @staticmethod
    async def of(identities: Iterable[SealIdentity]) -> "Sealer":
        """A sealer for these keys; which of them seals is decided document by document."""
        identities = tuple(identities)
        return Sealer(identities, tuple([await SignatureForm.of(identity) for identity in identities]))

    def room(self, at: datetime) -> int:
        """Hexadecimal digits that a draft must keep for a seal set `at` this moment and its time stamp. Raises `SealRefused`."""
        form = self.forms[self.identities.index(identity_at(self.identities, at))]
        needed = 2 * (len(form.encoded(bytes(32), bytes(512))) + TOKEN)
        return -(-needed // ROUND) * ROUND

    def seal(self, draft: Draft, at: datetime) -> SealedDraft:
        """The draft, sealed with the newest key that is valid `at` this moment. Raises `SealRefused`, `KeyUnavailable`."""
        identity = identity_at(self.identities, at)
        form = self.forms[self.identities.index(identity)]
        dated = draft.at(at)
        digest = dated.digest()
        return SealedDraft(dated, form, digest, identity.key.sign(form.signed(digest)))

    async def timestamped(self, draft: Draft, at: datetime, timestamps: CheckedTimeStamper) -> bytes:
        """The document as it is issued: B-T. Raises `SealRefused`, `KeyUnavailable`, `SealTooLarge`, `TimestampUnavailable`."""
        sealed = self.seal(draft, at)
        return sealed.content(await timestamps.token(sealed.signature))
