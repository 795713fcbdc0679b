"""A leaf of an answer, a scalar or an enum or a list of them, as SQL: JSON text exactly as Strawberry's executor writes it.

Every expression is a text that is never null: `null` where the field may be, else the mark that hands the request over.
"""

from dataclasses import dataclass

from graphql import GraphQLEnumType, GraphQLNonNull, is_list_type, is_non_null_type

from planner.refusing import Uncompiled
from planner.selection import OutputType
from planner.sql import REFUSED, literal

NULL, REFUSAL = literal("null"), literal(REFUSED)


@dataclass(frozen=True)
class Source:
    """Where a value is: an SQL expression, of a column's own type or of type jsonb."""

    sql: str
    document: bool = False


def leaf(of: OutputType, source: Source) -> str:
    """The value of a field of that type."""
    nullable = not is_non_null_type(of)
    inner = of.of_type if isinstance(of, GraphQLNonNull) else of
    if is_list_type(inner):
        expression = _list(inner, source)
    else:
        expression = _in_document(inner, source.sql) if source.document else _in_column(inner, source.sql)
    return f"coalesce({expression}, {NULL if nullable else REFUSAL})"


def json_of(source: Source) -> str:
    """The value as JSON, whatever its type: what a computed field is given."""
    return f"coalesce(({source.sql})::text, 'null')" if source.document else f"coalesce(to_json({source.sql})::text, 'null')"


def quoted(text: str) -> str:
    """A text expression that needs no escaping, as a JSON string."""
    return f"""'"' || {text} || '"'"""


def base64(text: str) -> str:
    """A text expression in base64. PostgreSQL breaks its lines, as RFC 2045 does; `translate` would take ten times as long to mend that."""
    return f"replace(encode(convert_to({text}, 'UTF8'), 'base64'), E'\\n', '')"


def base64url(text: str) -> str:
    """A text expression in base64url without padding (RFC 4648 §5)."""
    return f"replace(replace(replace({base64(text)}, '+', '-'), '/', '_'), '=', '')"


def _in_column(of: object, sql: str) -> str:
    if isinstance(of, GraphQLEnumType):
        return _member(of, f"{sql}")
    match getattr(of, "name", ""):
        case "String" | "Date":
            return f"to_json({sql})::text"
        case "Int" | "Boolean":
            return f"({sql})::text"
        case "DateTime":
            # datetime.isoformat() leaves microseconds out when there are none
            moment = f"""to_char({sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
            return quoted(f"replace({moment}, '.000000', '') || '+00:00'")
        case other:
            raise Uncompiled(f"scalar {other}")


def _in_document(of: object, sql: str) -> str:
    """A value of a JSON document, when it has the type that the field promises."""
    if isinstance(of, GraphQLEnumType):
        return _typed(sql, "string", _member(of, f"({sql} #>> '{{}}')"))
    match getattr(of, "name", ""):
        case "String":
            return _typed(sql, "string", f"({sql})::text")
        case "Int":
            return _typed(sql, "number", f"case when ({sql})::text ~ '^-?[0-9]{{1,9}}$' then ({sql})::text else {REFUSAL} end")
        case "Boolean":
            return _typed(sql, "boolean", f"({sql})::text")
        case other:
            raise Uncompiled(f"scalar {other} in a document")


def _typed(sql: str, kind: str, expression: str) -> str:
    return f"case coalesce(jsonb_typeof({sql}), 'null') when '{kind}' then {expression} when 'null' then null else {REFUSAL} end"


def _member(of: GraphQLEnumType, sql: str) -> str:
    names = ", ".join(literal(name) for name in of.values)
    return f"case when {sql} in ({names}) then {quoted(sql)} when {sql} is not null then {REFUSAL} end"


def _list(of: OutputType, source: Source) -> str:
    item = of.of_type
    if not is_non_null_type(item) or getattr(item.of_type, "name", "") != "String":
        raise Uncompiled("list of other than strings")
    if not source.document:
        return f"case when array_position({source.sql}, null) is null then to_json({source.sql})::text else {REFUSAL} end"
    strings = (
        f"(select case when bool_and(jsonb_typeof(e) = 'string') is not false then '[' || coalesce(string_agg(e::text, ','), '') || ']' "
        f"else {REFUSAL} end from jsonb_array_elements({source.sql}) as e)"
    )
    return _typed(source.sql, "array", strings)
