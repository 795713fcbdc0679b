"""Attacks on sealed files: none makes a file that is found genuine, and none makes the verification fall."""

import io
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import InvisSigSettings
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from seal.archiving import READABLE, FaithfulWriter
from seal.certificates import SealCertificate, SealIdentity
from seal.ranges import signed_ranges
from seal.report import Outcome, Verdict
from seal.sealing import Sealer
from seal.timestamps import asn1_certificate
from tests.attesting import (
    ATTESTATION,
    DAY,
    LEVELS,
    YEAR,
    archived_again,
    authority,
    b_lt,
    b_lta,
    b_t,
    crl,
    done,
    draft,
    other_key,
    other_root,
    page,
    reissued,
    renewed,
    root,
    seal_certificate,
    sealed,
    sealer_of,
    spelled,
    stamps_of,
    trust,
    verified,
)
from tests.forging import appended, changed, hole, objects, prepared, with_byte, with_hole, written
from tests.sealing import NOW, sealer

Change = Callable[[Any], None]


def refused(pdf: bytes, step: int | None = None, name: str = "") -> None:
    """Fails unless the file is found not genuine, at this step when it is told."""
    report = verified(pdf, given=trust(crl(), crl(at=NOW + YEAR)))
    failed = [each.number for each in report.steps if each.outcome is Outcome.FAILED]
    assert (report.verdict, report.attestation) == (Verdict.NOT_GENUINE, None), name
    assert step is None or failed == [step], (name, failed, report.steps[failed[0] - 1].detail)


@pytest.mark.parametrize("level", ["B-T", "B-LTA", "renewed"])
def test_no_byte_can_be_changed(level: str) -> None:
    pdf = LEVELS[level]()
    for place in range(0, len(pdf), len(pdf) // 64):
        refused(with_byte(pdf, place, pdf[place] ^ 1), name=str(place))


def test_no_digit_of_a_signature_can_be_changed() -> None:
    """Neither of its values, nor of its padding, nor their case: what a signature cannot cover has one spelling."""
    pdf = b_t()
    start, stop = hole(pdf)
    for place in (*range(start, stop, 211), start, stop - 1, stop - 2, stop - 3):
        other = b"1" if pdf[place : place + 1] != b"1" else b"2"
        assert verified(with_byte(pdf, place, other[0])).verdict is not Verdict.GENUINE, place
    letter = re.compile(rb"[a-f]").search(pdf, start)
    assert letter is not None
    refused(with_byte(pdf, letter.start(), letter[0].upper()[0]), 2)


def test_the_last_digit_of_an_archival_time_stamp_cannot_be_changed() -> None:
    pdf = b_lta()
    for mark in (b"00000>", b">\n/ByteRange"):
        place = pdf.rindex(mark)
        refused(with_byte(pdf, place, ord("1")))


def annotation(pdf: Any) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([50, 50, 300, 300]), Contents=String("Mention très bien"), F=4
    )
    first = pdf.pages[0].obj
    first.Annots = Array([*first.Annots, pdf.make_indirect(note)])


def extra_page(pdf: Any) -> None:
    pdf.pages.append(pdf.pages[0])


def other_text(pdf: Any) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"BT ET")


def text_in_place(pdf: Any) -> None:
    stream = pdf.pages[0].obj.Contents
    stream.write(zlib.compress(b"BT ET"), filter=Name.FlateDecode)


def hidden_overlay(pdf: Any) -> None:
    pdf.pages[0].obj.Resources = Dictionary()


def other_pages(pdf: Any) -> None:
    copied = Dictionary(pdf.pages[0].obj)
    copied.Contents = pdf.make_stream(b"BT ET")
    copied = pdf.make_indirect(copied)
    pdf.Root.Pages = pdf.make_indirect(Dictionary(Type=Name.Pages, Kids=Array([copied]), Count=1))
    copied.Parent = pdf.Root.Pages


