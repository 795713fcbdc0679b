"""What the seal service works with: the file that `PARCHEMIN_SEAL` names, or the development authority beside the data."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_crl
from cryptography.x509.oid import NameOID

from plugins.loading import families
from resolvers.attestations import page_of
from resolvers.delivered_documents import delivered_page
from resolvers.document_store import DocumentStore
from resolvers.keys import Keyring
from resolvers.local_keys import LocalKeys
from resolvers.request_notices import Writer
from resolvers.sealing import Workshop
from seal.archiving import Evidence
from seal.attestation import Issuer
from seal.authority import UnsafeDevelopmentAuthority
from seal.certificates import SealCertificate, SealIdentity, SealRefused
from seal.filling import check
from seal.keys import KeyUnavailable, Pkcs11Key, SigningKey, SoftwareKey
from seal.report import TrustUnreadable
from seal.sealing import Sealer
from seal.timestamps import CheckedTimeStamper, TimestampClient
from seal.trust import Trust
from seal.typesetting import PageFull, PageRefused
from server.settings import Settings, SettingsError

DEMONSTRATION = Issuer("Registre fictif des diplômes", "000000000", "NTRFR-000000000")


@dataclass(frozen=True, repr=False)
class Means:
    """Whose seal it is, with which keys, and where its time stamps and the proofs of its archives come from."""

    issuer: Issuer
    identities: tuple[SealIdentity, ...]
    timestamps: CheckedTimeStamper
    evidence: Callable[[datetime], Evidence]


async def workshop_of(settings: Settings) -> Workshop:
    """All that a sealing process needs. Raises `SettingsError`, saying what to mend."""
    _check_pages(settings)
    means = _development(settings) if settings.seal is None else _configured(settings, settings.seal, os.environ)
    keyring = Keyring.of(settings.master_secret)
    return Workshop(
        keyring, DocumentStore.of(settings.documents, keyring), await Sealer.of(means.identities), means.timestamps, means.issuer,
        settings.public_url, settings.theme, means.evidence, Writer(LocalKeys.of(settings.master_secret), settings.public_url),
    )  # fmt: skip


def _check_pages(settings: Settings) -> None:
    """Draws each page once: a theme or a plugin's page that cannot be used is known before anybody waits."""
    pages = [page_of(family, settings.theme) for family in families()]
    for page in dict.fromkeys((*pages, delivered_page(settings.theme))):
        try:
            check(page)
        except (PageRefused, PageFull) as error:
            raise SettingsError(
                f"The page of attestations cannot be drawn (PARCHEMIN_THEME, or a family's own page): {error}"
            ) from error


def refreshed(settings: Settings, workshop: Workshop) -> Workshop:
    """The same, with what the revocation lists say now. Raises `SettingsError`."""
    if settings.seal is None:
        return replace(workshop, sealer=Sealer(_development(settings).identities, workshop.sealer.forms))
    crls = _trust(settings).crls
    identities = tuple(SealIdentity.of(one.key, one.certificate, crls) for one in workshop.sealer.identities)
    return replace(workshop, sealer=Sealer(identities, workshop.sealer.forms))


def _trust(settings: Settings) -> Trust:
    try:
        return Trust.read(settings.trust)
    except TrustUnreadable as error:
        raise SettingsError(f"PARCHEMIN_TRUST: {error} is missing or cannot be read.") from error


def _development(settings: Settings) -> Means:
    """An authority beside the data, made at the first start, that nobody should trust; the trust folder says how to verify its seals."""
    issuer, now = DEMONSTRATION, datetime.now(UTC)
    authority = UnsafeDevelopmentAuthority.open(settings.data / "seal", issuer.name, issuer.siren, now)
    crls = tuple(load_der_x509_crl(crl) for crl in authority.crls(now))
    Trust(authority.roots, issuer.organization_identifier, authority.roots, crls).write(settings.trust)
    return Means(
        issuer, authority.seals, authority.timestamps(), lambda at: Evidence(roots=authority.roots, crls=authority.crls(at))
    )


def _configured(settings: Settings, path: Path, environment: Mapping[str, str]) -> Means:
    trust = _trust(settings)
    try:
        given = tomllib.loads(path.read_text("utf-8"))
        issuer = Issuer(_text(given["issuer"], "name"), _text(given["issuer"], "siren"), trust.organization_identifier)
        timestamps = TimestampClient(_text(given["timestamps"], "url"), trust.stamp_roots)
        identities = tuple(_identity(path.parent, key, trust, environment) for key in given["key"])
    except KeyError as error:
        raise SettingsError(f"PARCHEMIN_SEAL, {path}: {error} is missing.") from error
    except TypeError as error:
        raise SettingsError(f"PARCHEMIN_SEAL, {path}: [issuer] and [timestamps] are tables, [[key]] one for each key.") from error
    except (OSError, ValueError, KeyUnavailable, SealRefused) as error:
        raise SettingsError(f"PARCHEMIN_SEAL, {path}: {error}") from error
    if not identities:
        raise SettingsError(f"PARCHEMIN_SEAL, {path}: 'key' is missing.")
    return Means(issuer, identities, timestamps, lambda _: _evidence(settings.trust))


def _text(given: Mapping[str, Any], name: str) -> str:
    """Raises `KeyError` where it is missing, `ValueError` where it is a number: an attestation would say it otherwise than it is read."""
    value = given[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is a text, between quotes")
    return value


def _identity(folder: Path, given: Mapping[str, Any], trust: Trust, environment: Mapping[str, str]) -> SealIdentity:
    certificate = SealCertificate.read((folder / _text(given, "certificate")).read_bytes())
    named = certificate.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    if [attribute.value for attribute in named] != [trust.organization_identifier]:
        raise ValueError(f"{certificate.name} is not a certificate of {trust.organization_identifier}, whom the trust folder names")
    return SealIdentity.of(_key(folder, given, environment), certificate, trust.crls)


def _key(folder: Path, given: Mapping[str, Any], environment: Mapping[str, str]) -> SigningKey:
    """A key of a file or of a security module; what opens it stands in the environment, under the name that `secret` says."""
    secret = _secret(environment, _text(given, "secret")) if "secret" in given else None
    if "library" in given:
        return Pkcs11Key(Path(_text(given, "library")), _text(given, "token"), _text(given, "label"), secret or "")
    return SoftwareKey.read(folder / _text(given, "file"), secret.encode() if secret else None)


def _secret(environment: Mapping[str, str], name: str) -> str:
    try:
        return environment[name]
    except KeyError as error:
        raise KeyUnavailable(f"the environment variable {name}, which opens a key, is missing") from error


def _evidence(folder: Path) -> Evidence:
    """The trust folder as it is now: its revocation lists are renewed by the operator."""
    trust = Trust.read(folder)
    return Evidence(roots=(*trust.seal_roots, *trust.stamp_roots), crls=tuple(crl.public_bytes(Encoding.DER) for crl in trust.crls))
