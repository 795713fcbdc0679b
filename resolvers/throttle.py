"""How often verification may fail: by address, by name, by key and for the whole site.

Counted for each verification that is resolved, not for each request, so aliases and batches gain nothing. The key has 40 bits: it
is an index, and these limits with the birth name are the protection (docs/verification.md gives the figures).
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from socket import AF_INET, inet_pton

from resolvers.keys import Keyring


@dataclass(frozen=True)
class Limit:
    """Failures that one subject of a scope may make in a window; fewer once the whole site is in slow mode."""

    scope: str
    most: int
    most_in_slow_mode: int
    window: timedelta


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = (
    Limit("ADDRESS", 10, 2, HOUR),
    Limit("NAME", 20, 5, HOUR),
    Limit("KEY", 5, 2, DAY),
    # beyond it nobody is refused, but the other limits tighten and the operators are told
    Limit("SITE", 2000, 2000, HOUR),
)

AT_ONCE = 4
"""Verifications of one network under way at once in a process: what may escape the count when all of them fail together."""


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """The network that counts as one address: /24 of IPv4, /48 of IPv6, the text itself when it is neither."""
    try:
        inet_pton(AF_INET, address)
    except (OSError, ValueError):
        return _network_of_other(address)
    return address.rpartition(".")[0]


def _network_of_other(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return parsed.exploded[:14]
        parsed = parsed.ipv4_mapped
    return str(parsed).rpartition(".")[0]


SUBJECT = 16
"""Bytes of a subject: an HMAC, so that the counters name nobody."""


def counted(keyring: Keyring, network: str, name_key: str, key: str) -> bytes:
    """Against whom a verification would count: the subjects of `LIMITS`, in their order, one after the other."""
    subject = keyring.subject
    return subject(f"ADDRESS:{network}") + subject(f"NAME:{name_key}") + subject(f"KEY:{key}") + keyring.site


def subjects(counted: bytes) -> list[bytes]:
    """The subjects, each by itself."""
    return [counted[place : place + SUBJECT] for place in range(0, len(counted), SUBJECT)]


def windows(now: datetime) -> tuple[datetime, datetime]:
    """When the hour and the day of a time began, over which failures are counted."""
    return _windows(int(now.timestamp()) // 3600)


@lru_cache(maxsize=4)
def _windows(hours: int) -> tuple[datetime, datetime]:
    now = datetime.fromtimestamp(hours * 3600, UTC)
    return window_of(now, HOUR), window_of(now, DAY)


def window_of(now: datetime, window: timedelta) -> datetime:
    """When the window of a time began: windows follow each other, the same for everybody."""
    seconds = int(window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


class Turnstile:
    """Lets few verifications of one network through at once, so that they are counted before the next ones begin."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._inside: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, network: str) -> None:
        """Waits for a turn of the network. Whoever has it must leave."""
        inside = self._inside.get(network, 0)
        if inside < self._at_once:
            self._inside[network] = inside + 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(network)  # the turn came as its caller went away
            raise

    def leave(self, network: str) -> None:
        """Gives the turn to the next one of the network who still waits for it."""
        waiting = self._waiting.get(network)
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(network, None)
        self._inside[network] -= 1
        if not self._inside[network]:
            del self._inside[network]

    @asynccontextmanager
    async def pass_through(self, network: str) -> AsyncGenerator[None]:
        """Holds a turn of the network."""
        await self.enter(network)
        try:
            yield
        finally:
            self.leave(network)
