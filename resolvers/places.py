"""Whether a record was born where a person was: by codes, then by labels, never by likeness.

Facts are in `db/reference/commune.csv` and `country.csv`, read once by each process.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from db import reference
from resolvers.names import name_key, words
from resolvers.outcomes import PlaceTest
from resolvers.people import FRANCE, ExamRecord

ABBREVIATED = {"ST": "SAINT", "STE": "SAINTE"}
ARTICLES = frozenset({"LE", "LA", "LES", "L"})
ARRONDISSEMENT = frozenset({"ARRONDISSEMENT", "ARRONDT", "ARRDT", "ARRT", "ARR"})
ORDINAL = re.compile(r"0*([1-9]\d*)(?:ERE?|E|EME|IEME|ND)?")
ASIDE = re.compile(r"([^(,]*)[(,]\s*([^()]*?)\s*\)?\s*")
DEPARTMENT = re.compile(r"2[AB]|\d\d|9[78]\d", re.IGNORECASE)


def place_key(label: str) -> str:
    """The compact form of a label: `ST ETIENNE` is `Saint-Étienne`, `PARIS 14` is `Paris 14e Arrondissement`, `HAVRE` is `Le Havre`."""
    found: list[str] = []
    for word in words(label):
        if word in ARRONDISSEMENT:
            continue
        ordinal = ORDINAL.fullmatch(word)
        found.append(ordinal[1] if ordinal else ABBREVIATED.get(word, word))
    return "".join(found[1:] if len(found) > 1 and found[0] in ARTICLES else found)


def department(code: str) -> str:
    """The department of a commune, or the overseas collectivity."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


@dataclass(frozen=True)
class Places:
    """Communes and countries: their names as keys, and what each belongs to (a city, a merged commune, a former country)."""

    communes: Mapping[str, tuple[str, ...]]
    known: frozenset[str]
    countries: Mapping[str, frozenset[str]]
    belongs_to: Mapping[str, str]
    parts: Mapping[str, tuple[str, ...]]

    def agrees(self, commune: str | None, country: str, record: ExamRecord) -> PlaceTest:
        """The outcome for a person born in that commune, or in that country when the commune is None."""
        if country != FRANCE:
            return self._abroad(country, record)
        if record.birth_country not in (None, FRANCE):
            return PlaceTest.CONFLICT
        if commune is None:
            return PlaceTest.UNKNOWN
        if record.birth_commune is not None:
            return self._codes(commune, record.birth_commune)
        return self._label(commune, record.birth_place or "")

    def lineage(self, code: str) -> frozenset[str]:
        """The code with all that it belongs to and all that belongs to it. Two parts of one whole are not of one lineage."""
        return frozenset((code, *self._above(code), *self._below(code)))

    def _above(self, code: str) -> Iterator[str]:
        while (code := self.belongs_to.get(code, "")) != "":
            yield code

    def _below(self, code: str) -> Iterator[str]:
        for part in self.parts.get(code, ()):
            yield part
            yield from self._below(part)

    def _codes(self, commune: str, of_record: str) -> PlaceTest:
        if of_record in self.lineage(commune):
            return PlaceTest.EQ
        if of_record in self.communes and commune in self.communes:
            return PlaceTest.CONFLICT
        return PlaceTest.UNKNOWN  # our table has gaps: they are no proof

    def _label(self, commune: str, label: str) -> PlaceTest:
        lineage = self.lineage(commune)
        if self._named(lineage, label):
            return PlaceTest.EQ
        if (aside := ASIDE.fullmatch(label)) is not None:
            label, said = aside[1], aside[2]
            if DEPARTMENT.fullmatch(said):
                if said.upper() not in {department(code) for code in lineage}:
                    return PlaceTest.CONFLICT
            elif named := self.countries.get(name_key(said)):
                if FRANCE not in named:
                    return PlaceTest.CONFLICT
            elif said.upper().strip("'’") not in ARTICLES:
                return PlaceTest.UNKNOWN
            if self._named(lineage, label):
                return PlaceTest.EQ
        # a label that names no commune at all (a hamlet, a misspelling) proves nothing
        return PlaceTest.CONFLICT if place_key(label) in self.known and commune in self.communes else PlaceTest.UNKNOWN

    def _named(self, lineage: frozenset[str], label: str) -> bool:
        key = place_key(label)
        return any(key in self.communes.get(code, ()) for code in lineage)

    def _abroad(self, country: str, record: ExamRecord) -> PlaceTest:
        if record.birth_commune is not None:
            return PlaceTest.CONFLICT
        if record.birth_country is not None:
            return PlaceTest.COUNTRY if record.birth_country in self.lineage(country) else PlaceTest.CONFLICT
        label = record.birth_place or ""
        aside = ASIDE.fullmatch(label)
        said = self.countries.get(name_key(aside[2] if aside else label), frozenset())
        if said & self.lineage(country):
            return PlaceTest.COUNTRY
        # a town alone may bear the name of another country: Grenade, Salvador
        return PlaceTest.CONFLICT if said and aside else PlaceTest.UNKNOWN


@cache
def places() -> Places:
    """The table of this process."""
    communes: defaultdict[str, set[str]] = defaultdict(set)
    countries: defaultdict[str, set[str]] = defaultdict(set)
    belongs_to: dict[str, str] = {}
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for row in reference.rows("commune"):
        communes[row["code"] or ""].add(place_key(row["name"] or ""))
        belongs_to[row["code"] or ""] = row["belongs_to"] or ""
    for row in reference.rows("country"):
        for name in (row["name"] or "", *(row["other_names"] or "").split("|")):
            countries[name_key(name)].add(row["code"] or "")
        belongs_to[row["code"] or ""] = row["belongs_to"] or ""
    countries.pop("", None)
    belongs_to = {code: whole for code, whole in belongs_to.items() if whole}
    for code, whole in belongs_to.items():
        parts[whole].append(code)
    return Places(
        {code: tuple(keys) for code, keys in communes.items()},
        frozenset(key for keys in communes.values() for key in keys),
        {key: frozenset(codes) for key, codes in countries.items()},
        belongs_to,
        {whole: tuple(codes) for whole, codes in parts.items()},
    )
