"""Which objects do the revisions after the sealed one hold? Read from their bytes: every byte after the seal has its place, or is refused.

Cross-reference tables alone are taken (ISO 32000-1, 7.5.4), as our archiving writes them. Cross-reference streams and object streams
are ways to hide objects from one reader and not from another, and to have much memory filled by few bytes.
"""

import re

from seal.ranges import END_OF_FILE

MOST_REVISIONS = 200
TABLE = re.compile(
    rb"xref\r?\n((?:\d{1,6} \d{1,4}\r?\n(?:\d{10} \d{5} [nf](?: \r| \n|\r\n))+)+)trailer\s*<<([^\0]{1,2000}?)>>\s*(?=startxref)"
)
SECTION = re.compile(rb"(\d{1,6}) (\d{1,4})\r?\n((?:\d{10} \d{5} [nf]..)+)", re.DOTALL)
PREVIOUS = re.compile(rb"/Prev\s+(\d{1,8})")
FREE = b"0000000000 65535 f"
OBJECT = re.compile(rb"(\d{1,6}) 0 obj\b")
END_OF_OBJECT = re.compile(rb"endobj\s{0,2}\Z")


class RevisionRefused(Exception):
    """A revision after the sealed one cannot be read, or adds more than proofs. The text says what, in English, for the operator."""


def later_objects(pdf: bytes, sealed: int) -> set[int]:
    """The numbers of the objects that stand after `sealed`, where the sealed revision ends. Raises `RevisionRefused`."""
    end, revisions, found = len(pdf), 0, set[int]()
    while end > sealed:
        mark = END_OF_FILE.search(pdf, max(sealed, end - 64), end)
        table = TABLE.match(pdf, int(mark[1]), end) if mark is not None else None
        if mark is None or table is None or table.end() != mark.start() or table.start() < sealed or revisions == MOST_REVISIONS:
            raise RevisionRefused("a later revision does not end with a plain table")
        previous = PREVIOUS.findall(table[2])
        if len(previous) != 1 or b"#" in table[2] or b"XRefStm" in table[2] or b"Encrypt" in table[2]:
            raise RevisionRefused("a later revision has no plain trailer")
        begin = _end_of_revision(pdf, int(previous[0]), table.start())
        found |= _objects(pdf, begin, table)
        end, revisions = begin, revisions + 1
    if end != sealed:
        raise RevisionRefused("the later revisions do not follow the sealed one")
    return found


def _end_of_revision(pdf: bytes, table: int, below: int) -> int:
    """Where the revision ends whose table is at this offset."""
    mark = re.compile(rb"startxref\r?\n%d\r?\n%%%%EOF(?:\r\n|\n|\r)?" % table).search(pdf, table, below)
    if mark is None:
        raise RevisionRefused("a table points to no revision before it")
    return mark.end()


def _objects(pdf: bytes, begin: int, table: re.Match[bytes]) -> set[int]:
    """The objects of a revision, which fill it from its beginning to its table."""
    places: dict[int, int] = {}
    for first, count, entries in SECTION.findall(table[1]):
        if len(entries) != 20 * int(count):
            raise RevisionRefused("a table has other entries than it says")
        for index in range(int(count)):
            entry, number = entries[20 * index : 20 * index + 18], int(first) + index
            if entry == FREE and number == 0:
                continue
            if not entry.endswith(b"00000 n") or int(entry[:10]) in places:
                raise RevisionRefused("a table frees an object, or lists it oddly")
            places[int(entry[:10])] = number
    starts = sorted(places)
    if starts[:1] != [begin]:
        raise RevisionRefused("a revision does not begin with an object")
    for start, stop in zip(starts, [*starts[1:], table.start()], strict=True):
        named = OBJECT.match(pdf, start, stop)
        if named is None or int(named[1]) != places[start] or not END_OF_OBJECT.search(pdf, max(start, stop - 16), stop):
            raise RevisionRefused("an object is not where the table says")
    return set(places.values())
