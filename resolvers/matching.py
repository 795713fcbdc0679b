"""Whether an exam record is that of a person: five tests, each with an outcome that can be told, and nothing approximate.

The rules and what was measured of them are in docs/matching.md. A record is attached to a person only when every test says the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations

from resolvers.names import name_key
from resolvers.outcomes import DateTest, Decision, FamilyTest, GivenTest, Outcome, PlaceTest, SexTest
from resolvers.people import ExamRecord, Identity, Person
from resolvers.places import Places

INE_FORMS = (re.compile(r"\d{9}[A-Z]{2}"), re.compile(r"\d{10}[A-Z]"), re.compile(r"\d{4}A\d{5}[A-Z]"))
"""RNIE, BEA and apprentices (arrêté of 16 February 2012): one person may hold one of each."""


TESTS: dict[str, type[Outcome]] = {
    "family": FamilyTest, "given": GivenTest, "date": DateTest, "place": PlaceTest, "sex": SexTest,
}  # fmt: skip
"""What is compared, in the order in which a review shows it."""


@dataclass(frozen=True)
class Comparison:
    """What the five tests of a person against a record said, and what the person's identity rests on."""

    family: FamilyTest
    given: GivenTest
    date: DateTest
    place: PlaceTest
    sex: SexTest
    identity: Identity

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The five outcomes, in the order of `TESTS`."""
        return (self.family, self.given, self.date, self.place, self.sex)

    @property
    def named(self) -> dict[str, str]:
        """The five outcomes by what was compared, as they are kept for a review."""
        return {name: getattr(self, name).name for name in TESTS}

    @property
    def decision(self) -> Decision:
        """MATCH when all five are EQ and FranceConnect vouches for the person, NO_MATCH when one of them excludes it, else REVIEW."""
        if any(outcome.name in ("NO", "CONFLICT") for outcome in self.outcomes):
            return Decision.NO_MATCH
        alike = all(outcome.name == "EQ" for outcome in self.outcomes)
        return Decision.MATCH if alike and self.identity == "FRANCECONNECT" else Decision.REVIEW


@dataclass(frozen=True, repr=False)
class SecondFacts:
    """What a holder tells beyond an identity. The establishment is that of the academy and session searched."""

    ine: str | None = None
    candidate_number: str | None = None
    establishment: str | None = None


NOTHING_MORE = SecondFacts()


@dataclass(frozen=True, repr=False)
class SearchWindow:
    """Where to look: records whose name key is one of `names` and whose date, as text, is within one of the inclusive `dates`."""

    names: frozenset[str]
    dates: tuple[tuple[str, str], ...]

    def holds(self, name: str, birth_date: str) -> bool:
        """Whether a record of that name key and date is among those looked at."""
        return name in self.names and any(first <= birth_date <= last for first, last in self.dates)


def compare(person: Person, record: ExamRecord, places: Places) -> Comparison:
    """The five outcomes for a person and a record."""
    family = _family(person, record)
    return Comparison(
        family,
        GivenTest.EQ if family is FamilyTest.SWAP else _given(_keys(person.given_names), _keys(record.given_names)),
        _date(person, record.birth_date),
        places.agrees(person.birth_commune, person.birth_country, record),
        SexTest.UNKNOWN if record.sex is None else SexTest.EQ if record.sex == person.sex else SexTest.DIFFERS,
        person.identity,
    )


def corroborated(comparison: Comparison, record: ExamRecord, facts: SecondFacts) -> Decision:
    """The decision once second facts are known.

    Somebody born abroad, of whom only the country can be compared, needs one that agrees; a local account that proved an identity
    needs an INE or a candidate number; one that differs forbids MATCH. The identity that a local account declares is never enough.
    """
    agree = (
        _same_ine(facts.ine, record.ine),
        _same(facts.candidate_number, record.candidate_number),
        _same(facts.establishment, record.establishment),
    )
    decision = comparison.decision
    if decision is Decision.NO_MATCH:
        return decision
    if False in agree:
        return Decision.REVIEW
    placed = comparison.place in (PlaceTest.EQ, PlaceTest.COUNTRY)
    alike = placed and all(outcome.name == "EQ" for outcome in comparison.outcomes if outcome is not comparison.place)
    enough = {"FRANCECONNECT": any(agree), "PROVED": any(agree[:2]), "DECLARED": False}[comparison.identity]
    return Decision.MATCH if alike and enough else decision


def judge(found: Sequence[tuple[ExamRecord, Comparison]], facts: SecondFacts = NOTHING_MORE) -> Decision:
    """The decision of a whole search. MATCH when the records that match are of one person, and nothing found shows it to be another.

    The records whose own decision (`corroborated`) is MATCH are then attached; otherwise nothing is.
    """
    decided = [(record, comparison, corroborated(comparison, record, facts)) for record, comparison in found]
    matching = [record for record, _, decision in decided if decision is Decision.MATCH]
    doubtful = [record for record, _, decision in decided if decision is Decision.REVIEW]
    excluded = [(record, comparison) for record, comparison, decision in decided if decision is Decision.NO_MATCH]
    if not matching:
        return Decision.REVIEW if doubtful else Decision.NO_MATCH
    alone = all(same_person(one, other) is True for one, other in combinations(matching, 2))
    rivalled = any(same_person(one, other) is False for one in matching for other in doubtful)
    claimed = any(_of_excluded(one, other, comparison) for one in matching for other, comparison in excluded)
    return Decision.MATCH if alone and not rivalled and not claimed else Decision.REVIEW


def same_person(one: ExamRecord, other: ExamRecord) -> bool | None:
    """Whether two records that may be of one identity are of one person; None when nothing proves it either way.

    INE decide: two of one form are two persons; of two forms they say nothing, since a pupil of 2016 has another in 2019. Nobody
    has two records of one exam. Records of two exams that match the same identity have all of it in common, unless their given
    names part. So homonyms born the same day in the same commune cannot be told apart when they have INE of two forms, or none.
    """
    if (same := _same_ine(one.ine, other.ine)) is not None:
        return same
    if one.exam is None or other.exam is None:
        return None
    if one.exam == other.exam:
        return False
    return True if _given(_keys(one.given_names), _keys(other.given_names)) is GivenTest.EQ else None


def search_window(person: Person) -> SearchWindow:
    """What to look up to see every record that could be MATCH or REVIEW."""
    names = {*_keys((person.family_name, person.used_name or "")), *_keys(person.given_names)[:1]}
    year, month, day = _known_date(person).split("-")
    if month == "00":
        dates = [(f"{year}-00-00", f"{year}-99-99")]
    elif day == "00":
        dates = [(f"{year}-{month}-00", f"{year}-{month}-99"), (f"{year}-00-00", f"{year}-00-99")]
    else:
        dates = [(f"{year}-{month}-{day}",) * 2, (f"{year}-{month}-00",) * 2, (f"{year}-00-00", f"{year}-00-99")]
    return SearchWindow(frozenset(names), tuple((first, last) for first, last in dates))


def _of_excluded(one: ExamRecord, excluded: ExamRecord, comparison: Comparison) -> bool:
    """Whether a record that matches seems to be of the person of one that does not: by the INE, or because both only differ in given names.

    `JULIEN` matches Julien Vincent, and so would an older record of Julien Nicolas: the `JULIEN NICOLAS` beside it shows that.
    """
    if _same_ine(one.ine, excluded.ine):
        return True
    namesake = [outcome for outcome in comparison.outcomes if outcome.name in ("NO", "CONFLICT")] == [GivenTest.NO]
    return namesake and same_person(one, excluded) is True


def _family(person: Person, record: ExamRecord) -> FamilyTest:
    name, family = name_key(record.birth_name), name_key(person.family_name)
    if not name or not family:
        return FamilyTest.NO
    if name == family:
        return FamilyTest.EQ
    if name == name_key(person.used_name or ""):
        return FamilyTest.USAGE
    if name in _keys(person.given_names)[:1] and _begins_with(_keys(record.given_names), family):
        return FamilyTest.SWAP
    return FamilyTest.NO


def _given(mine: list[str], theirs: list[str]) -> GivenTest:
    """Names are read end to end, so that `JEAN PIERRE` is `Jean-Pierre`; the shorter side must stop where a name of the longer one ends."""
    if not mine or not theirs:
        return GivenTest.UNKNOWN
    shorter, longer = sorted((mine, theirs), key=lambda names: sum(map(len, names)))
    if _begins_with(longer, "".join(shorter)):
        return GivenTest.EQ
    if any(_begins_with(theirs, name) for name in mine[1:]):
        return GivenTest.OTHER
    return GivenTest.NO


def _date(person: Person, of_record: str | None) -> DateTest:
    if of_record is None:
        return DateTest.NO
    declared, whole, known = person.declared_birth_date, person.birth_date, _known_date(person)
    if of_record == whole:
        # nobody said whether a 1 January is one
        presumed = whole.endswith("-01-01") if declared is None else declared.endswith("-00")
        return DateTest.PRESUMED if presumed else DateTest.EQ
    if of_record == known:
        return DateTest.PARTIAL
    agree = all(a == b or "00" in (a, b) for a, b in zip(known.split("-")[1:], of_record.split("-")[1:], strict=True))
    return DateTest.COMPAT if agree and known[:4] == of_record[:4] else DateTest.NO


def _known_date(person: Person) -> str:
    """The declared date when the registry merely completed it with 01, else the registry's."""
    declared = person.declared_birth_date
    return declared if declared is not None and declared.replace("-00", "-01") == person.birth_date else person.birth_date


def _keys(names: Sequence[str]) -> list[str]:
    return [key for name in names if (key := name_key(name))]


def _begins_with(names: list[str], spelled: str) -> bool:
    """Whether the first of the names, one or several of them, make this end to end."""
    return spelled in accumulate(names)


def _same(said: str | None, held: str | None) -> bool | None:
    """None when one side does not have it."""
    return name_key(said) == name_key(held) if said and held else None


def _same_ine(one: str | None, other: str | None) -> bool | None:
    """None also when they differ because they are of two forms."""
    same = _same(one, other)
    forms = [[form.fullmatch(name_key(ine or "")) is not None for form in INE_FORMS] for ine in (one, other)]
    return None if same is False and forms[0] != forms[1] else same
