"""An object, a list or a page of an answer as one SQL expression over its row, from the declarations of its fields.

What SQL cannot compute becomes a hole in the text (`planner/sql.py`), which `planner/holes.py` fills.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeAlias

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    SelectionSetNode,
    get_named_type,
    is_non_null_type,
)
from strawberry.types.field import StrawberryField

from graph.reading import Read
from graph.stored import Belonging, Column, Computed, Declaration, Detail, Each, Member, Within, identity_of
from planner.holes import Hole, completing
from planner.kinds import Kinds
from planner.parameters import Bindings, given_of
from planner.refusing import Uncompiled
from planner.selection import Asked, Document, OutputType
from planner.sql import HOLE_BEGINS, HOLE_ENDS, REFUSAL, Constant, Piece, joined, literal, separated
from planner.values import Source, base64, base64url, json_of, leaf, quoted

DEFINITION = "strawberry-definition"

Alike: TypeAlias = tuple[tuple[Asked, Any], ...]
"""What is asked of a type, and how the type keeps each."""


@dataclass(frozen=True)
class Row:
    """A row under its alias: where its columns are."""

    alias: str
    prefix: str = ""
    document: str | None = None

    def column(self, name: str) -> Source:
        """A column of the row, or a key of the document that it is."""
        if self.document is not None:
            return Source(f"({self.document} -> {literal(name)})", document=True)
        return Source(f"{self.alias}.{self.prefix}{name}")

    def detail(self, name: str) -> Source:
        """A key of the row's details, or of the document that it is."""
        if self.document is not None:
            return self.column(name)
        return Source(f"({self.alias}.details -> {literal(name)})", document=True)


