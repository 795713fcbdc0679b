"""What a request asks for, read from the body of a POST or the query string of a GET (GraphQL over HTTP, 5)."""

import json
from typing import Any, NamedTuple, NoReturn
from urllib.parse import parse_qsl

from server.graph.refusals import RequestRefused

LONGEST_QUERY_STRING = 16 * 1024
"""Bytes. A longer request goes by POST."""

DEEPEST_VARIABLES = 8
MOST_VALUES = 2000
"""Of the variables, counted over all their lists and objects."""


class Asked(NamedTuple):
    """A request as it was sent: a document or the digest of one (SHA-256, hexadecimal), or both."""

    query: str | None
    digest: str | None
    operation: str | None
    variables: dict[str, Any]


def of_body(body: bytes) -> Asked:
    """What the body of a POST asks for. Raises `RequestRefused` (400)."""
    found = _decoded(body, "The body of a request")
    if isinstance(found, list):
        raise RequestRefused(400, "BATCHING_REFUSED", "Send one operation a request: lists of operations are not executed.")
    return asked_of(found)


def of_query_string(query_string: bytes) -> Asked:
    """What the query string of a GET asks for. Raises `RequestRefused` (400, 414)."""
    if len(query_string) > LONGEST_QUERY_STRING:
        raise RequestRefused(
            414, "REQUEST_TOO_LONG", f"A query string has at most {LONGEST_QUERY_STRING} bytes: send a longer request by POST."
        )
    try:
        found: dict[str, Any] = dict(parse_qsl(query_string.decode("ascii"), strict_parsing=bool(query_string), errors="strict"))
    except ValueError:
        raise _bad("The query string is one of query, documentId, operationName, variables and extensions, in UTF-8.") from None
    for name in ("variables", "extensions"):
        if name in found:
            found[name] = _decoded(found[name].encode(), f"The parameter `{name}`")
    return asked_of(found)


def asked_of(found: Any) -> Asked:
    """What the parameters of a request ask for. Raises `RequestRefused` (400)."""
    if not isinstance(found, dict):
        raise _bad("A request is one JSON object.")
    query, operation = found.get("query"), found.get("operationName")
    if not (query is None or isinstance(query, str)):
        raise _bad("`query` is the text of a document.")
    if not (operation is None or isinstance(operation, str)):
        raise _bad("`operationName` is the name of an operation of the document.")
    variables = found.get("variables")
    if variables is None:
        variables = {}
    elif not isinstance(variables, dict):
        raise _bad("`variables` is an object.")
    else:
        _check_variables(variables)
    digest = _digest(found) if "documentId" in found or "extensions" in found else None
    if not query and digest is None:
        raise _bad("A request has a document: `query`, or the `documentId` of a trusted one.")
    return Asked(query or None, digest, operation or None, variables)


def _digest(found: dict[str, Any]) -> str | None:
    """The digest in a request: its `documentId` (Persisted Documents, appendix A), or `persistedQuery` as Apollo's clients send it."""
    document, extensions = found.get("documentId"), found.get("extensions")
    if not (document is None or isinstance(document, str)):
        raise _bad("`documentId` is sha256: and the SHA-256 of the document, in hexadecimal.")
    if not (extensions is None or isinstance(extensions, dict)):
        raise _bad("`extensions` is an object.")
    if document is not None:
        if found.get("query") is not None:
            raise _bad("A request has a `query` or a `documentId`, not both.")
        return document.removeprefix("sha256:")
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str):
        raise _bad("`extensions.persistedQuery` has a `sha256Hash`.")
    return digest


def _check_variables(variables: dict[str, Any]) -> None:
    """Raises `RequestRefused` (400) when variables are nested too deeply or hold too many values."""
    values, level = 0, list(variables.values())
    for _ in range(DEEPEST_VARIABLES):
        values += len(level)
        if values > MOST_VALUES:
            raise RequestRefused(400, "VARIABLES_TOO_LARGE", f"Variables hold at most {MOST_VALUES} values: send fewer at a time.")
        inside = [value for value in level if isinstance(value, (dict, list))]
        if not inside:
            return
        level = [one for value in inside for one in (value.values() if isinstance(value, dict) else value)]
    raise RequestRefused(400, "VARIABLES_TOO_DEEP", f"Variables are nested at most {DEEPEST_VARIABLES} levels deep.")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


DECODE = json.JSONDecoder(parse_constant=_constant).decode


def _decoded(data: bytes, what: str) -> Any:
    try:
        return DECODE(data.decode())
    except (ValueError, RecursionError):
        raise _bad(f"{what} is JSON in UTF-8.") from None


def _bad(message: str) -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", message)
