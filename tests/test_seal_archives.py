"""Documents archived and renewed over four years, up to the true present, which is pyHanko's."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import crl
from cryptography import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from seal.archiving import MARGIN, PERIOD, Evidence, EvidenceTooOld, NotArchivable, archived, renewal_due, with_validation_data
from seal.authority import LEAF_LIFE
from seal.sealing import Sealer
from seal.timestamps import TimestampClient, TimestampUnavailable, asn1_certificate
from tests.sealing import NOW, ROTATION, authority, drafted, pyhanko_status, revoked, rotated, sealed, sealer, violations

DAY, YEAR = timedelta(days=1), timedelta(days=365)
APPENDED = {"PDFA3A-SIGNATURE-BYTERANGE-001"}
"""The one rule that archiving breaks: the seal covers the file up to what archiving appends, as ETSI EN 319 142-1 has it."""


def evidence(at: datetime, made: timedelta = timedelta(hours=-1)) -> Evidence:
    return Evidence(authority().roots, authority().crls(at + made))


DOCUMENTS: dict[str, bytes] = {}


async def document(level: str) -> bytes:
    """A document of each level; each is made of the one before."""
    if level in DOCUMENTS:
        return DOCUMENTS[level]
    match level:
        case "B-T":
            made = await sealed()
        case "B-LT":
            made = await with_validation_data(await document("B-T"), evidence(NOW + DAY), NOW + DAY)
        case "B-LTA":
            made = await archived(await document("B-T"), evidence(NOW + DAY), authority().timestamps(NOW + DAY), NOW + DAY)
        case "renewed":
            at = NOW + DAY + YEAR
            made = await archived(await document("B-LTA"), evidence(at), authority().timestamps(at), at)
        case _:  # renewed with the successor of the certificate for time stamps
            made = await archived(await document("renewed"), evidence(ROTATION), rotated().timestamps(ROTATION), ROTATION)
    DOCUMENTS[level] = made
    return made


async def ades(pdf: bytes, anchors: Sequence[x509.Certificate] = (), crls: Sequence[bytes] = ()) -> object:
    """pyHanko's verdict today by ETSI EN 319 102-1, 5.6.3: only a certificate that is an anchor needs no revocation list."""
    trusted = [asn1_certificate(anchor) for anchor in (*authority().roots, *anchors)]
    policy = CertValidationPolicySpec(SimpleTrustManager.build(trusted), CertRevTrustPolicy(REQUIRE_REVINFO))
    known = LocalKnowledge(known_crls=[CRLContainer(crl.CertificateList.load(encoded)) for encoded in crls])
    spec = SignatureValidationSpec(policy, RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY), local_knowledge=known)
    seal = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    return (await ades_lta_validation(seal, PdfSignatureValidationSpec(spec))).ades_subindic


@pytest.mark.parametrize("level", ["B-LT", "B-LTA", "renewed", "renewed again"])
async def test_an_archived_document_keeps_its_seal_and_to_pdf_a_3a_and_pdf_ua_1(level: str) -> None:
    pdf = await document(level)
    assert pdf.startswith(await document("B-T")), "what was sealed is still there, byte for byte"
    status = await pyhanko_status(pdf, authority().roots, NOW + 2 * DAY)
    assert status.bottom_line and status.docmdp_ok and status.modification_level is ModificationLevel.LTA_UPDATES
    assert violations(pdf) == APPENDED


async def test_a_document_renewed_in_time_is_valid_after_the_first_certificates_have_ended() -> None:
    assert datetime.now(UTC) > NOW + LEAF_LIFE
    successor = rotated().issued_stamps[-1].certificate
    assert await ades(await document("renewed again"), [successor]) is AdESPassed.OK


async def test_without_renewal_the_end_of_the_last_certificate_ends_the_proof() -> None:
    assert await ades(await document("renewed"), [rotated().issued_stamps[-1].certificate]) is not AdESPassed.OK


