"""What a verification says of files that are as they were sealed, and of certificates and time stamps that came and went since."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from seal.report import REGISTER, Bilingual, Level, Outcome, Report, Verdict
from seal.steps import EVERY_STEP, REVISIONS
from seal.trust import Trust
from server.cli import main
from tests.attesting import (
    ATTESTATION,
    DAY,
    LEVELS,
    YEAR,
    archived_again,
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
from tests.forging import prepared
from tests.sealing import NOW, sealer


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


def test_a_file_sealed_by_a_certificate_that_expired_since_is_genuine() -> None:
    """The time stamp was made before: it is archived, and renewed, and the certificate's end changes nothing."""
    ended = reissued(seal_certificate(), root(), authority().issued_seals[-1].key, ends=NOW + timedelta(hours=1))
    pdf = sealed(by=sealer_of(ended))
    report = verified(pdf, NOW + 2 * DAY, trust(crl(at=NOW + timedelta(minutes=30), life=7 * DAY)))
    assert (report.verdict, report.sealed_at) == (Verdict.GENUINE, NOW)


def test_a_revocation_list_that_forgets_the_expired_does_not_tell_of_them() -> None:
    ended = reissued(seal_certificate(), root(), authority().issued_seals[-1].key, ends=NOW + timedelta(hours=1))
    pdf = sealed(by=sealer_of(ended))
    assert outcomes(verified(pdf, NOW + 2 * DAY, trust(crl(at=NOW + DAY)))) == {8: Outcome.UNDETERMINED}
    assert outcomes(verified(pdf, NOW + 2 * DAY, trust(crl(at=NOW + DAY, kept_since=NOW - YEAR)))) == {}
    assert outcomes(verified(pdf, NOW + 2 * DAY, trust(crl(at=NOW + DAY, kept_since=NOW + DAY)))) == {8: Outcome.UNDETERMINED}


def test_a_seal_set_when_its_certificate_had_ended_or_not_begun_is_not_genuine() -> None:
    """A sealer of ours refuses: this is what a stolen key would make."""
    refusing: list[dict[str, Any]] = [{"ends": NOW - timedelta(minutes=1)}, {"begins": NOW + timedelta(minutes=1)}]
    for changes in refusing:
        certificate = reissued(seal_certificate(), root(), authority().issued_seals[-1].key, **changes)
        moment = NOW - timedelta(minutes=30) if "ends" in changes else NOW + timedelta(minutes=30)
        pdf = sealed(at=moment, by=sealer_of(certificate), stamps=authority().timestamps(NOW))
        assert outcomes(verified(pdf))[8] is Outcome.FAILED


def revoked(since: datetime, reason: x509.ReasonFlags | None = None) -> x509.CertificateRevocationList:
    return crl({seal_certificate().serial_number: since}, at=NOW + 3 * DAY, reason=reason)


@pytest.mark.parametrize(
    ("since", "verdict"), [(NOW - DAY, Verdict.NOT_GENUINE), (NOW, Verdict.NOT_GENUINE), (NOW + DAY, Verdict.GENUINE)]
)
def test_a_revoked_certificate_sealed_well_until_it_was_revoked(since: datetime, verdict: Verdict) -> None:
    report = verified(b_t(), NOW + 4 * DAY, trust(crl(), revoked(since)))
    assert report.verdict is verdict
    assert (report.attestation is None) == (verdict is not Verdict.GENUINE)


def test_a_revocation_counts_from_when_the_key_may_have_been_stolen() -> None:
    serial = seal_certificate().serial_number
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(serial)
        .revocation_date(NOW + DAY)
        .add_extension(x509.InvalidityDate((NOW - DAY).replace(tzinfo=None)), critical=False)
        .build()
    )
    assert verified(b_t(), NOW + 4 * DAY, trust(crl(), crl(entries=[entry], at=NOW + 2 * DAY))).verdict is Verdict.NOT_GENUINE


def test_without_a_revocation_list_in_force_nothing_is_determined() -> None:
    for crls in ((crl(at=NOW - 30 * DAY),), (crl(by=other_root()),), (crl(at=NOW + 20 * DAY),)):
        report = verified(b_t(), NOW + 10 * DAY, trust(*crls))
        assert report.verdict is Verdict.UNDETERMINED
        assert outcomes(report) == {7: Outcome.UNDETERMINED, 8: Outcome.UNDETERMINED}


