"""The root field that tells whether a file is an attestation of ours."""

from typing import Annotated

import strawberry
import structlog

from graph.documents import FileNotThere, FileStep, FileVerdict, FileVerification, StepOutcome, TooBusy
from graph.text import Text
from resolvers import rows, uploads
from resolvers.context import Context
from resolvers.file_verification import Confirmed, confirm
from resolvers.file_verifier import Busy
from resolvers.throttle import network_of
from resolvers.viewer_query import Info, Organisation, declared
from seal.report import Bilingual, TrustUnreadable

GONE = Text(
    "Ce fichier n'est pas là, ou plus : l'envoyer à nouveau à POST /documents.",
    "This file is not there, or no longer: send it again to POST /documents.",
)
BUSY = Text("Trop de fichiers attendent : réessayer dans une minute.", "Too many files wait: try again in a minute.")
TOO_MUCH = Text(
    "Indéterminé : ce fichier n'a pas pu être lu dans le temps et la mémoire d'une attestation. Ne pas s'y fier ; demander l'original.",
    "Undetermined: this file could not be read in the time and memory of an attestation. Do not rely on it; ask for the original.",
)
NO_TRUST = Text(
    "Les fichiers ne peuvent pas être vérifiés ici pour l'instant. Utiliser la clé de contrôle.",
    "Files cannot be verified here at present. Use the control key.",
)

log = structlog.get_logger()

VerifyDocument = Annotated[
    FileVerification | FileNotThere | TooBusy,
    strawberry.union("VerifyDocumentResult", description="What the file is found to be, or why it was not verified."),
]


@strawberry.type
class DocumentQuery:
    @strawberry.field(
        description="Whether a file is an attestation of ours as it was sealed, step by step, and what the register says today. Send the "
        "file to `POST /documents` first; the holder's journal notes that a genuine one was verified."
    )
    async def verify_document(
        self,
        info: Info,
        document: Annotated[str, strawberry.argument(description="What `POST /documents` answered")],
        organisation: Organisation = None,
    ) -> VerifyDocument:
        context = info.context
        try:
            async with context.files.turn(network_of(context.address)):
                content = await uploads.take(context.register.primary, document)
                report = await context.files.verify(content) if content is not None else None
                if content is not None and report is None:
                    await uploads.empty(context.register.primary, document)
        except Busy:
            return TooBusy(message=context.say(BUSY))
        except TrustUnreadable as error:
            log.error("trust_unreadable", file=str(error))
            return TooBusy(message=context.say(NO_TRUST))
        if content is None:
            return FileNotThere(message=context.say(GONE))
        if report is None:
            return _empty(context.say(TOO_MUCH))
        return _shown(context, await confirm(context.register.primary, context.keyring, report, declared(organisation)))


def _shown(context: Context, found: Confirmed) -> FileVerification:
    report = found.report
    return FileVerification(
        verdict=FileVerdict[report.verdict],
        summary=_say(context, report.sentence),
        steps=[
            FileStep(
                number=step.number,
                name=_say(context, step.name),
                outcome=StepOutcome[step.outcome],
                reason=_say(context, step.reason),
            )
            for step in report.every_step
        ],
        status=found.status,
        registered=rows.diploma(found.row) if found.row is not None else None,
        invalid_since=found.invalid_since,
        sealed_at=report.sealed_at,
        level=report.level,
        sealed_by=report.certificate.subject if report.certificate else None,
    )


def _empty(summary: str) -> FileVerification:
    return FileVerification(
        verdict=FileVerdict.UNDETERMINED, summary=summary, steps=[], status=None, registered=None, invalid_since=None, sealed_at=None,
        level=None, sealed_by=None,
    )  # fmt: skip


def _say(context: Context, sentence: Bilingual) -> str:
    return context.say(Text(sentence.fr, sentence.en))
