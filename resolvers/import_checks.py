"""What a line of a results file must be for its session: each cell by itself, and cells together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from graph.enums import Decision, Mention
from graph.text import Text
from plugins.contract import Family, Invalid, Misfit, Results, Session
from plugins.sound_types import most_parts
from plugins.values import kept
from resolvers.import_columns import COMMON, MISSING
from resolvers.keys import Keyring
from resolvers.known_families import family_of
from resolvers.titles import Title

Reader: TypeAlias = Callable[[str], Any]

UNDECIDED_BY_RULES = frozenset({Decision.ABSENT, Decision.ETALEMENT, Decision.REMPLACEMENT, Decision.EN_ATTENTE})
"""Decisions that do not follow from marks: the rules have nothing to say of them."""

YOUNGEST, ELDEST = 9, 120
"""Age in years between birth and session beyond which a date of birth is a slip of the pen."""


@dataclass(frozen=True, repr=False)
class Target:
    """What an import is for: the session, its family's code and titles, and the keys that its diplomas would have."""

    session_id: UUID
    import_id: UUID
    family: str
    session: Session
    titles: Mapping[str, Title]
    keyring: Keyring


class Refusal(NamedTuple):
    """Why a cell, or the line as a whole (no column), was not taken."""

    column: str
    value: str
    reason: Text
    remedy: Text


class WrongCell(Invalid):
    """A cell that is wrong beside the others."""

    def __init__(self, column: str, value: str, reason: Text, remedy: Text) -> None:
        super().__init__(reason, remedy)
        self.refusal = Refusal(column, value, reason, remedy)


class Award(NamedTuple):
    """What the jury decided, and whether the rules have anything to say of it."""

    decision: Decision
    mention: Mention | None
    admitted: bool
    ruled: bool


UNTRIMMED = Text("est entouré d'espaces", "has blanks around it"), Text("les ôter", "remove them")


@dataclass(frozen=True)
class CheckedColumn:
    """A column of the contract in one file: where its cells stand, and how they are read for the session."""

    name: str
    place: int
    required: bool
    read: Callable[[str], Any]

    def value(self, cell: bytes) -> Any:
        """The value of a cell, None when it is empty. Raises `Invalid`, also for blanks around, `UnicodeDecodeError`."""
        if not cell:
            if self.required:
                raise Invalid(*MISSING)
            return None
        text = cell.decode()
        if text != text.strip():
            raise Invalid(*UNTRIMMED)
        return self.read(text)