def test_a_list_made_after_the_seal_tells_for_ever_that_its_certificate_was_good_but_not_that_the_authority_is() -> None:
    report = verified(b_t(), NOW + 300 * DAY, trust(crl(at=NOW + DAY)))
    assert outcomes(report) == {7: Outcome.UNDETERMINED, 8: Outcome.UNDETERMINED}
    other = crl(at=NOW + 299 * DAY, by=other_root())
    pdf = sealed(stamps=stamps_of(other_root()))
    given = trust(crl(at=NOW + DAY), other, stamp_roots=(other_root().certificate,))
    assert verified(pdf, NOW + 300 * DAY, given).verdict is Verdict.GENUINE


def test_a_time_stamp_of_an_authority_that_is_not_trusted_determines_nothing() -> None:
    pdf = sealed(stamps=stamps_of(other_root()))
    report = verified(pdf)
    assert (report.verdict, report.sealed_at) == (Verdict.UNDETERMINED, None)
    assert outcomes(report) == {7: Outcome.UNDETERMINED, 8: Outcome.UNDETERMINED}
    assert (
        verified(pdf, given=trust(crl(), crl(by=other_root()), stamp_roots=(other_root().certificate,))).verdict is Verdict.GENUINE
    )


def test_after_the_authority_has_expired_only_an_archived_file_is_genuine() -> None:
    ends = authority().issued_stamps[-1].certificate.not_valid_after_utc
    later = ends + DAY
    assert outcomes(verified(b_t(), later, trust(crl(at=NOW + DAY)))) == {7: Outcome.UNDETERMINED, 8: Outcome.UNDETERMINED}
    assert verified(b_lta(), later, trust(crl(at=NOW + DAY))).verdict is Verdict.UNDETERMINED
    relay = stamps_of(root(), ends - 30 * DAY, ends=ends + YEAR)
    relayed = archived_again(ends - 30 * DAY, relay)
    report = verified(relayed, later, trust(crl(at=ends)))
    assert (report.verdict, report.level, report.sealed_at) == (Verdict.GENUINE, Level.B_LTA, NOW)


def test_a_revoked_authority_is_believed_no_more_unless_its_stamp_was_archived_before() -> None:
    serial = authority().issued_stamps[-1].certificate.serial_number
    compromised = crl({serial: NOW + 2 * DAY}, at=NOW + 3 * DAY, reason=x509.ReasonFlags.key_compromise)
    assert verified(b_t(), NOW + 4 * DAY, trust(compromised)).verdict is Verdict.UNDETERMINED
    superseded = crl({serial: NOW + 2 * DAY}, at=NOW + 3 * DAY, reason=x509.ReasonFlags.superseded)
    assert verified(b_t(), NOW + 4 * DAY, trust(superseded)).verdict is Verdict.GENUINE
    too_early = crl({serial: NOW - DAY}, at=NOW + 3 * DAY, reason=x509.ReasonFlags.superseded)
    assert verified(b_t(), NOW + 4 * DAY, trust(too_early)).verdict is Verdict.UNDETERMINED


def test_an_old_key_and_the_one_that_followed_it_are_both_ours() -> None:
    key = authority().issued_seals[-1].key
    for number in (1, 2):
        name = x509.Name([*seal_certificate().subject, x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, str(number))])
        assert verified(sealed(by=sealer_of(reissued(seal_certificate(), root(), key, subject=name)))).verdict is Verdict.GENUINE


def test_a_pinned_certificate_is_enough_and_needs_no_root() -> None:
    assert verified(b_t(), given=trust(seal_roots=(seal_certificate(),))).verdict is Verdict.GENUINE


def test_what_our_own_key_sealed_and_is_no_attestation_is_not_genuine() -> None:
    """A key can be made to seal too much: each page is ours, and none is an attestation."""
    other = replace(ATTESTATION, control_key="AAAA-AAAA")
    pages = {
        5: prepared(page(), permission=2),
        9: prepared(page(more="#pagebreak()\nEncore")),
        10: prepared(page(data=ATTESTATION.canonical().replace(b'","', b'", "'))),
        11: prepared(page(data=other.canonical())),
    }
    for step, what in pages.items():
        report = verified(sealed(what))
        assert (report.verdict, report.attestation) == (Verdict.NOT_GENUINE, None)
        assert outcomes(report)[step] is Outcome.FAILED
        assert set(outcomes(report)) == set(range(step, 12))