def other_font(pdf: Any) -> None:
    font = next(iter(pdf.pages[0].obj.Resources.Font.values()))
    font.BaseFont = Name.Helvetica


def other_glyphs(pdf: Any) -> None:
    font = next(iter(pdf.pages[0].obj.Resources.Font.values()))
    font.ToUnicode.write(b"", filter=None)


def seal_appearance(pdf: Any) -> None:
    picture = pdf.make_stream(b"0 0 1 rg 0 0 500 500 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 500, 500]))
    pdf.Root.AcroForm.Fields[0].AP = Dictionary(N=picture)
    pdf.Root.AcroForm.Fields[0].Rect = Array([0, 0, 500, 500])


def last_field_appearance(pdf: Any) -> None:
    picture = pdf.make_stream(b"0 0 1 rg 0 0 500 500 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 500, 500]))
    pdf.Root.AcroForm.Fields[-1].AP = Dictionary(N=picture)


def needs_appearances(pdf: Any) -> None:
    pdf.Root.AcroForm.NeedAppearances = True


def form_value(pdf: Any) -> None:
    text = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("Mention"),
        V=String("Très bien"),
        Rect=Array([0, 0, 90, 90]),
        F=4,
    )
    field = pdf.make_indirect(text)
    pdf.Root.AcroForm.Fields = Array([*pdf.Root.AcroForm.Fields, field])
    pdf.pages[0].obj.Annots = Array([*pdf.pages[0].obj.Annots, field])


def visible_stamp_field(pdf: Any) -> None:
    """A field of the kind that archiving adds, but seen."""
    add_stamp_field(pdf, "H", [0, 0, 90, 90])


def add_stamp_field(pdf: Any, name: str, place: list[int]) -> None:
    """A field with an empty stamp."""
    stamp = pdf.make_indirect(Dictionary(Type=Name.DocTimeStamp, SubFilter=Name("/ETSI.RFC3161")))
    field = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(name), V=stamp, Rect=Array(place), F=132)
    )
    pdf.Root.AcroForm.Fields = Array([*pdf.Root.AcroForm.Fields, field])
    pdf.pages[0].obj.Annots = Array([*pdf.pages[0].obj.Annots, field])


def other_attachment(pdf: Any) -> None:
    specification = pdf.Root.Names.EmbeddedFiles.Names[1]
    specification.EF.F.write(ATTESTATION.canonical().replace(b"2026", b"2025"), filter=None)


def second_attachment(pdf: Any) -> None:
    pdf.attachments["attestation-2.json"] = b"{}"


def no_attachment(pdf: Any) -> None:
    del pdf.Root.Names


def javascript(pdf: Any) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def javascript_name(pdf: Any) -> None:
    pdf.Root.Names.JavaScript = Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript, JS=String("1"))]))


def other_metadata(pdf: Any) -> None:
    pdf.Root.Metadata.write(b"<x/>")


def other_information(pdf: Any) -> None:
    pdf.trailer.Info.Title = String("Autre")


def layers(pdf: Any) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array(), D=Dictionary())


def seal_removed(pdf: Any) -> None:
    del pdf.Root.Perms
    del pdf.Root.AcroForm


def permissions_changed(pdf: Any) -> None:
    pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P = 3


def extension(pdf: Any) -> None:
    pdf.Root.Extensions = Dictionary(ADBE=Dictionary(BaseVersion=Name("/1.7"), ExtensionLevel=8))


def stray_stream(pdf: Any) -> None:
    """An object that nothing points to yet: the first half of a hide-and-replace."""
    pdf.make_stream(b"BT ET")


def foreign_proof(pdf: Any) -> None:
    pdf.Root.DSS = pdf.make_indirect(Dictionary(Certs=Array([pdf.make_stream(spelled(other_root().certificate))])))


