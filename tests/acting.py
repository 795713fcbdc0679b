"""A published diploma with a holder, a sealed attestation and a link, and the agents who may act on it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from strawberry.relay.utils import to_base64

from db.statements import Connection, Row
from graph.acts import DiplomaActKind
from graph.shares import ShareScope
from resolvers import acts, adding, callers, shares
from resolvers.act_contents import Cell
from resolvers.act_effects import Means
from resolvers.act_rules import RULES
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.local_keys import LocalKeys
from resolvers.roles import Act
from resolvers.shares import NewShare
from tests.client import SECRET, Client, served
from tests.journey import KEYRING, Journey, candidate
from tests.people import ELOISE, Browser, signed_in
from tests.registered import Registered, trust_in

MEANS = Means(KEYRING, LocalKeys.of(SECRET), "https://diplomes.example")
WANTED = Wanted("bac", 2026, "01")
CELLS: dict[DiplomaActKind, dict[str, str]] = {
    DiplomaActKind.MATERIAL_CORRECTION: {"lieu_naissance": "Besançon (Doubs)"},
    DiplomaActKind.IDENTITY_CHANGE: {"nom_naissance": "Durand-Petit", "prenoms": "Élio", "sexe": "M"},
    DiplomaActKind.JURY_REVISION: {"mention": "AB"},
}
"""What an act of each kind writes, unless a test says otherwise."""

FIRST = {DiplomaActKind.SUSPENSION_LIFTED: DiplomaActKind.SUSPENSION, DiplomaActKind.REINSTATEMENT: DiplomaActKind.WITHDRAWAL}
"""The act without which another one is not possible."""


@dataclass
class Life:
    """The diploma of candidate 1, and who acts on it."""

    url: str
    connection: Connection
    client: Client
    registered: Registered
    agents: tuple[Caller, Caller]
    delegates: tuple[Caller, Caller]
    browser: Browser
    share: UUID = field(default_factory=lambda: UUID(int=0))

    @property
    def diploma(self) -> UUID:
        return self.registered.diploma

    @property
    def journey(self) -> Journey:
        return self.registered.journey

    def pair(self, kind: DiplomaActKind) -> tuple[Caller, Caller]:
        """Who prepares and who approves."""
        rule = RULES[kind]
        first = self.delegates[0] if rule.prepare is Act.SANCTION else self.agents[1]
        second = self.agents[0] if rule.approve == frozenset({Act.CORRECT}) else self.delegates[1]
        return first, second

    async def prepares(self, kind: DiplomaActKind, diploma: UUID | None = None, **cells: str) -> UUID:
        return await self.prepares_cells(kind, cells or CELLS.get(kind, {}), diploma)

    async def prepares_cells(self, kind: DiplomaActKind, cells: dict[str, str], diploma: UUID | None = None) -> UUID:
        first, _ = self.pair(kind)
        written = [Cell(*cell) for cell in cells.items()]
        return await acts.prepare(
            self.connection,
            KEYRING,
            first,
            diploma or self.diploma,
            kind,
            reason="Vu la pièce",
            reference="Décision n° 12",
            cells=written,
        )

    async def acts(self, kind: DiplomaActKind, diploma: UUID | None = None, **cells: str) -> UUID:
        """One agent prepares an act and another one approves it."""
        act = await self.prepares(kind, diploma, **cells)
        await acts.approve(self.connection, MEANS, self.pair(kind)[1], act)
        return act

    async def row(self) -> Row:
        row = await self.connection.fetchrow("select * from diploma where id = $1", self.diploma)
        assert row is not None
        return cast("Row", row)

    async def versions(self) -> list[Row]:
        found = await self.connection.fetch("select * from diploma_version where diploma_id = $1 order by version", self.diploma)
        return cast("list[Row]", found)

    async def key(self) -> str:
        """The key of the diploma as it is now."""
        row = await self.row()
        return KEYRING.control_key(row["id"].bytes, row["version"], row["key_generation"])

    async def published_again(self, *lines: dict[str, str]) -> None:
        """Two agents withdraw the session; it is reopened and published with these lines, or with the same import when there is none."""
        from resolvers import publication, sessions

        journey = self.journey
        third = await callers.add(self.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
        await publication.request_withdrawal(self.connection, journey.second, journey.session, "erreur de saisie")
        await publication.withdraw(self.connection, third, journey.session)
        await sessions.reopen_withdrawn(self.connection, journey.first, journey.session)
        if lines:
            await journey.results(*lines)
        await journey.close()
        await journey.prepare()
        await journey.release(KEYRING)

    async def text(self) -> str:
        """Every row of every table, as text."""
        tables = await self.connection.fetch(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        dumped: list[str] = []
        for table in tables:
            dumped += [row["t"] for row in await self.connection.fetch(f"select t::text as t from {table['relname']} t")]
        return "\n".join(dumped)


@asynccontextmanager
async def living(
    url: str, connection: Connection, monitor: Connection, folder: Path, *more: dict[str, str], **cells: str
) -> AsyncGenerator[Life]:
    """A register whose candidate 1 has a holder; `cells` are of his line, `more` are other lines."""
    agent = await callers.add(connection, "Claude", "AGENT", ["01", "70"])
    head = await callers.add(connection, "Dominique", "HEAD_OF_SERVICE", ["01", "70"])
    delegates = [await callers.add(connection, name, "RECTOR_DELEGATE", ["01", "70"]) for name in ("Ange", "Camille")]
    journey = await Journey.begin(connection, monitor, agent, head, folder)
    await journey.publish(KEYRING, candidate(1, **cells), *more)
    async with served(url, trust=trust_in(folder / "trust")) as client:
        browser = await signed_in(connection, ELOISE, client=client)
        diploma = await adding.add(connection, browser.holder, WANTED)
        share = await shares.make(
            connection, KEYRING, browser.holder, NewShare(diploma, ShareScope.STANDARD, "Pour LECŒUR", None, None)
        )
        registered = Registered(journey, client, connection, folder)
        await registered.seal()
        yield Life(url, connection, client, registered, (agent, head), (delegates[0], delegates[1]), browser, share)


@dataclass
class Desk:
    """An agent before the graph."""

    client: Client
    token: str

    @staticmethod
    async def of(life: Life, agent: Caller) -> "Desk":
        return Desk(life.client, await callers.new_token(life.connection, agent, timedelta(minutes=5)))

    async def does(self, mutation: str, given: str, **values: Any) -> dict[str, Any]:
        answer = f"__typename ... on DiplomaAct {{ {ACT} }} ... on Problem {{ message }}"
        document = f"mutation ($input: {given}!) {{ {mutation}(input: $input) {{ {answer} }} }}"
        return (await self.client.data(document, {"input": values}, token=self.token, language="en"))[mutation]

    async def prepares(self, life: Life, kind: str, cells: dict[str, str] | None = None, **values: str) -> dict[str, Any]:
        given = {
            "registeredDiplomaId": to_base64("RegisteredDiploma", str(life.diploma)),
            "kind": kind,
            "reason": "Vu la pièce",
            "reference": "n° 12",
        }
        written = [{"column": column, "value": value} for column, value in (cells or {}).items()]
        return await self.does("prepareDiplomaAct", "PrepareDiplomaActInput", **(given | values), cells=written)

    async def approves(self, act: dict[str, Any]) -> dict[str, Any]:
        return await self.does("approveDiplomaAct", "DiplomaActInput", actId=act["id"])

    async def cancels(self, act: dict[str, Any]) -> dict[str, Any]:
        return await self.does("cancelDiplomaAct", "DiplomaActInput", actId=act["id"])


ACT = """id kind state version newVersion reason reference preparedBy approvedBy cancelledBy candidateNumber
  changes { column before after }"""
