"""One line of a results file: a candidate, or what is wrong with each of its cells."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from os import urandom
from random import Random
from time import time_ns
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from graph.enums import Decision
from graph.text import Text
from plugins.contract import Column, Family, Invalid, Session
from plugins.loading import families
from resolvers.import_cells import Splitter
from resolvers.import_columns import COMMON, MISSING, REQUIRED, cached
from resolvers.import_file import ImportFile
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.titles import Title

YOUNGEST, ELDEST = 9, 120
"""Age in years between birth and session beyond which a date of birth is a slip of the pen."""

UNDECIDED_BY_RULES = frozenset({"ABSENT", "ETALEMENT", "REMPLACEMENT", "EN_ATTENTE"})
"""Decisions that do not follow from marks: the rules have nothing to say of them."""

CANDIDATE_COLUMNS = (
    "session_id", "import_id", "line", "content_hash", "diploma_id", "key_lookup", "raw", "candidate_number", "ine", "birth_name",
    "used_name", "given_names", "sex", "birth_date", "birth_commune", "birth_place", "birth_country", "establishment",
    "title_code", "title", "national_level", "jury_group", "decision", "mention", "awarded_on", "name_key", "results", "details",
    "flag",
)  # fmt: skip
REFUSAL_COLUMNS = (
    "import_id", "line", "position", "column_name", "value", "reason_fr", "reason_en", "remedy_fr", "remedy_en", "raw",
)  # fmt: skip


BYTES = r"\\x"
"""How COPY's text format begins a bytea in hexadecimal."""

ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\r": r"\r", "\n": r"\n"})


class Refusal(NamedTuple):
    """Why a cell, or the line as a whole (no column), was not taken."""

    column: str
    value: str
    reason: Text
    remedy: Text


class WrongCell(Exception):
    """A cell that is wrong beside the others."""

    def __init__(self, column: str, value: str, reason: Text, remedy: Text) -> None:
        super().__init__(column)
        self.refusal = Refusal(column, value, reason, remedy)


Own: TypeAlias = tuple[Any, str | None, str | None]
"""A cell of a family's column: its value, its JSON member of the results, and of the details if it is published."""

NOTHING: Own = (None, None, None)


@dataclass(frozen=True, repr=False)
class Target:
    """What an import is for: the session, its family's code and titles, and the keys that its diplomas would have."""

    session_id: UUID
    import_id: UUID
    family: str
    session: Session
    titles: Mapping[str, Title]
    keyring: Keyring


def columns_of(family: Family) -> tuple[str, ...]:
    """The names of every column that a file of the family may have, common ones first."""
    return tuple(column.name for column in COMMON) + tuple(column.name for column in family.columns)


def required_of(family: Family) -> tuple[str, ...]:
    """The columns that a file of the family must have."""
    own = tuple(column.name for column in family.columns if column.required)
    return REQUIRED + (("code_diplome",) if family.title_kinds and family.title is None else ()) + own


