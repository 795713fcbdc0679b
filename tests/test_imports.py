"""What an import takes, refuses, flags and compares."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from db.statements import statement
from graph.problems import ClosedGroupChanged, FileRefused, ImportInProgress, ImportOutdated, NotFound, WrongState
from resolvers import imports, sessions
from resolvers.callers import Caller
from resolvers.import_file import LONGEST_LINE
from resolvers.import_staging import untold
from resolvers.keys import Keyring
from tests.conftest import DatabaseConnection
from tests.journey import KEYRING, Journey, candidate, write_file


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, folder)


async def read(journey: Journey, path: Path) -> UUID:
    import_id, _ = await imports.import_path(
        journey.connection, journey.monitor, KEYRING, journey.first, journey.session, path, untold
    )
    return import_id


async def refusals(journey: Journey, import_id: UUID) -> list[tuple[int, str, str]]:
    pages = imports.refusal_pages(journey.connection, journey.first, import_id)
    return [(row["line"], row["column_name"], row["reason_en"]) async for page in pages for row in page]


async def test_names_keep_the_letters_of_the_civil_registry(journey: Journey, connection: DatabaseConnection) -> None:
    names = ["Lecœur", "Louÿs", "Muñoz", "L’Hostis", "de La Tour d'Auvergne", "Đặng", "Béraud-Lefèvre"]
    await journey.results(*(candidate(number, nom_naissance=name) for number, name in enumerate(names)))
    stored = await connection.fetch("select birth_name from candidate order by line")
    assert [row["birth_name"] for row in stored] == names


async def test_a_decomposed_name_is_stored_composed(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.results(candidate(1, nom_naissance="Be\u0301raud"))
    assert await connection.fetchval("select birth_name from candidate") == "Béraud"


@pytest.mark.parametrize(("encoding", "separator"), [("utf-8", ";"), ("utf-8-sig", ","), ("cp1252", ";"), ("latin-1", ",")])
async def test_utf8_and_latin1_with_semicolons_or_commas_read_the_same(
    journey: Journey, connection: DatabaseConnection, encoding: str, separator: str
) -> None:
    line = candidate(1, nom_naissance="Béraud-Lefèvre", moyenne="10.50")
    await read(journey, write_file(journey.folder / "a.csv", [line], separator=separator, encoding=encoding))
    row = await connection.fetchrow("select birth_name, results from candidate")
    assert row is not None
    assert (row["birth_name"], row["results"]["moyenne"]) == ("Béraud-Lefèvre", "10.50")


async def test_the_same_file_twice_changes_nothing(journey: Journey, connection: DatabaseConnection) -> None:
    path = write_file(journey.folder / "a.csv", [candidate(1), candidate(2)])
    once = await read(journey, path)
    await imports.apply(connection, journey.first, once)
    again, new = await imports.import_path(connection, journey.monitor, KEYRING, journey.first, journey.session, path, untold)
    assert (again, new) == (once, False)
    assert await connection.fetchval("select count(*) from import") == 1
    assert await connection.fetchval("select count(*) from candidate") == 2


async def test_a_new_file_shows_its_difference_before_it_replaces_the_last(
    journey: Journey, connection: DatabaseConnection
) -> None:
    await journey.results(candidate(1), candidate(2), candidate(3))
    staged = await journey.stage(candidate(2), candidate(3, mention="AB", moyenne="12,00"), candidate(4))
    report = await imports.reported(connection, journey.first, staged)
    assert report["difference"] == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    standing = (
        "select array_agg(candidate_number order by candidate_number) "
        "from candidate c join exam_session s on s.import_id = c.import_id"
    )
    assert await connection.fetchval(standing) == ["C000001", "C000002", "C000003"]
    await imports.apply(connection, journey.first, staged)
    assert await connection.fetchval(standing) == ["C000002", "C000003", "C000004"]
    assert await connection.fetchval("select count(*) from candidate") == 3


async def test_the_order_of_columns_and_the_encoding_do_not_make_a_difference(
    journey: Journey, connection: DatabaseConnection
) -> None:
    await journey.results(candidate(1, moyenne="10.50"))
    turned = dict(reversed(candidate(1, moyenne="10.50").items()))
    staged = await read(journey, write_file(journey.folder / "b.csv", [turned], separator=",", encoding="cp1252"))
    assert (await imports.reported(connection, journey.first, staged))["difference"]["unchanged"] == 1


async def test_refused_lines_are_reported_and_the_others_kept(journey: Journey, connection: DatabaseConnection) -> None:
    staged = await journey.stage(
        candidate(1),
        candidate(2, nom_naissance=""),
        candidate(3, date_naissance="31/02/2008", decision="RECU"),
        candidate(4, etablissement="0210015D"),
        candidate(5),
    )
    report = await imports.reported(connection, journey.first, staged)
    assert (report["accepted"], report["refused"], report["lines"]) == (2, 3, 5)
    assert await refusals(journey, staged) == [
        (3, "nom_naissance", "is required"),
        (4, "date_naissance", "is an impossible date"),
        (4, "decision", "is not a decision"),
        (5, "etablissement", "has a wrong check letter"),
    ]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"numero_candidat": "C 1"}, "numero_candidat"),
        ({"ine": "12"}, "ine"),
        ({"nom_naissance": "R2D2"}, "nom_naissance"),
        ({"sexe": "H"}, "sexe"),
        ({"date_naissance": "12/03/08"}, "date_naissance"),
        ({"date_naissance": "29/02/2007"}, "date_naissance"),
        ({"date_naissance": "12/13/2008"}, "date_naissance"),
        ({"date_naissance": "12/03/2024"}, "date_naissance"),
        ({"date_naissance": "12/00/2008"}, "date_naissance"),
        ({"commune_naissance": "2C001"}, "commune_naissance"),
        ({"pays_naissance": "12345"}, "pays_naissance"),
        ({"pays_naissance": "99350"}, "commune_naissance"),
        ({"etablissement": "12"}, "etablissement"),
        ({"code_diplome": "67110004"}, "code_diplome"),
        ({"code_diplome": "47013019"}, "code_diplome"),
        ({"groupe": "CONTROLE"}, "groupe"),
        ({"mention": "X"}, "mention"),
        ({"mention": "AB", "decision": "AJOURNE"}, "mention"),
        ({"moyenne": "21"}, "moyenne"),
        ({"moyenne": "dix"}, "moyenne"),
    ],
)
async def test_each_wrong_cell_is_refused_by_the_name_of_its_column(journey: Journey, cells: dict[str, str], column: str) -> None:
    assert [name for _, name, _ in await refusals(journey, await journey.stage(candidate(1, **cells)))] == [column]


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("00/03/2008", "2008-03-00"),
        ("00/00/2008", "2008-00-00"),
        ("2008-03-12", "2008-03-12"),
        ("29/02/2008", "2008-02-29"),
        ("2008-00-00", "2008-00-00"),
    ],
)
async def test_dates_may_be_partial(journey: Journey, connection: DatabaseConnection, cell: str, stored: str) -> None:
    await journey.stage(candidate(1, date_naissance=cell))
    assert await connection.fetchval("select birth_date from candidate") == stored


async def test_a_person_born_abroad_without_given_names_or_sex_is_taken(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.stage(candidate(1, prenoms="", sexe="", commune_naissance="", lieu_naissance="Conakry", pays_naissance="99330"))
    row = await connection.fetchrow("select given_names, sex, birth_country from candidate")
    assert row is not None and tuple(row) == ([], None, "99330")


async def test_given_names_are_split_at_commas_when_there_is_one(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.stage(candidate(1, prenoms="Marie Anne, Zoé"), candidate(2, prenoms="Jean-Pierre Louis"))
    stored = await connection.fetch("select given_names from candidate order by line")
    assert [row["given_names"] for row in stored] == [["Marie Anne", "Zoé"], ["Jean-Pierre", "Louis"]]


async def test_an_ine_is_never_refused_on_its_key(journey: Journey) -> None:
    assert await refusals(journey, await journey.stage(candidate(1, ine="123456789ZZ"), candidate(2, ine="1234567890K"))) == []


async def test_a_decision_against_the_rules_is_taken_and_flagged(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.results(candidate(1, moyenne="9,80"), candidate(2))
    rows = await connection.fetch("select line, flag from candidate order by line")
    assert rows[0]["flag"]["expected_decision"] == "SECOND_GROUPE"
    assert rows[0]["flag"]["reference"]
    assert rows[1]["flag"] is None


async def test_a_confirmed_line_stays_confirmed_when_the_next_file_repeats_it(
    journey: Journey, connection: DatabaseConnection
) -> None:
    await journey.results(candidate(1, moyenne="9,80"), candidate(2, moyenne="9,70"))
    assert await imports.confirm(connection, journey.first, journey.session, None) == 2
    await journey.results(candidate(1, moyenne="9,80"), candidate(2, moyenne="9,60"), candidate(3))
    rows = await connection.fetch("select candidate_number, confirmed_at is not null as done from candidate where flag is not null")
    assert {row["candidate_number"]: row["done"] for row in rows} == {"C000001": True, "C000002": False}


CONTENTS = statement("publication.contents")


@pytest.mark.parametrize(
    "numbers", [(1, 2, 3), (3, 1, 2), (1, 2, 1), (2, 2, 1)], ids=["in order", "out of order", "one returns", "one stands twice"]
)
async def test_what_a_file_would_publish_is_known_when_it_is_read_whatever_the_order_and_the_quotes(
    journey: Journey, connection: DatabaseConnection, numbers: tuple[int, ...]
) -> None:
    lines = [candidate(number, nom_naissance=f"Nom{'abcd'[place]}") for place, number in enumerate(numbers)]
    refused = candidate(7, decision="ADMISE")
    failed = candidate(8, moyenne="7", decision="AJOURNE", mention="")
    path = write_file(journey.folder / "a.csv", [*lines, refused, failed, candidate(9), candidate(10)])
    # a line cut with care in the middle of others
    path.write_text(path.read_text().replace("Nomb", '"Nomb"'))
    import_id = await read(journey, path)
    row = await connection.fetchrow("select accepted, admitted, content_hash from import")
    stored = await CONTENTS.row(connection, session=journey.session, import_id=import_id)
    assert row is not None and stored is not None
    kept = len(set(numbers))
    assert (row["accepted"], row["admitted"]) == (kept + 3, kept + 2)
    assert (stored["count"], stored["hash"]) == (row["admitted"], row["content_hash"])


async def test_a_candidate_who_stands_twice_keeps_his_first_line(journey: Journey, connection: DatabaseConnection) -> None:
    staged = await journey.stage(candidate(1), candidate(2), candidate(1, moyenne="11"))
    assert await refusals(journey, staged) == [(4, "numero_candidat", "already stands on line 2")]
    assert await connection.fetchval("select count(*) from candidate") == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"   \n\n", "empty"),
        ("numero_candidat;nom_naissance\n".encode("utf-16"), "UTF-16"),
        (b"numero_candidat;groupe;decision;moyenne;code_diplome\n", "Missing column: nom_naissance"),
        (b"numero_candidat;nom_naissance;groupe;decision;moyene;code_diplome\n", "Should it be \u201cmoyenne\u201d"),
        (b"numero_candidat;nom_naissance;nom_naissance;groupe;decision;moyenne;code_diplome\n", "given twice"),
        (b"\x00\x01\x02PDF", "Unknown column"),
    ],
)
async def test_a_file_that_cannot_be_one_is_refused_whole_with_what_to_do(
    journey: Journey, connection: DatabaseConnection, content: bytes, sentence: str
) -> None:
    path = journey.folder / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused.refusal, match=sentence):
        await read(journey, path)
    assert await connection.fetchval("select count(*) from import") == 0


async def test_a_file_cut_in_the_middle_is_refused_whole(journey: Journey, connection: DatabaseConnection) -> None:
    path = write_file(journey.folder / "cut.csv", [candidate(number) for number in range(50)])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileRefused.refusal, match="cut"):
        await read(journey, path)
    assert await connection.fetchval("select count(*) from candidate") == 0


async def test_a_last_line_without_its_end_is_no_cut(journey: Journey, connection: DatabaseConnection) -> None:
    path = write_file(journey.folder / "a.csv", [candidate(1), candidate(2)])
    path.write_bytes(path.read_bytes().rstrip())
    report = await imports.reported(connection, journey.first, await read(journey, path))
    assert (report["accepted"], report["lines"]) == (2, 2)


async def test_a_ten_megabyte_line_a_nul_byte_and_a_broken_quote_cost_their_line_alone(
    journey: Journey, connection: DatabaseConnection
) -> None:
    path = write_file(journey.folder / "a.csv", [candidate(number) for number in range(6)])
    lines = path.read_bytes().split(b"\r\n")
    lines[2] = lines[2] + b"x" * (10 << 20)
    lines[3] = lines[3].replace(b"Lec", b"L\0c")
    lines[4] = lines[4].replace(b";F;", b';"F;')
    lines[5] = lines[5].replace("œ".encode(), b"\x9c")
    path.write_bytes(b"\r\n".join(lines))
    staged = await read(journey, path)
    assert [(line, reason) for line, _, reason in await refusals(journey, staged)] == [
        (3, f"the line is longer than {LONGEST_LINE} bytes"),
        (4, "the line contains a NUL byte"),
        (5, "a quote is not closed"),
        (6, "the line is not in utf-8"),
    ]
    assert (await imports.reported(connection, journey.first, staged))["accepted"] == 2


async def test_a_quoted_cell_may_hold_the_separator(journey: Journey, connection: DatabaseConnection) -> None:
    path = write_file(journey.folder / "a.csv", [candidate(1, lieu_naissance='"Cayenne; Guyane"')])
    await read(journey, path)
    assert await connection.fetchval("select birth_place from candidate") == "Cayenne; Guyane"


async def test_one_file_of_a_session_is_read_at_a_time(journey: Journey, connection: DatabaseConnection) -> None:
    await imports.submit(connection, journey.first, journey.session, b"x" * 32, "other.csv")
    with pytest.raises(ImportInProgress.refusal):
        await journey.stage(candidate(1))


async def test_an_import_whose_process_was_killed_gives_way_and_left_no_line(
    journey: Journey, url: str, connection: DatabaseConnection
) -> None:
    path = write_file(journey.folder / "a.csv", [candidate(number) for number in range(100_000)])
    worker, other = await asyncpg.connect(url), await asyncpg.connect(url)
    from db.pool import prepare_connection

    await prepare_connection(worker)
    await prepare_connection(other)
    reading = asyncio.create_task(imports.import_path(worker, other, KEYRING, journey.first, journey.session, path, untold))
    while not await connection.fetchval("select lines from import where state = 'RUNNING'"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    pid = worker.get_server_pid()
    await connection.execute("select pg_terminate_backend($1)", pid)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await reading
    assert await connection.fetchval("select count(*) from candidate") == 0
    staged = await journey.stage(candidate(1))
    states = await connection.fetch("select state from import order by submitted_at")
    assert [row["state"] for row in states] == ["FAILED", "STAGED"]
    assert (await imports.reported(connection, journey.first, staged))["accepted"] == 1
    await other.close()


async def test_a_full_disk_loses_nothing_and_says_what_to_do(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.results(candidate(1))
    await connection.execute(
        "create function no_space() returns trigger language plpgsql as "
        "$$ begin if new.line > 40 then raise sqlstate '53100' using message = 'could not extend file'; end if; return new; end $$"
    )
    await connection.execute("create trigger no_space before insert on candidate for each row execute function no_space()")
    path = write_file(journey.folder / "b.csv", [candidate(number) for number in range(100)])
    with pytest.raises(FileRefused.refusal, match="storage is full"):
        await read(journey, path)
    assert await connection.fetchval("select count(*) from candidate") == 1
    failed = await connection.fetchrow("select state, problem from import order by submitted_at desc limit 1")
    assert failed is not None and failed["state"] == "FAILED" and "place" in failed["problem"]["fr"]
    await connection.execute("drop trigger no_space on candidate")
    assert (await imports.reported(connection, journey.first, await read(journey, path)))["accepted"] == 100


async def test_a_staged_import_can_be_discarded_and_another_takes_its_place(
    journey: Journey, connection: DatabaseConnection
) -> None:
    staged = await journey.stage(candidate(1))
    later = await journey.stage(candidate(1), candidate(2))
    assert (await imports.reported(connection, journey.first, staged))["state"] == "DISCARDED"
    await imports.discard(connection, journey.first, later)
    assert await connection.fetchval("select count(*) from candidate") == 0
    with pytest.raises(ImportOutdated.refusal):
        await imports.apply(connection, journey.first, later)


async def test_final_decisions_of_a_closed_group_cannot_be_replaced(journey: Journey, connection: DatabaseConnection) -> None:
    pending = candidate(2, decision="SECOND_GROUPE", moyenne="9,00")
    await journey.results(candidate(1), pending)
    await sessions.close_group(connection, journey.first, journey.session, "PREMIER")
    changed = await journey.stage(candidate(1, moyenne="11"), pending)
    with pytest.raises(ClosedGroupChanged.refusal) as refused:
        await imports.apply(connection, journey.first, changed)
    assert refused.value.values == {"decisions": 1}
    passed = await journey.stage(candidate(1), candidate(2, groupe="SECOND", moyenne="9,00", moyenne_second_groupe="10,00"))
    assert await imports.apply(connection, journey.first, passed) == journey.session


async def test_another_academys_agent_sees_and_does_nothing(
    journey: Journey, connection: DatabaseConnection, stranger: Caller
) -> None:
    staged = await journey.stage(candidate(1))
    for act in (
        imports.apply(connection, stranger, staged),
        imports.discard(connection, stranger, staged),
        imports.reported(connection, stranger, staged),
        imports.confirm(connection, stranger, journey.session, None),
        sessions.close_group(connection, stranger, journey.session, "PREMIER"),
        imports.submit(connection, stranger, journey.session, b"", "x"),
    ):
        with pytest.raises(NotFound.refusal):
            await act


async def test_results_are_not_replaced_once_the_publication_is_prepared(
    journey: Journey, connection: DatabaseConnection, keyring: Keyring
) -> None:
    await journey.results(candidate(1))
    await journey.close()
    await journey.prepare()
    with pytest.raises(WrongState.refusal):
        await journey.stage(candidate(1), candidate(2))


async def test_every_act_stands_in_the_journal_without_a_name(journey: Journey, connection: DatabaseConnection) -> None:
    await journey.results(candidate(1, moyenne="9,80"))
    await imports.confirm(connection, journey.first, journey.session, None)
    rows = await connection.fetch("select act, facts from journal order by id")
    assert [row["act"] for row in rows] == ["OPEN_SESSION", "SUBMIT_IMPORT", "APPLY_IMPORT", "CONFIRM_DECISIONS"]
    assert "Lec" not in json.dumps([row["facts"] for row in rows])


async def test_the_journal_cannot_be_rewritten(journey: Journey, connection: DatabaseConnection) -> None:
    for act in ("update journal set act = ''", "delete from journal", "truncate journal"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute(act)
