"""Which objects do the revisions after the sealed one hold? Read from their bytes: every byte after the seal has its place, or is refused.

Cross-reference streams alone are taken (ISO 32000-1, 7.5.8), as our archiving writes them, and none that points into an object stream: a
table beside a stream, or objects within a stream, are ways to hide objects from one reader and not from another.
"""

import re
import zlib
from dataclasses import dataclass, field

from seal.ranges import END_OF_FILE

MOST_REVISIONS = 64
MOST_OBJECTS = 1_000
LARGEST_TABLE = 64 * 1024
TABLE = re.compile(rb"(\d{1,6}) 0 obj\s*<<([^\0]{1,2000}?)>>\s*stream\r?\n")
END_OF_TABLE = re.compile(rb"\r?\nendstream\s{1,2}endobj\s{1,2}(?=startxref)")
LENGTH = re.compile(rb"/Length\s+(\d{1,5})\b")
WIDTHS = re.compile(rb"/W\s*\[\s*1\s+([2-8])\s+([12])\s*\]")
SECTIONS = re.compile(rb"/Index\s*\[((?:\s*\d{1,6}\s+\d{1,4})+)\s*\]")
PREVIOUS = re.compile(rb"/Prev\s+(\d{1,8})\b")
ONCE = (rb"/Type\s*/XRef\b", rb"/Filter\s*/FlateDecode\b", rb"/Length\b", rb"/W\b", rb"/Index\b", rb"/Prev\b")
NEVER = (b"#", b"/DecodeParms", b"/Encrypt", b"/XRefStm", b"/Extends")
OBJECT = re.compile(rb"(\d{1,6}) 0 obj\b")
END_OF_OBJECT = re.compile(rb"endobj\s{0,2}\Z")


class RevisionRefused(Exception):
    """A revision after the sealed one cannot be read, or adds more than proofs. The text says what, in English, for the operator."""


@dataclass
class Added:
    """The numbers of the objects that stand after the sealed revision, and of the tables that list them."""

    objects: set[int] = field(default_factory=set[int])
    tables: set[int] = field(default_factory=set[int])


def later_objects(pdf: bytes, sealed: int) -> Added:
    """What stands after `sealed`, where the sealed revision ends. Raises `RevisionRefused`."""
    end, revisions, added = len(pdf), 0, Added()
    while end > sealed:
        mark = END_OF_FILE.search(pdf, max(sealed, end - 64), end)
        table = TABLE.match(pdf, int(mark[1]), end) if mark is not None else None
        if (
            mark is None
            or table is None
            or table.start() < sealed
            or revisions == MOST_REVISIONS
            or len(added.objects) > MOST_OBJECTS
        ):
            raise RevisionRefused("a later revision does not end with a cross-reference stream")
        keys = table[2]
        if any(len(re.findall(key, keys)) != 1 for key in ONCE) or any(key in keys for key in NEVER):
            raise RevisionRefused("a cross-reference stream is not as ours are")
        places = _places(keys, _content(pdf, table, mark.start()))
        begin = _end_of_revision(pdf, _number(PREVIOUS, keys), table.start())
        _check_filled(pdf, begin, mark.start(), places)
        if places.get(table.start()) != int(table[1]) or len(places) < 2:
            raise RevisionRefused("a later revision holds nothing, or a table does not list itself")
        added.tables.add(int(table[1]))
        added.objects |= set(places.values()) - {int(table[1])}
        end, revisions = begin, revisions + 1
    if end != sealed:
        raise RevisionRefused("the later revisions do not follow the sealed one")
    return added


def _number(pattern: re.Pattern[bytes], keys: bytes) -> int:
    found = pattern.search(keys)
    if found is None:
        raise RevisionRefused("a cross-reference stream lacks a number")
    return int(found[1])


def _content(pdf: bytes, table: re.Match[bytes], end: int) -> bytes:
    stop = table.end() + _number(LENGTH, table[2])
    closing = END_OF_TABLE.match(pdf, stop)
    if closing is None or closing.end() != end:
        raise RevisionRefused("a cross-reference stream does not end its revision")
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(pdf[table.end() : stop], LARGEST_TABLE)
    except zlib.error as error:
        raise RevisionRefused("a cross-reference stream cannot be inflated") from error
    if not inflating.eof or inflating.unused_data:
        raise RevisionRefused("a cross-reference stream is too large, or followed by something")
    return content


def _places(keys: bytes, content: bytes) -> dict[int, int]:
    """The numbers of a revision's objects by their offsets."""
    widths, sections = WIDTHS.search(keys), SECTIONS.search(keys)
    if widths is None or sections is None:
        raise RevisionRefused("a cross-reference stream is not as ours are")
    offset, generation = int(widths[1]), int(widths[2])
    numbers = [int(each) for each in sections[1].split()]
    listed = [number for first, count in zip(numbers[::2], numbers[1::2], strict=True) for number in range(first, first + count)]
    width = 1 + offset + generation
    if len(content) != width * len(listed) or len(set(listed)) != len(listed):
        raise RevisionRefused("a cross-reference stream has other entries than it says")
    places: dict[int, int] = {}
    for index, number in enumerate(listed):
        entry = content[index * width : (index + 1) * width]
        if number == 0 and entry[0] == 0:
            continue
        place = int.from_bytes(entry[1 : 1 + offset])
        if number == 0 or entry[0] != 1 or any(entry[1 + offset :]) or place in places:
            raise RevisionRefused("an object is freed, is in an object stream, or is listed oddly")
        places[place] = number
    return places


def _end_of_revision(pdf: bytes, table: int, below: int) -> int:
    """Where the revision ends whose table is at this offset."""
    mark = re.compile(rb"startxref\r?\n%d\r?\n%%%%EOF(?:\r\n|\n|\r)?" % table).search(pdf, table, below)
    if mark is None:
        raise RevisionRefused("a table points to no revision before it")
    return mark.end()


def _check_filled(pdf: bytes, begin: int, end: int, places: dict[int, int]) -> None:
    """The objects fill their revision, each where the table says."""
    starts = sorted(places)
    if starts[:1] != [begin]:
        raise RevisionRefused("a revision does not begin with an object")
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        named = OBJECT.match(pdf, start, stop)
        if named is None or int(named[1]) != places[start] or not END_OF_OBJECT.search(pdf, max(start, stop - 16), stop):
            raise RevisionRefused("an object is not where the table says")
