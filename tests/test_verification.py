"""What a third party reads with a key and a birth name, and the one answer to everything else."""

import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from graph.control_key import ALPHABET, normalised, shown, spelled
from resolvers import callers, consultations, publication, sessions, verification
from resolvers.accounts import LAST
from resolvers.callers import Caller
from resolvers.keys import Keyring
from resolvers.names import name_key
from resolvers.throttle import LIMITS
from tests.client import VERIFICATION, Client, served
from tests.conftest import DatabaseConnection
from tests.journey import Journey, Line, candidate

UNKNOWN = "00000000"


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with served(url) as client:
        yield client


@pytest.fixture
async def third(connection: DatabaseConnection) -> Caller:
    return await callers.add(connection, "Alix", "HEAD_OF_SERVICE", ["01"])


@pytest.fixture
async def journey(
    connection: DatabaseConnection, monitor: DatabaseConnection, first: Caller, second: Caller, tmp_path: Any
) -> Journey:
    return await Journey.begin(connection, monitor, first, second, tmp_path)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures are answered at once."""
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.0)


async def withdraw(journey: Journey, third: Caller) -> None:
    await publication.request_withdrawal(journey.connection, journey.second, journey.session, "erreur de saisie")
    await publication.withdraw(journey.connection, third, journey.session)


async def again(journey: Journey, third: Caller, keyring: Keyring, *lines: Line) -> None:
    """Withdraws the session and publishes its next edition."""
    await withdraw(journey, third)
    await sessions.reopen_withdrawn(journey.connection, journey.first, journey.session)
    await journey.publish(keyring, *lines)


FAMILIES: dict[str, tuple[int, Line, str, dict[str, Any]]] = {
    "dnb": (
        2026,
        {"code_diplome": "67110004", "groupe": "NORMALE", "statut": "SCOLAIRE", "moyenne": "14,20", "mention": "B"},
        "... on Brevet { series }",
        {"__typename": "Brevet", "title": "Diplôme national du brevet, série générale", "mention": "BIEN", "series": "GENERAL"},
    ),
    "cap": (
        2023,
        {"code_diplome": "50020101", "groupe": "NORMALE", "forme": "PROGRESSIVE", "moyenne": "12", "moyenne_professionnelle": "12"},
        "... on CertificatAptitudeProfessionnelle { form }",
        {
            "__typename": "CertificatAptitudeProfessionnelle",
            "title": "Certificat d'aptitude professionnelle, spécialité conducteur d'installations de production",
            "mention": None,
            "form": "PROGRESSIVE",
        },
    ),
    "bep": (
        2020,
        {"code_diplome": "51020004", "groupe": "NORMALE", "moyenne": "11", "date_naissance": "00/00/2003"},
        "... on BrevetEtudesProfessionnelles { nationalLevel }",
        {
            "__typename": "BrevetEtudesProfessionnelles",
            "title": "Brevet d'études professionnelles, spécialité représentation informatisée de produits industriels",
            "mention": None,
            "nationalLevel": 3,
        },
    ),
    "bac": (
        2026,
        {
            "code_diplome": "47010019",
            "groupe": "PREMIER",
            "moyenne": "18,10",
            "mention": "TBF",
            "specialites": "Mathématiques|Physique-chimie",
            "options": "SECTION_EUROPEENNE|DNL_LV",
            "langue_section": "Anglais",
        },
        "... on Baccalaureat { track specialities options sectionLanguage }",
        {
            "__typename": "Baccalaureat",
            "title": "Baccalauréat général",
            "mention": "TRES_BIEN_FELICITATIONS",
            "track": "GENERAL",
            "specialities": ["Mathématiques", "Physique-chimie"],
            "options": ["SECTION_EUROPEENNE", "DNL_LV"],
            "sectionLanguage": "Anglais",
        },
    ),
    "bts": (
        2024,
        {"code_diplome": "32020009", "groupe": "NORMALE", "moyenne": "11", "moyenne_professionnelle": "11", "option": "A"},
        "... on BrevetTechnicienSuperieur { option }",
        {
            "__typename": "BrevetTechnicienSuperieur",
            "title": "Brevet de technicien supérieur, spécialité conception des produits industriels",
            "mention": None,
            "option": "A",
        },
    ),
    "higher": (
        2025,
        {
            "code_diplome": "",
            "groupe": "NORMALE",
            "diplome": "MASTER",
            "intitule": "Informatique",
            "parcours": "Génie logiciel",
            "etablissement_nom": "Université de Paris-Exemple",
            "ects": "120",
            "mention": "P",
            "date_naissance": "12/03/1999",
        },
        "... on HigherEducationDiploma { degree subject course establishment ects }",
        {
            "__typename": "HigherEducationDiploma",
            "title": "Master, mention Informatique, parcours Génie logiciel",
            "mention": "PASSABLE",
            "degree": "MASTER",
            "subject": "Informatique",
            "course": "Génie logiciel",
            "establishment": "Université de Paris-Exemple",
            "ects": 120,
        },
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_right_key_and_name_show_the_registers_words_for_each_family(
    family: str,
    client: Client,
    connection: DatabaseConnection,
    monitor: DatabaseConnection,
    first: Caller,
    second: Caller,
    keyring: Keyring,
    tmp_path: Any,
) -> None:
    year, cells, fields, expected = FAMILIES[family]
    line = candidate(1, date_jury="04/07/2026", nom_usage="Lefèvre", **cells)
    for name in ("moyenne", "moyenne_second_groupe"):
        if name not in cells:
            del line[name]
    journey = await Journey.begin(connection, monitor, first, second, tmp_path, family, "01", year)
    await journey.publish(keyring, line)
    document = f"""query ($key: String!) {{ verification(key: $key, birthName: "Lecœur") {{ ... on VerifiedDiploma {{
      replacedOn verifiedAt diploma {{ __typename id title mention familyCode session awardedOn status version publishedAt
        academy {{ code name }} holder {{ birthName usedName givenNames }} {fields} }} }} }} }}"""
    found = (await client.data(document, {"key": await journey.key_of(keyring, 1)}))["verification"]
    assert found["replacedOn"] is None
    diploma = found["diploma"]
    assert {name: diploma[name] for name in expected} == expected
    assert (diploma["familyCode"], diploma["session"], diploma["awardedOn"]) == (family, year, "2026-07-04")
    assert (diploma["status"], diploma["version"]) == ("VALID", 1)
    assert diploma["academy"] == {"code": "01", "name": "Paris"}
    assert diploma["holder"] == {"birthName": "Lecœur", "usedName": "Lefèvre", "givenNames": ["Éloïse", "Marie"]}


@given(st.integers(0, 2**40 - 1), st.data())
def test_a_key_reads_back_however_it_is_typed(number: int, data: st.DataObject) -> None:
    key = spelled(number)
    assert len(key) == 8 and set(key) <= set(ALPHABET)
    assert normalised(shown(key)) == key
    looks = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(looks.get(symbol, symbol + symbol.lower())))
        + data.draw(st.text(" -\u00a0\u202f\u2010\u2013\u2014._\t", max_size=2))
        for symbol in key
    )
    assert normalised(typed) == key


@pytest.mark.parametrize("text", ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCDEFGU", "ABCD+EFG", "ABCDEFGé", "ßABCDEFG", "٠٠٠٠٠٠٠٠"])
def test_a_text_that_cannot_be_a_key_is_none(text: str) -> None:
    assert normalised(text) is None


async def test_case_spaces_dashes_and_look_alikes_of_a_key_do_not_matter(
    client: Client, journey: Journey, keyring: Keyring
) -> None:
    await journey.publish(keyring, candidate(1))
    await journey.connection.execute("update control_key set lookup = $1", keyring.lookup_of("A0B1C1D0"))
    for typed in ("A0B1C1D0", "A0B1-C1D0", " a0b1 c1d0 ", "AOBI-CLDO", "aobl\u00a0cido", "A 0 B 1\u2013C.1_D-0"):
        assert (await client.verified(typed, "Lecœur"))["__typename"] == "VerifiedDiploma", typed


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Béraud-Lefèvre", ("BERAUD LEFEVRE", "beraud-lefevre", "Be\u0301raudLefe\u0300vre", "  Béraud   Lefèvre ")),
        ("Lecœur", ("LECOEUR", "Lecoeur", "lec\u0153ur")),
        ("Cæsar", ("CAESAR", "caesar")),
        ("L’Hostis", ("L'HOSTIS", "lhostis", "L Hostis", "L\u02bcHostis")),
        ("de La Tour d'Auvergne", ("DE LA TOUR D AUVERGNE", "delatourdauvergne", "de la Tour d’Auvergne")),
        ("Muñoz", ("MUNOZ",)),
        ("Louÿs", ("louys", "LOUŸS")),
        ("Đặng", ("Dang", "ĐẶNG")),
        ("Tefaʻafana", ("TEFAAFANA", "Tefa'afana", "Tefa‘afana")),
    ],
)
def test_accents_case_hyphens_ligatures_and_apostrophes_of_a_name_do_not_matter(stored: str, typed: tuple[str, ...]) -> None:
    assert {name_key(name) for name in typed} == {name_key(stored)}


async def test_a_name_typed_without_its_accents_opens_the_diploma_and_another_does_not(
    client: Client, journey: Journey, keyring: Keyring, soon: None
) -> None:
    await journey.publish(keyring, candidate(1, nom_naissance="L’Œil-Béraud"))
    key = await journey.key_of(keyring, 1)
    found = await client.verified(key, "L OEIL BERAUD")
    assert found["diploma"]["holder"]["birthName"] == "L’Œil-Béraud"
    for other in ("Oeil Beraud", "", "-", "L'Œil-Bérauds", "\u0000"):
        assert (await client.verified(key, other))["__typename"] == "VerificationRefused", other


async def refused_body(client: Client, key: str, name: str, address: str = "192.0.2.1") -> bytes:
    answer = await client.post(VERIFICATION, {"key": key, "birthName": name}, address=address)
    return answer.content


async def test_every_cause_of_refusal_has_the_same_bytes(
    client: Client, journey: Journey, keyring: Keyring, third: Caller, soon: None
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    bodies = {
        "unknown key": await refused_body(client, UNKNOWN, "Lecœur"),
        "wrong name": await refused_body(client, key, "Lecoeurs"),
        "no key at all": await refused_body(client, "not a key", "Lecœur"),
        "a very long key": await refused_body(client, "A" * 5000, "Lecœur"),
        "a NUL, half a pair of surrogates": await refused_body(client, "\0\ud800", "\0\ud800"),
    }
    for number in range(LIMITS[0].most):
        await refused_body(client, spelled(number), f"n{number}", "198.51.100.7")
    bodies["limits exhausted"] = await refused_body(client, key, "Lecœur", "198.51.100.8")
    assert b"VerifiedDiploma" in await refused_body(client, key, "Lecœur", "203.0.113.1")
    await withdraw(journey, third)
    bodies["withdrawn"] = await refused_body(client, key, "Lecœur")
    await sessions.reopen_withdrawn(journey.connection, journey.first, journey.session)
    await journey.results(candidate(1), candidate(2))
    await journey.close()
    bodies["reopened"] = await refused_body(client, key, "Lecœur")
    await journey.prepare()
    bodies["prepared"] = await refused_body(client, key, "Lecœur")
    assert b"VerificationRefused" in bodies["unknown key"]
    assert {cause for cause, body in bodies.items() if body != bodies["unknown key"]} == set()


async def test_nothing_of_a_session_can_be_verified_before_its_release(
    client: Client, journey: Journey, keyring: Keyring, soon: None
) -> None:
    await journey.results(candidate(1))
    diploma = await journey.connection.fetchval("select diploma_id from candidate")
    key = keyring.control_key(diploma.bytes, 1, 1)
    states: list[tuple[str, str]] = []

    async def look(number: int) -> None:
        found = await client.verified(key, "Lecœur", address=f"192.0.{number}.1")
        states.append((await journey.state(), found["__typename"]))

    await look(1)
    await journey.close()
    await look(2)
    await journey.prepare()
    await look(3)
    await publication.approve(journey.connection, journey.second, journey.session)
    await look(4)
    assert await publication.release_due(journey.connection, journey.monitor, keyring)
    await look(5)
    assert states == [
        ("OPEN", "VerificationRefused"),
        ("COMPLETE", "VerificationRefused"),
        ("PREPARED", "VerificationRefused"),
        ("PREPARED", "VerificationRefused"),
        ("PUBLISHED", "VerifiedDiploma"),
    ]


async def test_every_failure_is_answered_at_the_same_time_after_its_question(
    client: Client, journey: Journey, keyring: Keyring, third: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    waits: list[float] = []
    before: list[float] = []
    sleep = verification.asyncio.sleep
    clock = iter(number / 1000 for number in range(10**6))

    async def noted(delay: float) -> None:
        if delay:  # the loop's own turns are no wait
            waits.append(delay)
            before.append(next(clock))
        await sleep(0)

    monkeypatch.setattr(verification.asyncio, "sleep", noted)
    # each reading of the clock is a millisecond later: a failure reads it when it begins and before it waits
    monkeypatch.setattr(verification, "monotonic", lambda: next(clock))
    for typed, name, address in (
        (UNKNOWN, "Lecœur", "192.0.2.1"),
        (key, "Lecoeurs", "192.0.2.1"),
        ("not a key", "Lecœur", "192.0.2.1"),
        *((spelled(number), f"n{number}", "198.51.100.1") for number in range(LIMITS[0].most)),
        (key, "Lecœur", "198.51.100.1"),
    ):
        assert (await client.verified(typed, name, address=address))["__typename"] == "VerificationRefused"
    await withdraw(journey, third)
    await client.verified(key, "Lecœur")
    assert len(waits) == 3 + LIMITS[0].most + 2
    assert waits == pytest.approx([verification.FAILURE_SECONDS - 0.001] * len(waits))


async def test_no_failure_is_answered_earlier_and_a_success_does_not_wait(
    client: Client, journey: Journey, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 0.15)
    for typed, name in ((UNKNOWN, "Lecœur"), (key, "Lecoeurs"), ("not a key", "")):
        began = monotonic()
        await client.verified(typed, name)
        assert monotonic() - began >= 0.15
    monkeypatch.setattr(verification, "FAILURE_SECONDS", 3600.0)
    assert (await client.verified(key, "Lecœur"))["__typename"] == "VerifiedDiploma"


async def consulted(journey: Journey, keyring: Keyring) -> list[str]:
    """The journal of every diploma, in the order of time."""
    diplomas = await journey.connection.fetch("select id from diploma")
    since = {row["id"]: datetime(2026, 1, 1, tzinfo=UTC) for row in diplomas}
    read = await consultations.read(journey.connection, keyring, since, LAST, 50)
    return [one.entry.outcome for one in reversed(read) if one.entry]


async def test_the_holders_journal_keeps_who_saw_and_who_had_a_wrong_name(
    client: Client, journey: Journey, keyring: Keyring, third: Caller, soon: None
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    await client.verified(key, "Lecœur")
    assert await consulted(journey, keyring) == ["SHOWN"]
    await client.verified(key, "Dupont")
    assert await consulted(journey, keyring) == ["SHOWN", "WRONG_NAME"]
    await client.verified(UNKNOWN, "Lecœur")
    await client.verified("not a key", "Lecœur")
    assert len(await consulted(journey, keyring)) == 2
    await withdraw(journey, third)
    for name in ("Lecœur", "Dupont"):
        await client.verified(key, name)
    assert len(await consulted(journey, keyring)) == 2


async def test_a_key_of_an_older_version_says_so_and_shows_the_current_record(
    client: Client, journey: Journey, keyring: Keyring, third: Caller
) -> None:
    await journey.publish(keyring, candidate(1))
    old = await journey.key_of(keyring, 1)
    await again(journey, third, keyring, candidate(1, mention="AB", moyenne="12,00"))
    new = await journey.key_of(keyring, 1)
    assert old != new
    replaced = await client.verified(old, "Lecœur")
    current = await client.verified(new, "Lecœur")
    assert replaced["diploma"] == current["diploma"]
    assert (current["diploma"]["version"], current["diploma"]["mention"]) == (2, "ASSEZ_BIEN")
    assert current["replacedOn"] is None and replaced["replacedOn"] is not None


async def test_a_revoked_diploma_is_shown_as_revoked(client: Client, journey: Journey, keyring: Keyring, third: Caller) -> None:
    await journey.publish(keyring, candidate(1), candidate(2))
    key = await journey.key_of(keyring, 1)
    await again(journey, third, keyring, candidate(2))
    found = await client.verified(key, "Lecœur")
    assert (found["diploma"]["status"], found["diploma"]["version"]) == ("REVOKED", 2)
    assert found["replacedOn"] is not None


async def change_identity(journey: Journey, keyring: Keyring, name: str) -> None:
    """Writes version 2 of the only diploma under another birth name, with its key."""
    diploma = await journey.connection.fetchval(
        "insert into diploma_version (diploma_id, version, publication_id, status, content_hash, birth_name, given_names, title_code, "
        "title, name_key, details) select diploma_id, 2, publication_id, status, content_hash, $1, given_names, title_code, title, $2, "
        "details from diploma_version returning diploma_id",
        name,
        name_key(name),
    )
    await journey.connection.execute("update diploma set version = 2, key_generation = 1 where id = $1", diploma)
    await journey.connection.execute(
        "insert into control_key (lookup, diploma_id, version, generation) values ($1, $2, 2, 1)",
        keyring.lookup_of(keyring.control_key(diploma.bytes, 2, 1)),
        diploma,
    )


async def test_after_an_identity_change_the_old_key_and_the_old_name_lead_nowhere(
    client: Client, journey: Journey, keyring: Keyring, soon: None
) -> None:
    await journey.publish(keyring, candidate(1))
    old = await journey.key_of(keyring, 1)
    await change_identity(journey, keyring, "Vasseur")
    new = await journey.key_of(keyring, 1)
    seen = {
        (which, name): (await client.verified(key, name))["__typename"]
        for which, key in (("old", old), ("new", new))
        for name in ("Lecœur", "Vasseur")
    }
    assert seen == {
        ("old", "Lecœur"): "VerificationRefused",
        ("old", "Vasseur"): "VerificationRefused",
        ("new", "Lecœur"): "VerificationRefused",
        ("new", "Vasseur"): "VerifiedDiploma",
    }
    assert "Lec" not in json.dumps(await client.verified(new, "Vasseur"), ensure_ascii=False)


async def test_no_key_name_or_token_is_logged(
    client: Client,
    journey: Journey,
    keyring: Keyring,
    soon: None,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await journey.publish(keyring, candidate(1))
    key = await journey.key_of(keyring, 1)
    monkeypatch.setattr(verification, "MOST_IN_SLOW_MODE", [0, 0, 0, 0])
    monkeypatch.setattr(verification, "MOST", [10, 20, 5, 0])
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        for typed, name in ((key, "Lecœur"), (key, "Vasseur"), (UNKNOWN, "Lecœur")):
            await client.verified(typed, name, token="a-token-of-nobody")
    printed = capfd.readouterr()
    written = json.dumps(logs, default=str) + caplog.text + printed.out + printed.err
    assert "verification_slow_mode" in written
    for secret in (key, shown(key), UNKNOWN, "Lec", "LEC", "Vasseur", "VASSEUR", "a-token-of-nobody"):
        assert secret not in written, secret
