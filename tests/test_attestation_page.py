"""The page of an attestation: what it says, how it looks, and that the file is what the standards want before it is sealed."""

import io
import json
import re
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from zlib import compress

import page as validation
import pikepdf
import pypdf
import pytest
import segno
import zxingcpp
from PIL import Image, ImageChops

from seal import filling, typesetting
from seal.attestation import Particular
from seal.attested import read
from seal.drawing import LetterOutside
from seal.filling import HOLE, fill
from seal.fitting import ValueTooLong, wrapped
from seal.qr_code import path
from seal.typesetting import LETTERS, PageFull
from seal.wording import in_english, in_french, words
from tests.attestations import BREVET, LONGEST, SHAPES, attestation, draft, judged, page, picture, text_of


@cache
def filled(shape: str) -> bytes:
    return draft(shape).filled()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_draft_conforms_to_pdf_a_and_pdf_ua(shape: str, tmp_path: Path) -> None:
    file = tmp_path / "draft.pdf"
    file.write_bytes(filled(shape))
    for profile in ("3a", "ua1"):
        report = validation.validate_pdf(str(file), profile=profile)
        assert [failure.message for failure in report.failures] == []
        assert report.is_compliant


def test_a_draft_conforms_whatever_byte_its_packed_content_ends_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ending_in_a_carriage_return(data: bytes, level: int) -> bytes:
        packed = (compress(data + b"\n" * more, level) for more in count())
        return next(one for one in packed if one.endswith(b"\r"))

    monkeypatch.setattr("seal.template.compress", ending_in_a_carriage_return)
    file = tmp_path / "draft.pdf"
    file.write_bytes(fill(attestation(), page()).filled())
    assert [failure.message for failure in validation.validate_pdf(str(file), profile="3a").failures] == []


@pytest.mark.parametrize("shape", SHAPES)
def test_the_text_of_the_page_is_the_values_of_the_attestation(shape: str) -> None:
    text = text_of(filled(shape)).replace("- ", "-")
    for name, value in words(SHAPES[shape]).items():
        assert " ".join(value.split()).replace("- ", "-") in text, name


