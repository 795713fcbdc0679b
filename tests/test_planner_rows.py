"""Odd rows, bad values and refused verifications: the planner answers as Strawberry does or hands over, and nobody pays for another."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bench.sameness.comparing import Executors, request
from bench.sameness.documents import Drawn
from bench.sameness.register import ODD
from tests.planned import EVERY_BELTED_FIELD, Planned, verification


@dataclass(frozen=True)
class Odd:
    """Details that no import writes, and what is asked of them."""

    name: str
    changed: dict[str, Any]
    asked: str


OPTIONAL = ("local_code", "master", "rank", "renewed", "nicknames", "belt", "belts", "former_course", "stages")

ANSWERED = (
    Odd("keys that are missing", dict.fromkeys(OPTIONAL, ...), ""),
    Odd("nulls", dict.fromkeys(OPTIONAL, None) | {"course": {"label": None, "parts": None}}, ""),
    Odd("empty lists", {"techniques": [], "nicknames": [], "belts": [], "course": {"parts": []}, "stages": []}, ""),
    Odd("no parts at all", {"course": {}}, ""),
    Odd(
        "every odd text",
        {"art": "".join(ODD), "master": ODD[0], "techniques": list(ODD), "nicknames": list(ODD), "course": {"label": ODD[6]}},
        "",
    ),
    Odd("a part without a place", {"stages": [{"name": "x", "place": None}, {"name": ""}]}, ""),
    Odd("numbers at their ends", {"bouts": 999_999_999, "rank": -999_999_999}, ""),
    Odd(
        "a broken value that nobody asks for",
        {"belts": ["PINK"], "belt": "PINK", "course": {"parts": 5}, "stages": 5},
        "... on Belted { art bouts }",
    ),
)  # fmt: skip

HANDED_OVER = (
    Odd("a number for a text", {"art": 5}, "art"),
    Odd("a document for a text", {"master": {"a": 1}}, "master"),
    Odd("a text for a number", {"bouts": "five"}, "bouts"),
    Odd("a fraction for a number", {"bouts": 1.5}, "bouts"),
    Odd("a number too large", {"rank": 2**40}, "rank"),
    Odd("a number for a truth", {"abroad": 1}, "abroad"),
    Odd("nothing for a text", {"art": None}, "art"),
    Odd("a key that is missing", {"bouts": ...}, "bouts"),
    Odd("null among texts", {"techniques": ["a", None]}, "techniques"),
    Odd("a number among texts", {"nicknames": ["a", 1]}, "nicknames"),
    Odd("a text for a list", {"techniques": "a"}, "techniques"),
    Odd("a member that nobody knows", {"belt": "PINK"}, "belt"),
    Odd("a member that nobody knows, in a list", {"belts": ["BLACK", "PINK"]}, "belts"),
    Odd("a number for a member", {"belt": 1}, "belt"),
    Odd("null among parts", {"course": {"parts": [None]}}, "course { parts { hours } }"),
    Odd("a text among parts", {"course": {"parts": ["x"]}}, "course { parts { hours } }"),
    Odd("a document for parts", {"course": {"parts": {"name": "x"}}}, "course { parts { hours } }"),
    Odd("a text for a place", {"course": {"parts": [{"name": "x", "place": "Évry"}]}}, "course { parts { place { country } } }"),
    Odd("a place without its town", {"course": {"parts": [{"name": "x", "place": {}}]}}, "course { parts { place { town } } }"),
    Odd("a text for a part", {"course": "voie"}, "course { label }"),
    Odd("no part where there is always one", {"course": None}, "course { label }"),
    Odd("a number among parts of the diploma itself", {"stages": [5]}, "stages { hours }"),
    Odd("a document that a function does not take", {"course": {"parts": 5}}, "course { summary }"),
)

SERIALISED = ("a number for a text", "a number for a truth", "a number among texts")
"""What a serialiser makes something of: an answer without an error, which is Strawberry's own."""


