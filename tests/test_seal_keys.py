"""Which keys and certificates may seal, and the infrastructure of development."""

import stat
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from seal.authority import LEAF_LIFE
from seal.certificates import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRevoked,
    KeyMismatch,
    KeyTooSmall,
    SealCertificate,
    SealIdentity,
    SealRefused,
    WrongKeyUsage,
    identity_at,
    revocation_list,
)
from seal.keys import KeyUnavailable, Pkcs11Key, SoftwareKey
from seal.sealing import Sealer
from tests.sealing import (
    NOW,
    ROTATION,
    authority,
    drafted,
    opened,
    pyhanko_status,
    revoked,
    rotated,
    sealed,
    signature_of,
)
from tests.security_module import LOCKED, TOKEN, module

DAY = timedelta(days=1)


@cache
def identity() -> SealIdentity:
    return authority().seals[0]


def certified(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SealCertificate:
    """The development seal's certificate, for another key."""
    root, model = authority().issued_roots[0], identity().certificate.certificate
    builder = x509.CertificateBuilder(
        model.issuer, model.subject, key.public_key(), 7, model.not_valid_before_utc, model.not_valid_after_utc
    )
    usage = model.extensions.get_extension_for_class(x509.KeyUsage)
    return SealCertificate(builder.add_extension(usage.value, True).sign(root.key.private_key, SHA256()))


def test_a_seal_is_refused_before_its_certificate_begins_and_after_it_ends() -> None:
    with pytest.raises(CertificateNotYetValid, match="begins on"):
        identity_at([identity()], NOW - DAY)
    with pytest.raises(CertificateExpired, match="configure a new key"):
        identity_at([identity()], NOW + LEAF_LIFE + DAY)
    with pytest.raises(SealRefused, match="no seal is configured"):
        identity_at([], NOW)


def test_a_seal_is_refused_from_the_moment_its_certificate_is_revoked() -> None:
    listed = SealIdentity.of(identity().key, identity().certificate, [revocation_list(revoked(NOW + DAY))])
    assert identity_at([listed], NOW) is listed
    with pytest.raises(CertificateRevoked, match="was revoked on"):
        identity_at([listed], NOW + DAY)


def test_an_empty_list_revokes_nothing() -> None:
    listed = SealIdentity.of(identity().key, identity().certificate, map(revocation_list, authority().crls(NOW)))
    assert listed.revoked_at is None


def test_the_newest_certificate_that_is_valid_seals_and_an_older_one_stands_in() -> None:
    older = identity()
    newer = replace(older, begins=NOW + 10 * DAY, ends=NOW + 900 * DAY)
    for order in ([older, newer], [newer, older]):
        assert identity_at(order, NOW) is older
        assert identity_at(order, NOW + 10 * DAY) is newer
    assert identity_at([older, replace(newer, revoked_at=NOW + 11 * DAY)], NOW + 20 * DAY) is older


def test_a_certificate_of_another_key_is_refused() -> None:
    with pytest.raises(KeyMismatch, match="is not the key's"):
        SealIdentity.of(authority().issued_stamps[0].key, identity().certificate)


def test_a_certificate_for_time_stamps_does_not_seal() -> None:
    stamps = authority().issued_stamps[0]
    with pytest.raises(WrongKeyUsage, match="contentCommitment"):
        SealIdentity.of(stamps.key, SealCertificate(stamps.certificate))


def test_an_rsa_key_of_2048_bits_is_too_small() -> None:
    small = SoftwareKey(rsa.generate_private_key(65537, 2048))
    with pytest.raises(KeyTooSmall, match="2048 bits: make one of 3072"):
        SealIdentity.of(small, certified(small.private_key))


def test_a_key_file_is_read_with_its_passphrase(tmp_path: Path) -> None:
    key = authority().issued_seals[0].key
    path = written(tmp_path, key.private_key, b"secret")
    assert SoftwareKey.read(path, b"secret").public_key == key.public_key
    for passphrase in (None, b"another"):
        with pytest.raises(KeyUnavailable, match="no PEM private key that this passphrase opens"):
            SoftwareKey.read(path, passphrase)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, authority().issued_seals[0].key.private_key)
    path.chmod(0o640)
    with pytest.raises(KeyUnavailable, match="chmod 600"):
        SoftwareKey.read(path)


