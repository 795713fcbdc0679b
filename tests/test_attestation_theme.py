"""An operator's look and a family's page: what they change, and how a page that cannot be used is refused."""

from pathlib import Path

import pytest
import zxingcpp

from seal.filling import check, fill
from seal.typesetting import PAGE, Page, PageFull, PageRefused
from tests.attestations import attestation, page, picture, text_of

MARK = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#7a1f3d"/></svg>'
THEME = (PAGE / "theme.typ").read_text("utf-8")
BARE = """#import "slots.typ": *
#import "theme.typ": *
#show: attested.with(fonts: text-font)
#set page(paper: "a4", margin: 20mm)
= Diplôme de la famille
#for name in (
  "issuer", "birth_name", "used_name", "given_names", "birth_date", "birth_date_en", "birth_place", "title", "session",
  "awarded_on", "awarded_on_en", "academy", "level", "key", "site", "sealer", "sealer_id", "document", "document_en",
) { slot(name, width: 160mm, size: 9pt, lines: 3) }
#for index in range(particulars) {
  for name in ("particular", "particular_en", "particular_value", "particular_value_en") {
    if has(name + "." + str(index)) or index == 0 { slot(name, index: index, width: 160mm) }
  }
}
#code(30mm, "Code QR : le lien de vérification")
"""


def family_page(folder: Path, text: str = BARE) -> Page:
    main = folder / "family.typ"
    main.write_text(text, "utf-8")
    return Page.of(main)


def test_a_theme_folder_changes_the_look_and_not_the_words(tmp_path: Path) -> None:
    (tmp_path / "mark.svg").write_text(MARK, "utf-8")
    mark = '#let mark = image("mark.svg", alt: "Université Exemple", height: 14mm)'
    theme = THEME.replace("#1f4e5f", "#7a1f3d").replace("#let mark = none", mark)
    (tmp_path / "theme.typ").write_text(theme, "utf-8")
    themed = Page.of(theme=tmp_path)
    check(themed)
    ours, theirs = (fill(attestation(), each).filled() for each in (page(), themed))
    assert text_of(ours) == text_of(theirs)
    colours = picture(theirs, 30).getcolors(100_000)
    assert colours is not None
    assert (0x7A, 0x1F, 0x3D) in {colour for _, colour in colours}


def test_a_theme_folder_without_its_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageRefused, match=r"theme\.typ"):
        Page.of(theme=tmp_path)


def test_a_family_may_bring_its_page(tmp_path: Path) -> None:
    own = family_page(tmp_path)
    check(own)
    pdf = fill(attestation(), own).filled()
    assert "Diplôme de la famille" in text_of(pdf)
    assert "LE GOFF-DUBOIS" in text_of(pdf)
    (code,) = zxingcpp.read_barcodes(picture(pdf, 100))
    assert code.text == attestation().link


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('"birth_name", ', "", "no slot for birth_name"),
        ("= Diplôme de la famille\n", "== Diplôme de la famille\n", "heading"),
        ("{ slot(name, width: 160mm, size: 9pt, lines: 3) }", "{ hide(slot(name, width: 160mm)) }", "does not draw"),
        ('#code(30mm, "Code QR : le lien de vérification")', "", "draws the code once"),
        ("lines: 3) }\n#for", 'lines: 3, letters: "runes") }\n#for', "runes"),
        ("lines: 3) }\n#for", "lines: 3, least: 4pt, to: right + top) }\n#for", "alignment"),
        ('#import "theme.typ": *', '#import "other.typ": *', "not found"),
        ("fonts: text-font", 'fonts: "Nowhere Sans"', "does not draw"),
        ("#code(", '#read("../typesetting.py")\n#code(', "escape"),
        ("#code(", '#link("https://registre.example")[Le registre]\n#code(', "has no links"),
    ],
)
def test_a_page_that_cannot_be_used_is_refused_with_what_is_wrong(was: str, becomes: str, said: str, tmp_path: Path) -> None:
    assert was in BARE
    with pytest.raises(PageRefused, match=said):
        check(family_page(tmp_path, BARE.replace(was, becomes)))


def test_a_page_of_two_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageFull):
        check(family_page(tmp_path, BARE + "#pagebreak()\nEncore"))
