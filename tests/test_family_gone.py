"""A family whose distribution was uninstalled: its diplomas stay readable and verifiable, and what needs it is refused in a sentence."""

import json
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import strawberry
from structlog.testing import capture_logs

from bench.sameness.comparing import Executors
from bench.sameness.documents import Asking, Drawn
from bench.sameness.family import installed
from bench.sameness.register import NOBODY
from graph.acts import CellRefused, DiplomaActKind
from graph.diploma import Diploma
from graph.problems import FileRefused, SessionNotHeld
from graph.shares import ShareScope
from graph.stored import detail
from graph.text import Text
from plugins.columns import text
from plugins.contract import Column, Dated, Elsewhere, Family, JuryGroup, Line
from plugins.loading import families
from resolvers import acts, adding, known_families, routing, sessions, shares, verification
from resolvers.act_contents import Cell
from resolvers.act_effects import Means
from resolvers.adding import Wanted
from resolvers.callers import Caller
from resolvers.local_keys import LocalKeys
from resolvers.routing import Obtained
from resolvers.shares import NewShare
from server.database import prepare
from tests.client import SECRET, Client, served
from tests.conftest import DatabaseConnection, DatabasePool
from tests.journey import KEYRING, Journey, candidate
from tests.journey import Line as Cells
from tests.people import Browser, signed_in
from tests.planned import verification as verifying
from tests.registered import Registered, trust_in

INTERFACE = (
    "id familyCode title titleCode session academy { code name } mention nationalLevel awardedOn status version publishedAt"
    " holder { birthName usedName givenNames }"
)
DASHBOARD = f"{{ viewer {{ diplomas(first: 5) {{ edges {{ node {{ diploma {{ __typename {INTERFACE} }} }} }} }} }} }}"


@strawberry.type(description="Diploma of another ministry.")
class Sash(Diploma):
    art: str = detail("art", "Art")


SASH = Family(
    code="belt",
    label=Text("Ceinture", "Belt"),
    ministry=Text("Sports", "Sports"),
    legal_basis=("code du sport",),
    type=Sash,
    jury_groups=(JuryGroup("UNIQUE", Text("Jury unique", "Only jury"), "code du sport", first=2020),),
    columns=(Column("art", Text("Art", "Art"), text(20), required=True, detail="art", example="Judo"),),
    decide=lambda results, session: None,
    title=lambda label, results: f"Ceinture de {results['art'].lower()}",
    lines=(Line("art", Text("Art", "Art"), lambda diploma: diploma.art),),
    first_session=2019,
    asked_at=(
        Dated("ESTABLISHMENT", "code du sport", last=2024),
        Dated(Elsewhere(Text("Écrire à la ligue", "Write to the league")), "code du sport", first=2025),
    ),
)


def line(number: int, **cells: str) -> Cells:
    """A line of the family's contract."""
    common = candidate(number, groupe="UNIQUE", code_diplome="", art="Judo", **cells)
    return {name: cell for name, cell in common.items() if not name.startswith("moyenne")}


@contextmanager
def here() -> Generator[None]:
    """The distribution is installed."""
    with installed(f"{__name__}:SASH"):
        yield


@dataclass
class Left:
    """What the family leaves: a published diploma with its attestation, a session that is prepared, one that is open, and its agents."""

    registered: Registered
    prepared: Journey
    open: Journey
    browser: Browser
    link: str
    key: str


@pytest.fixture
async def left(
    url: str, connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Left:  # fmt: skip
    monkeypatch.setattr(known_families, "_gone", MappingProxyType({}))
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.0)
    agents = connection, monitor, first, second, folder
    with here():
        await prepare(url)
        published, prepared, opened = [
            await Journey.begin(*agents, "belt", academy, year) for academy, year in (("01", 2026), ("70", 2026), ("01", 2025))
        ]
        await published.publish(KEYRING, line(1), line(2, nom_naissance="Petit"))
        await prepared.results(line(3))
        await prepared.close()
        await prepared.prepare()
        registered = Registered(published, Client(None), connection, folder)  # pyright: ignore[reportArgumentType]
        await registered.seal()
        browser = await signed_in(connection)
        diploma = await adding.add(connection, browser.holder, Wanted("belt", 2026, "01"))
        share = await shares.make(connection, KEYRING, browser.holder, NewShare(diploma, ShareScope.STANDARD, "x", None, None))
        key = await published.key_of(KEYRING, 1)
    return Left(registered, prepared, opened, browser, KEYRING.share_secret(share), key)


