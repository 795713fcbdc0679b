"""Verification: what the register says of a control key and the holder's birth name.

1. Key and name are brought to the forms in which they are compared.
2. One statement checks the limits and finds the diploma; row access is decided there. Then the consultation is journalled.
3. A failure is counted, then answered at a fixed time after the question: an unknown key, a wrong name, a session that is not published
   and an exhausted limit are one answer, in the same time.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

import structlog

from db.statements import Database, Row, statement
from graph.control_key import normalised
from resolvers import consultations
from resolvers.consultations import Entry
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.throttle import LIMITS, Turnstile, network_of, subjects_of

VERIFY = statement("verification.verify")
COUNT_FAILURE = statement("verification.count_failure")
DIPLOMA_OF_KEY = statement("verification.diploma_of_key")

log = structlog.get_logger()

FAILURE_SECONDS = 0.25
"""When a failure is answered: later than any of its causes takes to establish."""

LONGEST_NAME = 200
NO_KEY = "--------"
"""Stands for a text that cannot be a key: it is counted like any other."""

MOST = [limit.most for limit in LIMITS]
MOST_IN_SLOW_MODE = [limit.most_in_slow_mode for limit in LIMITS]


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
        began = monotonic()
        network = network_of(address)
        async with self._turnstile.pass_through(network):
            row = await self._look_up(database, key[:64], birth_name[:LONGEST_NAME], network, organisation)
        if row is None:
            await asyncio.sleep(max(0.0, began + FAILURE_SECONDS - monotonic()))
        return row

    async def _look_up(self, database: Database, key: str, birth_name: str, network: str, organisation: str | None) -> Row | None:
        name, symbols = name_key(birth_name), normalised(key)
        counted = subjects_of(self._keyring, network, name, symbols or NO_KEY, self._clock())
        lookup = self._keyring.lookup_of(symbols)
        row = await VERIFY.row(
            database, scopes=counted.scopes, subjects=counted.subjects, since=counted.since, most=MOST,
            most_in_slow_mode=MOST_IN_SLOW_MODE, lookup=lookup, name_key=name,
        )  # fmt: skip
        assert row is not None
        if row["id"] is not None:
            # nothing is shown that is not in the holder's journal
            entry = Entry(row["version"], "SHOWN", "KEY", organisation=organisation)
            await consultations.write(database, self._keyring, row["id"], entry)
            return row
        if row["slow"]:
            log.warning("verification_slow_mode")
        if not row["exhausted"]:
            await COUNT_FAILURE.run(database, scopes=counted.scopes, subjects=counted.subjects, since=counted.since)
            await self._note_wrong_name(database, lookup, organisation)
        return None

    async def _note_wrong_name(self, database: Database, lookup: bytes, organisation: str | None) -> None:
        """The holder's journal keeps that somebody had the right key with a wrong name."""
        found = await DIPLOMA_OF_KEY.row(database, lookup=lookup)
        if found is not None:
            entry = Entry(found["version"], "WRONG_NAME", "KEY", organisation=organisation)
            await consultations.write(database, self._keyring, found["diploma_id"], entry)
