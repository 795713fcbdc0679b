"""In which form a request is sent, and in which its answer is wanted."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from server.graph.refusals import RequestRefused

LONGEST_CONSIDERED = 500
"""Characters of a header that count: what is kept of each is bounded."""


class Media(Enum):
    """The form of an answer; the value is its `Content-Type`."""

    JSON = b"application/json; charset=utf-8"
    RESPONSE = b"application/graphql-response+json; charset=utf-8"


class Accepted(NamedTuple):
    """What a client takes: the form of one answer, if it takes any of ours, and whether it takes a stream of events."""

    media: Media | None
    events: bool


def accepted(accept: str | None) -> Accepted:
    """What an `Accept` header asks for. Without one it is `application/json`, as old clients expect (GraphQL over HTTP, 4.1)."""
    return Accepted(Media.JSON, False) if accept is None else _accepted(accept[:LONGEST_CONSIDERED])


@lru_cache(256)
def _accepted(accept: str) -> Accepted:
    weights = _weights(accept)
    response, json = weights.get("application/graphql-response+json", 0.0), weights.get("application/json", 0.0)
    # a client that names no form of ours but takes any is an old one, or a person with a command line
    any_form = weights.get("application/*", weights.get("*/*", 0.0))
    events = bool(weights.get("text/event-stream"))
    if response and response >= json:
        return Accepted(Media.RESPONSE, events)
    return Accepted(Media.JSON if json or any_form else None, events)


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether an `Accept-Encoding` header takes gzip."""
    return accept_encoding is not None and _takes_gzip(accept_encoding[:LONGEST_CONSIDERED])


@lru_cache(256)
def _takes_gzip(accept_encoding: str) -> bool:
    weights = _weights(accept_encoding)
    return bool(weights.get("gzip", weights.get("*", 0.0)))


def check_content_type(content_type: str | None) -> None:
    """Raises `RequestRefused` (415) for what is no JSON in UTF-8.

    That also keeps other sites out: a browser asks us before it sends JSON for them, and we do not consent.
    """
    if content_type == "application/json":
        return
    name, *parameters = (part.strip() for part in (content_type or "").lower().split(";"))
    charsets = [part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")]
    if name != "application/json" or charsets not in ([], ["utf-8"]):
        raise RequestRefused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as JSON in UTF-8: Content-Type: application/json.")


def _weights(header: str) -> dict[str, float]:
    """The values of a header and their weights (RFC 9110, 12.4.2); one that cannot be read counts for nothing."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        name, *parameters = (text.strip() for text in part.split(";"))
        weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            weights.setdefault(name, float(weight))
        except ValueError:
            weights.setdefault(name, 0.0)
    return weights
