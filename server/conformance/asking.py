"""The application of a deployment over a register, asked as a client on the network asks it, without a socket."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, get_named_type
from httpx2 import ASGITransport, AsyncClient
from starlette.types import Receive, Scope, Send

from plugins.contract import Family
from resolvers.schema import deployed
from server.app import create_app
from server.settings import Settings

SECRET = b"a master secret of the kit, which is no secret"

Ask: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""Asks a document with variables, and answers its JSON."""


@asynccontextmanager
async def asking(url: str) -> AsyncGenerator[Ask]:
    """The application's `POST /graphql` for as long as it runs here."""
    settings = Settings(
        production=False, database_url=url, data=Path("/nonexistent"), master_secret=SECRET, largest_upload=1 << 20, graphiql=False,
        trusted_proxies="", compile_at=1,
    )  # fmt: skip
    app = create_app(settings, url)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        transport = ASGITransport(with_state, client=("192.0.2.1", 40000))
        async with AsyncClient(transport=transport, base_url="http://register.test") as client:

            async def ask(document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
                body = json.dumps({"query": document, "variables": dict(variables)})
                answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
                return answer.json()

            yield ask


def verification(family: Family) -> str:
    """The document that verifies a diploma, and asks of it every field of the family's own, parts to their last level."""
    of = deployed().core.get_type(family.type.__name__)
    common = deployed().core.get_type("Diploma")
    assert isinstance(of, GraphQLObjectType)
    own = {name: field for name, field in of.fields.items() if name not in getattr(common, "fields", {})}
    return (
        "query ($key: String!, $name: String!) { verification(key: $key, birthName: $name) { __typename ... on VerifiedDiploma { diploma {"
        f" __typename familyCode title session mention ... on {of.name} {{ __typename {_selected(own)} }} }} }} }} }}"
    )


def _selected(fields: Mapping[str, GraphQLField]) -> str:
    return " ".join(f"{name}{_below(get_named_type(field.type))}" for name, field in fields.items())


def _below(of: GraphQLNamedType) -> str:
    return f" {{ __typename {_selected(of.fields)} }}" if isinstance(of, GraphQLObjectType) else ""