class LineReader:
    """Reads the lines of one file for one session: a million of them at a time, so a sound line takes the shortest way."""

    def __init__(self, target: Target, file: ImportFile) -> None:
        self._family = families()[target.family]
        year = target.session.year
        places = {name: index for index, name in enumerate(file.header)}
        absent = len(places)  # every line gets one more, empty, cell
        self._session, self._titles, self._keyring = target.session, target.titles, target.keyring
        self._ids = (str(target.session_id), str(target.import_id))
        self._splitter = Splitter(file)
        self._groups = frozenset(group.code for group in self._family.groups(year))
        self._common = [(places.get(column.name, absent), cached(column)) for column in COMMON]
        self._own = [(places.get(column.name, absent), keyed(column)) for column in self._family.columns]
        self._names = tuple(column.name for column in (*COMMON, *self._family.columns))
        self._own_names = tuple(column.name for column in self._family.columns)
        self._in_order = itemgetter(*(places.get(name, absent) for name in self._names))
        self._born = str(year - ELDEST), str(year - YOUNGEST)
        self._draw = Random(urandom(16)).getrandbits  # noqa: S311 (ids are no secret)

    def read(self, number: int, raw: bytes) -> str | list[Refusal]:
        """The row of a line for COPY (`CANDIDATE_COLUMNS`), or every reason why the line is refused, at least one."""
        try:
            text, cells = self._splitter.cells(raw)
        except Invalid as invalid:
            return [Refusal("", "", invalid.reason, invalid.remedy)]
        cells.append("")
        # the contract's order, so that columns moved, added or left out empty change nothing
        content = sha256("\x1f".join(self._in_order(cells)).rstrip("\x1f").encode()).hexdigest()
        try:
            common = [read(cell) if (cell := cells[place]) or required else None for place, (read, required) in self._common]
            own = [read(cell) if (cell := cells[place]) or required else NOTHING for place, (read, required) in self._own]
        except Invalid:
            return self._explained(cells)
        birth_name, birth_date, commune, country, code, group, decision, mention = self._checked(common)
        results: dict[str, Any] = dict(zip(self._own_names, [value for value, _, _ in own], strict=True))
        results["code_diplome"], results["groupe"] = code, group
        try:
            title, level = self._title(code, results)
            self._check(group, decision, mention, birth_date, commune, country)
        except WrongCell as wrong:
            return [wrong.refusal]
        diploma = drawn_id(self._draw)
        lookup = None
        if decision == "ADMIS":
            lookup = BYTES + self._keyring.lookup(diploma, 1, 1).hex()
        common[4] = common[4] or "{}"
        values = [
            *self._ids, str(number), BYTES + content, diploma.hex(), lookup, text, *common[:11], code, title,
            None if level is None else str(level), group, decision, mention, common[15], name_key(birth_name),
            "{" + ",".join([stored for _, stored, _ in own if stored]) + "}",
            "{" + ",".join([shown for _, _, shown in own if shown]) + "}",
            self._contradiction(decision, mention, results),
        ]  # fmt: skip
        if values[-1] is not None or '"' in text or "\\" in text or "\t" in text or "\r" in text:
            # a quote becomes an escape in JSON
            values[6:] = [value and escaped(value) for value in values[6:]]
        return copy_row(values)

    def refusals(self, number: int, raw: bytes, found: list[Refusal]) -> Iterator[str]:
        """The rows of a refused line for COPY (`REFUSAL_COLUMNS`), one a cell."""
        for position, (column, value, reason, remedy) in enumerate(found, start=1):
            texts = (column, value, *reason, *remedy, self._splitter.shown(raw))
            yield copy_row([self._ids[1], str(number), str(position), *map(escaped, texts)])

    @staticmethod
    def _checked(common: list[Any]) -> tuple[str, str | None, str | None, str | None, str | None, str, str, str | None]:
        """The common cells that are looked at together: those that are required are there, since their readers took them."""
        return common[2], common[6], common[7], common[9], common[11], common[12], common[13], common[14]

    def _explained(self, cells: list[str]) -> list[Refusal]:
        """Why each wrong cell of a line is wrong."""
        found: list[Refusal] = []
        for name, (place, (read, required)) in zip(self._names, (*self._common, *self._own), strict=True):
            if (cell := cells[place]) or required:
                try:
                    read(cell)
                except Invalid as invalid:
                    found.append(Refusal(name, cell[:200], invalid.reason, invalid.remedy))
        return found

    def _title(self, code: str | None, results: dict[str, Any]) -> tuple[str, int | None]:
        """The title as it will be printed, and its national level. Raises `WrongCell`."""
        family, year = self._family, self._session.year
        title = self._titles.get(code) if code else None
        if title is None and code:
            raise WrongCell("code_diplome", code,
                Text(f"n'est pas un diplôme de la famille « {family.label.fr} »", f"is not a title of “{family.label.en}”"),
                Text("vérifier le code dans la nomenclature", "check the code in the nomenclature"))  # fmt: skip
        if title is not None and not title.held(year):
            after = f" ; son successeur est {title.successor_code}" if title.successor_code else ""
            then = f"; its successor is {title.successor_code}" if title.successor_code else ""
            raise WrongCell("code_diplome", title.code,
                Text(f"n'est pas ouvert à la session {year}", f"is not open at the session {year}"),
                Text(f"vérifier la spécialité et la session{after}", f"check the speciality and the session{then}"))  # fmt: skip
        if family.title is None:
            if title is None:
                raise WrongCell("code_diplome", "", *MISSING)
            return title.label, title.national_level
        try:
            label = family.title(title.label if title else None, results)
        except Invalid as invalid:
            raise WrongCell("code_diplome", code or "", invalid.reason, invalid.remedy) from None
        if title is not None:
            return label, title.national_level
        return label, family.level(results) if family.level is not None else None

    def _check(
        self, group: str, decision: str, mention: str | None, born: str | None, commune: str | None, country: str | None
    ) -> None:
        """What cells say together. Raises `WrongCell`."""
        if group not in self._groups:
            listed = ", ".join(sorted(self._groups))
            raise WrongCell("groupe", group,
                Text("n'est pas un groupe d'épreuves de la session", "is not a jury group of the session"),
                Text(f"employer : {listed}", f"use one of: {listed}"))  # fmt: skip
        if mention is not None and decision != "ADMIS":
            raise WrongCell("mention", mention,
                Text("accompagne une décision qui n'est pas ADMIS", "stands beside a decision that is not ADMIS"),
                Text("corriger la décision ou ôter la mention", "correct the decision or remove the mention"))  # fmt: skip
        if born is not None and not self._born[0] <= born[:4] <= self._born[1]:
            year = self._session.year
            raise WrongCell("date_naissance", born,
                Text(f"ne peut être celle d'un candidat de {year}", f"cannot be that of a candidate of {year}"),
                Text("corriger d'après l'acte de naissance", "correct it from the birth record"))  # fmt: skip
        if commune is not None and country not in (None, "99100"):
            raise WrongCell("commune_naissance", commune,
                Text("accompagne un pays étranger", "stands beside a foreign country"),
                Text("laisser vide si né à l'étranger", "leave it empty if born abroad"))  # fmt: skip

    def _contradiction(self, decision: str, mention: str | None, results: dict[str, Any]) -> str | None:
        """How the jury's decision differs from what the rules say, as JSON for an agent to confirm; None when it does not."""
        if decision in UNDECIDED_BY_RULES:
            return None
        outcome = self._family.decide(results, self._session)
        if outcome is None:
            return None
        expected = outcome.mention.name if outcome.mention and decision == "ADMIS" else None
        if expected == mention and Decision[decision] in outcome.decisions:
            return None
        flag = {
            "expected_decision": outcome.decisions[0].name,
            "expected_mention": outcome.mention.name if outcome.mention else None,
            "reason": outcome.reason._asdict(),
            "reference": outcome.reference,
        }
        return json.dumps(flag, ensure_ascii=False)