@pytest.mark.parametrize("odd", ANSWERED, ids=lambda odd: odd.name)
async def test_odd_details_are_answered_alike(planned: Planned, odd: Odd) -> None:
    asked = await planned.belted(**odd.changed)
    assert None not in await planned.same(planned.drawn(verification(odd.asked or EVERY_BELTED_FIELD), asked))


@pytest.mark.parametrize("odd", HANDED_OVER, ids=lambda odd: odd.name)
async def test_broken_details_are_handed_over_where_they_are_asked_for(planned: Planned, odd: Odd) -> None:
    asked = await planned.belted(**odd.changed)
    drawn = planned.drawn(verification(f"title ... on Belted {{ {odd.asked} }}"), asked)
    [expected] = await planned.expected(drawn)
    assert (b'"errors":' in expected) is (odd.name not in SERIALISED)
    assert await planned.compiled(drawn) == [None]
    elsewhere = planned.drawn(verification("title ... on Belted { awardedText }"), asked)
    assert None not in await planned.same(elsewhere)


async def test_a_diploma_of_a_family_that_is_not_installed_is_of_the_plain_type(planned: Planned) -> None:
    asked = await planned.belted()
    session = await planned.pool.fetchval("select id from exam_session where family = 'belt' and state = 'PUBLISHED' limit 1")
    await planned.pool.execute("update exam_session set family = 'never_seen' where id = $1", session)
    everywhere = "id familyCode title titleCode session academy { name } holder { birthName } ... on Belted { art }"
    [alone] = await planned.same(planned.drawn(verification(f"__typename {everywhere}"), asked))
    [among_others] = await planned.same(
        planned.drawn(verification(f"... on OtherDiploma {{ __typename }} ... on Baccalaureat {{ track }} {everywhere}"), asked)
    )
    [shared] = await planned.same(planned.drawn(verification("__typename title"), asked))
    await planned.pool.execute("update exam_session set family = 'belt' where id = $1", session)
    assert shared is not None and b'{"__typename":"OtherDiploma","title":"Ceinture"}' in shared
    for answer in (alone, among_others):
        assert answer is not None and b'"OtherDiploma","id":' in answer and b'"familyCode":"never_seen"' in answer
        assert b"judo" not in answer


async def test_null_among_the_items_of_a_column_is_an_error(planned: Planned) -> None:
    asked = await planned.belted(given_names=["Éloïse", None])
    drawn = planned.drawn(verification("holder { givenNames }"), asked)
    assert await planned.compiled(drawn) == [None]
    assert b'"errors":' in (await planned.expected(drawn))[0]


async def test_one_broken_row_does_not_harm_those_who_ask_at_the_same_moment(planned: Planned) -> None:
    good = [await planned.belted(art=f"art {number}") for number in range(6)]
    broken = await planned.belted(belts=["PINK"], art=5)
    executors = Executors(planned.pool)
    document = verification("title ... on Belted { art belts }")
    drawn = planned.drawn(document, *good[:3], broken, *good[3:])
    compiled = await replace(planned, executors=executors).compiled(drawn)
    assert [answer is None for answer in compiled] == [False] * 3 + [True] + [False] * 3
    expected = await planned.expected(drawn)
    assert [one for one in compiled if one] == [one for one, ours in zip(expected, compiled, strict=True) if ours]
    assert executors.refusals.total() == 1


@pytest.mark.parametrize("bad", ["WyJub25lIl0", "WyJcdTAwMDAiXQ"])
async def test_one_value_that_the_database_refuses_does_not_harm_the_others(planned: Planned, bad: str) -> None:
    # cursors of the right form that hold no id
    document = "query ($after: String) { viewer { diplomas(first: 1, after: $after) { edges { node { id } } } } }"
    executors = Executors(planned.pool)
    holder = planned.register.people.holders[0]
    drawn = planned.drawn(document, {}, {"after": None}, {"after": bad}, {}, who=holder)
    compiled = await replace(planned, executors=executors).compiled(drawn)
    expected = await planned.expected(drawn)
    assert compiled[2] is None
    assert b'"errors":' in expected[2]
    assert [compiled[place] for place in (0, 1, 3)] == [expected[place] for place in (0, 1, 3)]
    assert dict(executors.refusals) == {"database DataError": 1}