def disguised_proof(pdf: Any) -> None:
    """A page's picture that calls itself validation data."""
    form = pdf.make_stream(b"BT ET", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    pdf.Root.DSS = pdf.make_indirect(Dictionary(CRLs=Array([form])))


def structure_changed(pdf: Any) -> None:
    pdf.Root.StructTreeRoot.ParentTreeNextKey = 99


APPENDED: list[Change] = [
    annotation, extra_page, other_text, text_in_place, hidden_overlay, other_pages, other_font, other_glyphs, seal_appearance,
    last_field_appearance, needs_appearances, form_value, visible_stamp_field, other_attachment, second_attachment, no_attachment,
    javascript, javascript_name, other_metadata, other_information, layers, seal_removed, permissions_changed, extension, stray_stream,
    disguised_proof, structure_changed,
]  # fmt: skip


@pytest.mark.parametrize("change", APPENDED, ids=lambda change: change.__name__)
def test_a_revision_that_changes_anything_is_refused(change: Change) -> None:
    for pdf in (b_t(), b_lta()):
        attacked = changed(pdf, change)
        assert attacked.startswith(pdf)
        assert len(attacked) > len(pdf)
        refused(attacked, 2 if change is permissions_changed else 6, change.__name__)


def test_proofs_of_something_else_are_refused() -> None:
    refused(changed(b_t(), foreign_proof), 8)


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_proofs_cannot_be_taken_away(level: str) -> None:
    def emptied(pdf: Any) -> None:
        pdf.Root.DSS = Dictionary()

    def removed(pdf: Any) -> None:
        del pdf.Root.DSS

    def fewer(pdf: Any) -> None:
        pdf.Root.DSS.CRLs = Array()

    for change in (emptied, removed, fewer):
        refused(changed(LEVELS[level](), change), 6, change.__name__)


class Reckless(signers.PdfSigner):
    """Signs what a certification forbids to sign."""

    def _enforce_certification_constraints(self, reader: Any) -> None:
        pass


def countersigned(pdf: bytes, field: str, **metadata: Any) -> bytes:
    """The file with the signature of somebody else, as any signing software adds it."""
    key = other_key().private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=asn1_certificate(other_root().certificate),
        signing_key=PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )
    stated = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES, **metadata)
    writer = FaithfulWriter(io.BytesIO(pdf))
    signed: io.BytesIO = done(Reckless(stated, signer).async_sign_pdf(writer, output=io.BytesIO()))
    return signed.getvalue()


@pytest.mark.parametrize("field", ["Contreseing", "Horodatage-1"])
def test_a_second_signature_is_refused(field: str) -> None:
    refused(countersigned(b_t(), field), 6)
    refused(countersigned(b_lt(), field), 6)


def test_a_time_stamp_that_says_something_to_a_screen_reader_is_refused() -> None:
    """Anybody can have a file stamped by a public authority, in a field of his own words."""
    for name, words in (("Horodatage-9", "Mention très bien"), ("Mention très bien", READABLE)):
        stamper = PdfTimeStamper(authority().timestamps(NOW + DAY), name, InvisSigSettings(box_out_of_bounds=True), words)
        stamped: io.BytesIO = done(stamper.async_timestamp_pdf(FaithfulWriter(io.BytesIO(b_t())), "sha256", output=io.BytesIO()))
        refused(stamped.getvalue(), 6, name)