def test_a_value_that_is_in_the_data_and_not_on_the_page_is_found() -> None:
    for hidden in (ATTESTATION.birth_name, ATTESTATION.title, ATTESTATION.control_key):
        assert outcomes(verified(sealed(prepared(page(hidden=hidden))))) == {11: Outcome.FAILED}


def test_the_register_completes_a_report() -> None:
    report = verified(b_t())
    assert "Le registre n'en confirme pas" in report.sentence.fr
    says = Bilingual("Version en vigueur.", "Current version.")
    confirmed = report.with_register(Outcome.PASSED, says)
    assert (confirmed.verdict, confirmed.every_step[-1].reason) == (Verdict.GENUINE, says)
    assert confirmed.sentence != report.sentence
    denied = report.with_register(Outcome.FAILED, Bilingual("Version inconnue.", "Unknown version."))
    assert (denied.verdict, denied.attestation) == (Verdict.NOT_GENUINE, None)
    assert [step.number for step in report.every_step] == list(range(1, 13))


def test_the_steps_after_a_failure_are_not_taken_and_say_so() -> None:
    report = verified(b"%PDF-1.7\nnothing")
    assert [step.outcome for step in report.steps] == [Outcome.FAILED] + [Outcome.UNDETERMINED] * 10
    assert report.steps[-1].reason.fr == "Non examiné : l'étape 1 a échoué."


def test_a_renewed_file_needs_no_list_but_the_one_for_its_last_stamp() -> None:
    later = NOW + YEAR
    assert verified(renewed(), later + DAY, trust(crl(at=later))).verdict is Verdict.GENUINE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of trust, and a genuine file in it."""
    present = datetime.now(UTC).replace(microsecond=0)
    certificate = reissued(seal_certificate(), root(), authority().issued_seals[-1].key, ends=present + YEAR)
    pdf = sealed(at=present, by=sealer_of(certificate), stamps=stamps_of(root(), present, present + YEAR))
    (tmp_path / "attestation.pdf").write_bytes(pdf)
    trust(crl(at=present - DAY)).write(tmp_path)
    return tmp_path


def test_the_command_verifies_a_file_with_nothing_but_the_trust(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARCHEMIN_ENV", "production")  # which wants a database and a secret of every other command
    monkeypatch.setenv("PARCHEMIN_TRUST", str(folder))
    assert main(["verify", str(folder / "attestation.pdf")]) == 0
    printed = capsys.readouterr().out
    assert f" 6. {REVISIONS.name.fr}" in printed
    assert f"Nom de naissance : {ATTESTATION.birth_name}" in printed
    assert "Mention : Très bien" in printed


def test_the_command_says_what_is_wrong_with_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = folder / "copy.pdf"
    copy.write_bytes(b_t().replace(b"/Type", b"/type", 1))
    assert main(["verify", str(copy), "--trust", str(folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["attestation"], told["steps"][2]["outcome"]) == ("NOT_GENUINE", None, "FAILED")
    assert [step["number"] for step in told["steps"]] == list(range(1, 13))


def test_the_command_determines_nothing_without_a_file_or_its_trust(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder / "none.pdf"), "--trust", str(folder)]) == 2
    (folder / "organization").unlink()
    assert main(["verify", str(folder / "attestation.pdf"), "--trust", str(folder)]) == 2
    told = capsys.readouterr().err
    assert "none.pdf" in told
    assert "organization" in told


def test_a_trust_is_read_as_it_was_published(folder: Path) -> None:
    published = Trust.read(folder)
    assert published.organization_identifier == trust().organization_identifier
    assert (published.seal_roots, published.stamp_roots) == (trust().seal_roots, trust().stamp_roots)
    assert len(published.crls) == 1


def test_the_document_lists_the_steps_as_the_code_takes_them() -> None:
    text = (Path(__file__).parent.parent / "docs" / "verify-a-file.md").read_text("utf-8")
    listed = re.findall(r"^(\d+)\. \*\*(.*?)\*\*", text, re.MULTILINE)
    names = [texts.name.en for texts in EVERY_STEP] + [REGISTER.en]
    assert listed == [(str(number), name) for number, name in enumerate(names, 1)]
