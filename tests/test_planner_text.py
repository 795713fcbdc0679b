"""What the planner writes as SQL and as JSON: literals, arrays, leaves, and the holes that Python fills."""

import json
import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from bench.sameness.register import ODD
from graph.stored import Computed, as_json
from planner.holes import Hole, completing, filled
from planner.refusing import Uncompiled
from planner.sql import HOLE_BEGINS, HOLE_ENDS, REFUSED, Constant, array_literal, joined, literal, separated
from planner.values import Source, json_of, leaf
from tests.conftest import DatabasePool


class Colour(Enum):
    RED = 1


COLOUR = GraphQLEnumType("Colour", {"RED": Colour.RED})
REQUIRED_TEXTS = GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString)))


@pytest.mark.parametrize("text", [*ODD, "\x01\x02\x03", "E'\\x41'", "'; drop table diploma; --"])
async def test_any_text_is_a_literal_of_itself(pool: DatabasePool, text: str) -> None:
    assert await pool.fetchval(f"select {literal(text)}") == text


def test_constants_that_touch_become_one_literal() -> None:
    assert joined([Constant("a"), Constant("'b"), "c.d", Constant("e")]) == "'a''b' || c.d || 'e'"
    assert joined([]) == "''"


def test_items_are_separated_and_not_ended() -> None:
    assert joined(separated([[Constant("1")], ["x"], [Constant("2")]])) == "'1,' || x || ',2'"


async def test_an_array_of_anything_travels_as_text(pool: DatabasePool) -> None:
    values = [*ODD, None, "NULL", "a,b", "{x}"]
    assert await pool.fetchval("select ($1::text)::text[]", array_literal(values)) == values
    assert await pool.fetchval("select ($1::text)::bool[]", array_literal([True, False, None])) == [True, False, None]
    assert await pool.fetchval("select ($1::text)::int[]", array_literal([])) == []


@pytest.mark.parametrize(
    ("of", "sql", "document", "expected"),
    [
        (GraphQLString, "'a\"\u2028\x01'::text", False, '"a\\"\u2028\\u0001"'),
        (GraphQLString, "null::text", False, "null"),
        (GraphQLNonNull(GraphQLString), "null::text", False, REFUSED),
        (GraphQLInt, "7::smallint", False, "7"),
        (GraphQLNonNull(GraphQLBoolean), "false", False, "false"),
        (COLOUR, "'RED'", False, '"RED"'),
        (COLOUR, "'GREEN'", False, REFUSED),
        (REQUIRED_TEXTS, '\'{a,"b\\""}\'::text[]', False, '["a","b\\""]'),
        (REQUIRED_TEXTS, "'{a,null}'::text[]", False, REFUSED),
        (REQUIRED_TEXTS, "null::text[]", False, REFUSED),
        (GraphQLString, "'5'::jsonb", True, REFUSED),
        (GraphQLString, "'null'::jsonb", True, "null"),
        (GraphQLNonNull(GraphQLString), "'null'::jsonb", True, REFUSED),
        (GraphQLInt, "'1.5'::jsonb", True, REFUSED),
        (GraphQLInt, "'-12'::jsonb", True, "-12"),
        (GraphQLInt, "'99999999999'::jsonb", True, REFUSED),
        (GraphQLBoolean, "'true'::jsonb", True, "true"),
        (COLOUR, "'\"RED\"'::jsonb", True, '"RED"'),
        (REQUIRED_TEXTS, "'[]'::jsonb", True, "[]"),
        (REQUIRED_TEXTS, "'[1]'::jsonb", True, REFUSED),
    ],
)
async def test_a_leaf_is_its_json_or_the_mark_of_an_error(
    pool: DatabasePool, of: Any, sql: str, document: bool, expected: str
) -> None:
    assert await pool.fetchval(f"select {leaf(of, Source(f'({sql})', document=document))}") == expected


