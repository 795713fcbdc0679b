"""The body of a small form that somebody posts."""

from urllib.parse import parse_qsl

from starlette.requests import Request

LONGEST_FORM = 64 * 1024
"""Bytes: a token has a few thousand."""

MOST_FIELDS = 50


class FormRefused(ValueError):
    """The body is no form, is too long, or names a field twice."""


async def posted(request: Request) -> dict[str, str]:
    """The fields of an `application/x-www-form-urlencoded` body. Raises `FormRefused`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise FormRefused("not a form")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise FormRefused("too long")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise FormRefused("not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise FormRefused("a field twice")
    return fields