def test_a_file_that_somebody_else_certified_is_refused() -> None:
    unsealed = io.BytesIO()
    with objects(page()) as pdf:
        pdf.save(unsealed, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    refused(countersigned(unsealed.getvalue(), "Cachet", certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES), 4)


def test_a_stamp_field_that_holds_no_stamp_is_refused() -> None:
    refused(changed(b_t(), lambda pdf: add_stamp_field(pdf, "Horodatage-1", [-10, -10, -10, -10])), 6)


def test_a_seal_of_another_authority_of_the_same_names_is_refused() -> None:
    certificate = reissued(seal_certificate(), other_root(), other_key())
    for chain in ((), (other_root().certificate,), (root().certificate,)):
        refused(sealed(by=sealer_of(certificate, other_key(), *chain)), 4)


def test_a_seal_of_our_authority_for_another_organization_or_another_use_is_refused() -> None:
    key = authority().issued_seals[-1].key
    neighbour = x509.Name(
        x509.NameAttribute(each.oid, "NTRFR-999999999" if each.oid == x509.NameOID.ORGANIZATION_IDENTIFIER else str(each.value))
        for each in seal_certificate().subject
    )
    refused(sealed(by=sealer_of(reissued(seal_certificate(), root(), key, subject=neighbour))), 4)
    both = x509.Name([*seal_certificate().subject, x509.NameAttribute(x509.NameOID.ORGANIZATION_IDENTIFIER, "NTRFR-999999999")])
    refused(sealed(by=sealer_of(reissued(seal_certificate(), root(), key, subject=both))), 4)
    stamping = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = reissued(seal_certificate(), root(), key, usage=stamping)
    unchecked = SealIdentity(key, SealCertificate(certificate), NOW - DAY, NOW + DAY, None)
    refused(sealed(by=done(Sealer.of([unchecked]))), 4)


def test_a_certificate_that_the_seal_s_own_certificate_issued_is_refused() -> None:
    ours = authority().issued_seals[-1]
    refused(sealed(by=sealer_of(reissued(seal_certificate(), ours, other_key()), other_key(), ours.certificate)), 4)


def test_certificates_and_attributes_that_prove_nothing_cannot_stand_in_the_seal() -> None:
    def certificate(content: Any) -> None:
        content["content"]["certificates"].append(cms.CertificateChoices("certificate", asn1_certificate(other_root().certificate)))

    def attribute(content: Any) -> None:
        content["content"]["signer_infos"][0]["unsigned_attrs"].append(cms.CMSAttribute({"type": "1.2.3.4", "values": []}))

    def twice(content: Any) -> None:
        attributes = content["content"]["signer_infos"][0]["unsigned_attrs"]
        attributes.append(attributes[0].copy())

    def second(content: Any) -> None:
        signers = content["content"]["signer_infos"]
        signers.append(signers[0].copy())

    for change, step in ((certificate, 4), (attribute, 3), (twice, 3), (second, 3)):
        content: Any = cms.ContentInfo.load(cms_of(b_t()))
        change(content)
        refused(with_hole(b_t(), content.dump().hex().encode()), step, change.__name__)


def self_sealed(certificate: Any) -> bytes:
    """Our file under a signature that holds, of a key and a certificate of the attacker's making."""
    content: Any = cms.ContentInfo.load(cms_of(b_t()))
    signed = content["content"]
    signer = signed["signer_infos"][0]
    del signer["unsigned_attrs"]
    signed["certificates"] = [cms.CertificateChoices("certificate", certificate)]
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "signing_certificate_v2":
            attribute["values"] = [as_signing_certificate_v2(certificate)]
    named = {"issuer": asn1_certificate(other_root().certificate).issuer, "serial_number": other_root().certificate.serial_number}
    signer["sid"] = cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(named))
    signer["signed_attrs"] = cms.CMSAttributes.load(signer["signed_attrs"].untag().dump(force=True))
    signer["signature"] = other_key().sign(signer["signed_attrs"].untag().dump())
    return with_hole(b_t(), content.dump().hex().encode())


def test_a_certificate_that_cannot_be_read_is_refused() -> None:
    der = spelled(other_root().certificate)
    time = re.compile(rb"\x17\x0d[0-9]{12}Z")
    malformed = {
        "as it is": der,
        "no time": time.sub(b"\x17\x0dXXXXXXXXXXXXZ", der, 1),
        "year 0": time.sub(b"\x18\x0d000001010000Z", der, 1),
        "month 13": time.sub(b"\x17\x0d221301000000Z", der, 1),
        "no version": der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x04\x01\x02", 1),
        "no usage": der.replace(b"\x06\x03\x55\x1d\x0f", b"\x06\x03\x55\x1d\x13", 1),
        "usage of bytes": der.replace(b"\x03\x02\x01\x06", b"\x04\x02\x01\x06", 1),
    }
    for name, each in malformed.items():
        report = verified(self_sealed(asn1.Certificate.load(each)))
        assert report.verdict is Verdict.NOT_GENUINE, name
        assert {step.number for step in report.steps if step.outcome is Outcome.FAILED} <= {3, 4}, name


