"""Who acts: an agent with a role and academies. Every use case takes its caller and says by which right he acts."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from db.statements import Database, Row, statement
from graph.input import CallerError
from resolvers.roles import ROLES, Act

BY_TOKEN = statement("agents.by_token")
BY_NAME = statement("agents.by_name")
ADD = statement("agents.add")
ADD_TOKEN = statement("agents.add_token")
RETIRE = statement("agents.retire")
REVOKE_TOKENS = statement("agents.revoke_tokens")
JOURNAL = statement("agents.journal")


class Forbidden(CallerError):
    """The caller is not signed in (`role` is None), or his role does not carry the act."""

    def __init__(self, act: Act, role: str | None) -> None:
        super().__init__(f"{role or 'an anonymous caller'} may not {act.value}")
        self.signed_in = role is not None


@dataclass(frozen=True)
class Caller:
    """An agent of exam services."""

    id: UUID
    name: str
    role: str
    academies: tuple[str, ...]

    def may(self, act: Act) -> None:
        """Raises `Forbidden` when the role does not carry the act."""
        if act not in ROLES[self.role].acts:
            raise Forbidden(act, self.role)

    async def journal(self, database: Database, act: str, session: UUID | None, **facts: Any) -> None:
        """Writes what the agent did, in the transaction that does it. Facts name no person."""
        await JOURNAL.run(database, agent=self.id, act=act, session=session, facts=facts)


def caller_of(row: Row) -> Caller:
    """The caller of an agent's row."""
    return Caller(row["id"], row["name"], row["role"], tuple(row["academies"]))


async def by_token(database: Database, digests: Sequence[bytes]) -> dict[bytes, tuple[Caller, int | None]]:
    """The agents who hold the bearer tokens of these digests, each with where the log was after what he last wrote.

    A token that is unknown, expired or revoked is missing.
    """
    rows = await BY_TOKEN.rows(database, digests=digests)
    return {row["digest"]: (caller_of(row), row["last_write"]) for row in rows}


async def by_name(database: Database, name: str) -> Caller | None:
    """The active agent of that name, or None."""
    row = await BY_NAME.row(database, name=name)
    return caller_of(row) if row else None


async def add(database: Database, name: str, role: str, academies: list[str]) -> Caller:
    """Adds an agent, or changes the role and academies of an existing one."""
    row = await ADD.row(database, name=name, role=role, academies=academies)
    assert row is not None
    return caller_of(row)


async def new_token(database: Database, agent: Caller, lasts: timedelta) -> str:
    """A bearer token of an agent. It is shown once: the register keeps its digest."""
    token = secrets.token_urlsafe(32)
    await ADD_TOKEN.run(database, digest=digest(token), agent=agent.id, expires_at=datetime.now(UTC) + lasts)
    return token


async def revoke_tokens(database: Database, agent: Caller) -> int:
    """Revokes every token of an agent; how many were in force."""
    return await REVOKE_TOKENS.run(database, agent=agent.id)


async def retire(database: Database, agent: Caller) -> None:
    """Ends an agent's rights and tokens. What he did stays in the journal under his name."""
    await RETIRE.run(database, agent=agent.id)
    await revoke_tokens(database, agent)


def digest(token: str) -> bytes:
    """What the register keeps of a token of 256 random bits."""
    return hashlib.sha256(token.encode()).digest()