async def test_a_document_of_this_week_is_valid_by_the_rules_of_the_long_term_level() -> None:
    present = datetime.now(UTC)
    sealer = await Sealer.of(rotated().seals)
    fresh = await sealer.timestamped(drafted(), present - 2 * DAY, rotated().timestamps(present - 2 * DAY))
    kept = await archived(fresh, evidence(present - DAY), rotated().timestamps(present - DAY), present - DAY)
    assert await ades(kept, crls=authority().crls(present - timedelta(hours=1))) is AdESPassed.OK


async def test_the_archive_holds_what_validates_it_and_no_vri() -> None:
    store = PdfFileReader(io.BytesIO(await document("B-LT"))).root["/DSS"]
    assert len(store["/Certs"]) == 3 and len(store["/CRLs"]) == 1 and "/VRI" not in store


async def test_the_prepared_field_is_used_first_and_later_ones_are_outside_the_page() -> None:
    form = PdfFileReader(io.BytesIO(await document("renewed again"))).root["/AcroForm"]
    fields = [field.get_object() for field in form["/Fields"]]
    assert [field["/T"] for field in fields] == ["Cachet", "Horodatage-1", "Horodatage-2", "Horodatage-3"]
    assert all("/V" in field and field["/TU"] for field in fields)
    assert all(float(edge) < 0 for field in fields[2:] for edge in field["/Rect"])


async def test_the_next_renewal_is_due_after_a_year_or_before_the_certificate_ends() -> None:
    assert renewal_due(await document("B-T")) == NOW + PERIOD
    assert renewal_due(await document("B-LTA")) == NOW + DAY + PERIOD
    late = NOW + DAY + 2 * YEAR + 200 * DAY
    renewed = await archived(await document("renewed"), evidence(late), authority().timestamps(late), late)
    assert abs(renewal_due(renewed) - (NOW + LEAF_LIFE - MARGIN)) < DAY


async def test_revocation_data_older_than_the_time_stamp_are_refused() -> None:
    at = NOW + DAY
    with pytest.raises(EvidenceTooOld, match="must be newer than the time stamp"):
        await with_validation_data(await document("B-T"), evidence(at, made=-DAY), at)
    with pytest.raises(NotArchivable):
        await with_validation_data(await document("B-T"), Evidence(authority().roots), at)


async def test_a_seal_that_was_revoked_after_its_time_stamp_is_archived_and_one_revoked_before_is_not() -> None:
    at = NOW + DAY
    since = Evidence(authority().roots, (revoked(NOW + timedelta(hours=2), made=at),))
    kept = await archived(await document("B-T"), since, authority().timestamps(at), at)
    assert violations(kept) == APPENDED
    with pytest.raises(NotArchivable):
        before = Evidence(authority().roots, (revoked(NOW - timedelta(minutes=30), made=at),))
        await archived(await document("B-T"), before, authority().timestamps(at), at)


async def test_a_changed_document_or_one_without_time_stamp_is_not_archived() -> None:
    at, changed = NOW + DAY, bytearray(await document("B-T"))
    changed[500] ^= 1
    for pdf in (changed, changed[:-3000], drafted().filled(), sealer().seal(drafted(), NOW).content()):
        with pytest.raises(NotArchivable):
            await archived(bytes(pdf), evidence(at), authority().timestamps(at), at)


async def test_a_renewal_after_the_end_of_the_last_certificate_is_refused() -> None:
    late = NOW + LEAF_LIFE + DAY
    with pytest.raises(NotArchivable):
        await archived(await document("renewed"), evidence(late), rotated().timestamps(late), late)


async def test_an_archive_time_stamp_that_is_not_had_leaves_the_document_to_wait() -> None:
    at = NOW + DAY
    with pytest.raises(TimestampUnavailable):
        await archived(await document("B-T"), evidence(at), TimestampClient("http://127.0.0.1:9/", authority().roots), at)


async def test_pyhanko_alone_would_still_damage_the_metadata() -> None:
    """When this fails, pyHanko has changed: see whether `FaithfulWriter` is still needed."""
    output = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(await document("B-T")))
    writer.update_root()
    writer.write(output)
    assert violations(output.getvalue()) - APPENDED
