"""How often somebody may try to sign in, or cause a letter: by network, by address, by browser.

Every attempt is counted before it is made, and given back when it was no failure: attempts made together are all counted. A limit ends
by itself with its hour or its day. None lets anybody keep an owner out: failures of strangers do not count against a browser in which
he has signed in before (OWASP, « Slow Down Online Guessing Attacks with Device Cookies »), nor against the link that is mailed to him.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from db.statements import Database, statement
from resolvers.keys import Keyring
from resolvers.throttle import DAY, HOUR, window_of

SPEND = statement("attempts.spend")
GIVE_BACK = statement("attempts.give_back")

ANSWERED_SECONDS = 0.6
"""When an attempt is answered whose outcome must not show in the time: later than any of its causes takes to establish."""


@dataclass(frozen=True)
class Allowance:
    """Attempts that one subject of a scope may make in a window."""

    scope: str
    most: int
    window: timedelta


SIGN_IN_NETWORK = Allowance("SIGN_IN_NETWORK", 100, HOUR)
"""Wide: a whole school is one network."""

SIGN_IN_EMAIL = Allowance("SIGN_IN_EMAIL", 10, HOUR)
SIGN_IN_EMAIL_DAY = Allowance("SIGN_IN_EMAIL_DAY", 25, DAY)
"""CNIL, délibération n° 2022-100: 25 attempts a day at the most, where a password has 50 bits."""

SIGN_IN_BROWSER = Allowance("SIGN_IN_BROWSER", 10, HOUR)
SECOND_FACTOR = Allowance("SECOND_FACTOR", 10, HOUR)
PASSWORD_AGAIN = Allowance("PASSWORD_AGAIN", 10, HOUR)
MAIL_NETWORK = Allowance("MAIL_NETWORK", 60, HOUR)
MAIL_EMAIL = Allowance("MAIL_EMAIL", 3, HOUR)
MAIL_EMAIL_ALL = Allowance("MAIL_EMAIL_ALL", 10, HOUR)
"""Letters of one kind to one address: from one network, and from all. Each kind counts alone, and a network cannot use up what another
may ask for, so that nobody keeps an owner from his link."""

SIGN_IN = (SIGN_IN_NETWORK, SIGN_IN_EMAIL, SIGN_IN_EMAIL_DAY, SIGN_IN_BROWSER)


class TooManyAttempts(Exception):
    """An allowance is exhausted, until a time; this attempt is the `first` that it refuses in its window."""

    def __init__(self, allowance: Allowance, until: datetime, *, first: bool) -> None:
        super().__init__(allowance.scope)
        self.allowance = allowance
        self.until = until
        self.first = first


@dataclass(frozen=True, repr=False)
class Attempt:
    """An attempt as it counts: each allowance with its subject, and the windows of its time."""

    keyring: Keyring
    against: tuple[tuple[Allowance, str], ...]
    at: datetime

    @staticmethod
    def now(keyring: Keyring, *against: tuple[Allowance, str]) -> "Attempt":
        """An attempt made now."""
        return Attempt(keyring, against, datetime.now(UTC))

    async def spend(self, database: Database) -> None:
        """Counts it. Raises `TooManyAttempts` at the first limit that is exhausted, and counts it against no other."""
        for allowance, subject in self.against:
            made = await SPEND.value(database, **self._counted(allowance, subject))
            if made > allowance.most:
                until = window_of(self.at, allowance.window) + allowance.window
                raise TooManyAttempts(allowance, until, first=made == allowance.most + 1)

    async def give_back(self, database: Database) -> None:
        """It was no failure."""
        for allowance, subject in self.against:
            await GIVE_BACK.run(database, **self._counted(allowance, subject))

    def _counted(self, allowance: Allowance, subject: str) -> dict[str, object]:
        return {
            "scope": allowance.scope, "subject": self.keyring.subject(f"{allowance.scope}:{subject}"),
            "since": window_of(self.at, allowance.window),
        }  # fmt: skip


@asynccontextmanager
async def failing_in_the_same_time() -> AsyncGenerator[None]:
    """Whatever fails inside is answered at a fixed time after it began, whatever its cause."""
    began = monotonic()
    try:
        yield
    except Exception:
        await asyncio.sleep(max(0.0, began + ANSWERED_SECONDS - monotonic()))
        raise


@asynccontextmanager
async def in_the_same_time() -> AsyncGenerator[None]:
    """Ends at a fixed time after it began, whatever happens inside and whether or not it fails."""
    began = monotonic()
    async with failing_in_the_same_time():
        yield
    await asyncio.sleep(max(0.0, began + ANSWERED_SECONDS - monotonic()))
