"""The planner answers what Strawberry answers, byte for byte, or hands over."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
import strawberry

from bench.sameness.comparing import Executors, request
from bench.sameness.documents import Documents
from bench.sameness.family import BELT, installed
from bench.sameness.register import NOBODY
from plugins import Diploma, column
from resolvers.verification import COUNT_FAILURE
from server.planning import planner
from tests.planned import EVERY_BELTED_FIELD, Counted, Planned, verification

REVIEWS = "diplomaReviews(first: 10) { edges { node { candidates { diploma { %s } } } } }"
AGENT, HOLDER = "agent", "holder"


@dataclass(frozen=True)
class Case:
    """A feature of GraphQL in a document that compiles."""

    name: str
    document: str
    who: str | None = None
    variables: tuple[dict[str, Any], ...] = ({},)


CASES = (
    Case("aliases", "{ one: academies { c: code code n: name } two: academies { t: __typename } }"),
    Case("a field asked for twice", "{ academies { code code region { code } region { name code } } }"),
    Case("root fields of one key", "{ academies { code } academies { name } ... { academies { kind } } }"),
    Case("the root's own name", "{ __typename a: __typename ... on Query { b: __typename } }"),
    Case(
        "nested fragments",
        "{ academies { ...A } } fragment A on Academy { code ...B } fragment B on Academy { name ... on Node { id } }",
    ),
    Case("a fragment spread twice", "{ academies { ...A ...A x: id } } fragment A on Academy { code }"),
    Case("an interface", "{ " + REVIEWS % "__typename id title ... on Diploma { mention } ... on Node { id }" + " }", AGENT),
    Case(
        "concrete types",
        "{ " + REVIEWS % f"id ... on Baccalaureat {{ track options specialities }} ... on Brevet {{ series }} {EVERY_BELTED_FIELD}" + " }",
        AGENT,
    ),
    Case("the same field of two types", "{ " + REVIEWS % "... on Baccalaureat { x: titleCode } ... on Belted { x: master }" + " }", AGENT),
    Case(
        "a field of one name that two families keep otherwise",
        "{ " + REVIEWS % "... on BrevetTechnicienSuperieur { option } ... on Belted { option }" + " }",
        AGENT,
    ),
    Case("what is left out", "{ academies { code @skip(if: true) name @include(if: true) kind @include(if: false) } }"),
    Case(
        "an object of which nothing is left",
        "{ academies { code @skip(if: true) } foreignCentres { academy { id @include(if: false) } } }",
    ),
    Case("an operation of which nothing is left", "{ academies @skip(if: true) { code } }"),
    Case(
        "what variables leave out",
        "query ($s: Boolean!, $i: Boolean = true) { academies { code @skip(if: $s) @include(if: $i) ... @include(if: $i) { name }"
        " ...K @skip(if: $s) } } fragment K on Academy { kind }",
        None,
        ({"s": True, "i": True}, {"s": True, "i": False}, {"s": False, "i": True}, {"s": False, "i": False}, {"s": False}),
    ),
    Case(
        "arguments: literals, variables, defaults, nulls",
        'query ($f: String! = "bac", $s: Int, $n: Int! = 2) {'
        " a: diplomaTitles(family: $f, session: $s, first: $n) { edges { node { code } } }"
        ' b: diplomaTitles(family: "bts", first: 1, session: null) { edges { node { code } } } }',
        None,
        ({}, {"f": "cap"}, {"s": None, "n": 3}, {"s": 2020, "f": "none"}),
    ),
    Case("a page of which only the name is asked", '{ diplomaTitles(family: "bac") { __typename t: __typename } }'),
    Case(
        "an empty page",
        '{ diplomaTitles(family: "none") { __typename edges { cursor } pageInfo { startCursor endCursor hasNextPage } } }',
    ),
    Case(
        "pages in a page",
        "{ examSessions { edges { node { imports { refusals(first: 1) { edges { cursor node { id reason } } } } } } } }",
        AGENT,
    ),
    Case("enums, dates, times", "{ academies { kind validFrom } examSessions { edges { node { state publishedAt } } } }", AGENT),
    Case(
        "for who asks",
        "{ viewer { shares { edges { node { secret link } } } diplomas { edges { node { controlKey keptUntil } } } } }",
        HOLDER,
    ),
    Case("nobody", "{ viewer { identity { familyName } } }"),
    Case(
        "requests to academies",
        """{ viewer { documentRequests { edges { node { id kind academy { code examService { code } } examService { code city } state dueOn
          diploma { title ine } represented { familyName givenNames } silence acknowledgement missingPieces messages { author agent body }
          pieces { kind size link } deliveredDocuments { link } history { at kind state actor agent piece } } } } } }""",
        HOLDER,
    ),
    Case(
        "several roots",
        '{ viewer { identity { proven } } academies { code } availability(from: 2025, to: 2026, academy: "01") { state } }',
        HOLDER,
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_document_is_compiled_and_its_answer_is_strawberrys(planned: Planned, case: Case, language: Any) -> None:
    people = planned.register.people
    who = {AGENT: people.agents[0], HOLDER: people.holders[0]}.get(case.who or "", NOBODY)
    drawn = planned.drawn(case.document, *case.variables, language=language, who=who)
    assert None not in await planned.same(drawn)


@pytest.mark.parametrize("seed", range(4))
async def test_generated_documents_have_the_same_answers_from_both(planned: Planned, seed: int) -> None:
    executors = Executors(planned.pool)
    documents = Documents(executors.schema.core, planned.register, Random(seed))
    for _ in range(40):
        differences, answers = await executors.compare(documents.draw())
        documents.learn(answers)
        assert not differences, f"seed {seed}\n{differences[0]}"
    assert executors.compiled > executors.compared / 2
    raised = {reason for reason in executors.refusals if reason.startswith("raised")}
    assert raised <= {"raised UnicodeEncodeError"}, "of a name that is no text; nothing of this register is broken"


async def test_cursors_lead_through_all_pages(planned: Planned) -> None:
    document = (
        "query ($after: String) { diplomaReviews(first: 3, after: $after) { edges { cursor node { reference } }"
        " pageInfo { endCursor hasNextPage startCursor } } }"
    )
    agent = planned.register.people.agents[1]
    after, references, pages = None, list[str](), 0
    while True:
        [answer] = await planned.same(planned.drawn(document, {"after": after}, who=agent))
        page = data(answer)["diplomaReviews"]
        references += [edge["node"]["reference"] for edge in page["edges"]]
        pages += 1
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages > 2
    assert len(references) == len(set(references))


async def test_a_plugins_type_is_compiled_with_every_kind_of_field(planned: Planned) -> None:
    asked = await planned.belted()
    [answer] = await planned.same(planned.drawn(verification(EVERY_BELTED_FIELD), asked))
    diploma = data(answer)["verification"]["diploma"]
    assert diploma["option"] == 'B"1'
    assert diploma["techniques"] == ["uchi-mata", 'dite "la reine"']
    assert diploma["moment"] == "2026-07-04T08:00:00.5+00:00"
    assert diploma["course"]["parts"][1] == {"name": "debout", "hours": None, "place": None}


@strawberry.type(description="A family's type of which a field was just thought of.")
class Renumbered(Diploma):
    number: str = column("academy_code", "The field that is new: this line is all that there is to it")


RENUMBERED = replace(BELT, type=Renumbered)


@pytest.fixture
def renumbered() -> Iterator[None]:
    with installed(f"{__name__}:RENUMBERED"):
        yield
    with installed():  # as it was for the tests that follow
        pass


async def test_a_new_field_needs_one_declaration_and_nothing_in_the_planner(planned: Planned, renumbered: None) -> None:
    asked = await planned.belted()
    deployed = replace(planned, executors=Executors(planned.pool))
    [answer] = await deployed.same(planned.drawn(verification("__typename ... on Renumbered { number }"), asked))
    diploma = data(answer)["verification"]["diploma"]
    assert (diploma["__typename"], len(diploma["number"])) == ("Renumbered", 2)


async def test_no_plan_has_more_statements_than_root_fields(planned: Planned) -> None:
    counted = Counted(planned.pool, [])
    executors = Executors(counted)  # pyright: ignore[reportArgumentType]
    documents = Documents(executors.schema.core, planned.register, Random(9))
    compiled = 0
    while compiled < 25:
        drawn = documents.draw()
        one = replace(drawn, askings=drawn.askings[:1])
        counted.statements.clear()
        answer = await executors.compiled_answer(one, one.askings[0])
        if answer is None or not counted.statements:
            continue
        compiled += 1
        # that a verification failed is counted when the answer is known
        reading = [sql for sql in counted.statements if sql != COUNT_FAILURE.text]
        assert len(reading) <= len(data(answer)), drawn.text


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ("{ families { code } }", "computed field Query.families"),
        ("{ viewer { consultations { edges { cursor } } } }", "computed field Viewer.consultations"),
        ("{ nothing }", "invalid document"),
        ("mutation { endOtherSignIns { __typename } }", "no single query"),
        ("query A { __typename } query B { __typename }", "no single query"),
        ("subscription { viewerChanged { kind } }", "no single query"),
        ("{ examSessions { edges { cursor } } }", "caller"),
        ('{ diplomaTitles(family: "bac", first: 51) { edges { cursor } } }', "caller"),
        ('{ diplomaTitles(family: "bac", after: "x") { edges { cursor } } }', "caller"),
    ],
)
async def test_what_is_not_compiled_is_counted_by_its_reason(planned: Planned, document: str, reason: str) -> None:
    executors = Executors(planned.pool)
    drawn = planned.drawn(document)
    assert await executors.compiled_answer(drawn, drawn.askings[0]) is None
    assert dict(executors.refusals) == {reason: 1}


@pytest.mark.parametrize(
    ("declared", "variables", "reason"),
    [
        ("$n: Int!", {}, "variables"),
        ("$n: Int!", {"n": None}, "variables"),
        ("$n: Int!", {"n": "2"}, "variables"),
        ("$n: Int!", {"n": 2**31}, "variables"),
        ("$n: Int!", {"n": True}, "variables"),
        ("$n: Int = 2", {"n": None}, "null argument"),
        ("$n: Int = 2", {"n": [2]}, "variables"),
    ],
)
async def test_a_variable_that_is_not_of_its_type_has_strawberrys_error(
    planned: Planned, declared: str, variables: dict[str, Any], reason: str
) -> None:
    executors = Executors(planned.pool)
    drawn = planned.drawn(f'query ({declared}) {{ diplomaTitles(family: "bac", first: $n) {{ edges {{ cursor }} }} }}', variables)
    assert await executors.compiled_answer(drawn, drawn.askings[0]) is None
    assert dict(executors.refusals) == {reason: 1}
    answer, _ = await executors.strawberry_answer(drawn, drawn.askings[0])
    assert b'"errors"' in answer


async def test_a_null_flag_is_an_error(planned: Planned) -> None:
    drawn = planned.drawn("query ($f: Boolean = true) { academies { code @include(if: $f) } }", {"f": None})
    assert await planned.compiled(drawn) == [None]
    assert b'"errors"' in (await planned.expected(drawn))[0]


async def test_a_document_is_compiled_when_it_comes_again(planned: Planned) -> None:
    again = planner(planned.executors.schema, 2)
    drawn = planned.drawn("{ academies { code } }")
    answers = [
        await again.answer(drawn.text, None, {}, planned.executors.context(request(drawn, drawn.askings[0]))) for _ in range(3)
    ]
    assert dict(again.refusals.by_reason) == {"first sight": 1}
    assert answers[0] is None
    assert answers[1] == answers[2] == (await planned.expected(drawn))[0]


async def test_a_documents_variants_are_bounded(planned: Planned) -> None:
    flags = [f"f{place}" for place in range(6)]
    declared, fields = (
        " ".join(form.format(flag) for flag in flags) for form in ("${0}: Boolean!", "a{0}: __typename @skip(if: ${0})")
    )
    document = f"query ({declared}) {{ {fields} }}"
    variants = [{flag: bool(number >> place & 1) for place, flag in enumerate(flags)} for number in range(64)]
    executors = Executors(planned.pool)
    answers = [
        await executors.compiled_answer(drawn, drawn.askings[0]) for one in variants if (drawn := planned.drawn(document, one))
    ]
    assert executors.refusals == {"too many variants": 32}
    assert answers.count(None) == 32


def data(answer: bytes | None) -> dict[str, Any]:
    """The data of an answer."""

    assert answer is not None
    return json.loads(answer)["data"]
