"""What a family of diplomas declares, and nothing else that a family may count on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from graph.diploma import Diploma
from graph.enums import Decision, Mention
from graph.text import Text

T = TypeVar("T")

CONTRACT = (1, 0)
"""Version of this contract: the first number changes when a family that kept to it may have to change (docs/families.md)."""

READABLE = (
    "family", "title", "title_code", "session_year", "mention", "national_level", "awarded_on", "status", "version", "published_at",
    "academy_code",
)  # fmt: skip
"""Columns of the register's row that fields of a family may read: what every client of a diploma sees of it. Where and when its holder was
born, his numbers and his marks are none of them, so no family can publish those."""

COMMON_COLUMNS = (
    "numero_candidat", "ine", "nom_naissance", "nom_usage", "prenoms", "sexe", "date_naissance", "commune_naissance", "lieu_naissance",
    "pays_naissance", "etablissement", "code_diplome", "groupe", "decision", "mention", "date_jury",
)  # fmt: skip
"""Columns that every results file may have, in their order (docs/import.md): no family has one of these names for its own."""

MOST_PARTS = 100
"""The longest list of parts that a field may declare: what an answer costs is known before it is read."""

Value: TypeAlias = "str | int | bool | Decimal | Sequence[Value] | Mapping[str, Value] | None"
"""What a column of an import may hold once read: a leaf, or lists and documents of them, which are published as parts."""

Reader: TypeAlias = Callable[[str], Value]
"""Turns a cell that is not empty into a value, or raises `Invalid`."""

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

    An empty cell is None, refused when `required`. With `detail`, the value is published under that key of the diploma's `details`;
    without, it serves the rules and stays with the candidate: marks are never published.
    """

    name: str
    description: Text
    read: Reader
    required: bool = False
    detail: str | None = None
    example: str = ""
    at_session: Callable[[Session], Reader] | None = None
    """The reader for one session, where what a cell may hold depends on it; `read` then says what any session takes."""

    def reader(self, session: Session) -> Reader:
        """The reader of cells for a session."""
        return self.read if self.at_session is None else self.at_session(session)


@dataclass(frozen=True)
class Misfit:
    """Cells of a line that are each right and do not go together: the column to look at, why, and what the academy can do about it."""

    column: str
    reason: Text
    remedy: Text


@dataclass(frozen=True)
class Entry:
    """A row of a table of the family: a code with what it stands for, and the sessions for which it may be used."""

    code: str
    label: Text
    first: int | None = None
    last: int | None = None
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    """Its other columns."""

    def held(self, year: int) -> bool:
        """Whether the session `year` may use it."""
        return (self.first is None or self.first <= year) and (self.last is None or year <= self.last)


@dataclass(frozen=True, eq=False)
class Table(Mapping[str, Entry]):
    """A reference table of the family's own: entries by code, read once from a file of its package (`table`)."""

    name: str
    label: Text
    source: str
    entries: Mapping[str, Entry]

    def __getitem__(self, code: str) -> Entry:
        return self.entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class Sample:
    """A results file as an academy would send it: what the kit imports, and the demonstration shows. Its people are fictitious."""

    file: Path
    year: int
    academy: str


@dataclass(frozen=True)
class Elsewhere:
    """Who answers for a diploma that is not in the register, when it is no exam service of an academy: what its holder reads."""

    instructions: Text
    website: str | None = None


AskedAt: TypeAlias = Literal["EXAM_SERVICE", "ESTABLISHMENT"] | Elsewhere
"""Who answers for a diploma that is not in the register."""


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


@dataclass(frozen=True, kw_only=True, eq=False)
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
    titles: Path | None = None
    """A file of national titles that the register does not have yet, of those kinds (CSV, docs/families.md)."""
    title: Callable[[str | None, Results], str] | None = None
    """Full title from the national label and the results; the label itself by default."""
    level: Callable[[Results], int | None] | None = None
    """National (EQF) level of a title that the nomenclature lacks."""
    check: Callable[[Results, Session], Misfit | None] | None = None
    """What is wrong with the cells of a line together; a line with a misfit is refused."""
    first_session: int | None = None
    last_session: int | None = None
    asked_at: AskedAt | tuple[Dated[AskedAt], ...] = "EXAM_SERVICE"
    """Who answers for a diploma that is not in the register; by session, where that changed."""
    tables: tuple[Table, ...] = ()
    """Its own reference tables, which clients can read."""
    lines: tuple[Line, ...] = ()
    """What its attestations say besides what all do, in this order."""
    page: Path | None = None
    """A page of its own for its attestations (Typst, `docs/attestation.md`); the common one by default."""
    requires: str = ">=1,<2"
    """Versions of this contract that the family works with (PEP 440)."""
    cases: Path | None = None
    """Worked cases (TOML) that `decide` must reproduce."""
    samples: tuple[Sample, ...] = ()
    """Results files to try it with."""
    column_names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "column_names", frozenset(column.name for column in self.columns))

    def held(self, year: int) -> bool:
        """Whether the session `year` can exist for this family."""
        return (self.first_session is None or self.first_session <= year) and (
            self.last_session is None or year <= self.last_session
        )

    def asked(self, year: int) -> AskedAt:
        """Who answers for a diploma of the session `year` that is not in the register: an exam service, where nothing else is said."""
        if not isinstance(self.asked_at, tuple):
            return self.asked_at
        found = at(self.asked_at, year)
        return "EXAM_SERVICE" if found is None else found.value

    def groups(self, year: int) -> tuple[JuryGroup, ...]:
        """The jury groups that the session `year` requires, in their order."""
        return tuple(group for group in self.jury_groups if group.held(year))