@pytest.fixture
async def client(left: Left, url: str, folder: Path) -> AsyncIterator[Client]:
    async with served(url, trust=trust_in(folder / "trust")) as client:
        left.registered.client = left.browser.client = client
        yield client


async def answered(pool: DatabasePool, key: str, selection: str) -> bytes:
    """What both executors answer to who verifies the diploma: the same bytes."""
    executors = Executors(pool)  # pyright: ignore[reportArgumentType]
    asking = Asking(NOBODY, {"key": key, "name": "Lecœur"}, "fr", "192.0.2.1")
    drawn = Drawn(verifying(selection), None, (asking,))
    compiled = await executors.compiled_answer(drawn, asking)
    expected, _ = await executors.strawberry_answer(drawn, asking)
    assert compiled == expected, executors.refusals
    return expected


def shown(answer: bytes) -> dict[str, Any]:
    return json.loads(answer)["data"]["verification"]["diploma"]


async def test_whoever_verifies_a_diploma_reads_the_same_as_before_but_what_was_the_familys_own(
    left: Left, pool: DatabasePool
) -> None:
    with here():
        before = shown(await answered(pool, left.key, f"__typename {INTERFACE} ... on Sash {{ art }}"))
    gone = await answered(pool, left.key, f"__typename {INTERFACE}")
    assert before.pop("art") == "Judo" and before["title"] == "Ceinture de judo"
    assert shown(gone) == before | {"__typename": "OtherDiploma"}
    among_others = await answered(pool, left.key, f"__typename {INTERFACE} ... on Baccalaureat {{ track }}")
    assert among_others == gone
    with here():
        assert shown(await answered(pool, left.key, f"__typename {INTERFACE} ... on Sash {{ art }}")) == before | {"art": "Judo"}


async def test_its_holder_and_those_whom_he_shows_it_see_it(left: Left, client: Client) -> None:
    [edge] = (await left.browser.data(DASHBOARD))["viewer"]["diplomas"]["edges"]
    assert (edge["node"]["diploma"]["__typename"], edge["node"]["diploma"]["title"]) == ("OtherDiploma", "Ceinture de judo")
    by_link = await client.send("POST", "/v", data={"secret": left.link, "organisation": ""})
    by_key = await client.send("POST", "/v/key", data={"key": left.key, "name": "Lecœur", "organisation": ""})
    for page in (by_link, by_key):
        assert (
            page.status_code == 200
            and "Ceinture de judo" in page.text
            and "Lecœur" in page.text
            and "<dt>Art</dt>" not in page.text
        )


async def test_an_attestation_that_was_sealed_before_stays_genuine_and_another_one_is_sealed(
    left: Left, client: Client, url: str, folder: Path
) -> None:
    before = left.registered.pdf
    assert (await left.registered.verified(before))["status"] == "CURRENT"
    await left.registered.connection.execute("delete from document")
    await left.registered.seal()
    assert left.registered.pdf != before
    plain = await left.registered.attested()
    with here():
        full = await left.registered.attested()
        async with served(url, trust=folder / "trust") as again:
            assert (await replace(left.registered, client=again).verified(left.registered.pdf))["status"] == "CURRENT"
    assert (await left.registered.verified(left.registered.pdf))["status"] == "CURRENT"
    assert (plain.family_label, full.family_label) == ("Ceinture", "Ceinture")
    assert [each.name for each in full.particulars] == ["art"] and plain.particulars == ()


async def test_agents_read_why_no_file_is_taken_and_no_session_opens(left: Left, client: Client) -> None:
    with pytest.raises(FileRefused.refusal) as refused:
        await left.open.stage(line(4))
    sentence = refused.value.text
    assert sentence.fr.startswith("La famille « Ceinture » n'est plus installée ici") and f"{__name__}:SASH again." in sentence.en
    for year in (2024, 2026):
        with pytest.raises(SessionNotHeld.refusal) as refused:
            await sessions.open_session(left.open.connection, left.open.first, "belt", "01", year)
        assert refused.value.text == sentence
    with here():
        await left.open.stage(line(4))


async def test_what_was_prepared_with_it_is_released_without_it(left: Left, client: Client) -> None:
    assert await left.prepared.release(KEYRING) == 1
    assert await left.prepared.state() == "PUBLISHED"
    found = await client.verified(await left.prepared.key_of(KEYRING, 3), "Lecœur")
    assert found["diploma"]["__typename"] == "OtherDiploma"


