"""What a verification says of files that are as they were sealed, and of certificates and time stamps that came and went since."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from seal.report import Bilingual, Level, Outcome, Report, Verdict
from tests.attesting import (
    ATTESTATION,
    DAY,
    LEVELS,
    YEAR,
    authority,
    b_lta,
    b_t,
    crl,
    draft,
    other_root,
    page,
    reissued,
    renewed,
    root,
    seal_certificate,
    sealed,
    sealer_of,
    stamps_of,
    trust,
    verified,
)
from tests.sealing import NOW, prepared, sealer


def outcomes(report: Report) -> dict[int, Outcome]:
    """The steps about the file that did not pass."""
    return {step.number: step.outcome for step in report.steps if step.outcome is not Outcome.PASSED}


@pytest.mark.parametrize(
    ("name", "level"), [("B-T", Level.B_T), ("B-LT", Level.B_LT), ("B-LTA", Level.B_LTA), ("renewed", Level.B_LTA)]
)
def test_a_file_is_genuine_at_each_level_that_is_delivered(name: str, level: Level) -> None:
    report = verified(LEVELS[name](), NOW + (YEAR if name == "renewed" else DAY), trust(crl(at=NOW + YEAR), crl()))
    assert [(step.number, step.detail) for step in report.steps if step.outcome is not Outcome.PASSED] == []
    assert (report.verdict, report.level, report.sealed_at) == (Verdict.GENUINE, level, NOW)
    assert report.attestation == ATTESTATION
    assert report.certificate is not None
    assert report.certificate.serial == f"{seal_certificate().serial_number:x}"


def test_a_file_without_a_time_stamp_is_never_genuine() -> None:
    report = verified(sealer().seal(draft(), NOW).content())
    assert (report.verdict, report.level, report.attestation) == (Verdict.UNDETERMINED, Level.B_B, None)
    assert outcomes(report) == {7: Outcome.UNDETERMINED, 8: Outcome.UNDETERMINED}
