"""Requests to the academies as tests need them: at any state, with both sides before the application."""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pikepdf
from httpx2 import Response
from PIL import Image
from strawberry.relay.utils import to_base64

from db.statements import Connection, Row
from resolvers import callers
from resolvers.callers import Caller
from resolvers.document_store import DocumentStore
from server.identity import COOKIE
from tests.client import Client, served
from tests.journey import KEYRING
from tests.people import Browser, signed_in

PERSON = {
    "family_name": "LECŒUR", "given_names": ["Éloïse", "Marie"], "birth_date": "1980-03-12", "sex": "F", "birth_country": "99100",
    "birth_commune": "25056", "declared_birth_date": None, "used_name": None, "identity": "FRANCECONNECT",
}  # fmt: skip


def pdf(text: str = "") -> bytes:
    """A PDF of one empty page; `text` makes it another one."""
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = text
        written = io.BytesIO()
        document.save(written, static_id=True)
    return written.getvalue()


def image(kind: str = "PNG", size: tuple[int, int] = (8, 6)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size).save(written, kind)
    return written.getvalue()


@dataclass
class Sides:
    """An applicant, agents, and the application."""

    connection: Connection
    client: Client
    folder: Path
    applicant: Browser
    count: int = 0
    tokens: dict[UUID, str] = field(default_factory=dict[UUID, str])

    @property
    def store(self) -> DocumentStore:
        return DocumentStore.of(self.folder / "pieces", KEYRING)

    def files(self) -> list[Path]:
        """What the store holds."""
        return [path for path in self.store.folder.rglob("*") if path.is_file()]

    async def asked(
        self, kind: str = "ATTESTATION", state: str = "SUBMITTED", *, academy: str = "01", missing: tuple[str, ...] = ()
    ) -> UUID:
        """A request of the applicant, of one of the last sessions on paper."""
        self.count += 1
        return await self.connection.fetchval(
            """insert into document_request (reference, account_id, kind, family, year, obtained_in, academy_code, asked, person, state,
              due_on, waiting_since, decided_at, silence, missing_pieces)
            values ($1, $2, $3, 'bac', $4, $5, $5, '{}', $6, $7, $8,
              case when $7 = 'INFORMATION_REQUESTED' then now() - interval '3 days' end,
              case when $7 in ('ACCEPTED', 'REFUSED') then now() end, 'REFUSAL', $9) returning id""",
            f"ABCD-000{self.count}", self.applicant.holder.id, kind, 1990 + self.count, academy, PERSON, state,
            date.today() + timedelta(days=30), list(missing),
        )  # fmt: skip

    async def row(self, request: UUID) -> Row:
        row = await self.connection.fetchrow("select * from document_request where id = $1", request)
        assert row is not None
        return cast("Row", row)

    async def pieces(self, request: UUID) -> list[Row]:
        found = await self.connection.fetch("select * from document_request_piece where request_id = $1 order by id", request)
        return cast("list[Row]", found)

    async def history(self, request: UUID) -> list[tuple[str, str | None, str | None]]:
        """The events of a request: what each is, the state that it led to, the piece."""
        found = await self.connection.fetch(
            "select kind, state, facts ->> 'piece' as piece from document_request_event where request_id = $1 order by id", request
        )
        return [(row["kind"], row["state"], row["piece"]) for row in found]

    async def agent(self, name: str = "Claude", role: str = "AGENT", academies: tuple[str, ...] = ("01",)) -> Caller:
        agent = await callers.add(self.connection, name, role, [*academies])
        self.tokens[agent.id] = await callers.new_token(self.connection, agent, timedelta(hours=1))
        return agent

    async def headers(self, who: Browser | Caller | None) -> dict[str, str]:
        if isinstance(who, Caller):
            return {"Accept-Language": "en", "Authorization": f"Bearer {self.tokens[who.id]}"}
        return {"Accept-Language": "en"} | ({"Cookie": f"{COOKIE}={who.secret}"} if who is not None else {})

    async def sends(
        self,
        who: Browser | Caller | None,
        request: UUID,
        kind: str = "IDENTITY",
        name: str = "carte.pdf",
        content: bytes | None = None,
    ) -> Response:
        """Sends a file to a request."""
        id_ = to_base64("DeskRequest" if isinstance(who, Caller) else "DocumentRequest", str(request))
        headers = await self.headers(who) | {"X-File-Name": name}
        body = pdf() if content is None else content
        return await self.client.send("POST", f"/requests/{id_}/pieces?kind={kind}", content=body, headers=headers)

    async def gets(self, who: Browser | Caller | None, link: str) -> Response:
        return await self.client.send("GET", link, headers=await self.headers(who))

    async def does(self, who: Browser | Caller, document: str, **values: Any) -> dict[str, Any]:
        """The data of the answer to an operation that must have no error."""
        headers = await self.headers(who)
        answer = (await self.client.post(document, values, headers=headers)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def somebody_else(self) -> Browser:
        person = replace(self.applicant.holder.person, family_name="Petit")
        return await signed_in(self.connection, person, "petit", client=self.client)


def link_of(piece: UUID) -> str:
    """Where a piece is."""
    return f"/requests/pieces/{to_base64('RequestPiece', str(piece))}"


@asynccontextmanager
async def both_sides(url: str, connection: Connection, folder: Path, **settings: Any) -> AsyncGenerator[Sides]:
    """The application over a register, with an applicant who is signed in."""
    async with served(url, pieces=folder / "pieces", documents=folder / "documents", trust=folder / "trust", **settings) as client:
        yield Sides(connection, client, folder, await signed_in(connection, client=client))
