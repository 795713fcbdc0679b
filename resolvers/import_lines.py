"""One line of a results file: a candidate, or what is wrong with each of its cells."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from db.pool import EncodedJson
from graph.enums import Decision
from graph.text import Text
from plugins.contract import Family, Invalid, Session
from resolvers.import_columns import COMMON, REQUIRED, cached
from resolvers.import_file import LONGEST_LINE, ImportFile
from resolvers.names import name_key
from resolvers.titles import Title

YOUNGEST, ELDEST = 9, 120
"""Age in years between birth and session beyond which a date of birth is a slip of the pen."""

UNDECIDED_BY_RULES = frozenset({Decision.ABSENT, Decision.ETALEMENT, Decision.REMPLACEMENT, Decision.EN_ATTENTE})
"""Decisions that do not follow from marks: the rules have nothing to say of them."""

CANDIDATE_COLUMNS = (
    "session_id", "import_id", "line", "raw", "content_hash", "candidate_number", "ine", "birth_name", "used_name",
    "given_names", "sex", "birth_date", "birth_commune", "birth_place", "birth_country", "establishment", "title_code", "title",
    "national_level", "jury_group", "decision", "mention", "awarded_on", "name_key", "results", "details", "flag",
)  # fmt: skip
REFUSAL_COLUMNS = (
    "import_id", "line", "position", "column_name", "value", "reason_fr", "reason_en", "remedy_fr", "remedy_en", "raw",
)  # fmt: skip

Candidate = tuple[Any, ...]
"""The values of `CANDIDATE_COLUMNS`."""


class Refusal(NamedTuple):
    """Why a cell, or the line as a whole (no column), was not taken."""

    column: str
    value: str
    reason: Text
    remedy: Text


class Cell(NamedTuple):
    """How the cells of one column of this file are read; `place` is None when the file lacks the column."""

    name: str
    place: int | None
    required: bool
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Target:
    """What an import is for: the session, its family and the titles that the family awards."""

    session_id: UUID
    import_id: UUID
    family: Family
    session: Session
    titles: Mapping[str, Title]


def columns_of(family: Family) -> tuple[str, ...]:
    """The names of every column that a file of the family may have, common ones first."""
    return tuple(column.name for column in COMMON) + tuple(column.name for column in family.columns)


def required_of(family: Family) -> tuple[str, ...]:
    """The columns that a file of the family must have."""
    own = tuple(column.name for column in family.columns if column.required)
    return REQUIRED + (("code_diplome",) if family.title_kinds and family.title is None else ()) + own


class LineReader:
    """Reads the lines of one file for one session. Not for two threads at once."""

    def __init__(self, target: Target, file: ImportFile) -> None:
        family = target.family
        places = {name: index for index, name in enumerate(file.header)}
        self._target = target
        self._file = file
        self._groups = frozenset(group.code for group in family.groups(target.session.year))
        self._common = [Cell(column.name, places.get(column.name), column.required, cached(column)) for column in COMMON]
        self._own = [
            (
                Cell(column.name, places.get(column.name), column.required, lru_cache(maxsize=50_000)(_read(column.read))),
                f"{json.dumps(column.name)}:",
                f"{json.dumps(column.detail)}:" if column.detail else None,
            )
            for column in family.columns
        ]
        self._order = [index for _, index in sorted(places.items())]
        self._width = len(file.header)

    def read(self, number: int, raw: bytes) -> Candidate | list[Refusal]:
        """The candidate of a line, or every reason why it is refused, at least one."""
        try:
            cells = self._cells(raw)
        except Invalid as invalid:
            return [Refusal("", "", invalid.reason, invalid.remedy)]
        refusals: list[Refusal] = []
        values = dict(_each(self._common, cells, refusals))
        results: dict[str, Any] = {}
        stored, shown = [], []
        for cell, key, detail in self._own:
            value, encoded = next(_each((cell,), cells, refusals))[1] or (None, None)
            results[cell.name] = value
            if encoded is not None:
                stored.append(key + encoded)
                if detail:
                    shown.append(detail + encoded)
        if refusals:
            return refusals
        results["code_diplome"], results["groupe"] = values["code_diplome"], values["groupe"]
        title = self._title(values, results, refusals)
        self._check(values, refusals)
        if refusals:
            return refusals
        text = raw.decode(self._file.encoding)
        content = hashlib.sha256("\x1f".join([cells[index] for index in self._order]).encode()).digest()
        target = self._target
        return (
            target.session_id, target.import_id, number, text, content, values["numero_candidat"], values["ine"],
            values["nom_naissance"], values["nom_usage"], values["prenoms"] or [], values["sexe"], values["date_naissance"],
            values["commune_naissance"], values["lieu_naissance"], values["pays_naissance"], values["etablissement"],
            values["code_diplome"], title[0], title[1], values["groupe"], values["decision"], values["mention"],
            values["date_jury"], name_key(values["nom_naissance"]), EncodedJson.of(stored), EncodedJson.of(shown),
            self._contradiction(values, results),
        )  # fmt: skip

    def refusals(self, number: int, raw: bytes, found: list[Refusal]) -> Iterator[tuple[Any, ...]]:
        """The values of `REFUSAL_COLUMNS` of a line that was refused, one row a cell."""
        text = raw[:LONGEST_LINE].replace(b"\0", b"\xef\xbf\xbd").decode("utf-8", errors="replace")
        if self._file.encoding != "utf-8":
            text = raw[:LONGEST_LINE].replace(b"\0", b"?").decode(self._file.encoding, errors="replace")
        for position, (column, value, reason, remedy) in enumerate(found, start=1):
            yield (
                self._target.import_id, number, position, column, value, reason.fr, reason.en, remedy.fr, remedy.en, text[:2000],
            )  # fmt: skip

    def _cells(self, raw: bytes) -> list[str]:
        if len(raw) > LONGEST_LINE:
            raise Invalid(
                Text(f"la ligne dépasse {LONGEST_LINE} octets", f"the line is longer than {LONGEST_LINE} bytes"),
                Text("vérifier que chaque candidat est sur sa ligne", "check that each candidate has a line"),
            )
        if b"\0" in raw:
            raise Invalid(
                Text("la ligne contient un octet nul", "the line contains a NUL byte"),
                Text("produire le fichier à nouveau, en texte", "produce the file again, as text"),
            )
        try:
            text = raw.decode(self._file.encoding)
        except UnicodeDecodeError:
            raise Invalid(
                Text(f"la ligne n'est pas en {self._file.encoding}", f"the line is not in {self._file.encoding}"),
                Text("enregistrer tout le fichier dans le même codage", "save the whole file in one encoding"),
            ) from None
        cells = self._split(text)
        if len(cells) != self._width:
            raise Invalid(
                Text(f"la ligne a {len(cells)} cellules, l'en-tête {self._width}",
                     f"the line has {len(cells)} cells, the header {self._width}"),
                Text("vérifier les séparateurs et les guillemets", "check the separators and the quotes"),
            )  # fmt: skip
        return cells

    def _split(self, text: str) -> list[str]:
        if '"' not in text:
            return [cell.strip() for cell in text.split(self._file.separator)]
        try:
            rows = list(csv.reader([text], delimiter=self._file.separator, strict=True))
        except csv.Error:
            raise Invalid(
                Text("un guillemet n'est pas fermé", "a quote is not closed"),
                Text("doubler les guillemets dans une cellule, et garder un candidat par ligne",
                     "double the quotes within a cell, and keep one candidate a line"),
            ) from None  # fmt: skip
        return [cell.strip() for cell in rows[0]]

    def _title(self, values: Mapping[str, Any], results: Mapping[str, Any], refusals: list[Refusal]) -> tuple[str, int | None]:
        """The title as it will be printed, and its national level."""
        code, family, year = values["code_diplome"], self._target.family, self._target.session.year
        title = self._target.titles.get(code) if code else None
        if code and title is None:
            refusals.append(Refusal("code_diplome", code,
                Text(f"n'est pas un diplôme de la famille « {family.label.fr} »", f"is not a title of “{family.label.en}”"),
                Text("vérifier le code dans la nomenclature", "check the code in the nomenclature")))  # fmt: skip
        elif title is not None and not title.held(year):
            after = f" ; son successeur est {title.successor_code}" if title.successor_code else ""
            then = f"; its successor is {title.successor_code}" if title.successor_code else ""
            refusals.append(Refusal("code_diplome", title.code,
                Text(f"n'est pas ouvert à la session {year}", f"is not open at the session {year}"),
                Text(f"vérifier la spécialité et la session{after}", f"check the speciality and the session{then}")))  # fmt: skip
        if family.title is not None:
            try:
                composed = family.title(title.label if title else None, results)
                return composed, title.national_level if title else family_level(family, results)
            except Invalid as invalid:
                refusals.append(Refusal("code_diplome", code or "", invalid.reason, invalid.remedy))
        elif title is None and not refusals:
            refusals.append(Refusal("code_diplome", "",
                Text("est obligatoire", "is required"), Text("donner le code du diplôme", "give the code of the diploma")))  # fmt: skip
        return title.label if title else "", title.national_level if title else None

    def _check(self, values: Mapping[str, Any], refusals: list[Refusal]) -> None:
        """What cells say together."""
        if values["groupe"] not in self._groups:
            listed = ", ".join(sorted(self._groups))
            refusals.append(Refusal("groupe", values["groupe"],
                Text("n'est pas un groupe d'épreuves de la session", "is not a jury group of the session"),
                Text(f"employer : {listed}", f"use one of: {listed}")))  # fmt: skip
        if values["mention"] is not None and values["decision"] != "ADMIS":
            refusals.append(Refusal("mention", values["mention"],
                Text("accompagne une décision qui n'est pas ADMIS", "stands beside a decision that is not ADMIS"),
                Text("corriger la décision ou ôter la mention", "correct the decision or remove the mention")))  # fmt: skip
        born, year = values["date_naissance"], self._target.session.year
        if born is not None and not YOUNGEST <= year - int(born[:4]) <= ELDEST:
            refusals.append(Refusal("date_naissance", born,
                Text(f"ne peut être celle d'un candidat de {year}", f"cannot be that of a candidate of {year}"),
                Text("corriger d'après l'acte de naissance", "correct it from the birth record")))  # fmt: skip
        if values["commune_naissance"] and (values["pays_naissance"] or "99100") != "99100":
            refusals.append(Refusal("commune_naissance", values["commune_naissance"],
                Text("accompagne un pays étranger", "stands beside a foreign country"),
                Text("laisser vide si né à l'étranger", "leave it empty if born abroad")))  # fmt: skip

    def _contradiction(self, values: Mapping[str, Any], results: Mapping[str, Any]) -> Any:
        """How the jury's decision differs from what the rules say, for an agent to confirm; None when it does not."""
        decided = Decision[values["decision"]]
        if decided in UNDECIDED_BY_RULES:
            return None
        outcome = self._target.family.decide(results, self._target.session)
        if outcome is None:
            return None
        expected = outcome.mention.name if outcome.mention and decided is Decision.ADMIS else None
        if decided in outcome.decisions and expected == values["mention"]:
            return None
        return {
            "expected_decision": outcome.decisions[0].name,
            "expected_mention": outcome.mention.name if outcome.mention else None,
            "reason": {"fr": outcome.reason.fr, "en": outcome.reason.en},
            "reference": outcome.reference,
        }


def family_level(family: Family, results: Mapping[str, Any]) -> int | None:
    """The national level of a title that no nomenclature holds."""
    return family.level(results) if family.level is not None else None


def _each(cells: Sequence[Cell], given: list[str], refusals: list[Refusal]) -> Iterator[tuple[str, Any]]:
    """The value of each cell by the name of its column, None when empty; what is wrong goes to `refusals`."""
    for column, index, required, read in cells:
        cell = given[index] if index is not None else ""
        value = None
        if cell:
            try:
                value = read(cell)
            except Invalid as invalid:
                refusals.append(Refusal(column, cell[:200], invalid.reason, invalid.remedy))
        elif required:
            refusals.append(Refusal(column, "", Text("est obligatoire", "is required"), Text("donner une valeur", "give a value")))
        yield column, value


def _read(read: Callable[[str], Any]) -> Callable[[str], tuple[Any, str]]:
    """Reads a cell of a family's column together with its JSON."""

    def both(cell: str) -> tuple[Any, str]:
        value = read(cell)
        # a mark keeps its digits: 12.50 is not 12.5
        return value, json.dumps(str(value) if isinstance(value, Decimal) else value, ensure_ascii=False)

    return both
