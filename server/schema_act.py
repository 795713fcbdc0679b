"""The command that compares two schemas: it needs the families that are installed, and no register."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from graphql import GraphQLError, GraphQLSchema, build_schema

from resolvers.schema import published
from server.schema_changes import Change, Weight, changes
from server.schema_documents import Broken, DocumentsUnreadable, broken_operations, read_operations

HEADINGS = {
    Weight.BREAKING: "Breaks clients",
    Weight.ANNOUNCED: "Removed as it was announced",
    Weight.NOTICE: "To know",
    Weight.SAFE: "Concerns nobody who does not ask for it",
}


class SchemaUnreadable(Exception):
    """A schema cannot be read: the sentence says which, and why."""


def diff(given: argparse.Namespace) -> int:
    """Prints what a schema changes for clients; 0 when nothing breaks, 1 when something does, 2 when something cannot be read.

    With documents, what breaks is one of these; without, anything that somebody may ask for.
    """
    try:
        if str(given.old) == str(given.new) == "-":
            raise SchemaUnreadable("-: standard input holds one schema; name a file for the other")
        old, new = (_schema(path) for path in (given.old, given.new))
        found = changes(old, new, datetime.now(UTC).date())
        operations = read_operations(given.documents)
    except (SchemaUnreadable, DocumentsUnreadable) as error:
        print(f"parchemin schema diff: {error}", file=sys.stderr)
        return 2
    broken = broken_operations(operations, old, new, found)
    print(_as_json(found, broken) if given.format == "json" else "\n".join(_as_text(found, broken, len(operations))))
    return 1 if (broken if given.documents else any(one.weight is Weight.BREAKING for one in found)) else 0


def _schema(path: Path | None) -> GraphQLSchema:
    """The schema of a file, of standard input (`-`), or of this deployment."""
    try:
        text = published() if path is None else sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        schema = build_schema(text)
    except OSError as error:
        raise SchemaUnreadable(f"{path}: this file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SchemaUnreadable(f"{path}: a schema is text in UTF-8") from error
    except (GraphQLError, TypeError) as error:  # TypeError: what is wrong with a schema as a whole
        raise SchemaUnreadable(f"{path}: this is no schema in GraphQL's language ({str(error).splitlines()[0]})") from error
    if schema.query_type is None:
        raise SchemaUnreadable(f"{path}: this schema has no `Query`, so nobody can ask anything of it")
    return schema


def _as_text(found: Sequence[Change], broken: Sequence[Broken], operations: int) -> Iterator[str]:
    for weight, of_weight in groupby(found, lambda change: change.weight):
        yield f"{HEADINGS[weight]}:"
        for effect, alike in groupby(of_weight, lambda change: change.effect):
            yield from (f"  {change.text}" for change in alike)
            if effect:
                yield f"    front ends: {effect.front_end}"
                yield f"    mobile apps: {effect.mobile}"
                yield f"    instead: {effect.remedy}"
    for one in broken:
        yield f"{one.name} ({one.source}) {'breaks' if one.was_valid else 'was not valid before either'}: {one.reason}"
    if not found:
        yield "Nothing changes for clients."
    if operations:
        yield f"{len(broken)} of {operations} operations break."


def _as_json(found: Iterable[Change], broken: Iterable[Broken]) -> str:
    listed = [
        {"kind": one.kind, "weight": one.weight.value, "coordinate": one.coordinate, "text": one.text}
        | (asdict(one.effect) if one.effect else {})
        for one in found
    ]
    return json.dumps({"changes": listed, "operations": [asdict(one) for one in broken]}, ensure_ascii=False, indent=2)
