"""The rows of candidates, made of the lines of a block a column at a time: a million lines take the shortest way."""

import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import chain, compress, repeat
from os import urandom
from time import time_ns
from typing import Any, TypeAlias

from plugins.contract import Invalid, Outcome, Results, Value
from plugins.values import written
from resolvers.copy_format import ABSENT, field, json_field, length, number_field, row_start, small_field, text_field
from resolvers.import_cells import NO_LINES, Lines
from resolvers.import_checks import Award, CheckedColumn, Checks, Target
from resolvers.import_columns import COMMON
from resolvers.import_memo import Memo, Unremembered
from resolvers.import_portion import NO_ROWS, Rows
from resolvers.names import name_key

CANDIDATE_COLUMNS = (
    "session_id", "import_id", "line", "content_hash", "diploma_id", "key_lookup", "raw", "candidate_number", "ine", "birth_name",
    "name_key", "used_name", "given_names", "sex", "birth_date", "birth_place", "establishment", "title_code", "jury_group",
    "awarded_on", "birth_commune", "birth_country", "decision", "mention", "title", "national_level", "results", "details", "flag",
)  # fmt: skip
BY_THEMSELVES = (
    "numero_candidat", "ine", "nom_naissance", "nom_usage", "prenoms", "sexe", "date_naissance", "lieu_naissance", "etablissement",
    "code_diplome", "groupe", "date_jury",
)  # fmt: skip
"""Common columns whose cells become fields of `CANDIDATE_COLUMNS` one by one, in that order."""

ID, HASH = length(16), length(32)
SEVEN, NO_SEVEN = bytes.fromhex("70008000000000000000"), bytes.fromhex("0fff3fffffffffffffff")

NUMBER = BY_THEMSELVES.index("numero_candidat")

Columns: TypeAlias = Sequence[Sequence[bytes]]
AtOnce: TypeAlias = Callable[[Sequence[bytes]], list[bytes] | None]


class Part:
    """What becomes of the cells of one or two columns: of each distinct one, once."""

    def __init__(self, then: Callable[..., Any], *columns: CheckedColumn, at_once: AtOnce | None = None) -> None:
        self._columns = columns
        values = [column.value for column in columns]

        def alone(cell: bytes, value: Callable[[bytes], Any] = values[0]) -> Any:
            return then(value(cell))

        def together(cells: tuple[bytes, ...]) -> Any:
            return then(*(value(cell) for value, cell in zip(values, cells, strict=True)))

        read = alone if len(columns) == 1 else together
        self._memo: Memo[Any, Any] = Memo(read) if at_once is None else Unremembered(read, at_once)

    def of(self, columns: Columns) -> list[Any]:
        """One thing a line; None where a cell is refused, or cells together."""
        cells = [columns[column.place] for column in self._columns]
        return self._memo.of(cells[0] if len(cells) == 1 else zip(*cells, strict=True))

    def refused(self, made: Sequence[Any]) -> set[int]:
        """The places of what was refused in a column made here."""
        return {place for place, one in enumerate(made) if one is None} if self._memo.refuses else set()


