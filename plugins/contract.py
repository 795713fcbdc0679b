"""What a family of diplomas declares, and nothing else that a family may count on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from graph.diploma import Diploma
from graph.enums import Decision, Mention
from graph.text import Text

T = TypeVar("T")

Value: TypeAlias = str | int | bool | Decimal | list[str] | None
"""What a column of an import may hold once read."""

Results: TypeAlias = Mapping[str, Any]
"""The read columns of one line by name, a `Value` each, with the common ones that rules need: `code_diplome`, `groupe`."""


class Invalid(ValueError):
    """The value of one cell cannot be taken: why, and what the academy can do about it."""

    def __init__(self, reason: Text, remedy: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Session:
    """An exam session as rules see it: its year, and the academy that holds it (code of the ministry)."""

    year: int
    academy: str


@dataclass(frozen=True)
class Dated(Generic[T]):
    """A value of the law for the sessions `first` to `last` (years, inclusive; None is unbounded), with its reference.

    `certain` is False where the reference was not read in an official source: the rule then only flags, like all others, and the
    documentation says so.
    """

    value: T
    reference: str
    first: int | None = None
    last: int | None = None
    certain: bool = True

    def covers(self, year: int) -> bool:
        """Whether the session `year` falls in the interval."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


def at(values: tuple[Dated[T], ...], year: int) -> Dated[T] | None:
    """The value in force at the session `year`, or None when the law had none."""
    return next((value for value in values if value.covers(year)), None)


@dataclass(frozen=True)
class JuryGroup:
    """A part of a session whose results one jury gives: every group in force must be closed before publication."""

    code: str
    label: Text
    reference: str
    first: int | None = None
    last: int | None = None

    def held(self, year: int) -> bool:
        """Whether the session `year` has this group."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


@dataclass(frozen=True)
class Column:
    """A column that a family reads from an import besides the common ones.

    `read` turns a non-empty cell into a `Value` or raises `Invalid`; an empty cell is None, refused when `required`. With
    `detail`, the value is published under that key of the diploma's `details`; without, it serves the rules and stays with the
    candidate: marks are never published.
    """

    name: str
    description: Text
    read: Callable[[str], Value]
    required: bool = False
    detail: str | None = None
    example: str = ""


@dataclass(frozen=True)
class Outcome:
    """What the rules make of a line. `decisions` are the ones they allow, the expected one first."""

    decisions: tuple[Decision, ...]
    mention: Mention | None
    reason: Text
    reference: str


@dataclass(frozen=True)
class Line:
    """A line of the family's own on the page of its attestations, below title, session and mention, which every family has.

    `value` takes the diploma (the family's type) and answers what stands there: a text in French, one with its English companion, or
    None where the line is left out. `name` is the line's in `attestation.json`.
    """

    name: str
    label: Text
    value: Callable[[Any], Text | str | None]


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of diplomas. Frozen: everything that the register does with it follows from these values."""

    code: str
    """Stable, stored in the database: `bac`."""
    label: Text
    ministry: Text
    legal_basis: tuple[str, ...]
    """Articles, shown to clients."""
    type: type[Diploma]
    """The GraphQL type; implements `Diploma`."""
    jury_groups: tuple[JuryGroup, ...]
    columns: tuple[Column, ...]
    decide: Callable[[Results, Session], Outcome | None]
    """Pure: what the rules in force at that session make of the results, or None when the line lacks what they need."""
    title_kinds: tuple[str, ...] = ()
    """Kinds of national title (`diploma_title.kind`) that the family awards; empty when titles are the establishment's own."""
    title: Callable[[str | None, Results], str] | None = None
    """Full title from the national label and the results; the label itself by default."""
    level: Callable[[Results], int | None] | None = None
    """National (EQF) level of a title that the nomenclature lacks."""
    first_session: int | None = None
    last_session: int | None = None
    asked_at: Literal["EXAM_SERVICE", "ESTABLISHMENT"] = "EXAM_SERVICE"
    """Who answers for a diploma that is not in the register."""
    lines: tuple[Line, ...] = ()
    """What its attestations say besides what all do, in this order."""
    page: Path | None = None
    """A page of its own for its attestations (Typst, `docs/attestation.md`); the common one by default."""
    requires: str = ">=1,<2"
    """Versions of this contract that the family works with."""
    cases: Path | None = None
    """Worked cases (TOML) that `decide` must reproduce."""
    column_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column_names", frozenset(column.name for column in self.columns))

    def held(self, year: int) -> bool:
        """Whether the session `year` can exist for this family."""
        return (self.first_session is None or self.first_session <= year) and (
            self.last_session is None or year <= self.last_session
        )

    def groups(self, year: int) -> tuple[JuryGroup, ...]:
        """The jury groups that the session `year` requires, in their order."""
        return tuple(group for group in self.jury_groups if group.held(year))
