"""A register with published diplomas, a holder who asks for attestations, and a seal service at work: copied for each test, made once."""

import asyncio
import atexit
import itertools
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any, cast
from uuid import UUID

import asyncpg
from httpx2 import Response
from strawberry.relay.utils import to_base64

from db.embedded import EmbeddedServer
from db.pool import connect, open_pool
from db.statements import Connection, Pool, Row
from resolvers import adding, callers, documents, publication, sessions, web_sessions
from resolvers.accounts import Holder
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.document_store import DocumentStore
from resolvers.local_keys import LocalKeys
from resolvers.notices import Notices
from resolvers.request_notices import Writer
from resolvers.sealing import Workshop, archive_next, seal_next
from seal.archiving import Evidence
from seal.authority import UnsafeDevelopmentAuthority
from seal.certificates import revocation_list
from seal.report import Report
from seal.sealing import Sealer
from seal.timestamps import CheckedTimeStamper, TimestampUnavailable
from seal.trust import Trust
from seal.verifying import verify_file
from server.identity import COOKIE
from server.sealing.configuration import DEMONSTRATION
from tests.client import SECRET, Client, served
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, Journey, candidate
from tests.people import signed_in

SITE = "https://diplomes.example"
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
"""When the authority was made: documents can have been sealed since."""

PLAIN = {"specialites": "", "options": "", "langue_section": ""}
CANDIDATES = (
    candidate(
        1, nom_usage="Martin", mention="TB", moyenne="16,50", specialites="Mathématiques|Physique-chimie", options="BFI",
        langue_section="Anglais",
    ),
    candidate(2, nom_naissance="Müller", date_naissance="00/00/2008", commune_naissance="", lieu_naissance="Berlin",
              pays_naissance="99109", **PLAIN),
    candidate(3, nom_naissance="Petit", **PLAIN),
)  # fmt: skip
"""The holder's own; one born abroad on a day that is not known; another one."""

NUMBERS = itertools.count()


@cache
def authority_folder() -> Path:
    """Where the keys are, made once in a run."""
    folder = Path(mkdtemp(prefix="parchemin-issuing-"))
    atexit.register(shutil.rmtree, folder)
    return folder


@cache
def authority() -> UnsafeDevelopmentAuthority:
    return UnsafeDevelopmentAuthority.open(authority_folder(), DEMONSTRATION.name, DEMONSTRATION.siren, BEGAN)


@cache
def sealer() -> Sealer:
    made: list[Sealer] = []
    thread = Thread(target=lambda: made.append(asyncio.run(Sealer.of(authority().seals))))  # a test has its own loop
    thread.start()
    thread.join()
    return made[0]


def trust(at: datetime) -> Trust:
    """Whoever verifies our documents trusts this."""
    crls = tuple(revocation_list(crl) for crl in authority().crls(at))
    return Trust(authority().roots, DEMONSTRATION.organization_identifier, authority().roots, crls)


def workshop(folder: Path) -> Workshop:
    """A seal service's means."""
    return Workshop(
        KEYRING, DocumentStore.of(folder, KEYRING), sealer(), authority().timestamps(), DEMONSTRATION, SITE, None,
        lambda at: Evidence(authority().roots, authority().crls(at)), Writer(LocalKeys.of(SECRET), SITE),
    )  # fmt: skip


