"""E-mail addresses: which texts are one, and which two are the same."""

import re
from dataclasses import dataclass

ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+",
    re.IGNORECASE,
)
"""What a browser takes for an address (HTML Living Standard, §4.10.5.1.5), with a dot in its domain. It holds no space, line or quote."""

LONGEST = 254
"""Characters (RFC 5321, §4.5.3.1.3, without the angle brackets)."""


@dataclass(frozen=True, repr=False)
class Email:
    """An address as its owner writes it, to which mail goes, and the `key` by which it is found.

    Case does not tell two addresses apart: RFC 5321 (§2.4) lets a host do so, and none does.
    """

    address: str

    @property
    def key(self) -> str:
        """The form in which addresses are compared."""
        return self.address.lower()

    @property
    def owner(self) -> str:
        """What stands before the @."""
        return self.address.rpartition("@")[0]


def read_email(text: str) -> Email | None:
    """The address that a text is, or None."""
    text = text.strip()
    return Email(text) if len(text) <= LONGEST and ADDRESS.fullmatch(text) else None
