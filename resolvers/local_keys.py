"""The secrets of local accounts, each for one purpose, drawn from the master secret. A stolen copy of the database has none of them.

It then shows neither an e-mail address nor the secret of a second factor, and no password can be tried on it.
"""

import secrets
from dataclasses import dataclass
from hmac import compare_digest
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from resolvers.keys import mac

NONCE = 12
"""Bytes of the nonce of AES-GCM (NIST SP 800-38D, §8.2.2: drawn at random, fewer than 2**32 times)."""

DEVICE = 16
"""Bytes by which a browser is known again."""


@dataclass(frozen=True, repr=False)
class LocalKeys:
    """What finds, seals, peppers and recognises."""

    finding: bytes
    sealing: AESGCM
    peppering: bytes
    recovering: bytes
    recognising: bytes

    @staticmethod
    def of(master: bytes) -> "LocalKeys":
        """The keys of a master secret of at least 32 bytes."""
        purposes = (
            b"local-account/e-mail/1", b"local-account/sealing/1", b"local-account/password/1", b"local-account/recovery/1",
            b"local-account/browser/1",
        )  # fmt: skip
        finding, sealing, peppering, recovering, recognising = (mac(master, purpose) for purpose in purposes)
        return LocalKeys(finding, AESGCM(sealing), peppering, recovering, recognising)

    def email_lookup(self, email_key: str) -> bytes:
        """What the register holds of an address to find it by."""
        return mac(self.finding, email_key.encode())

    def sealed(self, text: str, place: str) -> bytes:
        """The text, encrypted for one place of the register (a table and a row): moved to another it does not open."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self.sealing.encrypt(nonce, text.encode(), place.encode())

    def opened(self, sealed: bytes, place: str) -> str:
        """The text that was sealed for that place. Raises `cryptography.exceptions.InvalidTag` when it was not."""
        return self.sealing.decrypt(sealed[:NONCE], sealed[NONCE:], place.encode()).decode()

    def peppered(self, password: str) -> bytes:
        """What is hashed in the place of a password (NIST SP 800-63B, §3.1.1.2: a keyed hash besides the salted one)."""
        return mac(self.peppering, password.encode())

    def recovery_digest(self, local_account: UUID, code: str) -> bytes:
        """What the register holds of a recovery code."""
        return mac(self.recovering, local_account.bytes + code.encode())

    def device_mark(self, local_account: UUID) -> str:
        """A new mark for a browser in which the owner of an account has signed in."""
        device = secrets.token_hex(DEVICE)
        return f"{device}.{self._mark(local_account, device)}"

    def device_of(self, local_account: UUID, mark: str) -> str | None:
        """The browser of a mark, or None when it is none that this account was given."""
        device, _, proof = mark.partition(".")
        return device if compare_digest(proof.encode(), self._mark(local_account, device).encode()) else None

    def _mark(self, local_account: UUID, device: str) -> str:
        return mac(self.recognising, local_account.bytes + device.encode()).hex()
