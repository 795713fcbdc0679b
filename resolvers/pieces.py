"""Files of requests to the academies: sent by both sides, kept encrypted outside the database, destroyed when they have served.

A file is written before the row that names it, and removed after the last row that names it has lost it; `piece_file` remembers, across a
crash, which ones are to be looked at.
"""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import structlog

from db.statements import Connection, Database, Pool, Row, statement
from graph.deliveries import PieceRefused, TooManyPieces
from graph.document_requests import DocumentRequestState, RequestClosed, RequestPieceKind
from graph.problems import NotFound
from graph.text import Text
from resolvers.accounts import Holder
from resolvers.callers import Act, Caller
from resolvers.document_store import DocumentLost, DocumentStore
from resolvers.file_verifier import FileVerifier
from resolvers.piece_content import PDF, Nature, media_type, named_type

LOCK = statement("pieces.lock")
SAME = statement("pieces.same")
ANNOUNCE = statement("pieces.announce")
ADD = statement("pieces.add")
FILE = statement("pieces.file")
TAKE_FILE = statement("pieces.take_file")
LOST = statement("documents.lost")
SEAL = statement("documents.announce")

LARGEST = 10 << 20
"""Bytes of a piece: a scanned page in colour has one million."""

MOST = 20
LARGEST_OF_ALL = 60 << 20
"""Pieces that one side may add to a request, and their bytes together."""

LONGEST_NAME = 200

log = structlog.get_logger()


@dataclass(frozen=True, repr=False)
class Sent:
    """A file as it comes, with the name that its sender gives it."""

    kind: RequestPieceKind
    file_name: str
    content: bytes


@dataclass(frozen=True, repr=False)
class Kept:
    """A piece that there is now; `new` when it was not there before."""

    id: UUID
    new: bool


async def add(pool: Pool, store: DocumentStore, files: FileVerifier, who: Holder | Caller, request: UUID, sent: Sent) -> Kept:
    """Adds a file to a request: the applicant's while it is not decided, or what an agent delivers once it is accepted.

    The same file sent again is the same piece. Raises `Forbidden`, `NotFound`, `RequestClosed`, `TooManyPieces`, `PieceRefused`, `Busy`.
    """
    side = _side(who)
    if await LOCK.row(pool, request=request, **_readers(side)) is None:
        raise _unknown_request()  # before a stranger's file costs anything
    media = await _examined(files, who, sent)
    digest = sha256(sent.content).digest()
    await ANNOUNCE.run(pool, digest=digest)
    await asyncio.to_thread(store.put, sent.content)
    async with pool.acquire() as connection, connection.transaction():
        return await _added(connection, who, request, sent, digest, media)


async def _added(connection: Connection, who: Holder | Caller, request: UUID, sent: Sent, digest: bytes, media: str) -> Kept:
    side, kind = _side(who), sent.kind.name
    row = await LOCK.row(connection, request=request, **_readers(side))
    if row is None:
        raise _unknown_request()
    same = await SAME.value(connection, request=request, kind=kind, digest=digest, agent=side["agent"])
    if same is not None:
        return Kept(same, new=False)
    added = await ADD.row(
        connection, request=request, kind=kind, file_name=sent.file_name, media_type=media, size=len(sent.content), digest=digest,
        most=MOST, largest=LARGEST_OF_ALL, **side,
    )  # fmt: skip
    if added is None:
        raise _refused(who, row)
    facts = {"request": request, "piece": added["id"], "kind": kind, "resumed": added["resumed"]}
    if isinstance(who, Caller):
        await who.journal(connection, "SEND_PIECE", None, **facts)
    else:
        await who.journal(connection, "SEND_PIECE", **facts)
    return Kept(added["id"], new=True)


async def _examined(files: FileVerifier, who: Holder | Caller, sent: Sent) -> str:
    """What the file is. Raises `PieceRefused` when it is not what its name says, or when opening it would do something."""
    _check_kind(who, sent.kind)
    if not 1 <= len(sent.file_name) <= LONGEST_NAME or not sent.file_name.isprintable() or "/" in sent.file_name:
        raise PieceRefused.refuse(
            Text(f"Le nom du fichier a 1 à {LONGEST_NAME} caractères.", f"A file name has 1 to {LONGEST_NAME} characters.")
        )
    media = media_type(sent.content)
    if media is None or media != named_type(sent.file_name):
        raise PieceRefused.refuse(
            Text(
                "Ce fichier n'est pas un PDF, un JPEG ou un PNG, ou n'est pas ce que dit son nom.",
                "This file is not a PDF, a JPEG or a PNG, or is not what its name says.",
            )
        )
    if media == PDF:
        async with files.turn(str(who.id)):
            nature = await files.nature(sent.content)
        if nature is not Nature.STILL:
            raise PieceRefused.refuse(UNFIT[nature])
    return media