def test_a_key_that_is_missing_or_not_rsa_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        SoftwareKey.read(tmp_path / "none.pem")
    with pytest.raises(KeyUnavailable, match="holds no RSA key"):
        SoftwareKey.read(written(tmp_path, ec.generate_private_key(ec.SECP256R1())))


def written(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> Path:
    path = folder / "key.pem"
    path.touch(0o600)
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return path


def test_a_certificate_file_holds_the_seal_first_and_the_intermediate_ones_after_it() -> None:
    leaf, root = identity().certificate.certificate, authority().roots[0]
    pem = leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    assert SealCertificate.read(pem) == SealCertificate(leaf)


def test_the_development_authority_names_a_legal_person_and_commits_to_content_only() -> None:
    certificate = identity().certificate.certificate
    subject = {attribute.oid.dotted_string: attribute.value for attribute in certificate.subject}
    assert subject["2.5.4.97"] == "NTRFR-110043015" and subject["2.5.4.10"] == "Registre d'essai" and subject["2.5.4.6"] == "FR"
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment and not usage.digital_signature and not usage.key_cert_sign
    stamps = authority().issued_stamps[0].certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert stamps.critical and [usage.dotted_string for usage in stamps.value] == ["1.3.6.1.5.5.7.3.8"]
    assert "UNSAFE" in authority().roots[0].subject.rfc4514_string()


async def test_the_development_authority_renews_what_nears_its_end_and_keeps_trusting_what_it_issued() -> None:
    renewed = rotated()
    assert [len(renewed.roots), len(renewed.seals), len(renewed.issued_stamps)] == [1, 2, 2]
    assert renewed.seals[0].allows(ROTATION) and identity_at(renewed.seals, ROTATION) == renewed.seals[1], (
        "both are valid, the newest seals"
    )
    new = await (await Sealer.of(renewed.seals)).timestamped(drafted(), ROTATION, renewed.timestamps(ROTATION))
    (signer,) = cms.ContentInfo.load(signature_of(new)[0])["content"]["certificates"]
    assert signer.chosen.serial_number == renewed.issued_seals[1].certificate.serial_number
    for document in (await sealed(), new):
        assert (await pyhanko_status(document, renewed.roots, ROTATION)).bottom_line


def test_the_development_authority_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = authority()
    for name, issued in (("root", made.issued_roots[0]), ("seal", made.issued_seals[0])):
        path = written(tmp_path, issued.key.private_key).rename(tmp_path / f"{name}-1.pem")
        path.write_bytes(path.read_bytes() + issued.certificate.public_bytes(Encoding.PEM))
    first, second = opened(tmp_path, NOW), opened(tmp_path, NOW)
    assert first.roots == second.roots == made.roots and first.issued_stamps[0].certificate == second.issued_stamps[0].certificate
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["root-1.pem", "seal-1.pem", "timestamps-1.pem"]


async def test_a_key_in_a_security_module_seals() -> None:
    def opened(label: str, pin: str) -> Pkcs11Key:
        return Pkcs11Key(module(), TOKEN, label, pin)

    with pytest.raises(KeyUnavailable, match="cannot be opened"):
        Pkcs11Key(module(), LOCKED, "seal", "0000")
    with pytest.raises(KeyUnavailable, match="'other' of the token 'parchemin' cannot be opened"):
        opened("other", "5678")
    key = opened("seal", "5678")
    assert opened("seal", "5678").public_key == key.public_key, "a second key of a token opens too"
    sealer = await Sealer.of([SealIdentity.of(key, identity().certificate)])
    document = await sealer.timestamped(drafted(), NOW, authority().timestamps(NOW))
    assert (await pyhanko_status(document, authority().roots, NOW)).bottom_line
