"""An agent's queue: pages of fifty requests with their messages and history, by the number of requests in the register, in turn."""

import argparse
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from bench.load import Load, asking, in_turn, operation, report, serving
from bench.machine import fresh_register, scratch_server, warm
from db.embedded import EmbeddedServer
from db.pool import connect
from resolvers import callers

SMALL = 30_000
"""A page of fifty at each desk."""

PORT = 18_900
PAGE = 50
ACADEMIES = 30
QUEUE = """query Queue($after: String) { deskRequests(first: 50, after: $after) { edges { node { id reference kind familyCode session
  academy { name } applicant { familyName givenNames } state assignedTo daysLeft overdue
  messages { writtenAt author agent body } history { at kind state actor agent } } } pageInfo { hasNextPage endCursor } } }"""
COUNTS = "query { deskRequestCounts { open overdue mine byState { state kind count } } }"

FILL = (
    "insert into account select uuidv7() from generate_series(1, $1::int / 5)",
    # one in ten is open, of every state, as old as those that are closed; every academy has as many
    """
    insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, state, assigned_to,
      submitted_at, due_on, silence, waiting_since, ended_at)
    select 'R' || n, a.id, (array['ATTESTATION', 'MARK_SHEET', 'SCRIPTS', 'COLLECTION', 'REISSUE'])[1 + n % 5], 'bac', 1970 + n % 50,
      c.code, c.code, '{"title": "Baccalauréat général"}', '{"family_name": "BÉRAUD-LEFÈVRE", "given_names": ["Éloïse", "Marie"],
      "birth_date": "1980-03-12", "sex": "F", "birth_country": "99100"}', s.state,
      case when s.state <> 'SUBMITTED' then (select id from agent limit 1) end, now(), current_date + n % 60 - 20, 'REFUSAL',
      case s.state when 'INFORMATION_REQUESTED' then now() end, case when s.state in ('REFUSED', 'DELIVERED') then now() end
    from generate_series(0, $1::int - 1) n
    join (select id, row_number() over () - 1 as nth from account) a on a.nth = n / 5
    join (select code, row_number() over (order by code) - 1 as nth from (select code from academy order by code limit $2) x) c
      on c.nth = n % $2
    cross join lateral (select case when n / $2 % 10 = 0
      then (array['SUBMITTED', 'IN_REVIEW', 'INFORMATION_REQUESTED', 'ACCEPTED'])[1 + n / $2 / 10 % 4]
      else (array['DELIVERED', 'REFUSED'])[1 + n % 2] end as state) s
    """,
    """
    insert into document_request_message (request_id, agent_id, body)
    select q.id, q.assigned_to, 'Merci d’envoyer une copie de votre pièce d’identité.'
    from document_request q cross join generate_series(1, 2)
    """,
    """
    insert into document_request_event (request_id, kind, state, agent_id)
    select q.id, 'STATE', s.state, q.assigned_to
    from document_request q cross join unnest('{SUBMITTED,IN_REVIEW,DELIVERED}'::text[]) s (state)
    """,
)


async def measure(given: argparse.Namespace) -> None:
    """Prints, for each size, what a page of the queue costs beside the least request and the counts; then by the number of requests."""
    async with scratch_server() as server, AsyncExitStack() as servers:
        tables: list[Sequence[Load]] = []
        for port, size in enumerate((SMALL, given.requests), PORT):
            url, requests = await filled(server, size)
            await servers.enter_async_context(serving(url, port))
            tables.append(loads_of(port, *requests))
        await in_turn([load for loads in tables for load in loads], given.seconds)
    for size, loads in zip((SMALL, given.requests), tables, strict=True):
        report(f"{size} requests", loads)
    for small, large in zip(*tables, strict=True):
        print(f"{small.name} × {small.rate / large.rate:.2f} at {given.requests} requests")


def loads_of(port: int, pages: Sequence[bytes], counts: Sequence[bytes]) -> Sequence[Load]:
    """The least request, the counts of desks, and pages of their queues, each of another desk than the last."""
    return (
        Load("{ __typename }", asking(port, [operation("{ __typename }", {})], b'"Query"')),
        Load("counts", asking(port, counts, b'"byState"')),
        Load("queue of 50", asking(port, pages, b'"reference"', PAGE)),
    )


async def filled(server: EmbeddedServer, size: int) -> tuple[str, tuple[list[bytes], list[bytes]]]:
    """A register of so many requests, and what an agent of each academy asks: the first pages of his queue, and his counts."""
    began = time.perf_counter()
    url = await fresh_register(server, f"desk_{size}")
    connection = await connect(url)
    academies = [row["code"] for row in await connection.fetch("select code from academy order by code limit $1", ACADEMIES)]
    headers: list[dict[str, str]] = []
    for academy in academies:
        agent = await callers.add(connection, f"Agent {academy}", "AGENT", [academy])
        headers.append({"Authorization": f"Bearer {await callers.new_token(connection, agent, timedelta(hours=1))}"})
    # nobody listens yet: a notice of each entry would cost more than the entry
    await connection.execute("alter table document_request_event disable trigger tell")
    for statement, *parameters in ((FILL[0], size), (FILL[1], size, ACADEMIES), (FILL[2],), (FILL[3],)):
        await connection.execute(statement, *parameters)
    await connection.execute("alter table document_request_event enable trigger tell")
    await connection.execute("vacuum analyze")
    await connection.close()
    await warm(url)
    print(f"{size} requests in {time.perf_counter() - began:.0f} s", flush=True)
    return url, ([operation(QUEUE, one, after=None) for one in headers], [operation(COUNTS, one) for one in headers])