@pytest.mark.parametrize(
    ("of", "document"),
    [(GraphQLFloat, False), (GraphQLFloat, True), (GraphQLList(GraphQLInt), False), (GraphQLList(GraphQLString), True)],
)
def test_what_nobody_wrote_a_rule_for_is_not_compiled(of: Any, document: bool) -> None:
    with pytest.raises(Uncompiled):
        leaf(of, Source("x", document=document))


@pytest.mark.parametrize(
    "value",
    [
        None, "a\"\u2028\x02", 5, True, ["a", None], date(2024, 2, 29), UUID(int=7), datetime(2026, 7, 4, 8, tzinfo=UTC),
        datetime(2026, 7, 4, 8, 0, 0, 500_000, tzinfo=UTC), datetime(2026, 7, 4, 8, 0, 10, 120_050, tzinfo=UTC), {"a": [1, None]},
    ],
)  # fmt: skip
async def test_what_is_computed_gets_the_same_from_both_readers(pool: DatabasePool, value: Any) -> None:
    kinds = {
        str: "text",
        int: "int",
        bool: "bool",
        list: "text[]",
        date: "date",
        UUID: "uuid",
        datetime: "timestamptz",
        dict: "jsonb",
    }
    kind = kinds.get(type(value), "text")
    stored = await pool.fetchval(f"select $1::{kind}", value)
    written = await pool.fetchval(f"select {json_of(Source(f'($1::{kind})', document=kind == 'jsonb'))}", value)
    assert json.loads(written) == as_json(stored)


def test_every_reason_for_handing_over_is_documented() -> None:
    root = Path(__file__).parent.parent
    sources = "".join(path.read_text("utf-8") for path in (root / "planner").glob("*.py"))
    page = (root / "docs" / "planner.md").read_text("utf-8")
    reasons = set(re.findall(r'Uncompiled\(f?"([^"{]+)', sources))
    assert len(reasons) > 15
    assert {reason for reason in reasons if f"`{reason}" not in page} == set()


def hole(number: int, *values: object) -> bytes:
    """What the database writes where Python computes."""
    return f"{HOLE_BEGINS}{number}:{json.dumps(values, ensure_ascii=False)}{HOLE_ENDS}".encode()


class Asking:
    """A context that computes for who asks."""

    def colour_of(self, stored: str) -> Colour | None:
        return Colour.RED if stored == "r" else None


def computing(compute: Callable[..., Any] | str, of: Any) -> Hole:
    """A hole that is filled so."""
    return Hole(Computed((), compute), completing(of))


def test_holes_are_filled_by_number_in_any_order() -> None:
    holes = (
        computing(operator.add, GraphQLNonNull(GraphQLString)),
        computing("colour_of", COLOUR),
        computing(str.split, REQUIRED_TEXTS),
    )
    answer = (
        b'{"x":' + hole(1, "r") + b',"y":[' + hole(0, "a\u2028", '"]') + b"," + hole(1, "s") + b'],"z":' + hole(2, "é ]") + b"}"
    )
    assert filled(answer, holes, Asking()).decode() == '{"x":"RED","y":["a\u2028\\"]",null],"z":["é","]"]}'


def test_an_answer_without_holes_is_given_as_it_is() -> None:
    answer = b'{"x":1}'
    assert filled(answer, (), None) is answer


@pytest.mark.parametrize("of", [GraphQLNonNull(GraphQLString), REQUIRED_TEXTS])
def test_nothing_computed_where_something_must_be_is_an_error(of: Any) -> None:
    with pytest.raises(Uncompiled):
        filled(hole(0), (computing(lambda: None, of),), None)


def test_null_among_computed_items_is_an_error() -> None:
    with pytest.raises(Uncompiled):
        filled(hole(0), (computing(lambda: ["a", None], REQUIRED_TEXTS),), None)


def test_what_a_declaration_raises_is_an_error() -> None:
    with pytest.raises(Uncompiled):
        filled(hole(0, "x"), (computing(int, GraphQLInt),), None)


def test_a_computed_object_is_not_compiled() -> None:
    with pytest.raises(Uncompiled, match="computed object"):
        completing(GraphQLObjectType("Thing", {}))