async def test_a_correction_changes_what_every_diploma_has_and_nothing_of_the_familys_own(left: Left, client: Client) -> None:
    journey, diploma = left.registered.journey, left.registered.diploma

    async def prepares(**cells: str) -> Any:
        return await acts.prepare(
            journey.connection, KEYRING, journey.first, diploma, DiplomaActKind.MATERIAL_CORRECTION, reason="Vu", reference="n° 1",
            cells=[Cell(*cell) for cell in cells.items()],
        )  # fmt: skip

    for name in ("art", "code_diplome"):
        with pytest.raises(CellRefused.refusal) as refused:
            await prepares(**{name: "47010019"})
        assert refused.value.text.fr.startswith(f"« {name} » : La famille « Ceinture » n'est plus installée ici")
    act = await prepares(lieu_naissance="Besançon (Doubs)", mention="AB")
    means = Means(KEYRING, LocalKeys.of(SECRET), "https://diplomes.example")
    await acts.approve(journey.connection, means, journey.second, act)
    found = await client.verified(await journey.key_of(KEYRING, 1), "Lecœur")
    assert (found["diploma"]["version"], found["diploma"]["mention"]) == (2, "ASSEZ_BIEN")
    with here():
        version = await journey.connection.fetchrow("select title, details from diploma_version where version = 2")
        assert version is not None and tuple(version) == ("Ceinture de judo", {"art": "Judo"})


async def test_a_process_says_which_families_are_gone_when_it_starts_and_nothing_once_they_are_back(left: Left, url: str) -> None:
    with capture_logs() as logs:
        async with served(url):
            pass
    [told] = [one for one in logs if one["event"] == "family_gone"]
    assert told["log_level"] == "warning" and "Lecœur" not in str(told)
    assert (told["family"], told["distribution"], told["diplomas"]) == ("belt", f"{__name__}:SASH", 2)
    with here(), capture_logs() as logs:
        async with served(url):
            assert known_families.family_of("belt") is SASH
    assert [one for one in logs if one["event"] == "family_gone"] == []


async def test_what_is_known_of_it_still_answers_clients(left: Left, client: Client, url: str) -> None:
    asked = "{ families { code label ministry legalBasis firstSession lastSession juryGroups { code label reference firstSession } %s } }"
    gone = (await client.data(asked % "typeName"))["families"]
    assert [one["code"] for one in gone] == [*families(), "belt"]
    assert gone[-1].pop("typeName") == "OtherDiploma"
    with here():
        async with served(url) as before:
            assert (await before.data(asked % ""))["families"][-1] == gone[-1]
        await known_families.recall(left.open.connection)
    await known_families.recall(left.open.connection)
    assert [known_families.family_of("belt").asked(year) for year in (2024, 2026)] == [SASH.asked(year) for year in (2024, 2026)]
    [route] = await routing.routes(left.open.connection, Obtained("belt", 2024, "01"))
    assert route.place.never is None
    [never] = await routing.routes(left.open.connection, Obtained("belt", 2018, "01"))
    assert never.place.never is not None and "2019" in never.place.never.fr


async def test_a_document_that_names_its_type_is_refused_as_any_that_names_what_is_not_there(left: Left, client: Client) -> None:
    answer = await client.answer(verifying("title ... on Sash { art }"), {"key": left.key, "name": "Lecœur"})
    [error] = answer["errors"]
    assert "Sash" in error["message"] and "data" not in answer


async def test_what_is_known_is_written_when_a_family_changes_and_once_a_day(left: Left, url: str) -> None:
    async def written() -> dict[str, str]:
        found = await left.open.connection.fetch("select code, xmin::text || ' ' || label_fr as row from known_family")
        return {one["code"]: one["row"] for one in found}

    before = await written()
    with here():
        await prepare(url)
        assert await written() == before
        await left.open.connection.execute(
            "update known_family set label_fr = 'Autrement', known_since = '2020-01-01' where code = 'belt'"
        )
        await left.open.connection.execute("update known_family set last_seen_on = '2020-01-01' where code = 'bac'")
        await prepare(url)
    after = await written()
    assert {code for code, row in after.items() if before[code] != row} == {"belt", "bac"}
    assert after["belt"].endswith(" Ceinture")
    assert await left.open.connection.fetchval("select known_since::text from known_family where code = 'belt'") == "2020-01-01"