class NoTimestamps(CheckedTimeStamper):
    """An authority that does not answer."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        raise TimestampUnavailable("the time stamp authority does not answer")


@dataclass
class Desk:
    """A holder with a diploma, and the seal service."""

    url: str
    connection: DatabaseConnection
    monitor: DatabaseConnection
    pool: Pool
    journey: Journey
    holder: Holder
    secret: str
    workshop: Workshop

    @property
    def store(self) -> DocumentStore:
        return self.workshop.store

    async def diploma(self, number: int = 1) -> UUID:
        """The id of a candidate's diploma; the first is the holder's."""
        return await self.pool.fetchval("select id from diploma where candidate_number = $1", f"C{number:06}")

    async def ask(self, number: int = 1) -> UUID:
        """The holder asks for an attestation."""
        return await documents.issue(self.pool, KEYRING, Notices(), self.holder, await self.diploma(number))

    async def preseal(self, agent: Caller | None = None) -> int:
        return await documents.preseal(self.connection, KEYRING, agent or self.journey.first, self.journey.session)

    async def seal(self, **means: Any) -> int:
        """The service seals what is due, with other means if told; how many documents it took."""
        return await seal_next(self.connection, replace(self.workshop, **means))

    async def archive(self, **means: Any) -> int:
        return await archive_next(self.connection, replace(self.workshop, **means))

    async def due(self) -> None:
        """Time passes until everything is due."""
        await self.connection.execute("update document set due_at = now()")

    async def rows(self) -> list[Row]:
        return cast("list[Row]", await self.connection.fetch("select *, due_at - now() as due_in from document order by id"))

    async def row(self) -> Row:
        """The only document."""
        [row] = await self.rows()
        return row

    async def sealed(self) -> bytes:
        """The only document, asked for and sealed."""
        await self.ask()
        assert await self.seal() == 1
        return self.file(await self.row())

    def file(self, row: Row) -> bytes:
        return self.store.get(row["digest"])

    def files(self) -> list[Path]:
        """What the store holds."""
        return [path for path in self.store.folder.rglob("*") if path.is_file()]

    async def correct(self, *lines: dict[str, str]) -> None:
        """The session is withdrawn, reopened and published again with these lines."""
        third = await callers.add(self.connection, "Alix", "HEAD_OF_SERVICE", ["01"])
        await publication.request_withdrawal(self.connection, self.journey.second, self.journey.session, "erreur de saisie")
        await publication.withdraw(self.connection, third, self.journey.session)
        await sessions.reopen_withdrawn(self.connection, self.journey.first, self.journey.session)
        await self.journey.publish(KEYRING, *lines)


async def verified(pdf: bytes, at: datetime | None = None) -> Report:
    """What a file is found to be by somebody who trusts the authority."""
    moment = at or datetime.now(UTC) + timedelta(minutes=1)
    return await asyncio.to_thread(verify_file, pdf, trust(moment - timedelta(seconds=1)), moment)


@dataclass
class Front:
    """The holder's browser, or somebody else's, before the application."""

    desk: Desk
    client: Client
    secret: str | None

    async def does(self, document: str, **values: Any) -> dict[str, Any]:
        return await self.client.data(document, values, cookie=self.secret, language="en")

    async def issues(self) -> dict[str, Any]:
        """Asks for the attestation of the holder's diploma."""
        given = {"diplomaId": await self.held()}
        return (await self.does(ISSUE, input=given))["issueAttestation"]

    async def held(self) -> str:
        return to_base64("HeldDiploma", str(await self.desk.diploma()))

    async def get(self, path: str, method: str = "GET", **headers: str) -> Response:
        sent = {"Accept-Language": "en"} | {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Cookie": f"{COOKIE}={self.secret}"} if self.secret else {}
        return await self.client.send(method, path, headers=sent)


ISSUE = """mutation ($input: HeldDiplomaInput!) { issueAttestation(input: $input) { __typename
  ... on Attestation { id state version askedAt sealedAt size digest url } ... on Problem { message } } }"""


@asynccontextmanager
async def front(desk: Desk) -> AsyncGenerator[Front]:
    """The application over the desk's register and store."""
    async with served(desk.url, documents=desk.store.folder, public_url=SITE) as client:
        yield Front(desk, client, desk.secret)


@asynccontextmanager
async def opened(postgres: EmbeddedServer, template: str, folder: Path) -> AsyncGenerator[Desk]:
    """A desk over a register of its own."""
    secret = await _published(postgres, template, folder)
    name = f"issuing_{next(NUMBERS)}"
    await _copied(postgres, PUBLISHED, name)
    url = postgres.url(name)
    connection, monitor, pool = await connect(url), await connect(url), await open_pool(url)
    try:
        yield Desk(
            url, connection, monitor, pool, await _journey(connection, monitor, folder), await _holder(connection, secret), secret,
            workshop(folder / "documents"),
        )  # fmt: skip
    finally:
        for closed in (connection, monitor, pool):
            await closed.close()
        admin = await asyncpg.connect(postgres.url())
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


PUBLISHED = "parchemin_issuing"
SECRETS: dict[str, str] = {}
"""The cookie of the holder in the register that others are copied from."""


async def _published(postgres: EmbeddedServer, template: str, folder: Path) -> str:
    """Makes the register that others are copied from, once; the secret of the holder's session."""
    if postgres.url() not in SECRETS:
        await _copied(postgres, template, PUBLISHED)
        connection, monitor = await connect(postgres.url(PUBLISHED)), await connect(postgres.url(PUBLISHED))
        first = await callers.add(connection, "Claude", "AGENT", ["01", "70"])
        second = await callers.add(connection, "Dominique", "HEAD_OF_SERVICE", ["01", "70"])
        journey = await Journey.begin(connection, monitor, first, second, folder)
        await journey.publish(KEYRING, *CANDIDATES)
        browser = await signed_in(connection)
        await adding.add(connection, browser.holder, Wanted("bac", 2026, "01"))
        SECRETS[postgres.url()] = browser.secret
        await connection.close()
        await monitor.close()
    return SECRETS[postgres.url()]


async def _copied(postgres: EmbeddedServer, name: str, copy: str) -> None:
    admin = await asyncpg.connect(postgres.url())
    await admin.execute(f"create database {copy} template {name}")
    await admin.close()


async def _journey(connection: DatabaseConnection, monitor: DatabaseConnection, folder: Path) -> Journey:
    first, second = await callers.by_name(connection, "Claude"), await callers.by_name(connection, "Dominique")
    assert first is not None and second is not None
    session = await connection.fetchval("select id from exam_session")
    return Journey(connection, monitor, first, second, folder, session)


async def _holder(connection: Connection, secret: str) -> Holder:
    found = await web_sessions.signed_in(connection, secret)
    assert found is not None and found.holder is not None
    return found.holder
