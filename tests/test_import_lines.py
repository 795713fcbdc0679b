"""Lines read a block and a column at a time say the same however they are written, and each wrong one is explained."""

import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from struct import unpack_from
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.contract import Invalid, Session
from plugins.loading import families
from resolvers import import_file, import_memo
from resolvers.copy_format import text_field, texts_field
from resolvers.import_checks import Target
from resolvers.import_columns import COMMON, MISSING, columns_of, given_names, given_names_at_once, required_of
from resolvers.import_file import LONGEST_LINE, ImportFile, examined
from resolvers.import_lines import REFUSAL_COLUMNS, LineReader
from resolvers.import_memo import Memo
from resolvers.import_rows import CANDIDATE_COLUMNS, drawn_ids
from resolvers.titles import Title
from tests.journey import BAC_GENERAL, KEYRING, Line, candidate

Fields = dict[str, bytes | None]

DRAWN = ("diploma_id", "key_lookup")
"""What differs each time a line is read."""

TARGET = Target(
    UUID(int=1), UUID(int=2), "bac", Session(2026, "01"),
    {BAC_GENERAL: Title(BAC_GENERAL, "BAC_GENERAL", "Baccalauréat général", 4, None, None, None, None)}, KEYRING,
)  # fmt: skip


def fields_of(rows: bytes, names: Sequence[str]) -> Iterator[Fields]:
    """The rows of a COPY in its binary format."""
    place = 0
    while place < len(rows):
        (count,) = unpack_from(">h", rows, place)
        assert count == len(names)
        place += 2
        found: Fields = {}
        for name in names:
            (length,) = unpack_from(">i", rows, place)
            place += 4
            found[name] = None if length < 0 else rows[place : place + length]
            place += max(length, 0)
        yield found


def read(content: bytes, target: Target = TARGET) -> tuple[list[Fields], list[tuple[Any, ...]]]:
    """The candidates of a file without what is drawn, in the order of lines, and its refusals: line, column, value, reason."""
    with tempfile.NamedTemporaryFile() as spool:
        spool.write(content)
        spool.flush()
        family = families()[target.family]
        file = examined(Path(spool.name), columns_of(family), required_of(family))
        taken, refused = whole(file, target)
    candidates = [{name: value for name, value in row.items() if name not in DRAWN} for row in taken]
    told = [
        (int.from_bytes(row["line"] or b""), *((row[name] or b"").decode() for name in ("column_name", "value", "reason_en")))
        for row in refused
    ]
    return sorted(candidates, key=lambda row: row["line"] or b""), sorted(told)


def whole(file: ImportFile, target: Target = TARGET) -> tuple[list[Fields], list[Fields]]:
    """Every row of a file, taken and refused."""
    reader = LineReader(target, file)
    found = [reader.read(first, block) for first, block in file.blocks()]
    taken, refused = (b"".join(rows) for rows in zip(*((block.taken, block.refused) for block in found), strict=True))
    return list(fields_of(taken, CANDIDATE_COLUMNS)), list(fields_of(refused, REFUSAL_COLUMNS))


def content_of(lines: Sequence[Line], order: Sequence[str], separator: str = ";") -> str:
    return "".join(separator.join(line[name] for name in order) + "\n" for line in [{name: name for name in order}, *lines])


def unlike_raw(rows: list[Fields]) -> list[Fields]:
    return [{name: value for name, value in row.items() if name != "raw"} for row in rows]


WRONG = (
    {"nom_naissance": ""}, {"sexe": "H"}, {"date_naissance": "31/02/2008"}, {"groupe": "CONTROLE"}, {"code_diplome": "47013019"},
    {"mention": "AB", "decision": "AJOURNE"}, {"pays_naissance": "99350"}, {"moyenne": "21"}, {"decision": "RECU", "ine": "12"},
)  # fmt: skip
RIGHT = (
    {}, {"nom_usage": "d'Été"}, {"prenoms": ""}, {"decision": "AJOURNE", "moyenne": "7"}, {"mention": "AB", "moyenne": "12,5"},
    {"commune_naissance": "", "pays_naissance": "99350"}, {"moyenne": "9"}, {"etablissement": "0759991c"}, {"lieu_naissance": "a\\b"},
)  # fmt: skip

cells = st.sampled_from((*RIGHT, *RIGHT, *WRONG))
files = st.lists(cells, min_size=1, max_size=12).map(lambda several: [candidate(n, **one) for n, one in enumerate(several)])


@given(files, st.permutations(list(candidate(0))), st.data())
def test_lines_say_the_same_in_any_order_of_columns_quotes_blanks_line_ends_and_encoding(
    lines: list[Line], order: list[str], data: st.DataObject
) -> None:
    plain, refused = read(content_of(lines, list(candidate(0))).encode())
    assert len(plain) + len({line for line, *_ in refused}) == len(lines)
    dressing = st.sampled_from(("{}", "{}", "{}", " {}", "{} ", "\t{}", "{}\u00a0", '"{}"', '" {}"'))
    dressed = [{name: data.draw(dressing).format(cell) for name, cell in line.items()} for line in lines]
    encoding, end = data.draw(st.sampled_from(("utf-8", "cp1252", "utf-8-sig"))), data.draw(st.sampled_from(("\n", "\r\n")))
    other = read(content_of(dressed, order).replace("\n", end).encode(encoding))
    assert unlike_raw(other[0]) == unlike_raw(plain)
    assert other[1] == refused


def test_the_line_is_kept_as_received() -> None:
    line = candidate(1, lieu_naissance='" Saint;Denis"')
    (row,), _ = read(content_of([line], list(line)).encode("cp1252"))
    assert row["raw"] == ";".join(line.values()).encode()
    assert row["birth_place"] == b"Saint;Denis"