class RowMaker:
    """Makes the rows of one file's lines for one session."""

    def __init__(self, target: Target, header: Sequence[str], checks: Checks) -> None:
        self._family, self._session, self._keyring = checks.family, target.session, target.keyring
        self._checks, columns = checks, checks.columns
        self._start = row_start(len(CANDIDATE_COLUMNS)) + field(target.session_id.bytes) + field(target.import_id.bytes)
        self._places = [column.place for column in columns.values()]
        self._in_order = self._places[: len(header)] == list(range(len(header)))
        common = {column.name: column for column in COMMON}
        fields = {name: column.field for name, column in common.items()} | {"nom_naissance": _name_fields}
        self._fields = [
            *(Part(fields[name], columns[name], at_once=common[name].at_once) for name in BY_THEMSELVES),
            Part(lambda *read: _texts(*checks.birthplace(*read)), columns["commune_naissance"], columns["pays_naissance"]),
            Part(lambda *read: _award_fields(checks.award(*read)), columns["decision"], columns["mention"]),
        ]
        self._awards = Part(checks.award, columns["decision"], columns["mention"])
        self._rules_read = [Part(_value, columns[name]) for name in checks.rules_read]
        self._title_by_code = Part(self._title_of_code, columns["code_diplome"])
        own = self._family.columns
        self._results = [Part(_member(column.name), columns[column.name]) for column in own]
        self._details = [Part(_member(column.detail), columns[column.name]) for column in own if column.detail]

    def rows(self, lines: Lines) -> tuple[Rows, Lines]:
        """The rows of the lines that are right, for COPY (`CANDIDATE_COLUMNS`), and the other lines."""
        if not lines.rows:
            return NO_ROWS, NO_LINES
        count = len(lines.rows)
        columns = [*zip(*lines.rows, strict=True), [b""] * count]
        fields, members = ([part.of(columns) for part in parts] for parts in (self._fields, self._results))
        wrong = set[int]().union(*map(Part.refused, (*self._fields, *self._results), (*fields, *members)))
        if wrong:
            return self._without(wrong, lines)
        values = zip(*(part.of(columns) for part in self._rules_read), strict=True)
        results: list[Results] = list(map(dict, map(zip, repeat(self._checks.rules_read), values)))
        titles = self._titles(columns, results)
        if None in titles:
            return self._without({place for place, title in enumerate(titles) if title is None}, lines)
        if self._family.check is not None and (wrong := self._misfits(results)):
            return self._without(wrong, lines)
        awards, ids, hashes = self._awards.of(columns), drawn_ids(count), self._hashes(lines, columns)
        admitted = [award.admitted for award in awards]
        row = zip(
            repeat(self._start, count), [number_field(4, number) for number in lines.numbers], [HASH + one for one in hashes],
            [ID + diploma for diploma in ids], self._lookups(admitted, ids), [length(len(text)) + text for text in lines.texts],
            *fields, titles, _objects(members, count), _objects([part.of(columns) for part in self._details], count),
            self._flags(awards, results), strict=True,
        )  # fmt: skip
        published = [one if award else b"" for one, award in zip(hashes, admitted, strict=True)]
        return Rows(b"".join(chain.from_iterable(row)), lines.numbers, fields[NUMBER], published), NO_LINES

    def _without(self, wrong: set[int], lines: Lines) -> tuple[Rows, Lines]:
        right, others = lines.parted(wrong)
        rows, more = self.rows(right)
        return rows, others.joined(more)

    def _hashes(self, lines: Lines, columns: Columns) -> list[bytes]:
        # the contract's order, so that columns moved, added or left out empty change nothing
        rows = lines.rows if self._in_order else zip(*(columns[place] for place in self._places), strict=True)
        return [sha256(b"\x1f".join(cells).rstrip(b"\x1f")).digest() for cells in rows]

    def _lookups(self, admitted: list[bool], ids: list[bytes]) -> list[bytes]:
        """The look-ups of the keys of those who are admitted."""
        found = iter(self._keyring.lookups(compress(ids, admitted), 1, 1))
        return [ID + next(found) if one else ABSENT for one in admitted]

    def _titles(self, columns: Columns, results: list[Results]) -> list[bytes | None]:
        """The title and its national level, of each code, or of each line where the family makes them of the results."""
        if self._family.title is None:
            return self._title_by_code.of(columns)
        return [self._title(line) for line in results]

    def _title_of_code(self, code: str) -> bytes:
        return _title_fields(*self._checks.title(code, {}))

    def _title(self, results: Results) -> bytes | None:
        try:
            return _title_fields(*self._checks.title(results["code_diplome"], results))
        except Invalid:
            return None

    def _misfits(self, results: list[Results]) -> set[int]:
        """The places of the lines whose cells do not go together."""
        return {place for place, line in enumerate(results) if self._checks.misfit(line) is not None}

    def _flags(self, awards: list[Award], results: list[Results]) -> list[bytes]:
        """How each of the jury's decisions differs from what the rules say, for an agent to confirm; absent when it does not."""
        decide, session = self._family.decide, self._session
        flags = [ABSENT] * len(awards)
        for place, (award, line) in enumerate(zip(awards, results, strict=True)):
            if award.ruled and (outcome := decide(line, session)) is not None:
                expected = outcome.mention if award.admitted else None
                if expected is not award.mention or award.decision not in outcome.decisions:
                    flags[place] = _flag(outcome)
        return flags


def _value(value: Value) -> Value:
    return value


def _texts(*values: str | None) -> bytes:
    return b"".join(map(text_field, values))


def _name_fields(name: str) -> bytes:
    return _texts(name, name_key(name))


def _award_fields(award: Award) -> bytes:
    return _texts(award.decision.name, award.mention.name if award.mention else None)


def _title_fields(title: str, level: int | None) -> bytes:
    return text_field(title) + small_field(level)


def _member(key: str) -> Callable[[Any], bytes]:
    """Makes a member of a JSON object, after a comma, of a value; nothing of none."""
    name = json.dumps(key)

    def member(value: Any) -> bytes:
        if value is None:
            return b""
        return f",{name}:{written(value)}".encode()

    return member


def _objects(members: list[list[bytes]], count: int) -> Iterable[bytes]:
    """The JSON objects of columns of members."""
    if not members:
        return repeat(json_field(b"{}"), count)
    return [json_field(b"{%b}" % line[1:]) for line in map(b"".join, zip(*members, strict=True))]


def _flag(outcome: Outcome) -> bytes:
    flag = {
        "expected_decision": outcome.decisions[0].name,
        "expected_mention": outcome.mention.name if outcome.mention else None,
        "reason": outcome.reason._asdict(),
        "reference": outcome.reference,
    }
    return json_field(written(flag).encode())


def drawn_ids(count: int) -> list[bytes]:
    """New ids in their order (UUID version 7, RFC 9562): rows that are written together stand together."""
    drawn = int.from_bytes(urandom(10 * count)) & int.from_bytes(NO_SEVEN * count) | int.from_bytes(SEVEN * count)
    tails, moment = drawn.to_bytes(10 * count), (time_ns() // 1_000_000).to_bytes(6)
    return sorted([moment + tails[place : place + 10] for place in range(0, 10 * count, 10)])
