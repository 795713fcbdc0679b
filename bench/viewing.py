"""The dashboard: whole dashboards of holders a second and their latency, at two sizes of the register, in turn with smaller requests."""

import argparse
import time
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from secrets import token_urlsafe

from bench.load import KEYRING, Load, asking, in_turn, operation, report, serving
from bench.machine import scratch_server
from bench.verifying import Register, asked_with, filled, verifying
from db.pool import connect
from resolvers import web_sessions
from resolvers.consultations import Entry, sealed, subject_of
from resolvers.people import Person
from server.identity import COOKIE

SMALL = 10_000
PORT = 18_700
EACH = 3
PERSON = Person("BÉRAUD-LEFÈVRE", ("Éloïse", "Marie"), "2006-03-12", "F", birth_commune="25056")
DASHBOARD = """query { viewer { identity { familyName givenNames proven }
  diplomas { edges { node { id controlKey addedAt keptUntil diploma { id title session academy { name region { name } } } } } }
  requests { edges { node { id reference state academy { name } } } }
  shares { edges { node { id label secret link state views diploma { title } } } }
  consultations { edges { node { at channel outcome organisation shareLabel diploma { title } } } }
  sessions { id provider device current } } }"""

ACCOUNTS = "insert into account (id) select uuidv7() from generate_series(1, $1::int)"
IDENTITIES = """insert into identity (provider, subject, account_id, person, proven)
select 'franceconnect', id::text, id, $1, true from account"""
HOLDINGS = """
-- one diploma of each session, drawn: an account's diplomas lie far from each other
insert into claim (reference, account_id, family, academy_code, year, facts, person, state)
select d.id::text, i.account_id, 'bac', '01', d.year, '{}', i.person, 'ADDED'
from (select account_id, person, row_number() over () as nth from identity) i
join (select d.id, s.year, row_number() over (partition by s.id order by random()) as nth
  from diploma d join exam_session s on s.id = d.session_id) d using (nth);
insert into holding (diploma_id, account_id, claim_id) select reference::uuid, account_id, id from claim;
insert into share (lookup, account_id, diploma_id, scope, label, expires_at)
select sha256(diploma_id::text::bytea), account_id, diploma_id, 'STANDARD', 'École de Nantes', now() + interval '90 days'
from (select *, row_number() over (partition by account_id) as nth from holding) h where nth <= 2;
"""


async def measure(given: argparse.Namespace) -> None:
    """Prints, for each size, what a dashboard costs beside the least request and a verification; then by the size of the register."""
    async with scratch_server() as server, AsyncExitStack() as servers:
        registers = [await filled(server, size) for size in (SMALL, given.diplomas)]
        tables: list[list[Load]] = []
        for port, register in enumerate(registers, PORT):
            loads = await loads_of(register, given.holders, port)
            await servers.enter_async_context(serving(register.url, port))
            tables.append(loads)
        await in_turn([load for loads in tables for load in loads], given.seconds)
    for register, loads in zip(registers, tables, strict=True):
        report(f"{register.size} diplomas", loads)
    for small, large in zip(*tables, strict=True):
        print(f"{small.name} × {small.rate / large.rate:.2f} at {given.diplomas} diplomas")


async def loads_of(register: Register, holders: int, port: int) -> list[Load]:
    """The least request, verifications of diplomas that no holder has, and dashboards, each of another holder than the last."""
    # some diplomas of a small register must be nobody's, or verifying them would lengthen the journals of the dashboards
    cookies, free = await peopled(register, min(holders, register.size // (EACH + 1)))
    dashboards = [operation(DASHBOARD, {"Cookie": f"{COOKIE}={cookie}"}) for cookie in cookies]
    return [
        Load("{ __typename }", asking(port, [operation("{ __typename }", {})], b'"Query"')),
        Load("verification", verifying(port, asked_with(free))),
        Load("dashboard", asking(port, dashboards, b'"controlKey"', EACH)),
    ]


async def peopled(register: Register, holders: int) -> tuple[list[str], list[str]]:
    """Gives diplomas to holders who are signed in; the secrets of their cookies, and the keys of diplomas that nobody has."""
    began = time.perf_counter()
    connection = await connect(register.url)
    await connection.execute(ACCOUNTS, holders)
    await connection.execute(IDENTITIES, asdict(PERSON))
    await connection.execute(HOLDINGS)
    cookies = [token_urlsafe(32) for _ in range(holders)]
    ends = datetime.now(UTC) + web_sessions.LONGEST
    accounts = await connection.fetch("select id from account")
    await connection.copy_records_to_table(
        "web_session",
        columns=["digest", "account_id", "provider", "subject", "device", "ends_at"],
        records=[
            (web_sessions.digest(cookie), row["id"], "franceconnect", str(row["id"]), "Firefox", ends)
            for cookie, row in zip(cookies, accounts, strict=True)
        ],
    )
    held = {row["diploma_id"] for row in await connection.fetch("select diploma_id from holding")}
    entry = Entry("SHOWN", "LINK", organisation="École de Nantes")
    subjects = [subject_of(KEYRING, diploma) for diploma in held for _ in range(2)]
    await connection.copy_records_to_table(
        "consultation", columns=["subject", "sealed"], records=[(one, sealed(KEYRING, one, entry)) for one in subjects]
    )
    await connection.execute("vacuum analyze")
    await connection.close()
    print(f"{holders} holders in {time.perf_counter() - began:.0f} s", flush=True)
    return cookies, [key for id, key in register.keys.items() if id not in held]
