"""The attestations of a holder's diplomas: asked for, followed, downloaded. The seal service (`resolvers/sealing.py`) makes them."""

import asyncio
from contextlib import suppress
from uuid import UUID

import structlog

from db.statements import Database, Pool, Row, statement
from graph.documents import FILE_STATES, NoAttestation
from graph.problems import NotFound
from graph.text import Text
from resolvers.accounts import Holder
from resolvers.callers import Act, Caller
from resolvers.document_store import DocumentLost, DocumentStore
from resolvers.holdings import held
from resolvers.keys import Keyring
from resolvers.notices import Notices

ASK = statement("documents.ask")
ANNOUNCE = statement("documents.announce")
LOCK = statement("holdings.lock")
LOST = statement("documents.lost")
OF_ACCOUNT = statement("documents.of_account")
PRESEALABLE = statement("documents.presealable")
PRESEAL = statement("documents.preseal")

PATIENCE = 2.0
"""Seconds that an answer waits for a seal before it says that one is pending: it mostly takes less than a tenth of one."""

BATCH = 1000
FIRST = UUID(int=0)

log = structlog.get_logger()


async def issue(pool: Pool, keyring: Keyring, notices: Notices, holder: Holder, diploma: UUID) -> UUID:
    """Asks for the attestation of what the register says now of a diploma, and waits a moment for it; its id.

    Raises `NotFound` when the diploma is not the holder's, `NoAttestation` when it is not valid.
    """
    async with notices.of(holder.id) as changes:
        document = await _asked(pool, keyring, holder, diploma)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while (await found(pool, holder, document))["state"] == "WAITING":
                    while await changes.get() != "ATTESTATION_READY":
                        pass
    return document


async def _asked(pool: Pool, keyring: Keyring, holder: Holder, diploma: UUID) -> UUID:
    async with pool.acquire() as connection, connection.transaction():
        # a renewal of its key and a correction wait until this has ended, or this for them
        await LOCK.rows(connection, diplomas=[diploma])
        row = await held(connection, holder, diploma)
        lookup = keyring.document_lookup(diploma, row["version"], row["key_generation"])
        document: UUID | None = await ASK.value(
            connection, account=holder.id, diploma=diploma, lookup=lookup, version=row["version"], generation=row["key_generation"]
        )
        if document is None:
            raise NoAttestation.refuse(
                Text(
                    "Ce diplôme est suspendu ou n'est plus valable : il n'a pas d'attestation.",
                    "This diploma is suspended or no longer valid: it has no attestation.",
                )
            )
        await holder.journal(connection, "ISSUE_ATTESTATION", diploma=diploma, version=row["version"])
        await ANNOUNCE.run(connection)
    return document


async def found(database: Database, holder: Holder, document: UUID) -> Row:
    """A document of the holder. Raises `NotFound`."""
    row = await OF_ACCOUNT.row(database, account=holder.id, document=document)
    if row is None:
        raise NotFound.refuse(Text("Cette attestation n'est pas dans votre compte.", "This attestation is not in your account."))
    return row


async def file_of(database: Database, store: DocumentStore, holder: Holder, document: UUID) -> tuple[Row, bytes] | None:
    """The row and the bytes of a holder's document, or None while it is not sealed.

    Raises `NotFound`, and `DocumentLost` when its file is gone: it is then sealed again.
    """
    row = await found(database, holder, document)
    if row["state"] not in FILE_STATES:
        return None
    try:
        return row, await asyncio.to_thread(store.get, row["digest"])
    except DocumentLost:
        # it may just have been archived under another digest
        row = await found(database, holder, document)
        try:
            return row, await asyncio.to_thread(store.get, row["digest"])
        except DocumentLost:
            log.error("document_lost", document=str(document))
            await LOST.run(database, document=document, digest=row["digest"])
            await ANNOUNCE.run(database)
            raise


async def preseal(database: Database, keyring: Keyring, agent: Caller, session: UUID) -> int:
    """Asks for the attestations of a published session that have none yet, to be sealed when no holder waits; how many.

    Raises `Forbidden` for a role that does not publish.
    """
    agent.may(Act.PREPARE)
    asked, after = 0, FIRST
    while rows := await PRESEALABLE.rows(database, session=session, after=after, count=BATCH):
        diplomas, versions, generations = ([row[name] for row in rows] for name in ("id", "version", "key_generation"))
        lookups = [keyring.document_lookup(*of) for of in zip(diplomas, versions, generations, strict=True)]
        asked += await PRESEAL.run(database, diplomas=diplomas, versions=versions, generations=generations, lookups=lookups)
        after = diplomas[-1]
        await ANNOUNCE.run(database)
    await agent.journal(database, "PRESEAL", session, count=asked)
    return asked
