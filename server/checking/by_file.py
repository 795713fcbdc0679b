"""What the file of an attestation is found to be, and what the register says of it today."""

import structlog
from starlette.requests import Request
from starlette.responses import Response

from graph.text import Text
from resolvers import uploads
from resolvers.document_query import BUSY, NO_TRUST, TOO_MUCH
from resolvers.file_verification import confirm
from resolvers.file_verifier import Busy
from resolvers.viewer_query import declared
from seal.report import TrustUnreadable
from server.checking import forms, page
from server.checking.facts import status
from server.checking.findings import findings
from server.checking.uploaded import TooLong, uploaded
from server.forms import FormRefused
from server.identity import language_of

RESULT = Text("Résultat de la vérification", "Result of the check")
TOO_LONG = Text(
    f"Ce fichier dépasse {forms.MEGABYTES} Mo : ce n’est pas une attestation telle qu’elle a été émise. Demander l’original.",
    f"This file exceeds {forms.MEGABYTES} MB: it is no attestation as it was issued. Ask for the original.",
)
NO_FILE = Text(
    "Aucun fichier n’a été reçu : choisir le PDF de l’attestation.", "No file was received: choose the PDF of the attestation."
)
TOO_MANY = Text(
    f"Plus de {uploads.MOST} fichiers en une heure depuis votre réseau : réessayer plus tard, ou saisir la clé de contrôle.",
    f"More than {uploads.MOST} files in an hour from your network: try again later, or type the control key.",
)

log = structlog.get_logger()


async def show(request: Request) -> Response:
    """What the file is found to be, or why it was not looked at."""
    try:
        given = await uploaded(request)
    except TooLong:
        return _again(request, TOO_LONG, 413)
    except FormRefused:
        return _again(request, NO_FILE, 400)
    content = given.files.get("file")
    if not content:
        return _again(request, NO_FILE, 400)
    if not await _counted(request):
        return _again(request, TOO_MANY, 429)
    return await _verified(request, content, declared(given.fields.get("organisation")))


async def _counted(request: Request) -> bool:
    """Counts one file of the network, as `POST /documents` does. It is read at once: nothing but the count needs to be kept."""
    address = request.client.host if request.client else ""
    return await uploads.keep(request.state.pool, request.state.keyring, address, b"") is not None


async def _verified(request: Request, content: bytes, organisation: str | None) -> Response:
    language = language_of(request.headers)
    try:
        report = await request.state.files.verify(content)
    except Busy:
        return _again(request, BUSY, 503)
    except TrustUnreadable as error:
        log.error("trust_unreadable", file=str(error))
        return _again(request, NO_TRUST, 503)
    if report is None:
        return page.answer(request, RESULT, status("undetermined", TOO_MUCH, language))
    found = await confirm(request.state.pool, request.state.keyring, report, organisation)
    return page.answer(request, RESULT, findings(found, language))


def _again(request: Request, why: Text, code: int) -> Response:
    return page.again(request, why, forms.by_file(language_of(request.headers)), code)