def test_the_hash_of_a_line_is_that_of_its_cells_in_the_order_of_the_contract_without_what_is_empty_at_the_end() -> None:
    line = candidate(1, lieu_naissance='" Besançon"')
    contract = columns_of(families()["bac"])
    cells = [(line | {"lieu_naissance": "Besançon"}).get(name, "") for name in contract]
    expected = sha256("\x1f".join(cells).rstrip("\x1f").encode()).digest()
    for order in (list(line), list(reversed(line)), [name for name in contract if name in line]):
        assert read(content_of([line], order).encode())[0][0]["content_hash"] == expected


def test_wrong_lines_within_a_block_are_explained_by_their_number_and_cost_no_other() -> None:
    lines = [candidate(number) for number in range(300)]
    lines[7] |= {"sexe": "H", "moyenne": "dix"}
    lines[150] |= {"sexe": "H"}
    lines[299] |= {"groupe": "premiere"}
    taken, refused = read(content_of(lines, list(lines[0])).encode())
    assert len(taken) == 297
    assert [row["candidate_number"] for row in taken[6:8]] == [b"C000006", b"C000008"]
    assert [int.from_bytes(row["line"] or b"") for row in taken[6:8]] == [8, 10]
    assert refused == [
        (9, "moyenne", "dix", "is not a mark from 0 to 20"),
        (9, "sexe", "H", "is not a sex"),
        (152, "sexe", "H", "is not a sex"),
        (301, "groupe", "premiere", "is not a jury group of the session"),
    ]


def test_empty_lines_count_and_lines_that_cannot_be_cut_cost_themselves_alone() -> None:
    lines = content_of([candidate(number) for number in range(6)], list(candidate(0))).encode().splitlines()
    lines[2:4] = [lines[2] + b"x" * LONGEST_LINE, b"", lines[3] + b";"]
    lines[6] = lines[6].replace(b"PREMIER", b"PRE\rMIER")
    taken, refused = read(b"\n".join(lines))
    assert [int.from_bytes(row["line"] or b"") for row in taken] == [2, 6, 8]
    assert refused == [
        (3, "", "", f"the line is longer than {LONGEST_LINE} bytes"),
        (5, "", "", "the line has 18 cells, the header 17"),
        (7, "", "", "the line contains a carriage return"),
    ]


@pytest.mark.parametrize("size", [1, 100, 1000, LONGEST_LINE, 1 << 20])
def test_blocks_of_any_size_number_the_lines_of_a_file_alike(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    lines = content_of([candidate(number) for number in range(50)], list(candidate(0))).encode().splitlines()
    lines[10] += b"x" * 3 * LONGEST_LINE
    lines[20] = b""
    expected = read(b"\n".join(lines))
    assert [len(part) for part in expected] == [48, 1]
    monkeypatch.setattr(import_file, "BLOCK", size)
    assert read(b"\n".join(lines)) == expected


def test_a_memo_forgets_and_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [candidate(number, nom_naissance=f"N{'abcdefghij'[number % 10]}", sexe="FMH"[number % 3]) for number in range(60)]
    content = content_of(lines, list(lines[0])).encode()
    expected = read(content)
    monkeypatch.setattr(import_memo, "MOST", 2)
    assert read(content) == expected
    assert len(expected[1]) == 20


def test_a_memo_remembers_no_more_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_memo, "MOST", 100)
    asked: list[int] = []

    def half(number: int) -> int:
        asked.append(number)
        if number % 2:
            raise Invalid(*MISSING)
        return number // 2

    memo = Memo(half)
    assert memo.of([2, 3, 2, 3]) == [1, None, 1, None]
    assert (asked, memo.refuses) == ([2, 3], True)
    memo.of(range(1000))
    assert len(memo) <= 100


def test_the_key_of_a_row_is_found_by_its_diploma_and_only_the_admitted_have_one() -> None:
    lines = [candidate(1), candidate(2, decision="AJOURNE", moyenne="7"), candidate(3)]
    with tempfile.NamedTemporaryFile() as spool:
        spool.write(content_of(lines, list(lines[0])).encode())
        spool.flush()
        taken, _ = whole(examined(Path(spool.name), list(lines[0]), ()))
    assert [row["key_lookup"] is None for row in taken] == [False, True, False]
    for row in (taken[0], taken[2]):
        assert row["key_lookup"] == KEYRING.lookup(row["diploma_id"] or b"", 1, 1)


def test_ids_are_of_version_7_all_different_and_in_their_order() -> None:
    drawn = drawn_ids(5000)
    assert drawn == sorted(set(drawn))
    assert {(UUID(bytes=one).version, UUID(bytes=one).variant) for one in drawn} == {(7, "specified in RFC 4122")}
    assert drawn_ids(1)[0] != drawn_ids(1)[0]


@pytest.mark.parametrize(
    "cell", ["Jean Pierre, Marie", "Jean\u00a0Pierre Marie", "Marie,,Anne", "Marie, ", "", "Éloïse", "Zoe\u0308 Anne"]
)
def test_given_names_made_at_once_are_those_that_are_read_one_by_one(cell: str) -> None:
    made = given_names_at_once([cell.encode()])
    assert made is None or made == [texts_field(given_names(cell) if cell else None)]
    assert made is not None or "\u00a0" in cell


@pytest.mark.parametrize("cell", ["24-0000001", "a1", "", "1" * 21])
def test_a_code_made_at_once_is_one_that_its_reader_takes_as_it_stands(cell: str) -> None:
    [column] = [column for column in COMMON if column.name == "numero_candidat"]
    assert column.at_once is not None
    made = column.at_once([b"1", cell.encode()])
    assert (made is not None) == (cell == "24-0000001")
    assert made is None or made == [text_field("1"), text_field(cell)]
