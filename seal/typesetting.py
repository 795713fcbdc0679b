"""A page drawn by Typst with placeholders: which slots it has, and its drawing for one shape of values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import typst

from seal import delivered_wording, wording

PAGE = Path(__file__).parent / "page"
ROOT = str(PAGE / "fonts")
"""The only folder of this machine that a page could read from: its sources come as values."""
STANDARDS: list[Any] = ["a-3a", "ua-1"]

_LATIN = [*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x100)]
_PUNCTUATION = "‘’“”–—…€Œœ•№"
LETTERS = {
    "registry": "".join(chr(code) for code in [*_LATIN, *range(0x100, 0x180)]) + "ȘșȚțẞʻʼ" + _PUNCTUATION.replace("Œœ", ""),
    "labels": "".join(chr(code) for code in range(0x20, 0x7F)) + "\xa0§«»°·ÀÂÇÈÉÊËÎÏÔÙÛÜàâçèéêëîïôùûüÿñöóáíú" + _PUNCTUATION,
}
"""The letters that a slot can be filled with. `registry`: Latin-1, Latin Extended-A, and those of Romanian, Hawaiian and German
capitals; French civil registers write fewer (circulaire of 23 July 2014, annex). `labels`: what is said in French and English.
Hyphens that fonts draw as the common one, U+2010 and U+2011, are in neither: their text could not be read again."""


class PageRefused(ValueError):
    """A page that cannot be used: what is wrong with it, for whoever wrote it."""


class PageFull(PageRefused):
    """The values need more than one page."""

    def __init__(self) -> None:
        super().__init__("an attestation has one page, and these values do not fit on it")


@dataclass(frozen=True)
class Slot:
    """What a page declares of the place of a value: its width in points, the size and lines that are tried, its letters."""

    name: str
    width: float
    size: float
    least: float
    lines: int
    letters: str
    to: str


@dataclass(frozen=True)
class Page:
    """The sources of a page by file name: `main.typ` with `slots.typ`, `theme.typ`, `parts.typ` and the theme's images; and its fonts.

    `names` are the slots that it has once, `lines` those that it has for each of a list.
    """

    sources: tuple[tuple[str, bytes], ...]
    fonts: tuple[Path, ...]
    names: tuple[str, ...] = wording.NAMES
    lines: tuple[str, ...] = wording.LINES

    @property
    def everything(self) -> tuple[str, ...]:
        """The values of what lacks none."""
        return (*self.names, *(f"{name}.0" for name in self.lines))

    @staticmethod
    def delivered(theme: Path | None = None) -> "Page":
        """The page of documents that exam services deliver at request. Raises `PageRefused` when the theme is none."""
        page = Page.of(PAGE / "delivered.typ", theme)
        return replace(page, names=delivered_wording.NAMES, lines=delivered_wording.LINES)

    @staticmethod
    def of(main: Path = PAGE / "attestation.typ", theme: Path | None = None) -> "Page":
        """The page of this file, in the look of the folder `theme` where there is one. Raises `PageRefused` when it lacks a theme."""
        sources = {name: (PAGE / name).read_bytes() for name in ("slots.typ", "theme.typ", "parts.typ")}
        if theme is not None:
            if not (theme / "theme.typ").is_file():
                raise PageRefused("a theme folder holds a file theme.typ")
            sources |= {path.name: path.read_bytes() for path in sorted(theme.iterdir()) if path.suffix in {".typ", ".svg", ".png"}}
        sources["main.typ"] = main.read_bytes()
        return Page(tuple(sources.items()), (PAGE / "fonts", *((theme,) if theme is not None else ())))


def slots(page: Page, tight: int) -> dict[str, Slot]:
    """The slots that a page declares, by name. Raises `PageRefused`."""
    try:
        found = typst.query(
            _sources(page),
            "<slot>",
            field="value",
            root=ROOT,
            font_paths=_fonts(page.fonts),
            sys_inputs=_inputs(dict.fromkeys(page.everything, (["§"], 1.0)), 1, tight),
        )
    except RuntimeError as error:  # a query has no finer one
        raise PageRefused(str(error)) from None
    declared = [Slot(**each) for each in json.loads(found)]
    missing = sorted({*page.names, *page.lines} - {slot.name for slot in declared})
    if missing:
        raise PageRefused(f"the page has no slot for {', '.join(missing)}")
    for slot in declared:
        if slot.letters not in LETTERS or slot.to not in {"left", "center", "right"}:
            raise PageRefused(f"the slot {slot.name} has letters or an alignment that there are not")
    return {slot.name: slot for slot in declared}


def drawn(page: Page, values: Mapping[str, tuple[list[str], float]], particulars: int, tight: int) -> bytes:
    """The PDF of a page whose slots hold these lines at these sizes. Raises `PageRefused`."""
    try:
        return typst.compile(
            _sources(page), format="pdf", pdf_standards=STANDARDS, root=ROOT, font_paths=_fonts(page.fonts),
            sys_inputs=_inputs(values, particulars, tight),
        )  # fmt: skip
    except typst.TypstError as error:
        raise PageRefused(error.message) from None


def _inputs(values: Mapping[str, tuple[list[str], float]], particulars: int, tight: int) -> dict[str, str]:
    shape = {
        "values": {name: {"lines": lines, "size": size} for name, (lines, size) in values.items()},
        "particulars": particulars,
        "tight": tight,
        "letters": LETTERS,
    }
    return {"shape": json.dumps(shape)}


def _sources(page: Page) -> Any:
    # the library takes a mapping of files, which its types do not say
    return dict(page.sources)


@cache
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(each) for each in folders])
