"""A published diploma whose attestation was sealed today, and the application that verifies it."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any
from uuid import UUID

from cryptography.x509 import load_der_x509_crl

from db.statements import Connection, Row, statement
from resolvers.attestations import attestation_of, page_of
from resolvers.document_store import DocumentStore
from resolvers.keys import Keyring
from resolvers.local_keys import LocalKeys
from resolvers.request_notices import Writer
from resolvers.sealing import Workshop, seal_next
from seal.archiving import Evidence
from seal.attestation import Attestation, Issuer
from seal.authority import UnsafeDevelopmentAuthority
from seal.filling import fill
from seal.sealing import Sealer
from seal.trust import Trust
from tests.client import SECRET, Client
from tests.journey import KEYRING, Journey
from tests.sealing import opened

ISSUER = Issuer("Registre d'essai", "110043015", "NTRFR-110043015")
PRESEAL = statement("documents.preseal")
VERSION = statement("documents.version")

VERIFY = """
query ($document: String!, $organisation: String) {
  verifyDocument(document: $document, organisation: $organisation) {
    __typename
    ... on Problem { message }
    ... on FileVerification {
      verdict summary status sealedAt level sealedBy
      steps { number name outcome reason }
      registered { version status mention holder { birthName } }
    }
  }
}
"""


@cache
def _means() -> tuple[UnsafeDevelopmentAuthority, Sealer]:
    """Keys are slow to make; a sealer is made in a loop of its own, which a test has already."""
    made: list[tuple[UnsafeDevelopmentAuthority, Sealer]] = []

    def make() -> None:
        with TemporaryDirectory() as folder:
            authority = opened(Path(folder), datetime.now(UTC))
        made.append((authority, asyncio.run(Sealer.of(authority.seals))))

    thread = Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def trust_in(folder: Path) -> Path:
    """A folder that says whom to trust."""
    authority, _ = _means()
    crls = tuple(load_der_x509_crl(crl) for crl in authority.crls(datetime.now(UTC)))
    Trust(authority.roots, ISSUER.organization_identifier, authority.roots, crls).write(folder)
    return folder


async def sealed_by_hand(attestation: Attestation) -> bytes:
    """What a thief of the key could make."""
    authority, sealer = _means()
    now = datetime.now(UTC)
    draft = fill(attestation, page_of("bac", None), sealer.room(now))
    return await sealer.timestamped(draft, now, authority.timestamps())


@dataclass
class Registered:
    """The diploma of candidate 1 of a journey, and its sealed file."""

    journey: Journey
    client: Client
    connection: Connection
    folder: Path
    keyring: Keyring = KEYRING
    pdf: bytes = b""
    diploma: UUID = field(default_factory=lambda: UUID(int=0))

    async def seal(self) -> None:
        """Has the seal service make the attestation of what the register says now."""
        authority, sealer = _means()
        store = DocumentStore.of(self.folder / "documents", self.keyring)
        row = await self.connection.fetchrow(
            "select id, version, key_generation from diploma where session_id = $1 and candidate_number = 'C000001'",
            self.journey.session,
        )
        assert row is not None
        self.diploma = row["id"]
        lookup = self.keyring.document_lookup(*row)
        await PRESEAL.run(
            self.connection, diplomas=[row["id"]], versions=[row["version"]], generations=[row["key_generation"]], lookups=[lookup]
        )
        workshop = Workshop(
            self.keyring, store, sealer, authority.timestamps(), ISSUER, "https://diplomes.example", None,
            lambda at: Evidence(roots=authority.roots, crls=authority.crls(at)),
            Writer(LocalKeys.of(SECRET), "https://diplomes.example"),
        )  # fmt: skip
        assert await seal_next(self.connection, workshop) == 1
        digest = await self.connection.fetchval(
            "select digest from document where diploma_id = $1 and version = $2", row["id"], row["version"]
        )
        self.pdf = store.get(digest)

    async def row(self) -> Row:
        """What the register says of the first version."""
        row = await VERSION.row(self.connection, diploma=self.diploma, version=1)
        assert row is not None
        return row

    async def attested(self) -> Attestation:
        """What the attestation of the first version says."""
        return attestation_of(await self.row(), 1, self.keyring, ISSUER, "https://diplomes.example")

    async def sent(self, content: bytes, **options: Any) -> str:
        """The token of a file that was sent."""
        answer = await self.client.send("POST", "/documents", content=content, **options)
        assert answer.status_code == 201, answer.text
        return answer.json()["document"]

    async def verified(self, content: bytes, organisation: str | None = None, **options: Any) -> dict[str, Any]:
        """What a file is found to be."""
        return await self.asked(await self.sent(content), organisation, **options)

    async def asked(self, document: str, organisation: str | None = None, **options: Any) -> dict[str, Any]:
        """What is answered to a token."""
        options = {"language": "en"} | options
        return (await self.client.data(VERIFY, {"document": document, "organisation": organisation}, **options))["verifyDocument"]