def test_a_seal_whose_time_stamp_was_taken_away_is_not_genuine() -> None:
    content: Any = cms.ContentInfo.load(cms_of(b_t()))
    del content["content"]["signer_infos"][0]["unsigned_attrs"]
    bare = sealer().seal(draft(), NOW).content()
    assert verified(with_hole(b_t(), cms_of(bare).hex().encode())).verdict is Verdict.UNDETERMINED


def test_the_seal_and_the_stamp_of_other_documents_do_not_serve() -> None:
    other = sealed(prepared(page(replace(ATTESTATION, control_key="AAAA-AAAA"))))
    refused(with_hole(b_t(), cms_of(other).hex().encode()), 3)
    content: Any = cms.ContentInfo.load(cms_of(b_t()))
    foreign: Any = cms.ContentInfo.load(cms_of(other))
    content["content"]["signer_infos"][0]["unsigned_attrs"] = foreign["content"]["signer_infos"][0]["unsigned_attrs"]
    refused(with_hole(b_t(), content.dump().hex().encode()), 7)


def cms_of(pdf: bytes) -> bytes:
    return signed_ranges(pdf)[0].contents


def test_a_hole_holds_a_signature_and_nothing_else() -> None:
    """Signature wrapping: whatever stands in the hole is covered by no signature."""
    pdf, digits = b_t(), cms_of(b_t()).hex().encode()
    wrapped = [
        digits + b"> /Contents <00",
        digits + b"> /Annots [ 9 0 R ] /X <00",
        digits + b" " * 40,
        digits + b"\0" * 40,
        digits + b"3003020101",
        b" " + digits,
        digits[:-2],
        digits.upper()[:9] + digits[9:],
        b"",
    ]
    for content in wrapped:
        refused(with_hole(pdf, content))


def test_a_byte_range_is_what_the_seal_covers_and_cannot_be_another() -> None:
    pdf, (start, stop) = b_t(), hole(b_t())
    stated = re.search(rb"/ByteRange\s*\[[^]]*\]", pdf)
    assert stated is not None
    length = len(pdf) - stop
    for numbers in (
        b"0 %d %d %d" % (start - 1, stop, length),
        b"0 %d %d %d" % (start, stop + 1, length - 1),
        b"0 %d %d %d" % (start, stop, length - 9),
        b"1 %d %d %d" % (start - 1, stop, length),
        b"0 %d %d %d" % (start, start, length),
        b"0 %d %d 0" % (len(pdf), len(pdf)),
        b"0 %d" % start,
        b"0 0 0 0",
        b"-1 -1 -1 -1",
    ):
        body = (b"/ByteRange [" + numbers).ljust(len(stated[0]) - 1) + b"]"
        refused(pdf[: stated.start()] + body[: len(stated[0])] + pdf[stated.end() :])
    refused(pdf[: stated.start()] + b"/ByteRangE" + pdf[stated.start() + 10 :], 2)


def test_what_was_sealed_cannot_be_carried_by_another_file() -> None:
    pdf = b_t()
    decoy = b"%PDF-1.7\n/ByteRange [0 9 99 999]\n"
    refused(decoy + pdf, 2)
    refused(b"%PDF-1.7\n" + pdf, 2)
    refused(pdf + pdf, 2)
    refused(changed(page_of_a_forger(), lambda _: None) + pdf)


