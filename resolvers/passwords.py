"""Passwords: which are taken, and how they are kept.

A password has 12 characters or more, of any kind (CNIL, délibération n° 2022-100, allows fewer bits when attempts are limited, and
NIST SP 800-63B, §3.1.1.2, asks for length and a list of refused ones, never for kinds of characters nor for a change at a date).
"""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from argon2 import Parameters, PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from graph.text import Text
from resolvers.local_keys import LocalKeys
from resolvers.names import words

Result = TypeVar("Result")

SHORTEST, LONGEST = 12, 128
FEWEST_SYMBOLS = 5

ARGON2 = Parameters(type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=1, memory_cost=47104, parallelism=1)
"""OWASP Password Storage Cheat Sheet: 46 MiB, one pass, one lane. Salt and tag as RFC 9106 (§4) recommends them."""

AT_ONCE = 2
"""Hashes of one process under way: each takes its memory and a core, and leaves the event loop alone (argon2 releases the lock)."""

MOST_WAITING = 60
"""Hashes that wait: with more, whoever comes is told to come again rather than to wait for seconds."""

COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())
"""Words of the commonest passwords of French and English lists, without their digits and signs."""

REPEATED = re.compile(r"^(.+?)\1+$")
SEQUENCES = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "azertyuiopqsdfghjklmwxcvbn")


class PasswordFault(Enum):
    """Why a password is not taken."""

    TOO_SHORT = Text(f"{SHORTEST} caractères au moins.", f"At least {SHORTEST} characters.")
    TOO_LONG = Text(f"{LONGEST} caractères au plus.", f"At most {LONGEST} characters.")
    COMMON = Text(
        "Ce mot de passe est trop courant. Prenez par exemple quatre mots sans rapport entre eux.",
        "This password is too common. Take four unrelated words, for example.",
    )
    PERSONAL = Text(
        "Le mot de passe ne doit contenir ni votre nom ni votre adresse électronique.",
        "The password must contain neither your name nor your e-mail address.",
    )


class Busy(Exception):
    """More passwords wait to be checked than one process takes."""


def composed(password: str) -> str:
    """The password whatever the keyboard that typed it: composed, every space a plain one (RFC 8265, §4.2)."""
    spaced = "".join(" " if unicodedata.category(symbol) == "Zs" else symbol for symbol in password)
    return unicodedata.normalize("NFC", spaced)


def fault_of(password: str, personal: Iterable[str]) -> PasswordFault | None:
    """Why a password is not taken, or None. `personal` are its owner's names and address."""
    password = composed(password)
    if len(password) < SHORTEST:
        return PasswordFault.TOO_SHORT
    if len(password) > LONGEST:
        return PasswordFault.TOO_LONG
    symbols = password.casefold()
    letters = "".join(words(password)).lower()
    base = REPEATED.sub(r"\1", re.sub(r"\d+", "", letters))
    if len(set(symbols)) < FEWEST_SYMBOLS or base in COMMON or any(symbols in text for text in SEQUENCES):
        return PasswordFault.COMMON
    named = {"".join(words(name)).lower() for name in personal}
    if any(len(name) >= 4 and name in letters for name in named):
        return PasswordFault.PERSONAL
    return None


class Passwords:
    """Hashes the passwords of one process, few at once, in threads."""

    def __init__(self, keys: LocalKeys) -> None:
        self._keys = keys
        self._argon2 = PasswordHasher.from_parameters(ARGON2)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._waiting = 0

    @cached_property
    def _nobody(self) -> str:
        """What no password is."""
        return self._argon2.hash(secrets.token_bytes(32))

    async def hashed(self, password: str) -> str:
        """What is kept of a password. Raises `Busy`."""
        peppered = self._keys.peppered(composed(password))
        return await self._in_turn(lambda: self._argon2.hash(peppered))

    async def is_right(self, password: str, kept: str | None) -> bool:
        """Whether it is the password kept, in the same time when nothing is kept. Raises `Busy`."""
        peppered = self._keys.peppered(composed(password[: LONGEST + 1]))
        return await self._in_turn(lambda: self._agrees(peppered, kept)) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a password was kept under other parameters than today's."""
        return self._argon2.check_needs_rehash(kept)

    def _agrees(self, peppered: bytes, kept: str | None) -> bool:
        try:
            return self._argon2.verify(kept or self._nobody, peppered)
        except VerifyMismatchError:
            return False

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
