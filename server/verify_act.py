"""The command that verifies a file: it needs the file and the published trust, no register, no network, no secret."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from seal.attestation import Attestation
from seal.attested import Attested, words
from seal.report import Outcome, Report, TrustUnreadable, Verdict
from seal.trust import Trust
from seal.verifying import LARGEST_FILE, verify_file
from server.settings import trust_folder

CODES = {Verdict.GENUINE: 0, Verdict.NOT_GENUINE: 1, Verdict.UNDETERMINED: 2}
MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNDETERMINED: "?"}
LABELS = {
    "issuer": "Autorité",
    "birth_name": "Nom de naissance",
    "used_name": "Nom d'usage",
    "given_names": "Prénoms",
    "birth_date": "Date de naissance",
    "birth_place": "Lieu de naissance",
    "title": "Diplôme",
    "series": "Série",
    "mention": "Mention",
    "session": "Session",
    "awarded_on": "Obtenu le",
    "academy": "Académie",
    "service": "Service des examens",
    "average": "Moyenne générale",
    "level": "Niveau",
    "key": "Clé de contrôle",
}

console = Console(highlight=False, markup=False, soft_wrap=True)


def verify(given: argparse.Namespace) -> int:
    """Prints what a file is found to be; 0 when it is genuine, 1 when it is not, 2 when that is not determined."""
    try:
        trust = Trust.read(given.trust or trust_folder(os.environ))
        with given.file.open("rb") as file:
            pdf = file.read(LARGEST_FILE + 1)
    except TrustUnreadable as error:
        print(
            f"Le dossier de confiance est incomplet ou illisible : {error}. Le nommer : --trust ou PARCHEMIN_TRUST.",
            file=sys.stderr,
        )
        return CODES[Verdict.UNDETERMINED]
    except OSError as error:
        print(f"Ce fichier ne se lit pas : {given.file} ({error.strerror})", file=sys.stderr)
        return CODES[Verdict.UNDETERMINED]
    report = verify_file(pdf, trust, datetime.now(UTC))
    if given.json:
        print(json.dumps(_object(report), ensure_ascii=False, indent=2))
    else:
        _print(report)
    return CODES[report.verdict]


def _print(report: Report) -> None:
    for step in report.every_step:
        console.print(f"{MARKS[step.outcome]} {step.number:2}. {step.name.fr}")
        if step.outcome is not Outcome.PASSED:
            console.print(f"      {step.reason.fr}")
        if step.outcome is Outcome.FAILED:
            break
    console.print()
    console.print(report.sentence.fr)
    if report.sealed_at is not None:
        console.print(f"Scellé le {report.sealed_at:%d/%m/%Y à %H:%M:%S} UTC, niveau PAdES {report.level}.")
    if report.certificate is not None:
        console.print(f"Certificat : {report.certificate.subject}, numéro {report.certificate.serial}")
    if report.attestation is not None:
        console.print("À comparer avec la page :")
        for label, value in _values(report.attestation):
            console.print(f"  {label} : {value}")


def _values(attested: Attested) -> list[tuple[str, str]]:
    said = words(attested)
    if isinstance(attested, Attestation):
        lines = [(each.label_fr, each.value) for each in attested.particulars]
    else:
        lines = [(each.subject, each.mark) for each in attested.marks]
    return [(label, said[name]) for name, label in LABELS.items() if name in said] + lines


def _object(report: Report) -> dict[str, Any]:
    return {
        "verdict": report.verdict,
        "sentence": asdict(report.sentence),
        "level": report.level,
        "sealed_at": report.sealed_at and report.sealed_at.isoformat(),
        "certificate": report.certificate and asdict(report.certificate),
        "steps": [asdict(step) for step in report.every_step],
        "attestation": report.attestation and report.attestation.object(),
    }