class Checks:
    """The checks of one file's lines for one session."""

    def __init__(self, target: Target, header: Sequence[str]) -> None:
        self.family: Family = family_of(target.family)
        self.rules_read = (*(column.name for column in self.family.columns), "code_diplome", "groupe")
        self.session, self._year, self._titles = target.session, target.session.year, target.titles
        self._groups = frozenset(group.code for group in self.family.groups(self._year))
        self._born = str(self._year - ELDEST), str(self._year - YOUNGEST)
        places = {name: place for place, name in enumerate(header)}
        absent = len(places)  # every line gets one more, empty, cell
        mine = {"groupe": self._group, "date_naissance": self._birth, "code_diplome": self._code}
        self.columns = {
            column.name: CheckedColumn(
                column.name,
                places.get(column.name, absent),
                column.required or (column.name == "code_diplome" and self.family.title is None),
                mine[column.name](column.read) if column.name in mine else column.read,
            )
            for column in COMMON
        }
        most = most_parts(self.family)
        for column in self.family.columns:
            place, read = places.get(column.name, absent), kept(column.reader(target.session), most.get(column.detail or ""))
            self.columns[column.name] = CheckedColumn(column.name, place, column.required, read)

    def explained(self, cells: Sequence[bytes]) -> list[Refusal]:
        """Every reason why a line is refused; empty when it is not."""
        found: list[Refusal] = []
        values: dict[str, Any] = {}
        for name, column in self.columns.items():
            cell = cells[column.place]
            try:
                values[name] = column.value(cell)
            except Invalid as invalid:
                found.append(Refusal(name, cell.decode()[:200], invalid.reason, invalid.remedy))
        if not found:
            try:
                self.title(values["code_diplome"], {name: values[name] for name in self.rules_read})
                self.award(values["decision"], values["mention"])
                self.birthplace(values["commune_naissance"], values["pays_naissance"])
            except WrongCell as wrong:
                found.append(wrong.refusal)
            if misfit := self.misfit({name: values[name] for name in self.rules_read}):
                cell = cells[self.columns[misfit.column].place] if misfit.column in self.columns else b""
                found.append(Refusal(misfit.column, cell.decode()[:200], misfit.reason, misfit.remedy))
        return found

    def misfit(self, results: Results) -> Misfit | None:
        """What the family says of the cells of a line together."""
        return self.family.check(results, self.session) if self.family.check is not None else None

    def title(self, code: str | None, results: Results) -> tuple[str, int | None]:
        """The title as it will be printed, and its national level. Raises `WrongCell`."""
        family, title = self.family, self._titles[code] if code else None
        if family.title is None:
            assert title is not None
            return title.label, title.national_level
        try:
            label = family.title(title.label if title else None, results)
        except Invalid as invalid:
            raise WrongCell("code_diplome", code or "", invalid.reason, invalid.remedy) from None
        if title is not None:
            return label, title.national_level
        return label, family.level(results) if family.level is not None else None

    def award(self, decision: str, mention: str | None) -> Award:
        """What the jury decided. Raises `WrongCell`."""
        if mention is not None and decision != "ADMIS":
            raise WrongCell("mention", mention,
                Text("accompagne une décision qui n'est pas ADMIS", "stands beside a decision that is not ADMIS"),
                Text("corriger la décision ou ôter la mention", "correct the decision or remove the mention"))  # fmt: skip
        made = Decision[decision]
        return Award(made, Mention[mention] if mention else None, made is Decision.ADMIS, made not in UNDECIDED_BY_RULES)

    def birthplace(self, commune: str | None, country: str | None) -> tuple[str | None, str | None]:
        """Where a candidate was born. Raises `WrongCell`."""
        if commune is not None and country not in (None, "99100"):
            raise WrongCell("commune_naissance", commune,
                Text("accompagne un pays étranger", "stands beside a foreign country"),
                Text("laisser vide si né à l'étranger", "leave it empty if born abroad"))  # fmt: skip
        return commune, country

    def _group(self, read: Reader) -> Reader:
        def group(cell: str) -> str:
            if (code := read(cell)) not in self._groups:
                listed = ", ".join(sorted(self._groups))
                raise Invalid(
                    Text("n'est pas un groupe d'épreuves de la session", "is not a jury group of the session"),
                    Text(f"employer : {listed}", f"use one of: {listed}"),
                )
            return code

        return group

    def _birth(self, read: Reader) -> Reader:
        def birth(cell: str) -> str:
            if not self._born[0] <= (born := read(cell))[:4] <= self._born[1]:
                raise Invalid(
                    Text(f"ne peut être celle d'un candidat de {self._year}", f"cannot be that of a candidate of {self._year}"),
                    Text("corriger d'après l'acte de naissance", "correct it from the birth record"),
                )
            return born

        return birth

    def _code(self, read: Reader) -> Reader:
        def code(cell: str) -> str:
            title, label = self._titles.get(read(cell)), self.family.label
            if title is None:
                raise Invalid(
                    Text(f"n'est pas un diplôme de la famille « {label.fr} »", f"is not a title of “{label.en}”"),
                    Text("vérifier le code dans la nomenclature", "check the code in the nomenclature"),
                )
            if not title.held(self._year):
                after = f" ; son successeur est {title.successor_code}" if title.successor_code else ""
                then = f"; its successor is {title.successor_code}" if title.successor_code else ""
                raise Invalid(
                    Text(f"n'est pas ouvert à la session {self._year}", f"is not open at the session {self._year}"),
                    Text(f"vérifier la spécialité et la session{after}", f"check the speciality and the session{then}"),
                )
            return title.code

        return code
