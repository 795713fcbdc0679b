"""A block of a results file cut into lines and cells."""

import csv
from collections.abc import Collection, Sequence
from itertools import compress
from typing import NamedTuple

from graph.text import Text
from plugins.contract import Invalid
from resolvers.import_file import LONGEST_LINE, ImportFile

TOO_LONG = (
    Text(f"la ligne dépasse {LONGEST_LINE} octets", f"the line is longer than {LONGEST_LINE} bytes"),
    Text("vérifier que chaque candidat est sur sa ligne", "check that each candidate has a line"),
)
NUL_BYTE = (
    Text("la ligne contient un octet nul", "the line contains a NUL byte"),
    Text("produire le fichier à nouveau, en texte", "produce the file again, as text"),
)
LINE_BREAK = (
    Text("la ligne contient un retour chariot", "the line contains a carriage return"),
    Text("terminer chaque ligne par LF ou CRLF", "end each line with LF or CRLF"),
)
OPEN_QUOTE = (
    Text("un guillemet n'est pas fermé", "a quote is not closed"),
    Text(
        "doubler les guillemets dans une cellule, et garder un candidat par ligne",
        "double the quotes within a cell, and keep one candidate a line",
    ),
)
CARE = (b'"', b"\0", b"\r")
"""What a line that is cut at its separators alone must not hold."""


class Lines(NamedTuple):
    """Lines of one block, each by its number in the file, its bytes without their end, its text in UTF-8 and its cells."""

    numbers: Sequence[int]
    raws: Sequence[bytes]
    texts: Sequence[bytes]
    rows: Sequence[list[bytes]]

    def parted(self, places: Collection[int]) -> "tuple[Lines, Lines]":
        """The lines but those at `places`, and those."""
        if not places:
            return self, NO_LINES
        chosen = [place in places for place in range(len(self.rows))]
        return self._where([not one for one in chosen]), self._where(chosen)

    def joined(self, more: "Lines") -> "Lines":
        """These lines and then more."""
        return Lines([*self.numbers, *more.numbers], [*self.raws, *more.raws], [*self.texts, *more.texts], [*self.rows, *more.rows])

    def _where(self, chosen: list[bool]) -> "Lines":
        return Lines(
            list(compress(self.numbers, chosen)), list(compress(self.raws, chosen)),
            list(compress(self.texts, chosen)), list(compress(self.rows, chosen)),
        )  # fmt: skip


NO_LINES = Lines([], [], [], [])


class Splitter:
    """Cuts the lines of one file. Each line is cut by itself: a quote that is not closed costs its own line alone."""

    def __init__(self, file: ImportFile) -> None:
        self._encoding = file.encoding
        self._separator = file.separator
        self._width = len(file.header)

    def plain(self, first: int, block: bytes) -> tuple[Lines, Lines]:
        """The lines of a block cut at their separators, as most may be, and those that are to be cut with care."""
        raws = block.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
        try:
            texts = raws if self._encoding == "utf-8" else b"\n".join(raws).decode(self._encoding).encode().split(b"\n")
        except UnicodeDecodeError:
            texts = [b""] * len(raws)
        separator = self._separator.encode()
        lines = Lines(range(first, first + len(raws)), raws, texts, [text.split(separator) for text in texts])
        return lines.parted(self._doubtful(block, lines))

    def _doubtful(self, block: bytes, lines: Lines) -> set[int]:
        """The places of lines whose cells may not be what stands between separators."""
        found: set[int] = set()
        if set(map(len, lines.rows)) != {self._width}:
            found.update(place for place, cells in enumerate(lines.rows) if len(cells) != self._width)
        if len(max(lines.raws, key=len)) > LONGEST_LINE:
            found.update(place for place, raw in enumerate(lines.raws) if len(raw) > LONGEST_LINE)
        for byte in CARE:
            if byte in block:
                found.update(place for place, raw in enumerate(lines.raws) if byte in raw)
        return found

    def careful(self, raw: bytes) -> tuple[bytes, list[bytes]]:
        """The text of a line in UTF-8, and its cells without quotes and blanks around. Raises `Invalid` for the line as a whole."""
        if len(raw) > LONGEST_LINE:
            raise Invalid(*TOO_LONG)
        if b"\0" in raw:
            raise Invalid(*NUL_BYTE)
        if b"\r" in raw:
            raise Invalid(*LINE_BREAK)
        try:
            text = raw.decode(self._encoding)
        except UnicodeDecodeError:
            raise Invalid(
                Text(f"la ligne n'est pas en {self._encoding}", f"the line is not in {self._encoding}"),
                Text("enregistrer tout le fichier dans le même codage", "save the whole file in one encoding"),
            ) from None
        cells = self._quoted(text) if '"' in text else text.split(self._separator)
        if len(cells) != self._width:
            raise Invalid(
                Text(
                    f"la ligne a {len(cells)} cellules, l'en-tête {self._width}",
                    f"the line has {len(cells)} cells, the header {self._width}",
                ),
                Text("vérifier les séparateurs et les guillemets", "check the separators and the quotes"),
            )
        return text.encode(), [cell.strip().encode() for cell in cells]

    def _quoted(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._separator, strict=True))
        except csv.Error:
            raise Invalid(*OPEN_QUOTE) from None

    def shown(self, raw: bytes) -> str:
        """A refused line for a report: what could not be read is replaced."""
        return raw[:2000].decode(self._encoding, errors="replace").replace("\0", "\ufffd")
