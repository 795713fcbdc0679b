"""What a document may ask at most: sizes, depth, cost, introspection; what is refused says what was found and what is allowed."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError, Lexer, OperationDefinitionNode, Source, TokenKind, get_introspection_query, parse

from graph import limits
from graph.costs import DEAREST, cost_of
from graph.limits import parsed, refusals
from resolvers.admission import Admission
from resolvers.schema import deployed
from server.graphiql import Example, examples
from tests.client import served

SCHEMA = deployed()._schema  # pyright: ignore[reportPrivateUsage]
PAGE = (Path(__file__).parent.parent / "docs" / "limits.md").read_text("utf-8")
DOCUMENTS = PAGE.partition("## Documents")[2].partition("\n## ")[0]


def many(count: int, one: str) -> str:
    return " ".join(one.replace("#", str(number)) for number in range(count))


def nested(levels: int) -> str:
    return "{ a " * levels + "}" * levels


BY_SIZE = {
    "TOO_MANY_OPERATIONS": (limits.MOST_OPERATIONS, "…", "query Q# { a }"),
    "TOO_MANY_FRAGMENTS": (limits.MOST_FRAGMENTS, "{ a } …", "fragment F# on A { a }"),
    "TOO_MANY_SPREADS": (limits.MOST_SPREADS, "{ a { … } } fragment F on A { a }", "...F"),
    "TOO_MANY_ROOT_FIELDS": (limits.MOST_ROOT_FIELDS, "{ … }", "a#"),
    "TOO_MANY_ALIASES": (limits.MOST_ALIASES, "{ a { … } }", "a#: b"),
    "TOO_MANY_DIRECTIVES": (limits.MOST_DIRECTIVES, "{ a … }", "@b"),
    "TOO_MANY_REPEATS": (limits.MOST_REPEATS, "{ a { b … } }", "... { b }"),
}
"""The limit, a document, and what stands in it so many times."""


def of_size(code: str, count: int) -> str:
    _, document, one = BY_SIZE[code]
    return document.replace("…", many(count, one))


@pytest.mark.parametrize("code", BY_SIZE)
def test_a_document_is_admitted_up_to_each_limit_and_refused_one_beyond(code: str) -> None:
    limit = BY_SIZE[code][0]
    assert refusals(parse(of_size(code, limit))) == []
    [error] = refusals(parse(of_size(code, limit + 1)))
    assert error.extensions == {"code": code, "found": limit + 1, "limit": limit}
    assert str(limit + 1) in error.message and str(limit) in error.message


def test_the_documented_limits_are_those_of_the_code() -> None:
    told = {code: int(most) for most, code in re.findall(r"^\| .* \| (\d+) \| `([A-Z_]+)` \|", DOCUMENTS, re.MULTILINE)}
    sizes = {code: limit for code, (limit, *_) in BY_SIZE.items()}
    others = {"TOO_MANY_TOKENS": limits.MOST_TOKENS, "DOCUMENT_TOO_DEEP": limits.DEEPEST, "TOO_COSTLY": DEAREST}
    assert told == sizes | others


def test_levels_and_root_fields_are_counted_through_fragments() -> None:
    deep = "{ a { ...F } } fragment F on A { a { ...G } } fragment G on A " + nested(8)
    assert refusals(parse(deep)) == []
    [error] = refusals(parse(deep.replace("{ ...F }", "{ b { ...F } }")))
    assert error.extensions == {"code": "DOCUMENT_TOO_DEEP", "found": 11, "limit": 10}
    wide = "{ ...F ...F ... { ...F } } fragment F on Query { a b c d }"
    assert [(error.extensions or {})["found"] for error in refusals(parse(wide))] == [12]


def test_a_fragment_within_itself_is_named() -> None:
    for document in ("{ ...A } fragment A on Query { ...B } fragment B on Query { a { ...A } }", "fragment A on Query { ...A }"):
        [error] = refusals(parse(document))
        assert (error.extensions or {})["code"] == "FRAGMENT_CYCLE" and "Fragment A " in error.message


def test_a_tree_of_fragments_is_counted_in_a_moment_however_often_they_would_be_spread() -> None:
    fragments = " ".join(f"fragment F{n} on DiplomaFamily {{ ...F{n + 1} ...F{n + 1} }}" for n in range(29))
    document = parse(f"{{ families {{ ...F0 }} }} {fragments} fragment F29 on DiplomaFamily {{ code }}")
    assert refusals(document) == []
    assert cost(document) == limits.HIGHEST < 10 * 2**29


# Cost


def cost(document: Any, variables: dict[str, Any] | None = None) -> int:
    tree = parse(document) if isinstance(document, str) else document
    operation = next(node for node in tree.definitions if isinstance(node, OperationDefinitionNode))
    return cost_of(SCHEMA, tree, operation, variables)


def test_the_worked_example_costs_what_the_document_says() -> None:
    [example] = re.findall(r"^```graphql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [(first, long), (fewer, short)] = re.findall(r'[Ww]ith `(\{"first": \d+\})` (?:this|it) is (\d+)', PAGE)
    assert cost(example, json.loads(first)) == int(long)
    assert cost(example, json.loads(fewer)) == int(short)
    assert cost(example) == cost(example, {"first": 50})


@pytest.mark.parametrize(
    ("arguments", "variables", "length"),
    [
        ("", {}, 20),
        ("(first: 7)", {}, 7),
        ("(first: 0)", {}, 1),
        ("(first: 1000)", {}, 50),
        ("(first: $first)", {"first": 7}, 7),
        ("(first: $first)", {"first": 10**9}, 50),
        ("(first: $first)", {"first": "many"}, 50),
        ("(first: $first)", {"first": None}, 50),
        ("(first: $first)", {}, 9),
        ("(first: $first)", None, 50),
    ],
)
def test_a_page_costs_by_the_length_that_is_asked_for(arguments: str, variables: dict[str, Any] | None, length: int) -> None:
    document = f"query ($first: Int! = 9) {{ viewer {{ shares{arguments} {{ edges {{ node {{ id }} }} }} }} }}"
    assert cost(document, variables) == 2 + 3 * length


def test_a_page_whose_length_has_no_default_and_is_not_given_is_the_usual_one() -> None:
    assert cost("query ($first: Int) { viewer { shares(first: $first) { edges { cursor } } } }", {}) == 2 + 2 * 20


def test_availability_costs_by_its_years_academies_and_families() -> None:
    def of(arguments: str, variables: dict[str, Any] | None = None) -> int:
        return cost(f"query ($academy: String, $to: Int = 2026) {{ availability({arguments}) {{ count }} }}", variables)

    assert of('from: 2025, to: 2026, academy: "01", family: "bac"') == 1 + 2 * 5
    assert of('from: 2025, to: 2026, academy: "01"') == 1 + 2 * 5 * 6
    assert of('from: 2025, to: $to, academy: $academy, family: "bac"', {"academy": "01"}) == 1 + 2 * 5
    assert of('from: 2025, to: $to, academy: $academy, family: "bac"') == 1 + 60 * 45
    assert of("from: 1, to: 2000000000") == 1 + 60 * 45 * 6


DESK = next(example["query"] for example in examples() if "diplomaReviews" in example["query"])


def test_what_our_own_pages_ask_is_admitted_with_room_and_twice_the_dearest_is_not() -> None:
    queue = DESK.replace("first: 5", "first: 50")
    dashboard = next(example["query"] for example in examples() if "Dashboard" in example["query"])
    dashboard = re.sub(r"\b(diplomas|requests|shares|consultations) \{", r"\1(first: 50) {", dashboard)
    introspection = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    admission = Admission(SCHEMA, introspection=True)
    asked = [(example["query"], json.loads(example["variables"] or "{}")) for example in examples()]
    for document, variables in [(queue, {}), (dashboard, {}), (introspection, {}), *asked]:
        assert admission.judged(document).errors == ()
        assert cost(document, variables) <= 0.75 * DEAREST
    assert f"at {cost(queue):,};" in PAGE
    assert 2 * cost(queue) > DEAREST


def test_a_document_is_refused_or_not_by_the_variables_of_the_request() -> None:
    twice = re.sub(r"diplomaReviews\(first: 5\) (\{.*\})\s*\}\s*$", r"a: diplomaReviews(first: $n) \1 b: diplomaReviews(first: $n) \1 }", DESK, flags=re.DOTALL)  # fmt: skip # noqa: E501
    document = twice.replace("query DiplomaReviews", "query DiplomaReviews($n: Int!)")
    admission = Admission(SCHEMA, introspection=False)
    judged = admission.judged(document)
    assert judged.errors == () and len(judged.dear) == 1
    assert admission.refusal(judged, "DiplomaReviews", {"n": 5}) is None
    refused = admission.refusal(judged, None, {"n": 50})
    assert refused is not None
    assert refused.extensions == {"code": "TOO_COSTLY", "cost": cost(document, {"n": 50}), "limit": DEAREST}
    assert str(cost(document, {"n": 50})) in refused.message


# Memory


def test_distinct_documents_do_not_fill_the_memory() -> None:
    admission = Admission(SCHEMA, introspection=False)
    for number in range(400):
        assert admission.judged(f"query Q{number} {{ __typename }}").errors == ()
    assert admission.remembered == 256
    long = "{ __typename }" + " " * 4096
    assert admission.judged(long) is not admission.judged(long)
    short = "{ __typename }"
    assert admission.judged(short) is admission.judged(short)


# Introspection


def codes(errors: Any) -> list[str]:
    return [error["extensions"]["code"] for error in errors]


async def test_introspection_is_answered_only_where_graphiql_is(url: str) -> None:
    async with served(url) as closed:
        for document in (
            "{ __schema { types { name } } }",
            'query { ...F } fragment F on Query { __type(name: "Share") { name } }',
        ):
            assert await closed.error(document) == "INTROSPECTION_OFF"
        assert await closed.data("{ __typename }") == {"__typename": "Query"}
    async with served(url, graphiql=True) as open_:
        found = await open_.data(get_introspection_query())
        assert {"Share", "Baccalaureat"} <= {each["name"] for each in found["__schema"]["types"]}
        for aliased in (
            "{ __schema { a: types { name } b: types { name } } }",
            "{ __schema { ...F } } fragment F on __Schema { a: types { name } b: types { name } }",
        ):
            assert await open_.error(aliased) == "TOO_MANY_ALIASES"
        deep = "{ __schema { types {" + "fields { type {" * 4 + "name" + "} }" * 4 + "} } }"
        assert "introspection depth" in json.dumps(await open_.answer(deep))


async def test_names_are_suggested_only_where_graphiql_is(url: str) -> None:
    field = "{ familie { code } }"
    value = "mutation ($input: CreateShareInput!) { createShare(input: $input) { __typename } }"
    given = {"input": {"diplomaId": "x", "label": "x", "scope": "STANDAR"}}
    async with served(url) as closed, served(url, graphiql=True) as open_:
        for document, variables in ((field, {}), (value, given)):
            assert "Did you mean" in json.dumps(await open_.answer(document, variables))
            told = json.dumps(await closed.answer(document, variables))
            assert "Did you mean" not in told and '"errors"' in told


@pytest.mark.parametrize("text", ["{ a ", "", '{ a(b: "', "{ a } }"])
def test_a_text_that_is_no_document_is_told_where(text: str) -> None:
    with pytest.raises(GraphQLError, match="Syntax Error") as raised:
        parsed(text)
    assert raised.value.extensions == {"code": "SYNTAX_ERROR"} and raised.value.locations


@pytest.mark.parametrize("text", ['"\\', '"""', '"', "#\n", "a.", "\\", "...", '"""\\"""', "é", '\n"'])
def test_tokens_are_counted_in_a_moment_whatever_the_text(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(GraphQLError):
        parsed("{" + text * (60_000 // len(text)))
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["name"])
def test_no_more_tokens_are_counted_than_there_are(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser alone decides within the limit: it admits every example with as many tokens as it has, and not with one fewer."""
    lexer, count = Lexer(Source(example["query"])), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    comments = sum(line.lstrip().startswith("#") for line in example["query"].splitlines())
    monkeypatch.setattr(limits, "MOST_TOKENS", count + comments)
    parsed(example["query"])
    monkeypatch.setattr(limits, "MOST_TOKENS", count + comments - 1)
    with pytest.raises(GraphQLError) as raised:
        parsed(example["query"])
    assert (raised.value.extensions or {})["code"] == "TOO_MANY_TOKENS"