def page_of_a_forger() -> bytes:
    unsealed = io.BytesIO()
    with objects(page()) as pdf:
        pdf.save(unsealed, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return unsealed.getvalue()


@pytest.mark.parametrize("level", [*LEVELS])
def test_nothing_can_follow_the_end_of_a_file(level: str) -> None:
    for more in (b"\n", b" ", b"\0", b"%", b"\n%%EOF\n", b"1 0 obj\n<< >>\nendobj\n", b"startxref\n9\n%%EOF\n", b"\n" * 100):
        refused(LEVELS[level]() + more)


def test_a_file_that_was_cut_is_refused_unless_it_is_the_file_of_an_earlier_day() -> None:
    """Cut at the end of a revision, an archived file is again, byte for byte, what was delivered before it was archived."""
    pdf = renewed()
    ends = [match.end() for match in re.finditer(rb"%%EOF\n", pdf)]
    assert [pdf[:end] for end in ends] == [b_t(), b_lta(), renewed()]
    for end in (*range(0, len(pdf), len(pdf) // 40), *(each - back for each in ends for back in (2, 3, 7, 20))):
        refused(pdf[:end], name=str(end))


def test_an_archival_stamp_must_be_of_an_authority_that_is_trusted() -> None:
    pdf = archived_again(NOW + YEAR, stamps_of(other_root(), NOW + YEAR))
    assert verified(pdf, NOW + YEAR, trust(crl(at=NOW + YEAR))).verdict is Verdict.UNDETERMINED


def test_a_list_of_revocation_that_another_made_hides_nothing() -> None:
    """Neither an old list of ours nor a fresh one of somebody of the same name outweighs the one that tells."""
    serial = seal_certificate().serial_number
    tells = crl({serial: NOW - DAY}, at=NOW + DAY)
    for other in (crl(at=NOW - DAY), crl(at=NOW + 2 * DAY, by=other_root()), crl(at=NOW + 2 * DAY)):
        assert verified(b_t(), NOW + 3 * DAY, trust(other, tells)).verdict is Verdict.NOT_GENUINE


def test_an_encrypted_file_is_refused() -> None:
    out = io.BytesIO()
    with objects(b_t()) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="", R=6))
    refused(out.getvalue())


def test_what_our_own_key_sealed_and_acts_is_refused() -> None:
    for change in (javascript, javascript_name):
        odd = io.BytesIO()
        with objects(page()) as pdf:
            change(pdf)
            pdf.save(odd)
        refused(sealed(prepared(odd.getvalue())), 9)


def test_bombs_are_not_inflated() -> None:
    bomb = zlib.compress(bytes(30 << 20), 9)
    odd = io.BytesIO()
    with objects(page()) as pdf:
        pdf.Root.Names.EmbeddedFiles.Names[1].EF.F.write(bomb, filter=Name.FlateDecode)
        pdf.save(odd)
    refused(sealed(prepared(odd.getvalue())), 10)
    refused(appended(b_t(), {90: b"null"}, listing=lambda _: bytes(30 << 20)), 6)

    def proof(pdf: Any) -> None:
        pdf.Root.DSS = pdf.make_indirect(Dictionary(CRLs=Array([pdf.make_stream(bomb, Filter=Name.FlateDecode)])))

    refused(changed(b_t(), proof), 6)


def good_proof(pdf: Any) -> None:
    """What our archiving might add."""
    list_of_ours = crl(at=NOW).public_bytes(Encoding.DER)
    pdf.Root.DSS = pdf.make_indirect(Dictionary(CRLs=Array([pdf.make_stream(list_of_ours)])))


def test_tables_that_turn_in_circles_or_nest_without_end_are_refused() -> None:
    pdf = b_t()
    attacked = changed(pdf, good_proof)
    assert verified(attacked).verdict is Verdict.GENUINE
    previous = re.compile(rb"/Prev (\d+)").search(attacked, len(pdf))
    table = re.compile(rb"startxref\n(\d+)").search(attacked, len(pdf))
    assert previous is not None
    assert table is not None
    for place in (int(table[1]), int(table[1]) + 1, 0, int(previous[1]) - 1):
        other = b"%*d" % (len(previous[1]), place)
        refused(attacked[: previous.start(1)] + other + attacked[previous.end(1) :], 6)
    refused(appended(pdf, {900: b"[" * 100_000 + b"]" * 100_000}), 6)
    refused(appended(pdf, {1: b"<< /Pages " * 20_000 + b">> " * 20_000}), 6)


def test_a_revision_that_adds_no_proof_is_refused() -> None:
    pdf = b_t()
    refused(appended(pdf, {}), 6)
    with objects(pdf) as read:
        again = {number: written(read.get_object(number, 0)) for number in (1, 2)}
    refused(appended(pdf, again), 6)


def test_objects_that_one_reader_sees_and_another_does_not_are_refused() -> None:
    pdf = b_t()
    for more in (b"/XRefStm 9", b"/DecodeParms << /Predictor 12 >>", b"/Prev 9", b"/#50rev 9", b"/W [ 1 2 1 ]", b"/Encrypt 9 0 R"):
        refused(changed(pdf, good_proof, more=more), 6, str(more))
    listings: list[Callable[[bytes], bytes]] = [
        lambda entries: entries[:11] + b"\2" + entries[12:],  # within an object stream
        lambda entries: entries[:11] + b"\0" + entries[12:],  # freed
        lambda entries: entries[:11] + entries[-11:] * 2,  # two at one place
        lambda entries: entries[:18] + b"\0\0" + entries[20:],  # elsewhere
        lambda entries: entries + entries[-11:],
        lambda entries: entries[:-11],
        lambda entries: entries[:-1] + b"\1",
    ]
    for number, listing in enumerate(listings):
        refused(changed(pdf, good_proof, listing=listing), 6, str(number))
    plain = b"900 0 obj\nnull\nendobj\nxref\n900 1\n%010d 00000 n \ntrailer\n<< /Size 901 /Root 1 0 R /Prev 9 >>\nstartxref\n%d\n%%%%EOF\n"
    refused(pdf + plain % (len(pdf), len(pdf) + 23), 6)


@pytest.mark.parametrize(
    "pdf",
    [b"", b"%PDF-1.7", b"\x89PNG\r\n", b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\nstartxref\n0\n%%EOF\n", bytes(3 << 20)],
    ids=range(6),
)
def test_what_is_no_pdf_is_refused(pdf: bytes) -> None:
    refused(pdf)


def test_a_file_over_two_megabytes_is_refused_unread() -> None:
    refused(b_t() + bytes(3 << 20), 1)


MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "copy", "add"]),
        st.integers(0, 1 << 20),
        st.integers(1, 400),
        st.binary(min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=4,
)


