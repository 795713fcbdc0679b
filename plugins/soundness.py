"""What a declaration must be for the register to take it: each fault is one sentence about the family, which begins with `its` or `it`.

Here stands what the declaration says by itself; `plugins.sound_types` looks at its GraphQL types, `plugins.loading` at what brings it and
at the families beside it, and `resolvers.deployment` at the names and the titles that the register has already. What takes running the
family (worked cases, samples, the page) is the conformance kit's. All of it finds mistakes: a family runs in our process, and is trusted.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from graph.reference import MOST_TABLES
from graph.text import Text
from plugins.cases import EXPLAINED
from plugins.contract import COMMON_COLUMNS, CONTRACT, Column, Dated, Elsewhere, Family, JuryGroup, Line, Sample, Table
from plugins.sound_types import type_faults
from plugins.titles import titles_in

SLUG = re.compile(r"[a-z][a-z0-9_]{1,30}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
WORD = re.compile(r"[A-Z0-9][A-Z0-9_]{0,30}")

SINGLE = {"code": str, "label": Text, "ministry": Text}
TUPLES = {
    "legal_basis": str, "jury_groups": JuryGroup, "columns": Column, "title_kinds": str, "tables": Table, "lines": Line, "samples": Sample,
}  # fmt: skip
FUNCTIONS = ("decide", "title", "level", "check")
FILES = ("titles", "page", "cases")
YEARS = ("first_session", "last_session")


def unsound(family: Family) -> str | None:
    """Why a declaration cannot be taken, in a sentence; None when it can."""
    return next(faults(family), None)


def faults(family: Family) -> Iterator[str]:
    """The faults of a declaration. Those after the first may follow from it: what looks at a value counts on what was checked before."""
    yield from _contract(family)
    yield from _shapes(family)
    yield from _words(family)
    yield from _sessions(family)
    yield from _groups(family)
    yield from _columns(family)
    yield from _lines_and_tables(family)
    yield from _files(family)
    yield from _titles(family)
    yield from type_faults(family)


def contract_version() -> str:
    """The version of the contract as families require it."""
    return ".".join(map(str, CONTRACT))


def _contract(family: Family) -> Iterator[str]:
    try:
        fits = SpecifierSet(family.requires).contains(contract_version())
    except (InvalidSpecifier, TypeError, AttributeError):
        yield f"its requires {family.requires!r} is no range of versions, such as '>=1,<2'"
    else:
        if not fits:
            yield f"it requires the contract {family.requires}, and this is version {contract_version()}"


def _shapes(family: Family) -> Iterator[str]:
    """A value of another kind than the contract has, from an author without a type checker."""
    for name, of in SINGLE.items():
        if not isinstance(getattr(family, name), of):
            yield f"its {name} is not a {of.__name__}"
    for name, of in TUPLES.items():
        value = getattr(family, name)
        if not isinstance(value, tuple) or not all(isinstance(one, of) for one in value):
            yield f"its {name} is not a tuple of {of.__name__}"
    for name in FUNCTIONS:
        if not callable(value := getattr(family, name)) and (value is not None or name == "decide"):
            yield f"its {name} is not a function"
    for name in FILES:
        if not isinstance(getattr(family, name), Path | None):
            yield f"its {name} is not a Path"
    for name in YEARS:
        if not isinstance(getattr(family, name), int | None):
            yield f"its {name} is not a year"


def _words(family: Family) -> Iterator[str]:
    if not SLUG.fullmatch(family.code):
        yield "its code is not a slug of 2 to 31 lower-case letters, digits and underscores"
    for name in ("label", "ministry"):
        if not said(getattr(family, name)):
            yield f"its {name} is not in both languages"
    if not family.legal_basis or not all(one.strip() for one in family.legal_basis):
        yield "its legal_basis names no text of law"


def _sessions(family: Family) -> Iterator[str]:
    if not in_order(family.first_session, family.last_session):
        yield "its last_session precedes its first_session"
    yield from _asked_at(family.asked_at)


def _asked_at(given: object) -> Iterator[str]:
    if not isinstance(given, tuple):
        yield from _asked(given)
    elif not given:
        yield "its asked_at has no value"
    else:
        for one in given:
            if not isinstance(one, Dated) or not one.reference.strip() or not in_order(one.first, one.last):
                yield "its asked_at has a value that is not Dated with sessions in order and a reference"
            else:
                yield from _asked(one.value)


def _asked(value: object) -> Iterator[str]:
    if isinstance(value, Elsewhere):
        if not said(value.instructions):
            yield "its asked_at has instructions that are not in both languages"
        if value.website is not None and not value.website.startswith("https://"):
            yield "its asked_at has a website that is no https:// address"
    elif value not in ("EXAM_SERVICE", "ESTABLISHMENT"):
        yield f"its asked_at has {value!r}, which is neither EXAM_SERVICE nor ESTABLISHMENT nor an Elsewhere"


def _groups(family: Family) -> Iterator[str]:
    if not family.jury_groups:
        yield "its jury_groups are none, so nothing could ever be published"
    yield from _twice("jury groups have the code", (group.code for group in family.jury_groups))
    for group in family.jury_groups:
        name = f"its jury group '{group.code}'"
        if not WORD.fullmatch(group.code):
            yield f"{name} is not a code of 1 to 31 capital letters, digits and underscores"
        if not said(group.label):
            yield f"{name} has no label in both languages"
        if not group.reference.strip():
            yield f"{name} names no text of law"
        if not in_order(group.first, group.last):
            yield f"{name} ends before it begins"


def _columns(family: Family) -> Iterator[str]:
    yield from _twice("columns have the name", (column.name for column in family.columns))
    yield from _twice("columns write the detail", (column.detail for column in family.columns if column.detail is not None))
    for column in family.columns:
        name = f"its column '{column.name}'"
        if column.name in COMMON_COLUMNS:
            yield f"{name} is one that every results file has"
        if column.name in EXPLAINED:
            yield f"{name} has the name of a word of worked cases: {', '.join(EXPLAINED)}"
        if not NAME.fullmatch(column.name):
            yield f"{name} is not a name of lower-case letters, digits and underscores"
        if column.detail is not None and not NAME.fullmatch(column.detail):
            yield f"{name} writes the detail '{column.detail}', which is not a name of lower-case letters, digits and underscores"
        if not said(column.description):
            yield f"{name} has no description in both languages"
        if not callable(column.read) or not (column.at_session is None or callable(column.at_session)):
            yield f"{name} has a reader that is not a function"


def _lines_and_tables(family: Family) -> Iterator[str]:
    for kind, named in (("line", family.lines), ("table", family.tables)):
        yield from _twice(f"{kind}s have the name", (one.name for one in named))
        for one in named:
            if not NAME.fullmatch(one.name):
                yield f"its {kind} '{one.name}' is not a name of lower-case letters, digits and underscores"
            if not said(one.label):
                yield f"its {kind} '{one.name}' has no label in both languages"
    if len(family.tables) > MOST_TABLES:
        yield f"its tables are more than {MOST_TABLES}"
    for table in family.tables:
        if not table.source.strip():
            yield f"its table '{table.name}' names no source"


def _files(family: Family) -> Iterator[str]:
    named = [(name, getattr(family, name)) for name in FILES]
    for name, file in (*named, *(("sample", sample.file) for sample in family.samples)):
        if file is not None and not file.is_file():
            yield f"its {name} '{file.name}' is no file of its package"


def _titles(family: Family) -> Iterator[str]:
    if not family.title_kinds and family.title is None:
        yield "its title_kinds are none and it makes no title of its own, so nothing would name its diplomas"
    if bad := next((kind for kind in family.title_kinds if not WORD.fullmatch(kind)), None):
        yield f"its kind of title '{bad}' is not a name of capital letters, digits and underscores"
    try:
        titles_in(family)
    except (ValueError, OSError) as error:
        yield f"its titles do not read: {error}"


def said(text: object) -> bool:
    """Whether a sentence is there in both languages."""
    return isinstance(text, Text) and all(str(one or "").strip() for one in text)


def in_order(first: int | None, last: int | None) -> bool:
    """Whether sessions end after they begin, as far as they are bounded."""
    return first is None or last is None or first <= last


def _twice(what: str, names: Iterator[str]) -> Iterator[str]:
    listed = list(names)
    if found := next((name for name in listed if listed.count(name) > 1), None):
        yield f"its {what} '{found}' twice"
