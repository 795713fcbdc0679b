"""Verification: what the register says of a control key and the holder's birth name.

1. Key and name are brought to the forms in which they are compared, and what the holder's journal is to keep is sealed.
2. One statement checks the limits, finds the diploma and journals the reading; row access is decided there.
3. A failure is counted, then answered at a fixed time after the question: an unknown key, a wrong name, a session that is not published
   and an exhausted limit are one answer, in the same time.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog

from db.statements import Database, Row, statement
from graph.control_key import normalised
from resolvers.consultations import sealed_by_key, subject_of_key
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.throttle import HOUR, LIMITS, Turnstile, counted, network_of, subjects, windows

VERIFY = statement("verification.verify")
COUNT_FAILURE = statement("verification.count_failure")

log = structlog.get_logger()

FAILURE_SECONDS = 0.25
"""When a failure is answered: later than any of its causes takes to establish."""

LONGEST_NAME = 200
NO_KEY = "--------"
"""Stands for a text that cannot be a key: it is counted like any other."""

MOST = [limit.most for limit in LIMITS]
MOST_IN_SLOW_MODE = [limit.most_in_slow_mode for limit in LIMITS]
SHARED = ("hour", "day", "most", "most_in_slow_mode")
"""Parameters that are the same for all requests of one moment."""


class Verifier:
    """Answers verifications in one process."""

    def __init__(self, keyring: Keyring, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._keyring = keyring
        self._clock = clock
        self._turnstile = Turnstile()

    async def verify(
        self, database: Database, key: str, birth_name: str, address: str, organisation: str | None = None
    ) -> Row | None:
        """The current row of the diploma, or None after a fixed time when there is nothing to show, whatever the cause."""
        asked = self.asked(key, birth_name, address, organisation)
        async with self.attended(database, asked, address) as attempt:
            row = await VERIFY.row(database, **{name: value if name in SHARED else [value] for name, value in asked.items()})
            attempt.found = row is not None
        return row

    def asked(self, key: str, birth_name: str, address: str, organisation: str | None) -> dict[str, Any]:
        """What the statement takes of one request."""
        keyring, name, symbols = self._keyring, name_key(birth_name[:LONGEST_NAME]), normalised(key[:64])
        hour, day = windows(self._clock())
        lookup = keyring.lookup_of(symbols)
        subject = subject_of_key(keyring, lookup)
        shown, wrong_name = sealed_by_key(keyring, subject, organisation)
        return {
            "lookup": lookup, "name_key": name, "counted": counted(keyring, network_of(address), name, symbols or NO_KEY),
            "hour": hour, "day": day, "subject": subject, "sealed": shown, "sealed_wrong_name": wrong_name,
            "most": MOST, "most_in_slow_mode": MOST_IN_SLOW_MODE,
        }  # fmt: skip

    def attended(self, database: Database, asked: Mapping[str, Any], address: str) -> "Attempt":
        """Waits for a turn of the caller's network; afterwards, a failure is counted, and ends at its fixed time."""
        return Attempt(self._turnstile, network_of(address), database, asked)


class Attempt:
    """A verification under way, as an `async with`; whoever asks the register says whether it found anything."""

    def __init__(self, turnstile: Turnstile, network: str, database: Database, asked: Mapping[str, Any]) -> None:
        self.found = False
        self._began = monotonic()
        self._turnstile, self._network = turnstile, network
        self._database, self._asked = database, asked

    async def __aenter__(self) -> "Attempt":
        """Waits for a turn."""
        await self._turnstile.enter(self._network)
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        """Counts a failure, and ends at its time; what was raised is none."""
        failed = not self.found and kind is None
        try:
            if failed and await COUNT_FAILURE.value(self._database, **_counted(self._asked)):
                log.warning("verification_slow_mode")
        finally:
            self._turnstile.leave(self._network)
        if failed:
            await asyncio.sleep(max(0.0, self._began + FAILURE_SECONDS - monotonic()))


def _counted(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "scopes": [limit.scope for limit in LIMITS], "subjects": subjects(asked["counted"]),
        "since": [asked["hour"] if limit.window == HOUR else asked["day"] for limit in LIMITS],
        "most": MOST, "most_in_slow_mode": MOST_IN_SLOW_MODE,
    }  # fmt: skip
