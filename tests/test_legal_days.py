"""The legal days of a request: months, holidays, and the days that the applicant takes."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DatabaseConnection

CASES = Path(__file__).parent / "cases" / "legal_days.csv"
EASTERS = {1999: "04-04", 2000: "04-23", 2008: "03-23", 2024: "03-31", 2025: "04-20", 2026: "04-05", 2038: "04-25", 2100: "03-28"}
HOLIDAYS_OF_2026 = {
    "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14", "2026-08-15", "2026-11-01",
    "2026-11-11", "2026-12-25",
}  # fmt: skip


def cases() -> list[Any]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["why"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("case", cases())
async def test_a_delay_ends_on_the_day_that_was_worked_out_by_hand(connection: DatabaseConnection, case: dict[str, str]) -> None:
    received, months = datetime.fromisoformat(case["received"]), int(case["months"])
    due = await connection.fetchval("select legal_due($1, $2)", received, months)
    if case["rested_since"]:
        rest = datetime.fromisoformat(case["rested_since"]), datetime.fromisoformat(case["again"])
        due = await connection.fetchval("select legal_due_again($1, $2, $3)", due, *rest)
    assert due == date.fromisoformat(case["due"])


async def test_easter_is_where_the_calendar_has_it(connection: DatabaseConnection) -> None:
    found = {year: (await connection.fetchval("select easter($1)", year)).strftime("%m-%d") for year in EASTERS}
    assert found == EASTERS


async def test_a_year_has_eleven_national_holidays(connection: DatabaseConnection) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    found = await connection.fetch("select day::text from unnest($1::date[]) day where public_holiday(day)", days)
    assert {row["day"] for row in found} == HOLIDAYS_OF_2026


async def test_no_delay_ever_ends_on_a_day_without_work(connection: DatabaseConnection) -> None:
    found = await connection.fetchval(
        """select count(*) from generate_series(timestamptz '2020-01-01 12:00+00', '2035-12-31', '1 day') received,
             legal_due(received, 1) due where extract(isodow from due) > 5 or public_holiday(due)"""
    )
    assert found == 0