@dataclass
class Projection:
    """Compiles selections over rows; gathers the holes of the answer and the parameters of what it reads on the way."""

    document: Document
    reads: Mapping[str, Read]
    kinds: Mapping[str, Kinds]
    bindings: Bindings
    holes: list[Hole] = field(default_factory=list)
    _aliases: int = 0

    def alias(self) -> str:
        """An alias that no other row has."""
        self._aliases += 1
        return f"r{self._aliases}"

    def object(self, of: OutputType, selections: tuple[SelectionSetNode, ...], row: Row) -> list[Piece]:
        """An object of a type over its row."""
        named = get_named_type(of)
        if isinstance(named, GraphQLInterfaceType):
            return self._interface(named, selections, row)
        assert isinstance(named, GraphQLObjectType)
        return self._fields(named, self.document.collected(named, selections), row, [Constant(f'"{named.name}"')])

    def _interface(self, of: GraphQLInterfaceType, selections: tuple[SelectionSetNode, ...], row: Row) -> list[Piece]:
        """One of several types, by a column. Types of which the same is asked share their text."""
        kinds = self.kinds.get(of.name)
        if kinds is None:
            raise Uncompiled(f"interface {of.name}")
        column = row.column(kinds.column).sql
        alike: dict[Alike, list[str]] = {self._alike(kinds.otherwise, selections): []}
        for value, name in kinds.types.items():
            alike.setdefault(self._alike(name, selections), []).append(value)
        texts = [
            self._fields(self._type(kinds.of(values)), [one for one, _ in asked], row, [kinds.typename(column, values)])
            for asked, values in alike.items()
        ]
        (_, *listed), (otherwise, *others) = alike.values(), texts
        cases = "".join(
            f" when {column} in ({', '.join(map(literal, values))}) then {joined(text)}"
            for values, text in zip(listed, others, strict=True)
        )
        return [f"case{cases} else {joined(otherwise)} end"] if cases else otherwise

    def _alike(self, name: str, selections: tuple[SelectionSetNode, ...]) -> Alike:
        of = self._type(name)
        return tuple((asked, _stored_as(of, asked)) for asked in self.document.collected(of, selections))

    def _type(self, name: str) -> GraphQLObjectType:
        of = self.document.schema.type_map[name]
        assert isinstance(of, GraphQLObjectType)
        return of

    def _fields(self, of: GraphQLObjectType, asked: list[Asked], row: Row, typename: list[Piece]) -> list[Piece]:
        items = [
            [Constant(f'"{one.key}":'), *(typename if one.name == "__typename" else self._field(of, one, row))] for one in asked
        ]
        return [Constant("{"), *separated(items), Constant("}")]

    def _field(self, of: GraphQLObjectType, asked: Asked, row: Row) -> list[Piece]:
        field_ = of.fields[asked.name]
        definition: StrawberryField = field_.extensions[DEFINITION]
        if definition.python_name == "_id":
            return [self._identity(of, row)]
        declared: Declaration | None = definition.metadata.get("stored")
        if declared is None:
            raise Uncompiled(f"computed field {of.name}.{asked.name}")
        match declared:
            case Column(name, read):
                return self._leaf(field_, row.column(name), read)
            case Detail(name, read):
                return self._leaf(field_, row.detail(name), read)
            case Computed():
                sources = [*map(row.column, declared.columns), *map(row.detail, declared.details)]
                return self._hole(field_, sources, declared)
            case Within():
                return self._within(field_, asked, declared, row)
            case Each(documents, in_details):
                return self._each(field_, asked, row.detail(documents) if in_details else row.column(documents))
            case Belonging(name):
                return self._belonging(of, field_, definition, asked, name, row)

    def _leaf(self, field_: GraphQLField, source: Source, read: Callable[[Any], Any] | None) -> list[Piece]:
        if read is None or isinstance(read, Member):
            return [leaf(field_.type, source)]
        return self._hole(field_, [source], Computed((), partial(_read, read)))

    def _hole(self, field_: GraphQLField, sources: list[Source], computed: Computed) -> list[Piece]:
        self.holes.append(Hole(computed, completing(field_.type)))
        number = len(self.holes) - 1
        given = separated([[json_of(source)] for source in sources])
        return [Constant(f"{HOLE_BEGINS}{number}:["), *given, Constant(f"]{HOLE_ENDS}")]

    def _identity(self, of: GraphQLObjectType, row: Row) -> str:
        """The Relay id: base64 of type and key."""
        origin = of.extensions[DEFINITION].origin
        identified = identity_of(origin)
        if identified is None:
            raise Uncompiled(f"computed field {of.name}.id")
        # an interface may name all its types alike
        name = origin.resolve_typename(None, SimpleNamespace(path=SimpleNamespace(typename=of.name)))
        key = " || '/' || ".join(f"({row.column(column).sql})::text" for column in identified[1])
        return quoted(base64(f"{literal(name + ':')} || {key}"))

    def _within(self, field_: GraphQLField, asked: Asked, declared: Within, row: Row) -> list[Piece]:
        absent = joined([REFUSAL if is_non_null_type(field_.type) else Constant("null")])
        if declared.document is not None:
            source = (row.detail if declared.in_details else row.column)(declared.document).sql
            inside = joined(self.object(field_.type, asked.selections, Row(row.alias, document=source)))
            return [_by_kind(source, "object", inside, absent)]
        pieces = self.object(field_.type, asked.selections, replace(row, prefix=declared.prefix))
        if declared.present is None:
            return pieces
        return [f"case when {Row(row.alias).column(declared.present).sql} is null then {absent} else {joined(pieces)} end"]

    def _each(self, field_: GraphQLField, asked: Asked, source: Source) -> list[Piece]:
        alias = self.alias()
        item = joined(self.object(field_.type, asked.selections, Row(alias, document=f"{alias}.value")))
        item = _by_kind(f"{alias}.value", "object", item, joined([REFUSAL]))
        documents = f"jsonb_array_elements({source.sql}) with ordinality as {alias} (value, place)"
        listed = f"(select '[' || coalesce(string_agg({item}, ',' order by {alias}.place), '') || ']' from {documents})"
        return [_by_kind(source.sql, "array", listed, literal("[]"))]

    def _belonging(
        self, of: GraphQLObjectType, field_: GraphQLField, definition: StrawberryField, asked: Asked, name: str, row: Row
    ) -> list[Piece]:
        read = self.reads.get(name)
        if read is None:
            raise Uncompiled(f"computed field {of.name}.{asked.name}")
        identified = identity_of(of.extensions[DEFINITION].origin)
        assert identified is not None
        owner = row.column(identified[1][0]).sql
        given = given_of(field_, definition, asked.node, self.bindings)
        statement, parameters = self.bindings.bind(read, given, owner)
        return self.read(read, field_.type, asked.selections, statement, parameters)

    def read(
        self,
        read: Read,
        of: OutputType,
        selections: tuple[SelectionSetNode, ...],
        statement: str,
        parameters: Mapping[str, str],
    ) -> list[Piece]:
        """What a statement reads: a page, a list, or an object, which may be none."""
        if read.shape == "page":
            return self._page(read, of, selections, statement, parameters["count"])
        row = Row(self.alias())
        item = joined(self.object(of, selections, row))
        if read.shape == "list":
            return [f"(select '[' || coalesce(string_agg({item}, ','), '') || ']' from ({statement}) as {row.alias})"]
        absent = joined([REFUSAL if is_non_null_type(of) else Constant("null")])
        return [f"coalesce((select {item} from ({statement}) as {row.alias} limit 1), {absent})"]

    def _page(
        self, read: Read, of: OutputType, selections: tuple[SelectionSetNode, ...], statement: str, count: str
    ) -> list[Piece]:
        """A connection (Relay, Cursor Connections): the statement gives a row more than the page has, if there is one."""
        connection = get_named_type(of)
        assert isinstance(connection, GraphQLObjectType)
        row = Row(self.alias())
        key = joined([Constant("["), *separated([[f"to_json({row.alias}.{name})::text"] for name in read.key]), Constant("]")])
        page = Page(row, quoted(base64url(key)), count)
        items: list[list[Piece]] = []
        for asked in self.document.collected(connection, selections):
            match asked.name:
                case "edges":
                    edge = get_named_type(connection.fields["edges"].type)
                    assert isinstance(edge, GraphQLObjectType)
                    value = [
                        f"'[' || coalesce(string_agg({self._edge(edge, asked, page)}, ',') filter (where {page.shown}), '') || ']'"
                    ]
                case "pageInfo":
                    value = self._page_info(asked, page)
                case "__typename":
                    value = [Constant(f'"{connection.name}"')]
                case other:
                    raise Uncompiled(f"computed field {connection.name}.{other}")
            items.append([Constant(f'"{asked.key}":'), *value])
        text = joined([Constant("{"), *separated(items), Constant("}")])
        numbered = f"select *, row_number() over () as page_place, count(*) over () as page_total from ({statement}) as page"
        # one row whatever is asked: without `having`, a page of which no row is asked for would be as many
        return [f"(select {text} from ({numbered}) as {row.alias} having true)"]

    def _edge(self, of: GraphQLObjectType, asked: Asked, page: "Page") -> str:
        items: list[list[Piece]] = []
        for one in self.document.collected(of, asked.selections):
            match one.name:
                case "cursor":
                    value: list[Piece] = [page.cursor]
                case "node":
                    value = self.object(of.fields["node"].type, one.selections, page.row)
                case "__typename":
                    value = [Constant(f'"{of.name}"')]
                case other:
                    raise Uncompiled(f"computed field {of.name}.{other}")
            items.append([Constant(f'"{one.key}":'), *value])
        return joined([Constant("{"), *separated(items), Constant("}")])

    def _page_info(self, asked: Asked, page: "Page") -> list[Piece]:
        of = self.document.schema.type_map["PageInfo"]
        assert isinstance(of, GraphQLObjectType)
        known: dict[str, Piece] = {
            "hasNextPage": f"case when count(*) >= {page.count} then 'true' else 'false' end",
            "hasPreviousPage": Constant("false"),
            "startCursor": f"coalesce(max({page.cursor}) filter (where {page.row.alias}.page_place = 1), 'null')",
            "endCursor": f"coalesce(max({page.cursor}) filter (where {page.last}), 'null')",
            "__typename": Constant('"PageInfo"'),
        }
        items = [[Constant(f'"{one.key}":'), known[one.name]] for one in self.document.collected(of, asked.selections)]
        return [Constant("{"), *separated(items), Constant("}")]


