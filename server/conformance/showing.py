"""What a family's type shows of the lines that an import could take: its fields and the lines of its attestation, filled or not."""

import json
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLType, is_leaf_type
from strawberry.types.base import StrawberryObjectDefinition

from db.statements import Row
from graph.enums import Decision
from plugins.contract import Family, Results, Session
from plugins.sound_types import definition_of, graphql_name, own_fields
from plugins.values import written
from resolvers import rows
from resolvers.attestations import lines_of
from resolvers.schema import Schema, deployed
from server.conformance.lines import edge_lines, told
from server.conformance.publishing import Published
from server.conformance.trying import alone, tried


def unshown(family: Family, of: Published) -> Iterator[str]:
    """Fields that cannot show what their columns read, and functions that fail where an optional column is empty; each fault once."""
    if not of.diplomas:
        yield from of.faults
        return
    # before anything is watched: to load the families is not their functions' doing
    schema, found = deployed(), set[str]()
    for results, row in _admitted(family, of.diplomas[0]):
        for fault in _faults(family, row, schema):
            if fault not in found:
                found.add(fault)
                yield f"{fault} (a line with {told(results)})"


def _admitted(family: Family, published: Row) -> Iterator[tuple[Results, Row]]:
    """Lines that an import takes of somebody who is admitted, each with the row of a diploma that says what it does."""
    for session in dict.fromkeys(Session(sample.year, sample.academy) for sample in family.samples):
        for results in edge_lines(family, session, whole=True):
            if family.check is not None and tried(family.check, results, session) != (None, None):
                continue
            outcome = tried(family.decide, results, session).answer
            if outcome is None or Decision.ADMIS in outcome.decisions:
                values = {one.detail: results[one.name] for one in family.columns if one.detail is not None}
                details = {key: json.loads(written(value)) for key, value in values.items() if value is not None}
                mention = outcome.mention.name if outcome is not None and outcome.mention is not None else None
                yield results, {**published, "details": details, "mention": mention, "session_year": session.year}


def _faults(family: Family, row: Row, schema: Schema) -> Iterator[str]:
    made = alone(rows.diploma, row)
    if made.error is not None:
        yield f"its fields cannot be computed, {made.raised}"
        return
    definition = definition_of(family.type)
    assert definition is not None
    yield from _fields(definition, made.answer, schema)
    if (drawn := alone(lines_of, family, made.answer)).error is not None:
        yield f"the lines of its attestation cannot be computed, {drawn.raised}"


def _fields(definition: StrawberryObjectDefinition, value: object, schema: Schema, path: str = "") -> Iterator[str]:
    """What of a value does not fit the fields of its type, as an executor would find."""
    types: Any = schema.core.type_map[definition.name]
    for field in own_fields(definition):
        given, name = getattr(value, field.python_name), f"{path}{field.python_name}"
        if isinstance(most := field.metadata.get("most"), int) and isinstance(given, list) and len(given) > most:
            yield f"its field {name} lists more than {most} parts: let the column's reader refuse them"
        yield from _misfits(types.fields[graphql_name(field)].type, given, schema, name)


def _misfits(of: GraphQLType, value: Any, schema: Schema, name: str) -> Iterator[str]:
    if isinstance(of, GraphQLNonNull):
        if value is None:
            yield f"its field {name} is null, which its type does not allow"
        of = of.of_type
    if value is None:
        return
    if isinstance(of, GraphQLList):
        if not isinstance(value, list):
            yield f"its field {name} is no list"
        for one in value if isinstance(value, list) else ():
            yield from _misfits(of.of_type, one, schema, name)
    elif not is_leaf_type(of):
        definition = definition_of(type(value))
        assert definition is not None
        yield from _fields(definition, value, schema, f"{name}.")
    elif (done := tried(of.serialize, value)).error is not None:
        yield f"its field {name} cannot show what was read: {done.raised}"
