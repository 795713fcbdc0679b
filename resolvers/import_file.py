"""What a results file is before its lines are read: its digest, encoding, separator and header.

`docs/import.md` is the contract.
"""

import codecs
import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from graph.text import Text

CHUNK = 1 << 20
BLOCK = 1 << 15
"""Bytes that are read together: some hundreds of lines, whose cells stay in the processor's cache."""

LONGEST_LINE = 1 << 16
"""Bytes. A longer line is refused, and skipped without being held in memory."""

SEPARATORS = (";", ",")
UTF8_LETTER = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
"""An accented letter in UTF-8. In Windows-1252 the same bytes read `Ã©`, which no name contains."""


class UnreadableFile(Exception):
    """The file as a whole cannot be imported: why, and what to do. Nothing of it was kept."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class ImportFile:
    """A results file whose header is sound. `lines` counts what follows the header."""

    path: Path
    digest: bytes
    encoding: str
    separator: str
    header: tuple[str, ...]
    lines: int

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines by some hundreds, with the number of the first in the file (the header is 1).

        A line that is too long is cut somewhere after `LONGEST_LINE` bytes.
        """
        with self.path.open("rb") as file:
            _line(file)
            number = 2
            while block := file.read(BLOCK):
                block += _line(file)
                yield number, block
                number += block.count(b"\n") + (not block.endswith(b"\n"))


def examined(path: Path, allowed: Collection[str], required: Collection[str]) -> ImportFile:
    """Reads the file once, in constant memory. Raises `UnreadableFile` when it is empty, in UTF-16, cut in the middle, or when its
    header lacks a required column or has one that is not allowed."""
    digest, encoding, breaks, ending = _scanned(path)
    with path.open("rb") as file:
        first = _line(file)
    separator, header = _header(first, encoding, allowed, required)
    last = ending.rpartition(b"\n")[2]
    if last and (last.count(separator.encode()) < len(header) - 1 or last.count(b'"') % 2):
        raise UnreadableFile(
            Text(
                "Le fichier est coupé : sa dernière ligne est incomplète. Rien n'a été importé ; produire le fichier à nouveau.",
                "The file is cut: its last line is incomplete. Nothing was imported; produce the file again.",
            )
        )
    return ImportFile(path, digest, encoding, separator, header, breaks - 1 + (1 if last else 0))


def _line(file: BinaryIO) -> bytes:
    """The next line; what exceeds the longest is read and dropped."""
    raw = file.readline(LONGEST_LINE + 1)
    if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
        while (rest := file.readline(CHUNK)) and not rest.endswith(b"\n"):
            pass
    return raw


def _scanned(path: Path) -> tuple[bytes, str, int, bytes]:
    """Digest, encoding, number of line breaks, and the last bytes of the file."""
    digest, breaks, ending = hashlib.sha256(), 0, b""
    decoder, valid, accented = codecs.getincrementaldecoder("utf-8")(), True, False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if not ending and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise UnreadableFile(
                    Text(
                        "Le fichier est en UTF-16. L'enregistrer en UTF-8 (ou Latin-1) et recommencer.",
                        "The file is in UTF-16. Save it as UTF-8 (or Latin-1) and try again.",
                    )
                )
            digest.update(chunk)
            breaks += chunk.count(b"\n")
            accented = accented or UTF8_LETTER.search(chunk) is not None
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
            ending = (ending + chunk)[-LONGEST_LINE:]
    if not ending.strip():
        raise UnreadableFile(
            Text(
                "Le fichier est vide. Il faut une ligne d'en-tête et une ligne par candidat.",
                "The file is empty. It needs a header line and one line for each candidate.",
            )
        )
    # A file that is UTF-8 but for some lines stays UTF-8: those lines are refused, the others keep their accents.
    return digest.digest(), "utf-8" if valid or accented else "windows-1252", breaks, ending


def _header(raw: bytes, encoding: str, allowed: Collection[str], required: Collection[str]) -> tuple[str, tuple[str, ...]]:
    line = raw.removeprefix(codecs.BOM_UTF8).decode(encoding, errors="replace").strip()
    separator = max(SEPARATORS, key=line.count)
    names = tuple(name.strip().strip('"').lower() for name in line.split(separator))
    if unknown := [name for name in names if name not in allowed]:
        near = get_close_matches(unknown[0], allowed, 1)
        raise UnreadableFile(
            Text(
                f"Colonne inconnue : « {unknown[0][:40]} »." + (f" Fallait-il « {near[0]} » ?" if near else "")
                + " Voir docs/import.md ; la première ligne doit nommer les colonnes.",
                f"Unknown column: “{unknown[0][:40]}”." + (f" Should it be “{near[0]}”?" if near else "")
                + " See docs/import.md; the first line must name the columns.",
            )
        )  # fmt: skip
    if missing := [name for name in required if name not in names]:
        listed = ", ".join(missing)
        raise UnreadableFile(
            Text(
                f"Il manque la colonne : {listed}. Voir docs/import.md.",
                f"Missing column: {listed}. See docs/import.md.",
            )
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UnreadableFile(
            Text(f"Colonne en double : {twice[0]}. N'en garder qu'une.", f"Column given twice: {twice[0]}. Keep one.")
        )
    return separator, names