@pytest.mark.parametrize("shape", SHAPES)
def test_the_attached_file_is_the_canonical_object(shape: str) -> None:
    with pikepdf.open(io.BytesIO(filled(shape))) as document:
        listed, associated = document.attachments["attestation.json"], document.Root.AF[0]
        assert listed.get_file().read_bytes() == SHAPES[shape].canonical()
        assert associated.EF.F.read_bytes() == SHAPES[shape].canonical()
        assert (associated.AFRelationship, associated.F) == ("/Data", "attestation.json")
    assert read(SHAPES[shape].canonical()) == SHAPES[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_file_stays_under_80_kilobytes_with_its_whole_seal(shape: str) -> None:
    assert draft(shape).hole == HOLE
    assert len(draft(shape).filled(b"\x30" * (HOLE // 2))) < 80_000


def test_qpdf_finds_nothing_wrong() -> None:
    checked = judged(filled("baccalauréat"), "qpdf", "--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_code_is_read_from_the_page_at_100_dots_per_inch() -> None:
    (code,) = zxingcpp.read_barcodes(picture(filled("longest values"), 100))
    assert (code.text, code.ec_level) == (LONGEST.link, "M")


@pytest.mark.parametrize(
    "link",
    ["https://a.example/v#x", "https://parchemin.example/v#" + "Zz9_-" * 8, "https://parchemin.example/" + "v/" * 80 + "~~~"],
)
def test_the_code_is_the_one_that_segno_draws(link: str) -> None:
    code = segno.make_qr(link, error="m", mode="byte", mask=3, boost_error=False)
    side = len(code.matrix)
    black = [[0] * side for _ in range(side)]
    for x, y, width in re.findall(rb"(\d+) (\d+) (\d+) 1 re", path(link, 100)):
        for column in range(int(x) - 4, int(x) - 4 + int(width)):
            black[int(y) - 4][column] += 1
    assert black == [list(row) for row in code.matrix]


def difference(one: Image.Image, other: Image.Image) -> Image.Image:
    return ImageChops.difference(one, other).convert("L")


def test_the_page_looks_as_typst_draws_the_values_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    for shape in ("longest values", "BTS"):
        ours = picture(filled(shape), 72)
        monkeypatch.setattr(typesetting, "LETTERS", dict.fromkeys(LETTERS, ""))
        theirs = picture(drawn_by_typst(shape), 72)
        code = difference(theirs, Image.new("RGB", theirs.size, (81, 14, 161))).point([255] + [0] * 255).getbbox()
        assert code is not None
        for each in (ours, theirs):
            each.paste((255, 255, 255), (code[0] - 1, code[1] - 1, code[2] + 1, code[3] + 1))
        assert not any(difference(ours, theirs).histogram()[24:])
        monkeypatch.undo()


def drawn_by_typst(shape: str) -> bytes:
    """The page with the lines that the draft has, drawn with their own letters."""
    said = words(SHAPES[shape])
    for tight in filling.DENSITIES:
        places = filling.places_of(page(), tight)
        fitted = {name: places[name.partition(".")[0]].fitted(value) for name, value in said.items()}
        sheet = typesetting.drawn(page(), fitted, len(SHAPES[shape].particulars), tight)
        if len(pypdf.PdfReader(io.BytesIO(sheet)).pages) == 1:
            return sheet
    raise AssertionError("the values fit on no page")


def test_every_letter_that_is_promised_is_drawn_and_read_again() -> None:
    letters = LETTERS["registry"].replace(" ", "").replace("\xa0", "")
    third = len(letters) // 3
    pieces = letters[:third], letters[third : 2 * third], letters[2 * third :]
    made = attestation(birth_name=pieces[0], used_name=pieces[1], given_names=(pieces[2],), awarded_on=None, particulars=())
    text = re.sub(r"\s", "", text_of(fill(made, page()).filled()))
    for piece in pieces:
        assert piece in text


@pytest.mark.parametrize("letters", ["Владимир", "李", "x\N{COMBINING DIAERESIS}", "🎓"])
def test_a_letter_that_the_page_has_not_is_refused_before_anything_is_sealed(letters: str) -> None:
    with pytest.raises(LetterOutside) as refused:
        fill(attestation(birth_name=letters), page())
    assert refused.value.letter in letters
    assert letters not in str(refused.value)


def test_a_value_too_long_for_its_place_is_refused_by_its_name() -> None:
    with pytest.raises(ValueTooLong) as refused:
        fill(attestation(birth_name="W" * 400), page())
    assert refused.value.slot == "birth_name"


def test_values_that_need_two_pages_are_refused() -> None:
    lines = tuple(Particular(f"line{n}", "Ligne", "Line", "Sciences économiques et sociales · " * 12) for n in range(8))
    with pytest.raises(PageFull):
        fill(attestation(particulars=lines), page())


def test_the_same_attestation_gives_the_same_bytes() -> None:
    again = draft("baccalauréat").filled()
    filling.places_of.cache_clear()
    filling.template_of.cache_clear()
    assert fill(attestation(), page()).filled() == again


def identifiers(pdf: bytes) -> tuple[bytes, bytes]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        first, second = document.trailer.ID
        return bytes(first), bytes(second)


def test_another_attestation_gives_other_identifiers() -> None:
    ours, theirs = identifiers(filled("baccalauréat")), identifiers(filled("brevet"))
    other = identifiers(fill(attestation(version=3), page()).filled())
    assert ours[0] == other[0] == BREVET.id.bytes
    assert len({ours[1], theirs[1], other[1]}) == 3


def test_the_byte_range_is_all_but_the_hole() -> None:
    made = draft("brevet")
    whole = made.filled()
    found = re.search(rb"/ByteRange\[0 +(\d+) +(\d+) +(\d+)\]/Contents<", whole)
    assert found is not None
    before, after, rest = (int(each) for each in found.groups())
    assert whole[before : before + 1] + whole[after - 1 : after] == b"<>"
    assert (after - before, after + rest) == (made.hole + 2, len(whole))
    assert sha256(whole[:before] + whole[after:]).digest() == made.digest()


def test_the_moment_of_the_seal_is_the_only_thing_that_sealing_changes_but_the_hole() -> None:
    sealed = draft("brevet").at(datetime(2026, 7, 11, 8, 30, tzinfo=UTC)).filled()
    assert sealed.count(b"/M(D:20260711083000Z)") == 1
    assert sealed.replace(b"20260711083000", b"0" * 14) == filled("brevet")


def test_the_file_certifies_itself_against_any_change() -> None:
    with pikepdf.open(io.BytesIO(filled("brevet"))) as document:
        root = document.Root
        (seal,) = root.AcroForm.Fields
        assert (str(seal.T), int(root.AcroForm.SigFlags)) == ("Cachet", 3)
        assert root.Perms.DocMDP.objgen == seal.V.objgen
        assert int(seal.V.Reference[0].TransformParams.P) == 1
        assert (seal.V.SubFilter, len(document.pages)) == ("/ETSI.CAdES.detached", 1)
    assert filled("brevet").count(b"%%EOF") == 1


def test_the_file_says_its_title_and_dates() -> None:
    reader = pypdf.PdfReader(io.BytesIO(filled("brevet")))
    assert reader.metadata is not None and reader.xmp_metadata is not None
    assert reader.metadata.title == "Attestation de réussite : Diplôme national du brevet, série générale"
    assert reader.metadata.author == BREVET.issuer.name
    assert reader.metadata.creation_date == BREVET.issued_at
    assert reader.xmp_metadata.dc_title == {"x-default": reader.metadata.title}


def test_a_screen_reader_is_told_headings_languages_and_the_code() -> None:
    with pikepdf.open(io.BytesIO(filled("baccalauréat"))) as document:
        elements = [
            each for each in document.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"
        ]
        kinds = [str(each.S) for each in elements]
        alternatives = [str(each.Alt) for each in elements if each.S == "/Figure"]
        assert (kinds.count("/H1"), kinds.count("/H2"), str(document.Root.Lang)[:2]) == (1, 4, "fr")
        assert alternatives == ["Code QR : le lien qui vérifie cette attestation"]
        assert b"/Lang (en" in document.pages[0].Contents.read_bytes()


@pytest.mark.parametrize(
    ("day", "french", "english"),
    [
        ("2008-03-14", "14 mars 2008", "14 March 2008"),
        ("2008-08-01", "1er août 2008", "1 August 2008"),
        ("2008-01-00", "en janvier 2008", "in January 2008"),
        ("2008-00-00", "en 2008", "in 2008"),
    ],
)
def test_a_date_is_said_as_far_as_it_is_known(day: str, french: str, english: str) -> None:
    assert in_french(day).replace("\xa0", " ") == french
    assert in_english(day).replace("\xa0", " ") == english


def test_no_mark_of_the_drawing_is_left() -> None:
    with pikepdf.open(io.BytesIO(filled("longest values"))) as document:
        content = document.pages[0].Contents.read_bytes()
    assert b"0.3176" not in content
    assert "§" not in text_of(filled("longest values"))
    assert json.loads(LONGEST.canonical())["holder"]["birth_name"] in text_of(filled("longest values")).replace("- ", "-")


def test_lines_are_as_full_as_may_be_and_make_the_text_again() -> None:
    face = filling.places_of(page(), 0)["birth_name"].face
    text = "DE LA ROCHEFOUCAULD-MONTBAZON DU PLESSIS " + "W" * 30
    lines = wrapped(text, face, 9000)
    assert "".join(lines) == text
    assert all(face.width(line.rstrip()) <= 9000 for line in lines)
    assert lines[:3] == ["DE LA ", "ROCHEFOUCAULD-", "MONTBAZON DU "]


def test_centred_lines_are_about_as_long() -> None:
    place = filling.places_of(page(), 0)["sealer"]
    lines, _ = place.fitted("Université de Haute-Bretagne et des Pays de l’Ouest")
    assert lines == ["Université de ", "Haute-Bretagne et ", "des Pays de l’Ouest"]
