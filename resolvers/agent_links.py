"""How an agent gets an identity of a provider: he signs in once, is given a reference, and an administrator links it to him.

The provider proves who signs in, not that he is one of ours: his employer's administrator knows that.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.statements import Database, statement
from graph.control_key import normalised, shown, spelled
from graph.problems import NotFound
from graph.text import Text
from resolvers.callers import Caller

ASK = statement("agent_links.ask")
ASKED = statement("agent_links.asked")
LINK = statement("agent_links.link")
ATTACH = statement("agent_links.attach")
UNLINK = statement("agent_links.unlink")

LASTS = timedelta(days=3)
"""A reference given on a Friday is still good on Monday."""

NO_REFERENCE = Text(
    "Cette référence n'existe pas, a déjà servi ou a plus de trois jours : l'agent en obtient une autre en se connectant.",
    "This reference does not exist, was used, or is over three days old: signing in gives the agent another one.",
)


@dataclass(frozen=True, repr=False)
class Asked:
    """Who asks under a reference, as his provider says."""

    provider: str
    declared: Mapping[str, str]


async def ask(database: Database, provider: str, subject: str, declared: Mapping[str, str]) -> str:
    """The reference that an identity without an agent quotes to an administrator, as it is shown; it replaces an earlier one."""
    reference = spelled(secrets.randbits(40))
    await ASK.run(
        database, provider=provider, subject=subject, reference=reference, declared=dict(declared),
        expires_at=datetime.now(UTC) + LASTS,
    )  # fmt: skip
    return shown(reference)


async def asked(database: Database, reference: str) -> Asked:
    """Who asked under a reference. Raises `NotFound` when it is unknown, used, or too old."""
    row = await ASKED.row(database, reference=normalised(reference) or "")
    if row is None:
        raise NotFound.refuse(NO_REFERENCE)
    return Asked(row["provider"], row["declared"])


async def link(database: Database, agent: Caller, reference: str) -> None:
    """Gives the agent the identity that asked under a reference, which is then used up. Raises `NotFound`."""
    if await LINK.value(database, reference=normalised(reference) or "", agent=agent.id) is None:
        raise NotFound.refuse(NO_REFERENCE)


async def attach(database: Database, agent: Caller, provider: str, subject: str) -> None:
    """Gives an agent an identity without a reference: for the demonstration, whose provider is our own."""
    await ATTACH.run(database, provider=provider, subject=subject, agent=agent.id)


async def unlink(database: Database, agent: Caller) -> int:
    """Takes every identity of an agent away and ends his sessions; how many identities there were."""
    return len(await UNLINK.rows(database, agent=agent.id))