def mutated(pdf: bytes, mutations: list[tuple[str, int, int, bytes]]) -> bytes:
    for kind, where, length, data in mutations:
        place = where % (len(pdf) + 1)
        if kind == "set":
            pdf = pdf[:place] + data + pdf[place + len(data) :]
        elif kind == "cut":
            pdf = pdf[:place] + pdf[place + length :]
        elif kind == "copy":
            pdf = pdf[:place] + pdf[place // 2 : place // 2 + length] + pdf[place:]
        else:
            pdf = pdf[:place] + data + pdf[place:]
    return pdf


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(level=st.sampled_from([*LEVELS]), mutations=MUTATIONS)
def test_no_mutation_is_genuine_and_none_raises(level: str, mutations: list[tuple[str, int, int, bytes]]) -> None:
    pdf = LEVELS[level]()
    attacked = mutated(pdf, mutations)
    if not any(attacked == each() for each in LEVELS.values()):
        report = verified(attacked)
        assert report.verdict is not Verdict.GENUINE


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(mutations=MUTATIONS)
def test_no_mutation_of_what_follows_the_seal_raises(mutations: list[tuple[str, int, int, bytes]]) -> None:
    """The parsers of documents see hostile bytes there alone."""
    sealed_part = b_t()
    attacked = sealed_part + mutated(renewed()[len(sealed_part) :], mutations)
    if attacked not in (b_t(), b_lta(), renewed()):
        assert verified(attacked).verdict is not Verdict.GENUINE
