"""Both executors over one register that has something of everything, a plugin's family among the others."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from unittest.mock import patch

import asyncpg

from bench.sameness.comparing import Executors
from bench.sameness.documents import Asking, Drawn
from bench.sameness.family import installed
from bench.sameness.register import KEYRING, NOBODY, Register, filled
from db.embedded import EmbeddedServer
from db.pool import RequestPool, connect, open_pool
from graph.text import Language
from resolvers.names import name_key
from resolvers.web_sessions import SignedIn

DETAILS: dict[str, Any] = {
    "local_code": 'B"1', "art": "judo", "master": None, "bouts": 3, "rank": 1, "abroad": True, "renewed": None, "belt": "BLACK",
    "techniques": ["uchi-mata", 'dite "la reine"'], "nicknames": [], "belts": ["WHITE"],
    "course": {
        "label": "voie\u2028longue",
        "parts": [{"name": "sol", "hours": 12, "place": {"town": "Évry", "country": None}}, {"name": "debout"}],
    },
    "stages": [{"name": "dojo", "hours": 3, "place": None}],
}  # fmt: skip
"""Of a diploma of the plugin's family."""

STAGE = "name hours place { town country }"
COURSE = f"__typename label summary parts {{ {STAGE} }}"
EVERY_BELTED_FIELD = f"""__typename titleCode ... on Belted {{ option art master bouts rank abroad renewed techniques nicknames belt belts
  awardedText moment academyNumber course {{ {COURSE} }} formerCourse {{ {COURSE} }} stages {{ {STAGE} }} }}"""


@dataclass(eq=False)
class Counted:
    """A pool that counts its statements."""

    pool: RequestPool
    statements: list[str]

    async def fetch(self, sql: str, *values: Any) -> Any:
        self.statements.append(sql)
        return await self.pool.fetch(sql, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        self.statements.append(sql)
        return await self.pool.fetchval(sql, *values)

    async def execute(self, sql: str, *values: Any) -> Any:
        return await self.pool.execute(sql, *values)


@dataclass
class Planned:
    """A register, and documents that are asked of it."""

    pool: RequestPool
    register: Register
    executors: Executors

    def drawn(
        self,
        document: str,
        *variables: dict[str, Any],
        who: SignedIn = NOBODY,
        language: Language = "fr",
        operation: str | None = None,
    ) -> Drawn:
        """A document that is asked at once with each of some variables."""
        askings = tuple(Asking(who, one, language, f"192.0.{place}.1") for place, one in enumerate(variables or ({},)))
        return Drawn(document, operation, askings)

    async def compiled(self, drawn: Drawn) -> list[bytes | None]:
        """What the planner answers."""
        return await asyncio.gather(*(self.executors.compiled_answer(drawn, asking) for asking in drawn.askings))

    async def expected(self, drawn: Drawn) -> list[bytes]:
        """What Strawberry answers."""
        return [
            answer for answer, _ in await asyncio.gather(*(self.executors.strawberry_answer(drawn, one) for one in drawn.askings))
        ]

    async def same(self, drawn: Drawn) -> list[bytes | None]:
        """The planner's answers, which are Strawberry's."""
        compiled = await self.compiled(drawn)
        assert compiled == await self.expected(drawn), self.executors.refusals
        return compiled

    async def belted(self, given_names: Sequence[str | None] = ("Éloïse",), **changed: Any) -> dict[str, Any]:
        """Publishes a diploma of the plugin's family whose details are changed so; what verifies it. An ellipsis takes a key away."""
        details = {name: value for name, value in (DETAILS | changed).items() if value is not ...}
        session = await self.pool.fetchval("select id from exam_session where family = 'belt' and state = 'PUBLISHED' limit 1")
        diploma = await self.pool.fetchval(
            "insert into diploma (session_id, candidate_number) values ($1, uuidv7()::text) returning id", session
        )
        await self.pool.execute(
            "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, title,"
            " name_key, details, recorded_at) values ($1, 1, uuidv7(), 'VALID', '', 'Lecœur', $4, 'Ceinture', $2, $3,"
            " '2026-07-04 08:00:00.5+00')",
            diploma, name_key("Lecœur"), details, list(given_names),
        )  # fmt: skip
        lookup = KEYRING.lookup(diploma.bytes, 1, 1)
        await self.pool.execute(
            "insert into control_key (lookup, diploma_id, version, generation) values ($1, $2, 1, 1)", lookup, diploma
        )
        return {"key": KEYRING.control_key(diploma.bytes, 1, 1), "name": "Lecœur"}


def drawn_once(document: str, asking: Asking) -> Drawn:
    """A document of one operation, with who asks it."""
    return Drawn(document, None, (asking,))


def verification(selection: str) -> str:
    """A document that verifies a diploma and asks that of it."""
    return (
        "query ($key: String!, $name: String!) { verification(key: $key, birthName: $name) { __typename ... on VerifiedDiploma"
        f" {{ diploma {{ {selection} }} }} }} }}"
    )


@asynccontextmanager
async def planned_over(postgres: EmbeddedServer, template: str) -> AsyncGenerator[Planned]:
    """Both executors over a register of their own."""
    admin = await asyncpg.connect(postgres.url())
    await admin.execute("drop database if exists planned with (force)")
    await admin.execute(f"create database planned template {template} strategy file_copy")
    # each document is a new statement, and the order of its joins changes nothing of its answer
    await admin.execute("alter database planned set join_collapse_limit = 1")
    with installed(), patch("resolvers.verification.FAILURE_SECONDS", 0.0):
        connection = await connect(postgres.url("planned"))
        register = await filled(connection, Random(1))
        await connection.close()
        pool = await open_pool(postgres.url("planned"), 4)
        yield Planned(pool, register, Executors(pool))
        await pool.close()
    await admin.execute("drop database planned with (force)")
    await admin.close()
