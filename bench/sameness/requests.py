"""Requests to the academies with odd texts: in every state, with messages, pieces and a history, some of which nobody wrote."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

from db.statements import Connection

KINDS = ("ATTESTATION", "MARK_SHEET", "SCRIPTS", "COLLECTION", "REISSUE")
STATES = ("SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED", "ACCEPTED", "REFUSED", "WITHDRAWN", "DELIVERED")
PIECES = ("IDENTITY", "MANDATE", "CIVIL_STATUS", "AUTHORITY", "OTHER")
ENTRIES = ("STATE", "MESSAGE", "PIECE", "ASSIGNMENT", "NOT_LINKED")
NOW = datetime(2026, 7, 4, 8, 0, 0, 500_000, UTC)

MAKE = """
insert into document_request (reference, account_id, kind, family, year, obtained_in, country_code, academy_code, asked, person,
  represented, state, assigned_to, due_on, silence, missing_pieces, waiting_since, answer_by, decided_at, decided_by, refusal, ended_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
on conflict do nothing returning id
"""


async def filled_requests(
    connection: Connection,
    random: Random,
    accounts: list[UUID],
    agents: list[UUID],
    academies: tuple[str, ...],
    odd: tuple[str, ...],
) -> list[str]:
    """Makes some; their references."""

    def perhaps(value: Any) -> Any:
        return value if random.random() < 0.6 else None

    def person() -> dict[str, Any]:
        return {
            "family_name": random.choice(odd), "given_names": random.choices(odd, k=2), "used_name": perhaps(random.choice(odd)),
            "birth_date": "2001-01-01", "declared_birth_date": None, "sex": "F", "birth_commune": perhaps("25056"),
            "birth_country": "99100", "identity": "FRANCECONNECT",
        }  # fmt: skip

    references: list[str] = []
    for number in range(40):
        state, reference = random.choice(STATES), f"REQ{number}"
        waits, over = state == "INFORMATION_REQUESTED", state in ("REFUSED", "WITHDRAWN", "DELIVERED")
        request = await connection.fetchval(
            MAKE, reference, random.choice(accounts), random.choice(KINDS), random.choice(("bac", "belt")), random.randrange(1950, 2027),
            random.choice(academies), perhaps("99109"), random.choice(academies),
            {"title": perhaps(random.choice(odd)), "series": perhaps(random.choice(odd))}, random.choice((person(), person(), {})),
            perhaps(person()), state, perhaps(random.choice(agents)), date(2026, random.randrange(1, 13), 3),
            random.choice(("REFUSAL", "ACCEPTANCE")), random.sample(PIECES, random.randrange(3)), NOW if waits else None,
            perhaps(date(2026, 8, 4)), perhaps(NOW), perhaps(random.choice(agents)),
            {"template": random.choice(odd), "grounds": perhaps(random.choice(odd))} if state == "REFUSED" else None,
            NOW if over else None,
        )  # fmt: skip
        if request is None:
            continue
        references.append(reference)
        for _ in range(random.randrange(4)):
            await connection.execute(
                "insert into document_request_message (request_id, agent_id, body) values ($1, $2, $3)",
                request, perhaps(random.choice(agents)), random.choice(odd),
            )  # fmt: skip
            await connection.execute(
                "insert into document_request_piece (request_id, kind, file_name, media_type, size, digest, agent_id, destroyed_at)"
                " values ($1, $2, $3, 'application/pdf', 12, $4, $5, $6)",
                request, random.choice((*PIECES, "DELIVERED")), random.choice(odd),
                *random.choice(((b"\x00\xff", perhaps(random.choice(agents)), None), (None, None, NOW))),
            )  # fmt: skip
            await connection.execute(
                "insert into document_request_event (request_id, kind, state, agent_id, account_id, facts)"
                " values ($1, $2, $3, $4, $5, $6)",
                request, random.choice(ENTRIES), perhaps(state), perhaps(random.choice(agents)), perhaps(random.choice(accounts)),
                random.choice(({}, {"piece": "IDENTITY"})),
            )  # fmt: skip
    return references
