"""What makes the signature of a seal: a key in memory, or one that never leaves its security module.

RSA only: with an elliptic curve pyHanko declares PDF 2.0 (ISO 32002), which PDF/A-3 forbids (ISO 19005-3, 6.1.2).
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class KeyUnavailable(Exception):
    """The key cannot be used; the text says what to do, and never what the key or its passphrase is."""


class SigningKey(Protocol):
    """Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017, 8.2)."""

    @property
    def public_key(self) -> RSAPublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`. Raises `KeyUnavailable`."""
        ...


@dataclass(frozen=True, repr=False)
class SoftwareKey:
    """A key held in the memory of this process, loaded once: OpenSSL checks a key at each load, which takes longer than 100 signatures."""

    private_key: RSAPrivateKey

    @staticmethod
    def read(path: Path, passphrase: bytes | None = None) -> "SoftwareKey":
        """The key of a PEM file (PKCS#8) that its owner alone can read. Raises `KeyUnavailable`."""
        try:
            if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise KeyUnavailable(f"{path} can be read by others: chmod 600 {path}")
            key = load_pem_private_key(path.read_bytes(), passphrase)
        except OSError as error:
            raise KeyUnavailable(f"{path} cannot be read: {error.strerror}") from error
        except (TypeError, ValueError, UnsupportedAlgorithm) as error:
            raise KeyUnavailable(f"{path} is no PEM private key that this passphrase opens") from error
        if not isinstance(key, RSAPrivateKey):
            raise KeyUnavailable(f"{path} holds no RSA key: a seal in PDF/A-3 needs one")
        return SoftwareKey(key)

    @property
    def public_key(self) -> RSAPublicKey:
        """The public half."""
        return self.private_key.public_key()

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`."""
        return self.private_key.sign(message, PKCS1v15(), SHA256())


class Pkcs11Key:
    """A key inside a security module (PKCS#11).

    Its session belongs to the process and thread that opened it: each worker process opens its own, after the fork.
    """

    def __init__(self, library: Path, token: str, label: str, pin: str) -> None:
        """The private key named `label` of the token named `token`, through the module's `library`. Raises `KeyUnavailable`."""
        try:
            import pkcs11
            from pyhanko.config.pkcs11 import TokenCriteria
            from pyhanko.sign.pkcs11 import open_pkcs11_session
        except ImportError as error:
            raise KeyUnavailable("keys of a security module need the extra 'hsm': pip install parchemin[hsm]") from error
        # python-pkcs11 has no types: everything of it stays between here and `sign`
        self._failure: type[Exception] = pkcs11.PKCS11Error
        self._mechanism: Any = pkcs11.Mechanism.SHA256_RSA_PKCS
        criteria = TokenCriteria(label=token)
        try:
            try:
                session: Any = open_pkcs11_session(str(library), token_criteria=criteria, user_pin=pin)
            except pkcs11.UserAlreadyLoggedIn:  # by another key of this token: all sessions of a process share the login
                session = open_pkcs11_session(str(library), token_criteria=criteria)
            self._key: Any = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, key_type=pkcs11.KeyType.RSA, label=label)
            modulus, exponent = self._key[pkcs11.Attribute.MODULUS], self._key[pkcs11.Attribute.PUBLIC_EXPONENT]
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise KeyUnavailable(
                f"the RSA key '{label}' of the token '{token}' cannot be opened through {library}: {reason}"
            ) from error
        self._public_key = RSAPublicNumbers(int.from_bytes(exponent), int.from_bytes(modulus)).public_key()

    @property
    def public_key(self) -> RSAPublicKey:
        """The public half."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, made inside the module. Raises `KeyUnavailable`."""
        try:
            return bytes(self._key.sign(message, mechanism=self._mechanism))
        except self._failure as error:
            raise KeyUnavailable(f"the security module did not sign: {type(error).__name__} {error}".strip()) from error
