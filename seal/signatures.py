"""Is a CMS signature (RFC 5652) what its profile allows, and nothing more? What it does not protect itself has one spelling."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import new
from typing import Any, TypeAlias

from asn1crypto import cms, core, x509
from asn1crypto.parser import parse
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from seal.undocumented import UNDOCUMENTED

Digest: TypeAlias = Callable[[str], bytes]
"""The digest of what is signed, by the name of the algorithm."""
DEEPEST = 32
NULL = b"\x05\0"
DIGESTS = ("sha256", "sha384", "sha512")
UNDECODABLE = (UnsupportedAlgorithm, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType, *UNDOCUMENTED)
"""What cryptography documents, and asn1crypto and pyHanko raise without it, for certificates and signatures that are none."""


class SignatureRefused(Exception):
    """A signature does not hold, or is not as its profile wants it. The text says why, in English, for the operator."""


@dataclass(frozen=True, repr=False)
class Signature:
    """A signature that holds over what it covers; whether its certificate is trusted is another question.

    `stamp` is the time-stamp token that it brings, if it brings one; `value` is what that token stamps.
    """

    certificate: x509.Certificate
    others: list[x509.Certificate]
    value: bytes
    stamp: bytes | None


@dataclass(frozen=True, repr=False)
class Token:
    """A time-stamp token (RFC 3161) that holds: the time that it states, and the signature that states it."""

    signature: Signature
    time: datetime


def read_seal(der: bytes, digest_of: Digest) -> Signature:
    """The seal whose signature is `der`, over what `digest_of` digests (CAdES detached, ETSI EN 319 122-1). Raises `SignatureRefused`."""
    try:
        signed, signer = _unwrapped(der, "v1")
        if (
            signed["encap_content_info"]["content_type"].native != "data"
            or signed["encap_content_info"]["content"] is not core.VOID
        ):
            raise SignatureRefused("the signature is not detached")
        beside = _listed(signer["unsigned_attrs"])
        if beside and [(each["type"].native, len(each["values"])) for each in beside] != [("signature_time_stamp_token", 1)]:
            raise SignatureRefused("there are other unsigned attributes than one time stamp")
        attributes = {each["type"].native for each in signer["signed_attrs"]}
        digest = _digest_name(signer["digest_algorithm"])
        # the algorithm's other name, without the digest, would do as well: one spelling
        if "signing_certificate_v2" not in attributes or not signer["signature_algorithm"]["algorithm"].native.startswith(digest):
            raise SignatureRefused("the signature does not name its certificate or its algorithm")
        stamp = beside[0]["values"][0].dump() if beside else None
        return _holding(signed, signer, "data", digest_of(digest), stamp)
    except UNDECODABLE as error:
        raise SignatureRefused(str(error)) from error


def read_token(der: bytes, digest_of: Digest) -> Token:
    """The time-stamp token `der`, of what `digest_of` digests (RFC 3161, 2.4.2). Raises `SignatureRefused`."""
    try:
        signed, signer = _unwrapped(der, "v3")
        content = signed["encap_content_info"]["content"]
        if signed["encap_content_info"]["content_type"].native != "tst_info" or _listed(signer["unsigned_attrs"]):
            raise SignatureRefused("the token states no time, or holds what nothing protects")
        stated = content.parsed
        imprint = stated["message_imprint"]
        if imprint["hashed_message"].native != digest_of(_digest_name(imprint["hash_algorithm"])):
            raise SignatureRefused("the token stamps something else")
        digest = new(_digest_name(signer["digest_algorithm"]), bytes(content)).digest()
        return Token(_holding(signed, signer, "tst_info", digest, None), stated["gen_time"].native)
    except UNDECODABLE as error:
        raise SignatureRefused(str(error)) from error


def _unwrapped(der: bytes, version: str) -> tuple[Any, Any]:
    """The signed data and its one signer. What the signature does not cover is repeated elsewhere or has one value: both are checked."""
    _check_filled(der, 0)
    content: Any = cms.ContentInfo.load(der, strict=True)
    if content["content_type"].native != "signed_data":
        raise SignatureRefused("not signed data")
    signed = content["content"]
    signers = signed["signer_infos"]
    if len(signers) != 1 or signed["crls"] is not core.VOID or signed["version"].native != version:
        raise SignatureRefused("not one signer, or lists of revocation beside it")
    signer = signers[0]
    algorithms = signed["digest_algorithms"]
    if len(algorithms) != 1 or algorithms[0].dump() != signer["digest_algorithm"].dump() or signer["version"].native != "v1":
        raise SignatureRefused("the digest algorithm is not that of the signer")
    _digest_name(signer["digest_algorithm"])
    if any(each["parameters"].dump() not in (b"", NULL) for each in (signer["digest_algorithm"], signer["signature_algorithm"])):
        raise SignatureRefused("an algorithm with parameters")
    if signer["signed_attrs"] is core.VOID or any(each.name != "certificate" for each in signed["certificates"]):
        raise SignatureRefused("no signed attributes, or certificates of another kind")
    return signed, signer


def read_whole(value: Any) -> None:
    """Reads a value to its end: asn1crypto reads on demand, and would find fault later. Raises what `UNDECODABLE` lists."""
    if not value.native:
        raise ValueError("nothing in it")


def _listed(attributes: Any) -> list[Any]:
    return [] if attributes is core.VOID else list(attributes)


def _check_filled(der: bytes, depth: int) -> None:
    """Each value is filled by those within it, and each length has its one form: no byte is there that nobody looks at."""
    while der:
        found: Any = parse(der)
        _, constructed, tag, header, content, trailer = found
        length = len(content)
        minimal = 2 if length < 128 else 2 + (length.bit_length() + 7) // 8
        if trailer or (not tag and header == b"\0\0") or len(header) != minimal or depth > DEEPEST:
            raise SignatureRefused("not the distinguished encoding")
        if constructed:
            _check_filled(content, depth + 1)
        der = der[len(header) + length :]


def _holding(signed: Any, signer: Any, content: str, digest: bytes, stamp: bytes | None) -> Signature:
    found = extract_certificate_info(signed)
    named, certificate = signer["sid"].chosen, found.signer_cert
    for each in (certificate, *found.other_certs):
        read_whole(each)
    if (named["issuer"].dump(), named["serial_number"].native) != (certificate.issuer.dump(), certificate.serial_number):
        raise SignatureRefused("the signer is named in another way than its certificate")
    # checks the signing-certificate attribute too, which binds the certificate (RFC 5035), and raises when it is another
    intact, valid = validate_sig_integrity(signer, certificate, content, digest)
    if not (intact and valid):
        raise SignatureRefused("the signature does not hold")
    return Signature(certificate, list(found.other_certs), signer["signature"].native, stamp)


def _digest_name(algorithm: Any) -> str:
    name = algorithm["algorithm"].native
    if name not in DIGESTS:
        raise SignatureRefused("a digest algorithm that is not accepted")
    return name
