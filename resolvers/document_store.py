"""The files of sealed documents: named by the digest of what is in them, encrypted, each written once and whole.

A document bears names, dates of birth and a control key, so the folder opens nothing without the master secret, as the database.
Several machines share it (a network file system), or each reads what another wrote.
"""

import os
import secrets
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from resolvers.keys import Keyring

NONCE = 12
"""Bytes, drawn at random."""


class DocumentLost(Exception):
    """The file of a document is not there, or is not what was written."""


@dataclass(frozen=True, repr=False)
class DocumentStore:
    """A folder of documents."""

    folder: Path
    cipher: AESGCM

    @staticmethod
    def of(folder: Path, keyring: Keyring) -> "DocumentStore":
        """The store of this deployment."""
        return DocumentStore(folder, AESGCM(keyring.storing))

    def put(self, content: bytes) -> bytes:
        """Keeps a document, for good once this returns; its digest (SHA-256)."""
        digest = sha256(content).digest()
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        nonce = secrets.token_bytes(NONCE)
        descriptor, written = tempfile.mkstemp(dir=path.parent)  # mode 600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(nonce + self.cipher.encrypt(nonce, content, digest))
                file.flush()
                os.fsync(file.fileno())
            Path(written).replace(path)
        except OSError:  # no room
            Path(written).unlink(missing_ok=True)
            raise
        _keep_name(path.parent)
        return digest

    def get(self, digest: bytes) -> bytes:
        """The document of this digest. Raises `DocumentLost`."""
        try:
            kept = self._path(digest).read_bytes()
            return self.cipher.decrypt(kept[:NONCE], kept[NONCE:], digest)
        except (OSError, InvalidTag, ValueError) as error:
            raise DocumentLost(digest.hex()) from error

    def drop(self, digest: bytes) -> None:
        """Removes the document of this digest, which another one has replaced."""
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self.folder / name[:2] / name


def _keep_name(folder: Path) -> None:
    """Makes the name of a new file survive a power cut, not only what is in it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
