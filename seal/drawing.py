"""The drawing of a page read again: what is constant, where the values go, and the letters in which they can be written."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pikepdf

from seal.typesetting import LETTERS, PageRefused

ALPHABET_MARK = (81, 14, 162)
CODE_MARK = (81, 14, 161)
PLACEHOLDER = re.compile(r"§([0-9]+)([lcr])§")
ALIGNED = {"l": 0.0, "c": 0.5, "r": 1.0}
SHOWING = {"Tj", "TJ"}


class LetterOutside(ValueError):
    """A value has a letter that the page cannot write."""

    def __init__(self, letter: str) -> None:
        super().__init__(f"the page has no letter U+{ord(letter):04X}")
        self.letter = letter


@dataclass(frozen=True, eq=False)
class Face:
    """The letters of a font as embedded: the code of each in hexadecimal (two bytes, ISO 32000-1, 9.7.6.2) and its width in thousandths."""

    codes: dict[int, str]
    widths: dict[str, float]

    def width(self, text: str) -> float:
        """How wide a text is, in thousandths of its size. Raises `LetterOutside`."""
        widths = self.widths
        try:
            return sum([widths[letter] for letter in text])
        except KeyError as missing:
            raise LetterOutside(missing.args[0]) from None


@dataclass(frozen=True)
class Line:
    """Where a line of a value goes: the number and width of its placeholder, the part of the spare width that precedes it, the face."""

    number: int
    width: float
    spared: float
    face: Face

    def shown(self, text: str) -> bytes:
        """The operator that shows a text, all of whose letters the face has, in this place."""
        codes = text.translate(self.face.codes)
        if not self.spared:
            return f"<{codes}>Tj\n".encode()
        return f"[{(self.face.width(text) - self.width) * self.spared:g}<{codes}>]TJ\n".encode()


@dataclass(frozen=True)
class Code:
    """Where the code goes: a square of this side, in the units that are then in force."""

    side: float


Part = bytes | Line | Code


def lines(pdf: bytes) -> list[Line]:
    """The places of lines in what Typst drew, on however many pages. Raises `PageRefused` when its alphabets cannot be told."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [part for page in document.pages for part in read(page) if isinstance(part, Line)]


def read(page: pikepdf.Page) -> list[Part]:
    """The parts of a page that Typst drew, in order. Raises `PageRefused` when its alphabets cannot be told."""
    reading = _Reading(page)
    depth, group = 0, list[Any]()
    for each in pikepdf.parse_content_stream(page):
        operator = str(each.operator)
        group.append(each)
        depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(operator, 0)
        if depth == 0:
            reading.take(group)
            group = []
    reading.constant(group)
    return reading.parts


class _Reading:
    """The state of reading a page: the face of the last alphabet seen serves the placeholders that follow it."""

    def __init__(self, page: pikepdf.Page) -> None:
        self.parts: list[Part] = []
        self.fonts: dict[str, Any] = dict(page.resources.get("/Font", pikepdf.Dictionary()).items())
        self.alphabets = {len(alphabet): alphabet for alphabet in LETTERS.values()}
        self.known: dict[tuple[str, bytes], Face] = {}
        self.face: Face | None = None
        self.letters: dict[bytes, str] = {}

    def constant(self, instructions: list[Any]) -> None:
        """Keeps these instructions as they are."""
        if instructions:
            written = pikepdf.unparse_content_stream(instructions) + b"\n"
            if self.parts and isinstance(self.parts[-1], bytes):
                self.parts[-1] += written
            else:
                self.parts.append(written)

    def take(self, group: list[Any]) -> None:
        """One marked sequence: an alphabet is learned and left out, the code and placeholders become parts, the rest stays."""
        marks = {_colour(each) for each in group if str(each.operator) == "scn"}
        if ALPHABET_MARK in marks:
            self._learn(group)
        elif CODE_MARK in marks:
            self._code(group)
        else:
            self._text(group)

    def _learn(self, group: list[Any]) -> None:
        fonts = {str(each.operands[0]) for each in group if str(each.operator) == "Tf"}
        codes = b"".join(_codes(each) for each in group if str(each.operator) in SHOWING)
        alphabet = self.alphabets.get(len(codes) // 2)
        if len(fonts) != 1 or alphabet is None:
            raise PageRefused("a slot is drawn in a font that lacks letters, or that joins or splits them")
        (font,) = fonts
        if (font, codes) not in self.known:
            self.known[font, codes] = self._face(font, codes, alphabet)
        self.face = self.known[font, codes]
        self.letters = {bytes.fromhex(code): chr(letter) for letter, code in self.face.codes.items()}

    def _face(self, font: str, codes: bytes, alphabet: str) -> Face:
        widths = _widths(self.fonts[font]["/DescendantFonts"][0]["/W"])
        each = [codes[at : at + 2] for at in range(0, len(codes), 2)]
        # spaces share a drawing; letters that do could not be told apart when the text is read
        if len(set(each)) < len(alphabet) - 1:
            raise PageRefused("a slot is drawn in a font that has one drawing for several letters")
        return Face(
            {ord(letter): code.hex() for letter, code in zip(alphabet, each, strict=True)},
            {letter: widths[int.from_bytes(code)] for letter, code in zip(alphabet, each, strict=True)},
        )

    def _code(self, group: list[Any]) -> None:
        begin = next(at for at, each in enumerate(group) if str(each.operator) == "scn" and _colour(each) == CODE_MARK)
        end = next(at for at, each in enumerate(group) if at > begin and str(each.operator) in {"f", "f*"})
        side = max(float(each.operands[0]) for each in group[begin:end] if str(each.operator) == "l")
        self.constant(group[:begin])
        self.parts.append(Code(side))
        self.constant(group[end + 1 :])

    def _text(self, group: list[Any]) -> None:
        begin = 0
        for at, each in enumerate(group):
            if str(each.operator) in SHOWING:
                text = "".join(self._letters(_codes(each)))
                found = PLACEHOLDER.fullmatch(text)
                if found is not None and self.face is not None:
                    self.constant(group[begin:at])
                    self.parts.append(Line(int(found[1]), self.face.width(text), ALIGNED[found[2]], self.face))
                    begin = at + 1
        self.constant(group[begin:])

    def _letters(self, codes: bytes) -> Iterable[str]:
        return (self.letters.get(codes[at : at + 2], "\0") for at in range(0, len(codes), 2))


def _codes(showing: Any) -> bytes:
    operand = showing.operands[0]
    parts = operand if isinstance(operand, pikepdf.Array) else [operand]
    return b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))


def _colour(setting: Any) -> tuple[int, ...]:
    return tuple(round(float(each) * 255) for each in setting.operands)


def _widths(entries: Any) -> dict[int, float]:
    """The widths of a CID font (ISO 32000-1, 9.7.4.3), in the form `first last width` or `first [width …]`."""
    widths, at, flat = dict[int, float](), 0, list(entries)
    while at < len(flat):
        first = int(flat[at])
        if isinstance(flat[at + 1], pikepdf.Array):
            widths |= {first + offset: float(each) for offset, each in enumerate(flat[at + 1])}
            at += 2
        else:
            widths |= dict.fromkeys(range(first, int(flat[at + 1]) + 1), float(flat[at + 2]))
            at += 3
    return widths
