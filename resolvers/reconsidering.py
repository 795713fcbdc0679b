"""What an account holds, looked at again when its owner is said to be somebody else, or when it claims one diploma more.

Nothing is taken from anybody silently: a doubt goes to the review desk, and the diploma stays where it is until agents decide.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from db.statements import Connection, Row, statement
from resolvers.matching import SecondFacts, compare, corroborated, same_person
from resolvers.outcomes import Decision
from resolvers.people import ExamRecord, Person
from resolvers.places import places

HELD_RECORDS = statement("holdings.records")
REVIEW_AGAIN = statement("claims.review_again")


async def reconsider(connection: Connection, account: UUID, person: Person) -> int:
    """Compares the diplomas that an account was given by matching alone with who its owner is now said to be.

    Those that would no longer match go to the review desk; returns how many.
    """
    doubtful = 0
    for row in await HELD_RECORDS.rows(connection, account=account):
        record = record_of(row)
        comparison = compare(person, record, places())
        if row["reviewed"] or corroborated(comparison, record, SecondFacts(**row["facts"])) is Decision.MATCH:
            continue
        doubtful += 1
        await REVIEW_AGAIN.value(
            connection, claim=row["claim_id"], diploma=row["id"], person=asdict(person), comparison=comparison.named
        )
    return doubtful


async def held_by_another_person(connection: Connection, account: UUID, records: Iterable[ExamRecord]) -> bool:
    """Whether the account holds a diploma that is certainly not of the person of these records: two INE of one form, or two candidates
    of one exam."""
    held = [record_of(row) for row in await HELD_RECORDS.rows(connection, account=account)]
    return any(same_person(record, other) is False for record in records for other in held)


def record_of(row: Row | dict[str, Any]) -> ExamRecord:
    """The person of a published diploma's row."""
    return ExamRecord(
        row["birth_name"], tuple(row["given_names"]), row["used_name"], row["birth_date"], row["sex"], row["birth_commune"],
        row["birth_place"], row["birth_country"], row["ine"], row["candidate_number"], row["establishment"],
        f"{row['family']}/{row['session_year']}",
    )  # fmt: skip