def _stored_as(of: GraphQLObjectType, asked: Asked) -> tuple[Any, str] | None:
    """How a type keeps a field, and of which type it is there: a family may keep a field of its interface in its own way."""
    field_ = of.fields.get(asked.name)
    if field_ is None:
        return None
    definition: StrawberryField | None = field_.extensions.get(DEFINITION)
    return definition.metadata.get("stored") if definition is not None else None, str(field_.type)


def _by_kind(document: str, kind: str, value: str, absent: str) -> str:
    """A value from a document of that kind; what stands for none where the document is null, and no answer for another kind."""
    found = f"coalesce(jsonb_typeof({document}), 'null')"
    return f"case {found} when '{kind}' then {value} when 'null' then {absent} else {joined([REFUSAL])} end"


def _read(read: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else read(value)


@dataclass(frozen=True)
class Page:
    """The rows of a page: numbered from 1 (`page_place`), `page_total` of them, of which all but the `count`-th are shown."""

    row: Row
    cursor: str
    count: str

    @property
    def shown(self) -> str:
        """Which rows are shown."""
        return f"{self.row.alias}.page_place < {self.count}"

    @property
    def last(self) -> str:
        """Which row is the last one shown."""
        return f"{self.row.alias}.page_place = least({self.row.alias}.page_total, {self.count} - 1)"
