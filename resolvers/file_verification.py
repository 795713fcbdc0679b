"""A file that claims to be an attestation: what `seal` finds of it, and what the register says of it today."""

from dataclasses import dataclass
from datetime import datetime

from db.statements import Database, Row, statement
from graph.documents import AttestedStatus
from resolvers import consultations
from resolvers.attestations import attestation_of
from resolvers.consultations import Entry
from resolvers.keys import Keyring
from seal.attestation import Attestation, Malformed
from seal.delivered import DeliveredDocument
from seal.report import Bilingual, Outcome, Report

VERSION = statement("documents.version")
RECORDED = statement("documents.recorded")
COMMITTED = statement("deliveries.committed")

UNKNOWN = Bilingual(
    "Le registre n'a jamais enregistré une telle attestation : ne pas s'y fier, et prévenir l'émetteur.",
    "The register never recorded such an attestation: do not rely on it, and tell the issuer.",
)
TEXTS = {
    AttestedStatus.CURRENT: Bilingual(
        "Le diplôme est valable, et tel que l'attestation le dit.", "The diploma is valid, and as the attestation says."
    ),
    AttestedStatus.REPLACED: Bilingual(
        "Le diplôme a été corrigé depuis : cette attestation est remplacée. En demander une nouvelle au titulaire.",
        "The diploma was corrected since: this attestation is replaced. Ask the holder for a new one.",
    ),
    AttestedStatus.NO_LONGER_VALID: Bilingual("Le diplôme n'est plus valable.", "The diploma is no longer valid."),
    AttestedStatus.UNAVAILABLE: Bilingual(
        "Le diplôme est momentanément indisponible : vérifier à nouveau plus tard.",
        "The diploma is unavailable for the time being: verify it again later.",
    ),
    AttestedStatus.DELIVERED: Bilingual(
        "Un service des examens a délivré ce document sur demande, d'après ses archives. Le registre n'a pas ce diplôme.",
        "An exam service delivered this document at request, from its archives. The register does not have this diploma.",
    ),
    AttestedStatus.NOT_SHOWN: Bilingual(
        "Le registre ne montre pas ce diplôme actuellement : sa publication a pu être retirée. Demander au service d'examen.",
        "The register does not show this diploma at present: its publication may have been withdrawn. Ask the exam service.",
    ),
}


@dataclass(frozen=True, repr=False)
class Confirmed:
    """A report with the register's step, the status that it found, the row of what the register says today, and since when it is invalid.

    There is no row where the holder has another identity since: an old attestation does not lead to his new name.
    """

    report: Report
    status: AttestedStatus | None
    row: Row | None
    invalid_since: datetime | None = None


async def confirm(database: Database, keyring: Keyring, report: Report, organisation: str | None) -> Confirmed:
    """What the register says of a genuine file; the holder's journal notes that it was asked. Other files say nothing of a diploma."""
    attested = report.attestation
    if attested is None:
        return Confirmed(report, None, None)
    if isinstance(attested, DeliveredDocument):
        return await _delivered(database, report, attested)
    row = await VERSION.row(database, diploma=attested.id, version=attested.version)
    if row is None and await RECORDED.value(database, diploma=attested.id, version=attested.version):
        status = AttestedStatus.NOT_SHOWN
        return Confirmed(report.with_register(Outcome.UNDETERMINED, TEXTS[status]), status, None)
    if row is None or not _agrees(attested, row, keyring):
        return Confirmed(report.with_register(Outcome.FAILED, UNKNOWN), None, None)
    status = _status(row)
    current = row if status is not AttestedStatus.REPLACED else await _current(database, row)
    if row["redacted"]:
        current = None
    entry = Entry("SHOWN", "DOCUMENT", organisation=organisation)
    await consultations.write(database, keyring, row["id"], entry)
    outcome = Outcome.PASSED if status is AttestedStatus.CURRENT else Outcome.UNDETERMINED
    return Confirmed(report.with_register(outcome, TEXTS[status]), status, current, row["invalid_since"])


async def _delivered(database: Database, report: Report, attested: DeliveredDocument) -> Confirmed:
    """The register knows such a document by its commitment alone: what it says may have been forgotten since, with its account."""
    if not await COMMITTED.value(database, delivery=attested.id, commitment=attested.commitment()):
        return Confirmed(report.with_register(Outcome.FAILED, UNKNOWN), None, None)
    status = AttestedStatus.DELIVERED
    return Confirmed(report.with_register(Outcome.PASSED, TEXTS[status]), status, None)


ANY_ADDRESS = "https://registre.invalid"
LABELS = frozenset({"family_label", "academy_name"})
"""What a later version of this software may word otherwise, as it may the family's lines."""


def _agrees(attested: Attestation, row: Row, keyring: Keyring) -> bool:
    """Whether the register says the same of that version; the key and the link, which a holder renews, are left aside.

    Of a version whose names were taken away, it can tell all but these: the seal stands for them.
    """
    named = not row["redacted"]
    shown = row if named else {**row, **NOBODY}
    try:
        recorded = attestation_of(shown, 1, keyring, attested.issuer, ANY_ADDRESS)
    except Malformed:
        return False
    return _facts(attested, named=named) == _facts(recorded, named=named)


NOBODY = {"birth_name": "-", "given_names": []}


def _facts(attestation: Attestation, *, named: bool) -> object:
    said = attestation.object()
    diploma = {name: value for name, value in said["diploma"].items() if name not in LABELS}
    mentions = [each.value for each in attestation.particulars if each.name == "mention"]
    return [said["id"], said["version"], said["issued_at"], said["salt"], said["holder"] if named else None, diploma, mentions]


def _status(row: Row) -> AttestedStatus:
    if row["status"] != "VALID":
        return AttestedStatus.UNAVAILABLE if row["status"] == "SUSPENDED" else AttestedStatus.NO_LONGER_VALID
    return AttestedStatus.CURRENT if row["version"] == row["current_version"] else AttestedStatus.REPLACED


async def _current(database: Database, row: Row) -> Row | None:
    return await VERSION.row(database, diploma=row["id"], version=row["current_version"])
