"""A line of a results file cut into its cells."""

import csv

from graph.text import Text
from plugins.contract import Invalid
from resolvers.import_file import LONGEST_LINE, ImportFile

TOO_LONG = Invalid(
    Text(f"la ligne dépasse {LONGEST_LINE} octets", f"the line is longer than {LONGEST_LINE} bytes"),
    Text("vérifier que chaque candidat est sur sa ligne", "check that each candidate has a line"),
)
NUL_BYTE = Invalid(
    Text("la ligne contient un octet nul", "the line contains a NUL byte"),
    Text("produire le fichier à nouveau, en texte", "produce the file again, as text"),
)
OPEN_QUOTE = Invalid(
    Text("un guillemet n'est pas fermé", "a quote is not closed"),
    Text(
        "doubler les guillemets dans une cellule, et garder un candidat par ligne",
        "double the quotes within a cell, and keep one candidate a line",
    ),
)


class Splitter:
    """Cuts the lines of one file. Each line is cut by itself: a quote that is not closed costs its own line alone."""

    def __init__(self, file: ImportFile) -> None:
        self._encoding = file.encoding
        self._separator = file.separator
        self._width = len(file.header)
        self._before, self._after = " " + file.separator, file.separator + " "

    def cells(self, raw: bytes) -> tuple[str, list[str]]:
        """The text of a line and its cells, as many as the header has. Raises `Invalid` for the line as a whole."""
        if len(raw) > LONGEST_LINE:
            raise TOO_LONG
        if b"\0" in raw:
            raise NUL_BYTE
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
        if self._after in text or self._before in text or "\t" in text or "\u00a0" in text or text[0] == " " or text[-1] == " ":
            cells = [cell.strip() for cell in cells]
        return text, cells

    def _quoted(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self._separator, strict=True))
        except csv.Error:
            raise OPEN_QUOTE from None

    def shown(self, raw: bytes) -> str:
        """A refused line for a report: what could not be read is replaced."""
        return raw[:2000].decode(self._encoding, errors="replace").replace("\0", "\ufffd")