UNFIT = {
    Nature.ACTIVE: Text(
        "Ce PDF contient un programme, une action ou un autre fichier : l'imprimer en PDF, et envoyer le résultat.",
        "This PDF contains a program, an action or another file: print it to a PDF, and send the result.",
    ),
    Nature.UNREADABLE: Text(
        "Ce PDF ne se lit pas : il est abîmé ou demande un mot de passe.",
        "This PDF cannot be read: it is damaged or needs a password.",
    ),
}


async def file_of(
    database: Database, pieces: DocumentStore, documents: DocumentStore, who: Holder | Caller, piece: UUID
) -> tuple[Row, bytes]:
    """The row and the content of a piece. Raises `Forbidden`, `NotFound`, and `DocumentLost` when its file is gone.

    What was delivered sealed is in the store of sealed documents, where its proofs are renewed.
    """
    for last in (False, True):
        row = await FILE.row(database, piece=piece, **_readers(_side(who)))
        if row is None:
            raise unknown_piece()
        store = pieces if row["delivery_id"] is None else documents
        try:
            return row, await asyncio.to_thread(store.get, row["digest"])
        except DocumentLost:
            # it may just have been archived under another digest, or destroyed
            if last:
                await _lost(database, row)
                raise
    raise AssertionError("the second attempt returns or raises")


async def _lost(database: Database, row: Row) -> None:
    """What was sealed is sealed again; a file that somebody sent is gone."""
    log.error("piece_lost", piece=str(row["id"]))
    if row["document_id"] is not None:
        await LOST.run(database, document=row["document_id"], digest=row["digest"])
        await SEAL.run(database)


async def remove_next(connection: Connection, *stores: DocumentStore) -> bool:
    """Removes the file that is due and that nothing names from these stores, if there is one; whether one was looked at.

    The file goes before the commit: what a crash leaves between the two is looked at again.
    """
    async with connection.transaction():
        due = await TAKE_FILE.row(connection)
        if due is not None and not due["named"]:
            for store in stores:
                await asyncio.to_thread(store.drop, due["digest"])
    return due is not None


def _side(who: Holder | Caller) -> dict[str, Any]:
    """Who sends or reads, as the statements take it. Raises `Forbidden` for an agent without the desk."""
    if isinstance(who, Caller):
        who.may(Act.REQUESTS)
        return {"account": None, "academies": list(who.academies), "agent": who.id}
    return {"account": who.id, "academies": [], "agent": None}


def _readers(side: dict[str, Any]) -> dict[str, Any]:
    return {name: side[name] for name in ("account", "academies")}


def _check_kind(who: Holder | Caller, kind: RequestPieceKind) -> None:
    if (kind is RequestPieceKind.DELIVERED) is not isinstance(who, Caller):
        raise PieceRefused.refuse(
            Text(
                "Le service d'examen ajoute ce qu'il délivre (DELIVERED), le demandeur tout le reste.",
                "The exam service adds what it delivers (DELIVERED), the applicant everything else.",
            )
        )


def _unknown_request() -> Exception:
    return NotFound.refuse(
        Text(
            "Cette demande n'existe pas, ou relève d'une autre académie.",
            "This request does not exist, or belongs to another academy.",
        )
    )


def unknown_piece() -> Exception:
    """The refusal of a file that the caller may not read, or that there is not."""
    return NotFound.refuse(Text("Ce fichier n'existe pas, ou a été détruit.", "This file does not exist, or was destroyed."))


def _refused(who: Holder | Caller, row: Row) -> Exception:
    state = DocumentRequestState[row["state"]]
    if isinstance(who, Caller) and state is not DocumentRequestState.ACCEPTED:
        text = Text("On ne délivre que sur une demande acceptée.", "Only an accepted request is delivered.")
        return RequestClosed.refuse(text, state=state)
    if not isinstance(who, Caller) and row["state"] not in ("SUBMITTED", "IN_REVIEW", "INFORMATION_REQUESTED"):
        text = Text(
            "Cette demande est décidée ou close : elle ne reçoit plus de pièce.",
            "This request is decided or closed: it takes no more pieces.",
        )
        return RequestClosed.refuse(text, state=state)
    return TooManyPieces.refuse(
        Text(
            f"Une demande reçoit au plus {MOST} fichiers, de {LARGEST_OF_ALL >> 20} Mo en tout.",
            f"A request takes at most {MOST} files, of {LARGEST_OF_ALL >> 20} MB in all.",
        )
    )
