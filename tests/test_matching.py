"""Matching a person with exam records: worked cases, several candidates, second facts, and what must hold for everybody."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.matching import Comparison, SecondFacts, compare, corroborated, judge, same_person, search_window
from resolvers.names import name_key
from resolvers.outcomes import DateTest, Decision, FamilyTest, GivenTest, Outcome, PlaceTest, SexTest
from resolvers.people import ExamRecord, Identity, Person, Sex
from resolvers.places import place_key, places

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases" / "matching.toml").read_text("utf-8"))["case"]
SHARED = Path(__file__).parents[2] / "shared" / "data" / "credentials" / "identity" / "matching_cases.json"
EVERY_OUTCOME: list[Outcome] = [*FamilyTest, *GivenTest, *DateTest, *PlaceTest, *SexTest]


def person_of(case: dict[str, Any]) -> Person:
    told: dict[str, Any] = {"identity": "FRANCECONNECT"} | case | {"given_names": tuple(case["given_names"])}
    return Person(**told)


def record_of(case: dict[str, Any]) -> ExamRecord:
    told: dict[str, Any] = case | {"given_names": tuple(case["given_names"])}
    return ExamRecord(**told)


def shared_cases() -> list[Any]:
    """The cases that the project was given, where they lie beside the checkout."""
    found = json.loads(SHARED.read_text("utf-8"))["cases"] if SHARED.exists() else []
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_case_has_its_outcomes_and_its_decision(case: dict[str, Any]) -> None:
    found = compare(person_of(case["person"]), record_of(case["record"]), places())
    assert " ".join(outcome.name for outcome in found.outcomes) == case["outcomes"]
    assert found.decision.name == case["decision"]


def test_no_case_comes_twice_and_every_outcome_has_a_case() -> None:
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names))
    for rank, test in enumerate((FamilyTest, GivenTest, DateTest, PlaceTest, SexTest)):
        assert {case["outcomes"].split()[rank] for case in CASES} == {outcome.name for outcome in test}


@pytest.mark.parametrize("case", shared_cases())
def test_a_case_that_the_project_was_given_has_its_decision(case: dict[str, Any]) -> None:
    pivot, spelled = case["pivot"], case["record"]
    person = Person(
        pivot["family_name"],
        tuple(pivot["given_name_array"]),
        pivot["birthdate"],
        "F" if pivot["gender"] == "female" else "M",
        pivot["birthcountry"],
        pivot["birthplace"] or None,
        pivot.get("idp_birthdate"),
        pivot.get("preferred_username"),
        "FRANCECONNECT",
    )
    day, month, year = spelled["date"].split("/")
    record = ExamRecord(
        spelled["nom"],
        tuple(spelled["prenoms"].split()),
        birth_date=f"{year}-{month}-{day}",
        sex=spelled["sexe"],
        birth_place=spelled["lieu"],
    )
    assert compare(person, record, places()).decision.name == case["expect"]


@pytest.mark.skipif(not SHARED.exists(), reason="the cases that the project was given are not beside this checkout")
def test_the_cases_that_the_project_was_given_were_read() -> None:
    assert len(shared_cases()) >= 10


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=str)
def test_every_outcome_is_explained_in_both_languages_like_no_other(outcome: Outcome) -> None:
    told = outcome.explanation
    assert told.fr != told.en
    assert [other for other in EVERY_OUTCOME if other.explanation in (told,) and other is not outcome] == []


# several candidates


PERSON = Person(
    "Petit",
    ("Marie",),
    "1998-06-11",
    "F",
    birth_commune="44109",
    declared_birth_date="1998-06-11",
    identity="FRANCECONNECT",
)


def sat(exam: str | None, ine: str | None = None, **other: Any) -> ExamRecord:
    """A record of this person, at an exam."""
    kept: dict[str, Any] = {"birth_place": "NANTES", **other}
    return ExamRecord("PETIT", ("MARIE",), birth_date="1998-06-11", sex="F", exam=exam, ine=ine, **kept)


def filed(exam: str, *given_names: str) -> ExamRecord:
    """A record of this person under other given names."""
    return replace(sat(exam), given_names=given_names)


def judged(*records: ExamRecord) -> Decision:
    return judge([(record, compare(PERSON, record, places())) for record in records])


RNIE, OTHER_RNIE, BEA = "180000001AB", "180000002CD", "1234567890K"


def test_one_matching_record_is_attached_whatever_else_was_looked_at() -> None:
    assert judged(sat("bac/2016"), sat("bac/2016", birth_place="LILLE")) is Decision.MATCH


def test_nothing_found_is_no_match() -> None:
    assert judged() is Decision.NO_MATCH
    assert judged(sat("bac/2016", birth_place="LILLE")) is Decision.NO_MATCH


def test_a_record_to_review_makes_a_review_when_nothing_matches() -> None:
    assert judged(sat("bac/2016", birth_place=None), sat("bac/2016", birth_place="LILLE")) is Decision.REVIEW


@pytest.mark.parametrize(
    ("one", "other", "decision"),
    [
        pytest.param(sat("bac/2016", RNIE), sat("bts/2018", RNIE), Decision.MATCH, id="one INE at two exams"),
        pytest.param(sat("bac/2016", RNIE), sat("bts/2018", OTHER_RNIE), Decision.REVIEW, id="two INE of one form"),
        pytest.param(sat("bac/2016", BEA), sat("bts/2018", RNIE), Decision.MATCH, id="two INE of two forms, at two exams"),
        pytest.param(sat("bac/2016", BEA), sat("bac/2016", RNIE), Decision.REVIEW, id="two INE of two forms, at one exam"),
        pytest.param(sat("bac/2016"), sat("bts/2018", RNIE), Decision.MATCH, id="no INE, the same civil status at two exams"),
        pytest.param(sat("bac/2016"), sat("bac/2016"), Decision.REVIEW, id="no INE, twice at one exam"),
        pytest.param(sat("bac/2016"), sat(None), Decision.REVIEW, id="no INE, and an exam that is not known"),
        pytest.param(sat("bac/2016"), filed("bts/2018", "MARIE", "ROSE"), Decision.MATCH, id="one has more given names"),
        pytest.param(
            filed("bac/2016", "MARIE", "LINE"), filed("bts/2018", "MARIE", "ROSE"), Decision.REVIEW, id="given names that part"
        ),
    ],
)
def test_two_matching_records_are_attached_only_when_they_are_of_one_person(
    one: ExamRecord, other: ExamRecord, decision: Decision
) -> None:
    assert judged(one, other) is decision
    assert judged(other, one) is decision


def test_a_record_without_ine_between_two_persons_attaches_neither() -> None:
    assert judged(sat("bac/2016", RNIE), sat("dnb/2013"), sat("bts/2018", OTHER_RNIE)) is Decision.REVIEW


def test_a_record_to_review_stops_a_match_only_when_it_is_of_somebody_else() -> None:
    doubtful = sat("bac/2016", RNIE, birth_place=None)
    assert judged(sat("bac/2016", OTHER_RNIE), doubtful) is Decision.REVIEW
    assert judged(sat("bac/2016"), doubtful) is Decision.REVIEW
    assert judged(sat("bts/2018", RNIE), doubtful) is Decision.MATCH
    assert judged(sat("bts/2018"), doubtful) is Decision.MATCH


def test_a_match_that_seems_to_be_of_somebody_excluded_is_reviewed() -> None:
    vincent = replace(PERSON, given_names=("Marie", "Vincente"))
    namesake, short = replace(filed("bac/2016", "MARIE", "NICOLE"), ine=RNIE), sat("dnb/2013", BEA)
    twin = replace(filed("bac/2016", "ANNE"), ine=RNIE)

    def whole(*records: ExamRecord) -> Decision:
        return judge([(record, compare(vincent, record, places())) for record in records])

    assert whole(short) is Decision.MATCH
    assert whole(short, namesake) is Decision.REVIEW
    assert whole(replace(short, ine=RNIE), twin) is Decision.REVIEW
    assert whole(short, twin) is Decision.MATCH


def test_nothing_is_known_of_two_records_whose_exam_is_not() -> None:
    assert same_person(sat(None), sat("bac/2016")) is None


# second facts


ABROAD = Person("Diallo", ("Aïssatou",), "1998-10-21", "F", birth_country="99330", identity="FRANCECONNECT")
FILED = ExamRecord(
    "DIALLO",
    ("AISSATOU",),
    birth_date="1998-10-21",
    sex="F",
    birth_country="99330",
    ine=RNIE,
    candidate_number="160100042",
    establishment="0750652K",
)


@pytest.mark.parametrize(
    ("identity", "facts", "decision"),
    [
        ("FRANCECONNECT", SecondFacts(), "REVIEW"),
        ("FRANCECONNECT", SecondFacts(ine=RNIE), "MATCH"),
        ("FRANCECONNECT", SecondFacts(candidate_number="160100042"), "MATCH"),
        ("FRANCECONNECT", SecondFacts(establishment="0750652k"), "MATCH"),
        ("FRANCECONNECT", SecondFacts(ine=OTHER_RNIE), "REVIEW"),
        ("FRANCECONNECT", SecondFacts(ine=BEA), "REVIEW"),
        ("FRANCECONNECT", SecondFacts(ine=RNIE, candidate_number="160100043"), "REVIEW"),
        ("PROVED", SecondFacts(establishment="0750652K"), "REVIEW"),
        ("PROVED", SecondFacts(candidate_number="160100042"), "MATCH"),
        ("DECLARED", SecondFacts(ine=RNIE, candidate_number="160100042", establishment="0750652K"), "REVIEW"),
    ],
)
def test_somebody_born_abroad_is_attached_only_with_a_second_fact_worth_their_identity(
    identity: Identity, facts: SecondFacts, decision: str
) -> None:
    compared = compare(replace(ABROAD, identity=identity), FILED, places())
    assert corroborated(compared, FILED, facts).name == decision
    assert judge([(FILED, compared)], facts).name == decision


def test_a_second_fact_that_differs_stops_what_would_have_matched() -> None:
    compared = compare(PERSON, sat("bac/2016", RNIE), places())
    assert corroborated(compared, sat("bac/2016", RNIE), SecondFacts()) is Decision.MATCH
    assert corroborated(compared, sat("bac/2016", RNIE), SecondFacts(ine=BEA)) is Decision.MATCH
    assert corroborated(compared, sat("bac/2016", RNIE), SecondFacts(ine=OTHER_RNIE)) is Decision.REVIEW


def test_a_second_fact_makes_up_for_a_foreign_town_and_for_nothing_else() -> None:
    unplaced = sat("bac/2016", RNIE, birth_place=None)
    elsewhere = sat("bac/2016", RNIE, birth_place="LILLE")
    assert corroborated(compare(PERSON, unplaced, places()), unplaced, SecondFacts(ine=RNIE)) is Decision.REVIEW
    assert corroborated(compare(PERSON, elsewhere, places()), elsewhere, SecondFacts(ine=RNIE)) is Decision.NO_MATCH


def test_an_identity_is_a_declared_one_until_somebody_vouches_for_it() -> None:
    assert Person("Petit", ("Marie",), "1998-06-11", "F").identity == "DECLARED"


# places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ST ETIENNE", "Saint-Étienne"),
        ("STE FOY LES LYON", "Sainte-Foy-lès-Lyon"),
        ("LYON 3EME", "Lyon 3e Arrondissement"),
        ("PARIS 01", "Paris 1er Arrondissement"),
        ("L HAY LES ROSES", "L'Haÿ-les-Roses"),
        ("ROCHELLE", "La Rochelle"),
    ],
)
def test_two_spellings_of_a_place_are_one(one: str, other: str) -> None:
    assert place_key(one) == place_key(other)


def test_everything_that_a_commune_or_a_country_belongs_to_exists() -> None:
    table = places()
    countries = {code for codes in table.countries.values() for code in codes}
    assert [whole for whole in table.belongs_to.values() if whole not in table.communes and whole not in countries] == []


def test_nothing_belongs_to_itself_however_far_one_follows() -> None:
    table = places()
    for code in table.belongs_to:
        followed = [code]
        while (whole := table.belongs_to.get(followed[-1])) is not None:
            assert whole not in followed
            followed.append(whole)


def test_each_arrondissement_is_of_the_lineage_of_its_city_and_not_of_its_neighbour() -> None:
    paris, fourteenth = places().lineage("75056"), places().lineage("75114")
    assert {f"751{number:02}" for number in range(1, 21)} <= paris
    assert "75056" in fourteenth
    assert "75112" not in fourteenth


def test_a_place_that_our_table_lacks_proves_nothing() -> None:
    unknown = ExamRecord("PETIT", ("MARIE",), birth_commune="99999", birth_place="LILLE")
    assert places().agrees("44109", "99100", unknown) is PlaceTest.UNKNOWN
    assert places().agrees("00000", "99100", ExamRecord("PETIT", (), birth_place="LILLE")) is PlaceTest.UNKNOWN


# what holds for everybody


LETTERS = st.text("abcdeéèëïçÿœñABZ", min_size=1, max_size=8)
NAMES = st.lists(LETTERS, min_size=1, max_size=3).map(" ".join)
SEXES: list[Sex] = ["M", "F"]
WHOLE = st.dates().map(lambda day: f"{day.year:04}-{day.month:02}-{day.day:02}")
COMMUNES = st.sampled_from(["75114", "75056", "14031", "14431", "2A004", "44109"])


@st.composite
def people(draw: st.DrawFn) -> Person:
    born = draw(WHOLE)
    declared = draw(st.sampled_from([None, born, f"{born[:7]}-00", f"{born[:4]}-00-00"]))
    known = (declared or born).replace("-00", "-01")
    return Person(
        draw(NAMES),
        tuple(draw(st.lists(LETTERS, max_size=3))),
        known,
        draw(st.sampled_from(SEXES)),
        birth_commune=draw(COMMUNES),
        declared_birth_date=declared,
        used_name=draw(st.none() | NAMES),
        identity="FRANCECONNECT",
    )


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Person, ExamRecord]:
    """A person and a record that is theirs, or nearly so."""
    person = draw(people())
    swapped = bool(person.given_names) and draw(st.booleans())
    given_names = (person.family_name,) if swapped else person.given_names
    names = [person.given_names[0]] if swapped else [person.family_name, person.used_name or person.family_name]
    born, declared = person.birth_date, person.declared_birth_date or person.birth_date
    record = ExamRecord(
        draw(st.sampled_from(names)),
        given_names[draw(st.integers(0, 1)) :],
        birth_date=draw(st.sampled_from([born, declared, f"{born[:7]}-00", f"{born[:4]}-00-00", f"{born[:4]}-06-15"]) | WHOLE),
        sex=draw(st.none() | st.sampled_from(SEXES)),
        birth_commune=draw(st.none() | COMMUNES),
        birth_place=draw(st.sampled_from([None, "PARIS", "PARIS 14", "NANTES", "AJACCIO", "nulle part"])),
    )
    return person, record


PLAIN = str.maketrans("éèëïçÿñ", "eeeicyn")


def respelled(name: str) -> str:
    """The name as an old file has it: capitals, no accents, no ligatures."""
    return name.translate(PLAIN).upper().replace("Œ", "OE")


@given(pairs())
def test_accents_case_and_hyphens_never_change_a_decision(pair: tuple[Person, ExamRecord]) -> None:
    person, record = pair
    spelled = replace(
        record,
        birth_name=respelled(record.birth_name).replace(" ", "-"),
        given_names=tuple(respelled(name) for name in record.given_names),
    )
    registered = replace(person, family_name=person.family_name.replace(" ", "-").title())
    found = compare(person, record, places())
    assert compare(person, spelled, places()) == found
    assert compare(registered, record, places()) == found


@given(pairs())
def test_another_whole_date_never_matches(pair: tuple[Person, ExamRecord]) -> None:
    person, record = pair
    found = compare(person, record, places())
    assert found.decision is not Decision.MATCH or record.birth_date == person.birth_date


@given(pairs())
def test_whatever_could_match_or_be_reviewed_is_looked_up(pair: tuple[Person, ExamRecord]) -> None:
    person, record = pair
    if compare(person, record, places()).decision is not Decision.NO_MATCH:
        assert search_window(person).holds(name_key(record.birth_name), record.birth_date or "")


@given(people(), st.sampled_from(["DECLARED", "PROVED"]))
def test_a_local_account_never_matches_on_an_identity_alone(person: Person, identity: Identity) -> None:
    record = ExamRecord(
        person.family_name,
        person.given_names,
        birth_date=person.birth_date,
        sex=person.sex,
        birth_commune=person.birth_commune,
    )
    assert compare(replace(person, identity=identity), record, places()).decision is Decision.REVIEW


@given(st.text(st.characters(max_codepoint=0x24F)))
def test_a_key_has_itself_for_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


def test_a_search_is_never_wider_than_a_year_and_three_names() -> None:
    window = search_window(
        Person("Petit", ("Marie", "Chloé"), "1990-01-01", "F", declared_birth_date="1990-00-00", used_name="Roy")
    )
    assert window.names == {"PETIT", "ROY", "MARIE"}
    assert window.dates == (("1990-00-00", "1990-99-99"),)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", end) for dates in window.dates for end in dates)


def test_a_comparison_keeps_its_outcomes_in_the_order_of_the_review() -> None:
    found = compare(PERSON, sat("bac/2016"), places())
    assert found == Comparison(FamilyTest.EQ, GivenTest.EQ, DateTest.EQ, PlaceTest.EQ, SexTest.EQ, "FRANCECONNECT")
    assert found.outcomes == (found.family, found.given, found.date, found.place, found.sex)
