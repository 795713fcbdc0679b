"""The lines of a results file, a block at a time: those that are right become rows of candidates, the others are explained."""

from collections.abc import Iterator
from typing import NamedTuple

from plugins.contract import Invalid
from resolvers.copy_format import field, number_field, row_start, small_field, text_field
from resolvers.import_cells import NO_LINES, Lines, Splitter
from resolvers.import_checks import Checks, Refusal, Target
from resolvers.import_file import ImportFile
from resolvers.import_portion import Portion
from resolvers.import_rows import RowMaker

REFUSAL_COLUMNS = (
    "import_id", "line", "position", "column_name", "value", "reason_fr", "reason_en", "remedy_fr", "remedy_en", "raw",
)  # fmt: skip


class Block(NamedTuple):
    """What became of some lines: how many were read, the rows of those taken and refused (COPY's binary format), what they amount to."""

    read: int
    taken: bytes
    refused: bytes
    portion: Portion


class Refused(NamedTuple):
    """A line that is refused, and every reason why."""

    number: int
    raw: bytes
    reasons: list[Refusal]


class LineReader:
    """Reads the lines of one file for one session."""

    def __init__(self, target: Target, file: ImportFile) -> None:
        self._splitter = Splitter(file)
        self._checks = Checks(target, file.header)
        self._maker = RowMaker(target, file.header, self._checks)
        self._start = row_start(len(REFUSAL_COLUMNS)) + field(target.import_id.bytes)

    def read(self, first: int, block: bytes) -> Block:
        """What becomes of a block's lines, the first of which is the file's line `first`."""
        plain, doubtful = self._splitter.plain(first, block)
        taken, wrong = self._maker.rows(plain)
        # a line that is not right at first sight is cut with care, and tried again before it is refused
        careful, refused = self._careful(doubtful.joined(wrong))
        more, wrong = self._maker.rows(careful)
        for number, raw, _, cells in zip(*wrong, strict=True):
            reasons = self._checks.explained([*cells, b""])
            assert reasons, "a line is refused for a reason"
            refused.append(Refused(number, raw, reasons))
        explained = [row for line in refused for row in self._rows(line)]
        rows = taken.joined(more)
        return Block(len(plain.rows) + len(doubtful.rows), rows.content, b"".join(explained), rows.portion())

    def _careful(self, lines: Lines) -> tuple[Lines, list[Refused]]:
        """Those of these lines that can be cut, and those that are refused as a whole; an empty one is neither."""
        cut: list[tuple[int, bytes, bytes, list[bytes]]] = []
        refused: list[Refused] = []
        for number, raw in zip(lines.numbers, (raw.rstrip(b"\r") for raw in lines.raws), strict=True):
            if not raw:
                continue
            try:
                cut.append((number, raw, *self._splitter.careful(raw)))
            except Invalid as invalid:
                refused.append(Refused(number, raw, [Refusal("", "", invalid.reason, invalid.remedy)]))
        return Lines(*zip(*cut, strict=True)) if cut else NO_LINES, refused

    def _rows(self, line: Refused) -> Iterator[bytes]:
        """The rows of a refused line for COPY (`REFUSAL_COLUMNS`), one a cell."""
        shown = self._splitter.shown(line.raw)
        for position, (column, value, reason, remedy) in enumerate(line.reasons, start=1):
            texts = map(text_field, (column, value, *reason, *remedy, shown))
            yield b"".join((self._start, number_field(4, line.number), small_field(position), *texts))
