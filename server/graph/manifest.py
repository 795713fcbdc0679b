"""Manifests of trusted documents: what the build of a front end or an app lists, checked against the schema that is deployed.

The form is that of Apollo's tools for the web, Kotlin and iOS: `{"format": "apollo-persisted-query-manifest", "version": 1,
"operations": [{"id", "name", "type", "body"}]}`. That of Relay and of GraphQL Code Generator, `{"digest": "document"}`, is read too.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, parse

from resolvers.schema import Schema

FORMAT = "apollo-persisted-query-manifest"


class ManifestRefused(Exception):
    """A manifest cannot be used: the sentence names the file, the document, and what is wrong with it."""


def digest_of(text: str) -> str:
    """The name of a document: its SHA-256 in UTF-8, hexadecimal (Persisted Documents, appendix A of GraphQL over HTTP)."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_manifests(path: Path, schema: Schema) -> dict[str, str]:
    """Digest → document, of a manifest or of a folder of them (`*.json`, one for each app). Raises `ManifestRefused`."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise ManifestRefused(f"{path}: this folder holds no manifest (*.json)")
    return {digest: text for file in files for digest, text in read_manifest(file, schema).items()}


def read_manifest(file: Path, schema: Schema) -> dict[str, str]:
    """Digest → document. Raises `ManifestRefused`."""
    listed = listed_documents(file)
    for digest, text in listed.items():
        check_document(f"{file}, {digest}", text, schema)
    return listed


def listed_documents(file: Path) -> dict[str, str]:
    """Digest → document, whatever the schema. Raises `ManifestRefused`."""
    try:
        found = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ManifestRefused(f"{file}: this file cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ManifestRefused(f"{file}: a manifest is JSON in UTF-8") from error
    listed = {digest.removeprefix("sha256:"): text for digest, text in _listed(file, found)}
    for digest, text in listed.items():
        if digest != digest_of(text):
            raise ManifestRefused(f"{file}, {digest[:80]}: the id of a document is the SHA-256 of its text, in hexadecimal")
    return listed


def manifest_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """The manifest of documents that are valid, by their digest."""
    return {"format": FORMAT, "version": 1, "operations": [_entry(digest, text) for digest, text in texts.items()]}


def check_document(where: str, text: str, schema: Schema) -> None:
    """Raises `ManifestRefused` when a document cannot be parsed, or is not valid on the schema and within its limits."""
    errors = schema.admission.judged(text).errors
    if errors:
        raise ManifestRefused(f"{where}: {errors[0].message}")


def _listed(file: Path, found: Any) -> Iterator[tuple[str, str]]:
    """The ids and texts of a manifest of either form."""
    if isinstance(found, dict) and found.get("format") == FORMAT:
        operations = found.get("operations")
        if found.get("version") != 1 or not isinstance(operations, list):
            raise ManifestRefused(f"{file}: a manifest of version 1 with a list of `operations` is expected")
        entries: list[tuple[Any, Any]] = [
            (one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None) for one in operations
        ]
    elif isinstance(found, dict):
        entries = list(found.items())
    else:
        raise ManifestRefused(f"{file}: a manifest is an object")
    for digest, text in entries:
        if not (isinstance(digest, str) and isinstance(text, str)):
            raise ManifestRefused(f"{file}: each document of a manifest has an id and a text")
        yield digest, text


def _entry(digest: str, text: str) -> dict[str, str]:
    operations = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
    first = operations[0]
    return {"id": digest, "name": first.name.value if first.name else "", "type": first.operation.value, "body": text}
