"""The reference tables as shipped: one CSV file each in `db/reference/`, whose README says where facts come from."""

import csv
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "reference"

TABLES: tuple[str, ...] = (
    "academic_region",
    "exam_service",
    "academy",
    "foreign_centre",
    "national_level",
    "diploma_title",
    "coverage",
    "role",
    "role_right",
    "way_of_appeal",
    "refusal_template",
)
"""The tables in the order in which they can be loaded: each one refers only to itself and to those before it."""


def rows(table: str) -> Iterator[dict[str, str | None]]:
    """The rows of a table by column, sorted by key; dates are ISO text and an empty cell is None.

    Raises `FileNotFoundError` when no such table is shipped.
    """
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {column: value or None for column, value in row.items()}