async def test_callers_of_one_moment_each_have_their_own(planned: Planned) -> None:
    document = (
        "{ viewer { identity { familyName givenNames } diplomas(first: 2) { edges { node { id controlKey } } } sessions { id } } }"
    )
    holders = planned.register.people.holders
    askings = tuple(replace(asking, who=who) for who in holders * 3 for asking in planned.drawn(document).askings)
    compiled = await planned.same(Drawn(document, None, askings))
    assert len(set(compiled)) == len(holders)
    assert None not in compiled


async def test_without_a_database_the_request_is_handed_over(planned: Planned) -> None:
    executors = Executors(planned.pool)
    drawn = planned.drawn("{ academies { code } }")
    closed = _Closed()
    assert await executors.planner.answer(drawn.text, None, {}, _with_pool(executors, drawn, closed)) is None
    assert dict(executors.refusals) == {"database ConnectionRefusedError": 1}


class _Closed:
    async def fetch(self, *_: Any) -> None:
        raise ConnectionRefusedError


def _with_pool(executors: Executors, drawn: Drawn, pool: Any) -> Any:
    context = executors.context(request(drawn, drawn.askings[0]))
    context.pool = pool
    return context


# Verifications leave traces: as many whoever answers.

Answering = Callable[[Drawn], Awaitable[list[Any]]]
TRACES = "select (select count(*) from consultation), (select coalesce(sum(failures), 0) from verification_failure)"


async def traces(planned: Planned, answering: Answering, drawn: Drawn) -> tuple[list[Any], tuple[int, int]]:
    """The answers to a document asked one after the other, and how many consultations and failures they left."""
    await planned.pool.execute("delete from verification_failure")
    before = await planned.pool.fetchrow(TRACES)
    answers = [one for asking in drawn.askings for one in await answering(replace(drawn, askings=(asking,)))]
    after = await planned.pool.fetchrow(TRACES)
    await planned.pool.execute("delete from verification_failure")
    assert before is not None and after is not None
    return answers, (after[0] - before[0], after[1] - before[1])


async def test_a_limit_is_reached_at_the_same_failure(planned: Planned) -> None:
    asked = await planned.belted()
    wrong = asked | {"name": "Autre"}
    drawn = planned.drawn(verification("title"), asked, *[wrong] * 6, asked)
    ours, our_traces = await traces(planned, planned.compiled, drawn)
    theirs, their_traces = await traces(planned, planned.expected, drawn)
    assert ours == theirs
    assert b"Ceinture" in ours[0] and b"Ceinture" not in ours[-1]
    assert our_traces == their_traces
    assert our_traces[0] < len(drawn.askings), "nothing is journalled once the limit is reached"


async def test_a_reading_beside_one_that_is_refused_leaves_no_trace(planned: Planned) -> None:
    asked = await planned.belted()
    document = verification("title").removesuffix("}") + " examSessions { edges { cursor } } }"
    [answer], left = await traces(planned, planned.compiled, planned.drawn(document, asked))
    assert answer is None
    assert left == (0, 0)


async def test_duplicate_verifications_of_a_document_are_each_journalled(planned: Planned) -> None:
    asked = await planned.belted()
    field = "verification(key: $key, birthName: $name) { ... on VerifiedDiploma { diploma { title } } }"
    document = f"query ($key: String!, $name: String!) {{ a: {field} b: {field} }}"
    drawn = planned.drawn(document, asked)
    ours, our_traces = await traces(planned, planned.compiled, drawn)
    theirs, their_traces = await traces(planned, planned.expected, drawn)
    assert ours == theirs
    assert our_traces == their_traces == (2, 0)