def drawn_id(draw: Callable[[int], int]) -> bytes:
    """A new id in the order of time (UUID version 7, RFC 9562): rows that are written together stand together."""
    return (time_ns() // 1_000_000 << 80 | 7 << 76 | draw(12) << 64 | 2 << 62 | draw(62)).to_bytes(16)


def escaped(value: str) -> str:
    """A value as the text format of COPY writes it."""
    return value.translate(ESCAPES)


def copy_row(values: list[str | None]) -> str:
    """A row in the text format of COPY, with its end, of values that are escaped already; None is absent."""
    return "\t".join([r"\N" if value is None else value for value in values]) + "\n"


def keyed(column: Column) -> tuple[Callable[[str], Own], bool]:
    """A reader of a family's column: the value with its JSON, as a member of the results and of the published details."""
    name, detail = json.dumps(column.name), json.dumps(column.detail) if column.detail else None

    def read(cell: str) -> Own:
        if not cell:
            raise Invalid(*MISSING)
        value = column.read(cell)
        # a mark keeps its digits: 12.50 is not 12.5
        encoded = json.dumps(str(value) if isinstance(value, Decimal) else value, ensure_ascii=False)
        return value, f"{name}:{encoded}", f"{detail}:{encoded}" if detail else None

    return lru_cache(maxsize=50_000)(read), column.required
